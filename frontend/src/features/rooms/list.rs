//! One's rooms.

use snug_shared::{ids::RoomId, text::RoomName};
use yew::prelude::*;

use super::{link::RoomLink, order::arrange, waits::Waits};
use crate::{
    prefs::{Choice, use_prefs, use_words},
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
    let prefs = use_prefs();
    let only_waiting = prefs.only_waiting;
    let toggle = Callback::from(move |_: MouseEvent| prefs.dispatch(Choice::OnlyWaiting(!only_waiting)));
    let is_listed =
        |(waits, _, name): &(Waits, RoomId, RoomName)| !only_waiting || waits.unread > 0 || *name == here;
    let row = |name: RoomName, waits: Waits| {
        let current = name == here;
        let class = classes!(
            "room-link",
            (waits.unread > 0).then_some("unread"),
            waits.muted.then_some("muted")
        );
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
            <div class="rooms-head">
                <h2 title={words.rooms_keys}>{ words.rooms }</h2>
                <button type="button" class="plain" aria-pressed={only_waiting.to_string()} aria-label={words.only_waiting}
                    title={words.only_waiting} onclick={toggle}><IconPicture icon={Icon::Filter} /></button>
            </div>
            <ul aria-label={words.rooms}>
                { for rooms.into_iter().filter(is_listed).map(|(waits, id, name)| html! { <li key={id.as_str()}>{ row(name, waits) }</li> }) }
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
