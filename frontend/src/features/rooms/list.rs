//! One's rooms.

use snug_shared::text::RoomName;
use yew::prelude::*;

use super::{link::RoomLink, order::arrange, waits::Waits};
use crate::{
    prefs::use_words,
    store::use_selected,
    ui::{Icon, IconPicture, Lamp},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ListProps {
    /// Hears that one has gone to a room.
    pub(crate) on_go: Callback<()>,
    pub(crate) on_browse: Callback<MouseEvent>,
    pub(crate) on_new: Callback<MouseEvent>,
}

/// Heading, list, and the ways to more rooms.
#[component(RoomList)]
pub(crate) fn room_list(props: &ListProps) -> Html {
    let (_, words) = use_words();
    let (here, rooms) = use_selected(|state| {
        let rooms = arrange(state.replica.rooms()).into_iter();
        let rooms = rooms.map(|(id, name)| (Waits::of(state, &id), id, name));
        (state.name.clone(), rooms.collect::<Vec<_>>())
    });
    let row = |name: RoomName, waits: Waits| {
        let current = name == here;
        let class = classes!("room-link", (waits.unread > 0).then_some("unread"));
        html! {
            <RoomLink {class} {current} on_go={props.on_go.clone()} name={name.clone()}>
                <span class="mark" aria-hidden="true">{ "#" }</span>
                <span class="name" dir="auto">{ name.as_str() }</span>
                { waits.badge(words) }
            </RoomLink>
        }
    };
    html! {
        <section class="rooms">
            <p class="brand"><Lamp />{ "Snug" }</p>
            <h2 title={words.rooms_keys}>{ words.rooms }</h2>
            <ul aria-label={words.rooms}>
                { for rooms.into_iter().map(|(waits, id, name)| html! { <li key={id.as_str()}>{ row(name, waits) }</li> }) }
            </ul>
            <div class="more-rooms">
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_browse.clone()}>
                    <IconPicture icon={Icon::Search} />{ words.browse_rooms }
                </button>
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_new.clone()}>
                    <IconPicture icon={Icon::Add} />{ words.new_room }
                </button>
            </div>
        </section>
    }
}
