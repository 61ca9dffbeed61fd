//! Hides a direct conversation, and blocks its participants.

use std::rc::Rc;

use snug_shared::{
    ids::{ChatId, RoomId},
    presence::ChatUser,
};
use yew::prelude::*;

use crate::{
    client::blocks,
    features::request::{sentence, use_request},
    prefs::use_words,
    store::{use_selected, use_store},
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
    let house = words.house;
    let (store, request) = (use_store(), use_request());
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
        let (request, blocked) = (request.clone(), blocked.clone());
        use_effect_with(props.room.clone(), move |_| {
            request.send_latest(blocks::of(), move |people| blocked.set(Some(people.into())));
        });
    }
    let set = |person: &ChatId, is_blocked: bool| {
        let (request, blocked, person) = (request.clone(), blocked.clone(), person.clone());
        Callback::from(move |_: MouseEvent| {
            let (person, blocked) = (person.clone(), blocked.clone());
            let change = async move {
                blocks::set(person, is_blocked).await?;
                blocks::of().await
            };
            request.send(change, move |people| blocked.set(Some(people.into())));
        })
    };
    let button = |person: &ChatUser, known: &[ChatId]| {
        let is_blocked = known.contains(&person.chat_id);
        let (name, label) = (
            person.name.as_str(),
            if is_blocked { house.unblock } else { house.block },
        );
        html! {
            <button key={person.chat_id.as_str()} type="button" class="leave" disabled={request.busy() || !live}
                onclick={set(&person.chat_id, !is_blocked)}>{ label(name) }</button>
        }
    };
    let hide = {
        let room = props.room.clone();
        Callback::from(move |_: MouseEvent| store.leave_room(&room))
    };
    html! {
        <>
            <div class="ways">
                <button type="button" class="leave" disabled={!live} onclick={hide}>{ house.hide_direct }</button>
                if let Some(known) = &*blocked {
                    { for others.iter().map(|person| button(person, known)) }
                }
            </div>
            <p class="about">{ house.block_about }</p>
            if let Some(failure) = request.failure() {
                <p class="bad" role="alert">{ sentence(failure, lang) }</p>
            }
        </>
    }
}
