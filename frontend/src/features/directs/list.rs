//! Renders the user's direct conversations, below the user's rooms.

use snug_shared::{presence::ChatUser, rooms::Kind};
use yew::prelude::*;

use super::faces::{Online, Presence, faces, said};
use crate::{
    features::room_list::{RoomItem, RoomLink, RoomTitle, UnreadBadge, room_items, sort_rooms},
    i18n::order,
    prefs::{use_prefs, use_words},
    store::{State, use_selected},
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ListProps {
    /// The callback that is called when the user opens a conversation.
    pub(crate) on_go: Callback<()>,
    pub(crate) on_new: Callback<MouseEvent>,
}

#[derive(Clone, PartialEq)]
struct Row {
    item: RoomItem,
    others: Vec<ChatUser>,
    badge: UnreadBadge,
    current: bool,
    online: Online,
}

/// Renders the heading, the button for a new conversation, and the list, if there are any.
#[component(DirectList)]
pub(crate) fn direct_list(props: &ListProps) -> Html {
    let (lang, words) = use_words();
    let unread_only = use_prefs().settings.unread_only;
    let mut rows = use_selected(rows);
    sort_rooms(&mut rows, |it| &it.item, |one, other| order(lang, one, other));
    let listed = |row: &Row| !unread_only || row.badge.unread > 0 || row.current;
    let rows: Vec<Row> = rows.into_iter().filter(listed).collect();
    let row = |row: Row| {
        let Row { item, badge, .. } = row;
        let class = classes!(
            "room-link",
            "direct-link",
            (badge.unread > 0).then_some("unread"),
            badge.muted.then_some("muted")
        );
        let name = item.title.plain(words);
        let said = said(&row.others, &row.online, words);
        // For several participants the picture shows only that at least one is online.
        let title = match row.others.len() {
            1 => name.clone(),
            _ => [std::slice::from_ref(&name), &said[..]].concat().join("\n"),
        };
        html! {
            <li key={item.id.as_str()}>
                <RoomLink {class} current={row.current} on_go={props.on_go.clone()} name={item.address} {title}>
                    { faces(&row.others, &row.online) }
                    <span class="name" dir="auto">{ name }</span>
                    { for said.into_iter().map(|it| html! { <span class="unseen">{ it }</span> }) }
                    { badge.render_direct(words) }
                </RoomLink>
            </li>
        }
    };
    html! {
        <div class="directs">
            <div class="rooms-head">
                <h2>{ words.directs }</h2>
                <button type="button" class="plain" aria-haspopup="dialog" aria-label={words.new_direct}
                    title={words.new_direct} onclick={props.on_new.clone()}><IconPicture icon={Icon::Add} /></button>
            </div>
            if !rows.is_empty() {
                <ul aria-label={words.directs}>{ for rows.into_iter().map(row) }</ul>
            }
        </div>
    }
}

fn rows(state: &State) -> Vec<Row> {
    let items = room_items(&state.replica);
    let row = |item: RoomItem| {
        let RoomTitle::People(others) = &item.title else {
            return None;
        };
        let room = state.replica.room(&item.id)?;
        let stands = |it: &ChatUser| {
            let here = room
                .roster
                .people()
                .iter()
                .find(|here| here.chat_id == it.chat_id)?;
            Some((it.name.to_string(), Presence::of(here)))
        };
        Some(Row {
            badge: UnreadBadge::of(state, &item.id),
            current: state.room.as_ref() == Some(&item.id),
            online: others.iter().filter_map(stands).collect(),
            others: others.clone(),
            item,
        })
    };
    let directs = items.into_iter().filter(|item| item.kind == Kind::Direct);
    directs.filter_map(row).collect()
}
