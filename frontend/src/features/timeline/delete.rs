//! Deletes a message after a confirmation.

use snug_shared::{
    ids::{ChatId, Position, RoomId},
    people::Role,
    rooms::Kind,
    text::Nickname,
    wire::ClientFrame,
};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{State, use_server_request, use_store},
    ui::Dialog,
};

/// A message that the user wants to delete.
#[derive(Clone, PartialEq)]
struct PendingDelete {
    room: RoomId,
    n: Position,
    text: String,
    /// The author, if that is another user.
    of: Option<Nickname>,
}

/// The callback that opens the confirmation, and its dialog; see [`use_deleting`].
pub(super) struct Deleting {
    pub(super) on_delete: Callback<Position>,
    pub(super) dialog: Html,
}

/// Returns whether the user may delete the messages of others in the room that is shown. The server checks it
/// as well.
fn may_moderate(state: &State) -> bool {
    let role = state.replica.you().map_or(Role::Guest, |you| you.role);
    let info = state.current_room().and_then(|room| room.info.as_ref());
    role >= Role::Moderator && info.is_some_and(|it| it.kind != Kind::Direct)
}

/// Returns whether the user may delete this message of the room that is shown.
pub(super) fn may_delete(state: &State, n: Position) -> bool {
    find(state, n).is_some()
}

/// Asks for a confirmation and deletes. Afterwards `log` gets the focus.
#[hook]
pub(super) fn use_deleting(log: &NodeRef) -> Deleting {
    let store = use_store();
    let pending = use_state_eq(|| None::<PendingDelete>);
    let on_delete = {
        let pending = pending.clone();
        Callback::from(move |n| pending.set(find(&store.state(), n)))
    };
    let on_close = {
        let pending = pending.clone();
        Callback::from(move |()| pending.set(None))
    };
    let deleted = use_mut_ref(|| false);
    {
        let (log, deleted) = (log.clone(), deleted.clone());
        // Later than the dialog, which returns the focus to a row that is being removed.
        use_effect_with(pending.is_some(), move |_| {
            if let Some(log) = log.cast::<HtmlElement>().filter(|_| deleted.take()) {
                let _ = log.focus();
            }
        });
    }
    let on_done = on_close.reform(move |()| *deleted.borrow_mut() = true);
    let dialog = (*pending).clone().map_or_else(
        Html::default,
        |pending| html! { <ConfirmDelete {pending} {on_close} {on_done} /> },
    );
    Deleting { on_delete, dialog }
}

/// Finds a message of the room that is shown, if the user may delete it.
fn find(state: &State, n: Position) -> Option<PendingDelete> {
    let room = state.current_room()?;
    let message = room.shown().messages().find(|it| it.n == n)?;
    let me: Option<&ChatId> = state.replica.you().map(|you| &you.chat_id);
    let mine = me == Some(&message.chat_id);
    (mine || may_moderate(state)).then(|| PendingDelete {
        room: message.room.clone(),
        n,
        text: message.text.as_str().to_owned(),
        of: (!mine).then(|| message.name.clone()),
    })
}

#[derive(PartialEq, Properties)]
struct ConfirmDeleteProps {
    pending: PendingDelete,
    on_close: Callback<()>,
    on_done: Callback<()>,
}

/// Renders the dialog that asks for the confirmation.
#[component(ConfirmDelete)]
fn confirm_delete(props: &ConfirmDeleteProps) -> Html {
    let (lang, words) = use_words();
    let request = use_server_request();
    let PendingDelete { room, n, text, of } = props.pending.clone();
    let question = of.map_or_else(
        || words.delete_confirm.to_owned(),
        |name| (words.delete_confirm_of)(name.as_str()),
    );
    {
        let on_done = props.on_done.clone();
        use_effect_with(request.done(), move |&done| {
            if done {
                on_done.emit(());
            }
        });
    }
    let on_yes = {
        let (request, on_done) = (request.clone(), props.on_done.clone());
        Callback::from(move |_: MouseEvent| {
            request.send(|key| ClientFrame::DeleteMessage {
                room: room.to_string(),
                n,
                key,
            });
            // Without a connection nobody waits for the answer.
            if !request.live {
                on_done.emit(());
            }
        })
    };
    let on_no = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Dialog label={words.delete} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ words.delete }</h2>
            <p>{ question }</p>
            <blockquote class="doomed" dir="auto">{ text }</blockquote>
            <p class="form-note" role="alert">{ request.refused().map(|code| code.sentence(lang)) }</p>
            <div class="ways-out">
                <button type="button" class="stay" onclick={on_no}>{ words.admin.cancel }</button>
                <button type="button" class="leave" disabled={request.pending()} onclick={on_yes}>{ words.delete_now }</button>
            </div>
        </Dialog>
    }
}
