//! Renders links to the administration page and its tabs.

use snug_shared::people::Role;
use yew::prelude::*;

use crate::{
    history::use_navigator,
    prefs::use_words,
    route::{AdminTab, Route, href},
    store::use_selected,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(super) struct LinkProps {
    pub(super) to: Route,
    #[prop_or_default]
    pub(super) class: Classes,
    #[prop_or_default]
    pub(super) current: bool,
    #[prop_or_default]
    pub(super) label: Option<AttrValue>,
    pub(super) children: Html,
}

/// Renders a real link, for another tab as well; a plain click opens it in this one.
#[component(RouteLink)]
pub(super) fn route_link(props: &LinkProps) -> Html {
    let navigator = use_navigator();
    let onclick = {
        let (to, current) = (props.to.clone(), props.current);
        Callback::from(move |event: MouseEvent| {
            if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
                return;
            }
            event.prevent_default();
            if !current {
                navigator.push(to.clone());
            }
        })
    };
    html! {
        <a class={props.class.clone()} href={href(&props.to)} aria-label={props.label.clone()} title={props.label.clone()}
            aria-current={props.current.then_some("page")} {onclick}>{ props.children.clone() }</a>
    }
}

/// Renders the link to the administration page, for users who may open it.
#[component(AdminLink)]
pub(crate) fn admin_link() -> Html {
    let (_, words) = use_words();
    let may = use_selected(|state| state.replica.you().is_some_and(|you| you.role >= Role::Moderator));
    if !may {
        return html! {};
    }
    html! {
        <RouteLink class="admin-link" to={Route::AdminTab(AdminTab::Members)}>
            <IconPicture icon={Icon::Owner} />{ words.admin.title }
        </RouteLink>
    }
}
