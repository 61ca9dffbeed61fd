//! Renders links to rooms.

use snug_shared::text::RoomName;
use yew::prelude::*;

use crate::{
    history::use_navigator,
    route::{Route, href},
    store::use_store,
};

/// Returns a callback that opens a room, unless it is shown already.
#[hook]
pub(crate) fn use_go() -> Callback<RoomName> {
    let store = use_store();
    let navigator = use_navigator();
    Callback::from(move |name: RoomName| {
        let there = store.state().is_at(&name, None);
        if !there {
            navigator.push(Route::Room { name });
        }
    })
}

#[derive(PartialEq, Properties)]
pub(crate) struct LinkProps {
    /// The room's address.
    pub(crate) name: RoomName,
    /// The room's title, if it differs from the address.
    #[prop_or_default]
    pub(crate) title: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) class: Classes,
    #[prop_or_default]
    pub(crate) current: bool,
    /// Whether the link is the result of a search.
    #[prop_or_default]
    pub(crate) choice: bool,
    /// The callback that is called when the user opens the room.
    #[prop_or_default]
    pub(crate) on_go: Callback<()>,
    pub(crate) children: Html,
}

/// Renders a real link, for another tab as well; a plain click opens the room in this one.
#[component(RoomLink)]
pub(crate) fn room_link(props: &LinkProps) -> Html {
    let go = use_go();
    let route = Route::Room {
        name: props.name.clone(),
    };
    let onclick = {
        let (name, on_go) = (props.name.clone(), props.on_go.clone());
        Callback::from(move |event: MouseEvent| {
            if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
                event.prevent_default();
                go.emit(name.clone());
                on_go.emit(());
            }
        })
    };
    let title = props
        .title
        .clone()
        .unwrap_or_else(|| props.name.to_string().into());
    html! {
        <a class={props.class.clone()} href={href(&route)} {title}
            data-choice={props.choice.then_some("")} aria-current={props.current.then_some("page")} {onclick}>{ props.children.clone() }</a>
    }
}
