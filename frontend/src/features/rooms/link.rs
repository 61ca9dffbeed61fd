//! The way into a room.

use snug_shared::text::RoomName;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{route::Route, store::use_store};

/// Goes to a room, unless one is there.
#[hook]
pub(super) fn use_go() -> Callback<RoomName> {
    let store = use_store();
    let navigator = use_navigator();
    Callback::from(move |name: RoomName| {
        let there = store.state().is_at(&name, None);
        if let (Some(navigator), false) = (&navigator, there) {
            navigator.push(&Route::Room { name });
        }
    })
}

#[derive(PartialEq, Properties)]
pub(super) struct LinkProps {
    pub(super) name: RoomName,
    #[prop_or_default]
    pub(super) class: Classes,
    #[prop_or_default]
    pub(super) current: bool,
    /// Hears that one has gone there.
    #[prop_or_default]
    pub(super) on_go: Callback<()>,
    pub(super) children: Html,
}

/// A real link, for another tab as well; a plain click goes there in this one.
#[component(RoomLink)]
pub(super) fn room_link(props: &LinkProps) -> Html {
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
    html! {
        <a class={props.class.clone()} href={route.to_path()} title={props.name.to_string()}
            aria-current={props.current.then_some("page")} {onclick}>{ props.children.clone() }</a>
    }
}
