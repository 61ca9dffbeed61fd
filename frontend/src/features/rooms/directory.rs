//! Renders the directory of all rooms that the user may join.

use snug_shared::{ids::RoomId, rooms::Listed, text::RoomName, wire::ClientFrame};
use yew::prelude::*;

use super::search::{Question, use_directory};
use crate::{
    features::room_list::{RoomLink, use_go},
    prefs::use_words,
    store::{addresses, use_selected, use_server_request, use_store},
    ui::{Dialog, SearchField},
};

#[derive(PartialEq, Properties)]
pub(crate) struct DirectoryProps {
    pub(crate) on_close: Callback<()>,
    /// The callback that is called when the user wants to open a room, with the search text.
    pub(crate) on_new: Callback<AttrValue>,
}

/// Renders a search field and a list, which has the same height in every state.
#[component(Directory)]
pub(crate) fn directory(props: &DirectoryProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let go = use_go();
    let text = use_state_eq(String::new);
    let question = use_state_eq(Question::default);
    let wanted = use_state_eq(|| None::<RoomId>);
    let answer = use_directory((*question).clone());
    let mine = use_selected(|state| addresses(&state.replica));

    {
        // A room that the user has joined here is opened.
        let joined = wanted.as_ref().filter(|room| mine.contains_key(room)).cloned();
        let on_close = props.on_close.clone();
        use_effect_with(joined, move |joined| {
            let name = joined.as_ref().and_then(|room| store.state().address(room));
            if let Some(name) = name {
                go.emit(name);
                on_close.emit(());
            }
        });
    }
    let on_text = {
        let (text, question) = (text.clone(), question.clone());
        Callback::from(move |written: String| {
            question.set(Question {
                search: written.trim().trim_start_matches('#').to_owned(),
                ..(*question).clone()
            });
            text.set(written);
        })
    };
    let again = {
        let question = question.clone();
        Callback::from(move |_: MouseEvent| {
            question.set(Question {
                times: question.times + 1,
                ..(*question).clone()
            });
        })
    };
    let on_join = Callback::from(move |room: RoomId| wanted.set(Some(room)));
    let busy = !answer.as_ref().is_some_and(|answer| answer.fresh);
    let note = |sentence: &'static str, way_on: Html| html! { <div class="note"><p>{ sentence }</p>{ way_on }</div> };
    let new = || {
        let search = AttrValue::from(question.search.clone());
        let onclick = props.on_new.reform(move |_: MouseEvent| search.clone());
        html! { <button type="button" class="small" {onclick}>{ words.create_room }</button> }
    };
    let found = match answer.map(|answer| answer.rooms) {
        None => note(words.searching, html! {}),
        Some(None) => note(
            words.rooms_failed,
            html! { <button type="button" class="small" onclick={again}>{ words.try_again }</button> },
        ),
        Some(Some(rooms)) if rooms.is_empty() && question.search.is_empty() => note(words.no_rooms, new()),
        Some(Some(rooms)) if rooms.is_empty() => note(words.no_rooms_found, new()),
        Some(Some(rooms)) => {
            let rows = rooms.iter().map(|listed| {
                let joined = mine.get(&listed.info.room).cloned();
                html! {
                    <Row key={listed.info.room.as_str()} listed={listed.clone()} {joined}
                        on_open={props.on_close.clone()} on_join={on_join.clone()} />
                }
            });
            html! { <ul aria-label={words.rooms}>{ for rows }</ul> }
        }
    };
    html! {
        <Dialog label={words.browse_rooms} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ words.browse_rooms }</h2>
            <SearchField label={words.search_rooms} clear={words.clear_search} list="directory" text={(*text).clone()} {on_text}
                focus=true />
            <div class="directory" id="directory" aria-busy={busy.to_string()}>{ found }</div>
        </Dialog>
    }
}

#[derive(PartialEq, Properties)]
struct RowProps {
    listed: Listed,
    /// The address of the room, if the user is in it.
    joined: Option<RoomName>,
    on_open: Callback<()>,
    on_join: Callback<RoomId>,
}

#[component(Row)]
fn row(props: &RowProps) -> Html {
    let (_, words) = use_words();
    let Listed { info, members, .. } = &props.listed;
    html! {
        <li>
            <div class="about">
                <b dir="auto" title={info.name.to_string()}>{ "#" }{ info.name.as_str() }</b>
                <small>{ (words.members)(*members) }</small>
                if !info.topic.is_empty() {
                    <p dir="auto">{ info.topic.as_str() }</p>
                }
            </div>
            if let Some(address) = &props.joined {
                <RoomLink class={classes!("small")} choice=true name={address.clone()} title={info.name.to_string()} on_go={props.on_open.clone()}>
                    { words.open }<span class="unseen">{ " #" }{ info.name.as_str() }</span>
                </RoomLink>
            } else {
                <Join room={info.room.clone()} name={info.name.to_string()} on_join={props.on_join.clone()} />
            }
        </li>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct JoinProps {
    pub(super) room: RoomId,
    pub(super) name: AttrValue,
    #[prop_or_default]
    pub(super) class: Classes,
    /// The callback that is called when the user wants to join.
    #[prop_or_default]
    pub(super) on_join: Callback<RoomId>,
}

/// Renders the button, and why joining has failed.
#[component(Join)]
pub(super) fn join(props: &JoinProps) -> Html {
    let (lang, words) = use_words();
    let request = use_server_request();
    let (live, pending, refused) = (request.live, request.pending(), request.refused());
    let onclick = {
        let (room, on_join) = (props.room.clone(), props.on_join.clone());
        Callback::from(move |_: MouseEvent| {
            request.send(|key| ClientFrame::JoinRoom {
                room: room.to_string(),
                key,
            });
            on_join.emit(room.clone());
        })
    };
    let class = if props.class.is_empty() {
        classes!("small")
    } else {
        props.class.clone()
    };
    html! {
        <div class="join-room">
            <button type="button" {class} data-choice="" disabled={!live || pending} {onclick}>
                if !live {
                    { words.waiting_for_connection }
                } else if pending {
                    { words.joining }
                } else {
                    { words.join }<span class="unseen">{ " #" }{ &props.name }</span>
                }
            </button>
            if let Some(code) = refused {
                <p class="bad" role="alert">{ code.sentence(lang) }</p>
            }
        </div>
    }
}
