//! Hides a direct conversation, and blocks its participants.

use std::rc::Rc;

use snug_shared::{
    ids::{ChatId, RoomId},
    presence::ChatUser,
    wire::ClientFrame,
};
use yew::prelude::*;

use crate::{
    client::blocks,
    features::request::{sentence, use_request},
    prefs::use_words,
    store::{use_selected, use_server_request},
};

#[derive(PartialEq, Properties)]
pub(super) struct BlockingProps {
    pub(super) room: RoomId,
}

/// Renders a button for each other participant, and one that hides the conversation. Hiding needs no confirmation: it reappears when the
/// user opens it again, or when a participant who is not blocked sends a message.
#[component(Blocking)]
pub(super) fn blocking(props: &BlockingProps) -> Html {
    let (lang, words) = use_words();
    let admin = words.admin;
    let (loading, change, hiding) = (use_request(), use_server_request(), use_server_request());
    let blocked = use_state_eq(|| None::<Rc<[ChatId]>>);
    let (others, live) = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        let me = state.replica.you().map(|you| you.chat_id.clone());
        let people = info.map(|info| info.participants.clone()).unwrap_or_default();
        let others: Vec<ChatUser> = people
            .into_iter()
            .filter(|it| Some(&it.chat_id) != me.as_ref())
            .collect();
        (others, state.replica.is_live())
    });
    {
        // Loaded again once a change is done.
        let (loading, blocked) = (loading.clone(), blocked.clone());
        use_effect_with((props.room.clone(), change.pending()), move |_| {
            loading.send_latest(blocks::of(), move |people| blocked.set(Some(people.into())));
        });
    }
    let set = |person: &ChatId, blocked: bool| {
        let (change, chat_id) = (change.clone(), person.to_string());
        Callback::from(move |_: MouseEvent| {
            let chat_id = chat_id.clone();
            change.send(|key| ClientFrame::Block {
                chat_id,
                blocked,
                key,
            });
        })
    };
    let button = |person: &ChatUser, known: &[ChatId]| {
        let is_blocked = known.contains(&person.chat_id);
        let (name, label) = (
            person.name.as_str(),
            if is_blocked { admin.unblock } else { admin.block },
        );
        html! {
            <button key={person.chat_id.as_str()} type="button" class="leave" disabled={loading.busy() || change.pending() || !live}
                onclick={set(&person.chat_id, !is_blocked)}>{ label(name) }</button>
        }
    };
    let refused = change.refused().or(hiding.refused());
    let hide = {
        let room = props.room.clone();
        Callback::from(move |_: MouseEvent| {
            hiding.send(|key| ClientFrame::LeaveRoom {
                room: room.to_string(),
                key,
            });
        })
    };
    html! {
        <>
            <div class="ways">
                <button type="button" class="leave" disabled={!live} onclick={hide}>{ admin.hide_direct }</button>
                if let Some(known) = &*blocked {
                    { for others.iter().map(|person| button(person, known)) }
                }
            </div>
            <p class="about">{ admin.block_about }</p>
            if let Some(code) = refused {
                <p class="bad" role="alert">{ code.sentence(lang) }</p>
            } else if let Some(failure) = loading.failure() {
                <p class="bad" role="alert">{ sentence(failure, lang) }</p>
            }
        </>
    }
}
