//! Renders the list of the user's rooms.

use snug_shared::rooms::Kind;
use yew::prelude::*;

use crate::{
    features::{
        directs::DirectList,
        room_list::{RoomItem, RoomLink, UnreadBadge, room_items, sort_rooms},
    },
    i18n::order,
    prefs::{use_prefs, use_words},
    store::{use_selected, use_store},
    ui::{Icon, IconPicture, Logo},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ListProps {
    /// The callback that is called when the user opens a room.
    pub(crate) on_go: Callback<()>,
    pub(crate) on_browse: Callback<MouseEvent>,
    pub(crate) on_new: Callback<MouseEvent>,
    pub(crate) on_new_direct: Callback<MouseEvent>,
}

/// Renders the heading, the list, and the buttons that lead to more rooms.
#[component(RoomList)]
pub(crate) fn room_list(props: &ListProps) -> Html {
    let (lang, words) = use_words();
    let (here, mut rooms) = use_selected(|state| {
        let rooms = room_items(&state.replica).into_iter();
        let rooms = rooms.filter(|item| item.kind != Kind::Direct);
        let rooms = rooms.map(|item| (UnreadBadge::of(state, &item.id), item));
        (state.room.clone(), rooms.collect::<Vec<_>>())
    });
    sort_rooms(&mut rooms, |it| &it.1, |one, other| order(lang, one, other));
    let store = use_store();
    let unread_only = use_prefs().settings.unread_only;
    let toggle =
        Callback::from(move |_: MouseEvent| store.choose(|settings| settings.unread_only = !unread_only));
    let is_listed = |(badge, item): &(UnreadBadge, RoomItem)| {
        !unread_only || badge.unread > 0 || here.as_ref() == Some(&item.id)
    };
    let row = |(badge, item): (UnreadBadge, RoomItem)| {
        let current = here.as_ref() == Some(&item.id);
        let private = item.kind == Kind::Private;
        let name = item.title.plain(words);
        let class = classes!(
            "room-link",
            (badge.unread > 0).then_some("unread"),
            badge.muted.then_some("muted"),
            item.archived.then_some("archived")
        );
        html! {
            <li key={item.id.as_str()}>
                <RoomLink {class} {current} on_go={props.on_go.clone()} name={item.address} title={name.clone()}>
                    <span class="mark" aria-hidden="true">
                        if private { <IconPicture icon={Icon::Lock} /> } else { { "#" } }
                    </span>
                    <span class="name" dir="auto">{ name }</span>
                    if private { <span class="unseen">{ words.private }</span> }
                    if item.archived { <span class="unseen">{ words.archived }</span> }
                    { badge.render(words) }
                </RoomLink>
            </li>
        }
    };
    html! {
        <section class="rooms">
            <p class="brand"><Logo />{ "Snug" }</p>
            <div class="rooms-head">
                <h2 title={words.rooms_keys}>{ words.rooms }</h2>
                <button type="button" class="plain" aria-pressed={unread_only.to_string()} aria-label={words.unread_only}
                    title={words.unread_only} onclick={toggle}><IconPicture icon={Icon::Filter} /></button>
            </div>
            <ul aria-label={words.rooms}>
                { for rooms.into_iter().filter(is_listed).map(row) }
            </ul>
            <div class="more-rooms">
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_browse.clone()}>
                    <IconPicture icon={Icon::Search} />{ words.browse_rooms }
                </button>
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_new.clone()}>
                    <IconPicture icon={Icon::Add} />{ words.create_room }
                </button>
            </div>
            <DirectList on_go={props.on_go.clone()} on_new={props.on_new_direct.clone()} />
        </section>
    }
}
