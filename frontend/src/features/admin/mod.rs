//! The administration page, for moderators and owners.

mod full;
mod invites;
mod link;
mod people;
mod permissions;
mod person;
mod record;
mod role_badge;
mod rules;
mod storage;
mod tab;

use snug_shared::people::Role;
use web_sys::HtmlElement;
use yew::prelude::*;

pub(crate) use self::{
    full::DiskFull, link::AdminLink, permissions::Permissions, person::PersonDialog, role_badge::RoleBadge,
};
use self::{
    invites::Invites,
    link::RouteLink,
    people::People,
    record::Record,
    rules::Rules,
    storage::Storage,
    tab::{least_role, tab_name},
};
use crate::{
    browser,
    prefs::use_words,
    route::{AdminTab, Route},
    store::use_selected,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct AdminProps {
    pub(crate) tab: AdminTab,
}

/// Renders the page at `/admin`. A user without the role that a tab needs sees a notice; the server refuses them
/// as well.
#[component(AdminPage)]
pub(crate) fn admin_page(props: &AdminProps) -> Html {
    let (_, words) = use_words();
    let said = words.admin;
    let heading = use_node_ref();
    let role = use_selected(|state| state.replica.you().map(|you| you.role));
    let room = use_selected(|state| state.name.clone());
    use_effect_with(words.admin.title, |admin| {
        browser::document().set_title(&format!("{admin} · Snug"))
    });
    {
        // A screen reader announces the new page.
        let heading = heading.clone();
        use_effect_with((), move |()| {
            if let Some(heading) = heading.cast::<HtmlElement>() {
                let _ = heading.focus();
            }
        });
    }
    let tabs = AdminTab::ALL
        .into_iter()
        .filter(|it| role.is_some_and(|role| role >= least_role(*it)));
    let links = tabs.map(|tab| {
        html! {
            <RouteLink key={tab.as_str()} to={Route::AdminTab(tab)} current={tab == props.tab}>
                { tab_name(tab, said) }
            </RouteLink>
        }
    });
    let inside = match (role, props.tab) {
        (None, _) => html! { <p class="about">{ words.connecting }</p> },
        (Some(role), _) if role < Role::Moderator => html! { <p class="about">{ said.moderators_only }</p> },
        (Some(role), tab) if role < least_role(tab) => {
            html! { <p class="about">{ said.owners_only }</p> }
        }
        (Some(_), AdminTab::Members) => html! { <People /> },
        (Some(_), AdminTab::Invites) => html! { <Invites /> },
        (Some(_), AdminTab::Access) => html! { <Rules /> },
        (Some(_), AdminTab::AuditLog) => html! { <Record /> },
        (Some(_), AdminTab::Storage) => html! { <Storage /> },
    };
    html! {
        <main class="admin">
            <header>
                <RouteLink class="plain back-button" to={Route::Room { name: room }} label={said.back_to_chat}>
                    <IconPicture icon={Icon::Back} />
                </RouteLink>
                <h1 ref={heading} tabindex="-1">{ said.title }</h1>
            </header>
            if role.is_some_and(|role| role >= Role::Moderator) {
                <nav aria-label={said.sections}>{ for links }</nav>
            }
            <div class="admin-inside">{ inside }</div>
        </main>
    }
}
