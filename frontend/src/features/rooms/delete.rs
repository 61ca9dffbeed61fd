//! Deletes a room permanently, after a confirmation: for owners.

use snug_shared::{ids::RoomId, people::ModerationAction};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    client::admin,
    features::request::{sentence, use_request},
    prefs::use_words,
};

#[derive(PartialEq, Properties)]
pub(super) struct DeleteRoomProps {
    pub(super) room: RoomId,
}

/// Renders a button, and the confirmation. Once the room is deleted, the server reports to the page that the user is not in it any more.
#[component(DeleteRoom)]
pub(super) fn delete_room(props: &DeleteRoomProps) -> Html {
    let (lang, words) = use_words();
    let admin = words.admin;
    let request = use_request();
    let asked = use_state_eq(|| false);
    let cancel = use_node_ref();
    {
        let cancel = cancel.clone();
        use_effect_with(*asked, move |&asked| {
            // The focus moves to the harmless button.
            if let Some(button) = cancel.cast::<HtmlElement>().filter(|_| asked) {
                let _ = button.focus();
            }
        });
    }
    let ask = |whether: bool| {
        let (asked, request) = (asked.clone(), request.clone());
        Callback::from(move |_: MouseEvent| {
            request.clear_failure();
            asked.set(whether);
        })
    };
    if !*asked {
        return html! {
            <div class="ways">
                <button type="button" class="leave" onclick={ask(true)}>{ admin.delete_room }</button>
            </div>
        };
    }
    let delete = {
        let (request, room) = (request.clone(), props.room.clone());
        Callback::from(move |_: MouseEvent| {
            let room = room.clone();
            request.send(admin::act(ModerationAction::DeleteRoom { room }), |()| ());
        })
    };
    html! {
        <>
            <p>{ admin.delete_room_confirm }</p>
            if let Some(failure) = request.failure() {
                <p class="bad" role="alert">{ sentence(failure, lang) }</p>
            }
            <div class="ways-out">
                <button ref={cancel} type="button" class="stay" onclick={ask(false)}>{ admin.cancel }</button>
                <button type="button" class="leave" disabled={request.busy()} onclick={delete}>{ admin.delete_room_now }</button>
            </div>
        </>
    }
}
