//! One's rooms.

use snug_shared::rooms::Kind;
use yew::prelude::*;

use super::{
    link::RoomLink,
    order::{Place, places, sort},
    waits::Waits,
};
use crate::{
    features::directs::DirectList,
    i18n::order,
    prefs::{use_prefs, use_words},
    store::{use_selected, use_store},
    ui::{Icon, IconPicture, Logo},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ListProps {
    /// Hears that one has gone to a room.
    pub(crate) on_go: Callback<()>,
    pub(crate) on_browse: Callback<MouseEvent>,
    pub(crate) on_new: Callback<MouseEvent>,
    pub(crate) on_new_direct: Callback<MouseEvent>,
}

/// Heading, list, and the ways to more rooms.
#[component(RoomList)]
pub(crate) fn room_list(props: &ListProps) -> Html {
    let (lang, words) = use_words();
    let (here, mut rooms) = use_selected(|state| {
        let rooms = places(&state.replica).into_iter();
        let rooms = rooms.filter(|place| place.kind != Kind::Direct);
        let rooms = rooms.map(|place| (Waits::of(state, &place.id), place));
        (state.room.clone(), rooms.collect::<Vec<_>>())
    });
    sort(&mut rooms, |it| &it.1, |one, other| order(lang, one, other));
    let store = use_store();
    let only_waiting = use_prefs().settings.only_waiting;
    let toggle =
        Callback::from(move |_: MouseEvent| store.choose(|settings| settings.only_waiting = !only_waiting));
    let is_listed = |(waits, place): &(Waits, Place)| {
        !only_waiting || waits.unread > 0 || here.as_ref() == Some(&place.id)
    };
    let row = |(waits, place): (Waits, Place)| {
        let current = here.as_ref() == Some(&place.id);
        let private = place.kind == Kind::Private;
        let called = place.called.plain(words);
        let class = classes!(
            "room-link",
            (waits.unread > 0).then_some("unread"),
            waits.muted.then_some("muted"),
            place.archived.then_some("archived")
        );
        html! {
            <li key={place.id.as_str()}>
                <RoomLink {class} {current} on_go={props.on_go.clone()} name={place.address} title={called.clone()}>
                    <span class="mark" aria-hidden="true">
                        if private { <IconPicture icon={Icon::Lock} /> } else { { "#" } }
                    </span>
                    <span class="name" dir="auto">{ called }</span>
                    if private { <span class="unseen">{ words.private }</span> }
                    if place.archived { <span class="unseen">{ words.archived }</span> }
                    { waits.badge(words) }
                </RoomLink>
            </li>
        }
    };
    html! {
        <section class="rooms">
            <p class="brand"><Logo />{ "Snug" }</p>
            <div class="rooms-head">
                <h2 title={words.rooms_keys}>{ words.rooms }</h2>
                <button type="button" class="plain" aria-pressed={only_waiting.to_string()} aria-label={words.only_waiting}
                    title={words.only_waiting} onclick={toggle}><IconPicture icon={Icon::Filter} /></button>
            </div>
            <ul aria-label={words.rooms}>
                { for rooms.into_iter().filter(is_listed).map(row) }
            </ul>
            <div class="more-rooms">
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_browse.clone()}>
                    <IconPicture icon={Icon::Search} />{ words.browse_rooms }
                </button>
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_new.clone()}>
                    <IconPicture icon={Icon::Add} />{ words.new_room }
                </button>
            </div>
            <DirectList on_go={props.on_go.clone()} on_new={props.on_new_direct.clone()} />
        </section>
    }
}
