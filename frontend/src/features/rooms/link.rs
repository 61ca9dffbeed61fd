//! The way into a room.

use snug_shared::text::RoomName;
use yew::prelude::*;

use crate::{history::use_navigator, route::Route, store::use_store};

/// Goes to a room, unless one is there.
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
    /// Its address.
    pub(crate) name: RoomName,
    /// What it is called, if not as its address.
    #[prop_or_default]
    pub(crate) title: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) class: Classes,
    #[prop_or_default]
    pub(crate) current: bool,
    /// Whether it is found by a search.
    #[prop_or_default]
    pub(crate) choice: bool,
    /// Hears that one has gone there.
    #[prop_or_default]
    pub(crate) on_go: Callback<()>,
    pub(crate) children: Html,
}

/// A real link, for another tab as well; a plain click goes there in this one.
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
        <a class={props.class.clone()} href={route.address()} {title}
            data-choice={props.choice.then_some("")} aria-current={props.current.then_some("page")} {onclick}>{ props.children.clone() }</a>
    }
}
