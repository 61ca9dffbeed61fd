//! Leaves or archives a room after a confirmation.

use snug_shared::{ids::RoomId, wire::ClientFrame};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::archived_notice::archive;
use crate::{
    prefs::use_words,
    store::{use_selected, use_server_request},
};

/// The action that awaits its confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeaveAction {
    Leave,
    Archive,
}

#[derive(PartialEq, Properties)]
pub(super) struct LeaveProps {
    pub(super) room: RoomId,
    pub(super) private: bool,
    /// Whether the user manages the room.
    pub(super) keeps: bool,
}

/// Renders the buttons, or the confirmation of the chosen action.
#[component(LeaveActions)]
pub(super) fn leave_actions(props: &LeaveProps) -> Html {
    let (lang, words) = use_words();
    let asked = use_state_eq(|| None::<LeaveAction>);
    let (stays, archives, leaves) = (use_node_ref(), use_node_ref(), use_node_ref());
    let archived = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        info.is_some_and(|info| info.archived)
    });
    let request = use_server_request();
    let (live, pending, refused) = (request.live, request.pending(), request.refused());
    {
        let (stays, archives, leaves) = (stays.clone(), archives.clone(), leaves.clone());
        let before = use_mut_ref(|| None::<LeaveAction>);
        use_effect_with(*asked, move |&asked| {
            // The focus moves to the harmless button, and back to the pressed one afterwards.
            let to = match (before.replace(asked), asked) {
                (_, Some(_)) => stays,
                (Some(LeaveAction::Archive), None) => archives,
                (Some(LeaveAction::Leave), None) => leaves,
                (None, None) => return,
            };
            if let Some(button) = to.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    {
        // The room was archived: nothing is left to confirm.
        let asked = asked.clone();
        use_effect_with(archived, move |_| asked.set(None));
    }
    let ask = |action: LeaveAction| {
        let asked = asked.clone();
        Callback::from(move |_: MouseEvent| asked.set(Some(action)))
    };
    let go = |action: LeaveAction| {
        let (request, room) = (request.clone(), props.room.clone());
        Callback::from(move |_: MouseEvent| match action {
            LeaveAction::Leave => request.send(|key| ClientFrame::LeaveRoom {
                room: room.to_string(),
                key,
            }),
            LeaveAction::Archive => archive(&request, &room, true),
        })
    };
    let Some(action) = *asked else {
        return html! {
            <div class="ways">
                if props.keeps && !archived {
                    <button ref={archives} type="button" class="leave archive" onclick={ask(LeaveAction::Archive)}>{ words.archive_room }</button>
                }
                <button ref={leaves} type="button" class="leave" onclick={ask(LeaveAction::Leave)}>{ words.leave_room }</button>
            </div>
        };
    };
    let (sure, label, going) = match action {
        LeaveAction::Archive => (words.archive_room_confirm, words.archive_room, words.archive_room),
        LeaveAction::Leave if props.private => (words.leave_private_confirm, words.leave_room, words.leaving),
        LeaveAction::Leave => (words.leave_room_confirm, words.leave_room, words.leaving),
    };
    let stay = Callback::from(move |_: MouseEvent| asked.set(None));
    html! {
        <>
            <p>{ sure }</p>
            if let Some(code) = refused {
                <p class="bad" role="alert">{ code.sentence(lang) }</p>
            }
            <div class="ways-out">
                <button ref={stays} type="button" class="stay" onclick={stay}>{ words.admin.cancel }</button>
                <button type="button" class={classes!("leave", (action == LeaveAction::Archive).then_some("archive"))} disabled={!live || pending} onclick={go(action)}>
                    { if !live { words.waiting_for_connection } else if pending { going } else { label } }
                </button>
            </div>
        </>
    }
}
