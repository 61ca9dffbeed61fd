//! Edits a room's name and topic.

use snug_shared::{
    error_code::ErrorCode,
    ids::RoomId,
    wire::{ClientFrame, EditRoom},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::draft::Draft;
use crate::{
    prefs::use_words,
    store::{use_selected, use_server_request},
};

#[derive(PartialEq, Properties)]
pub(super) struct EditProps {
    pub(super) room: RoomId,
    pub(super) on_back: Callback<()>,
}

/// Renders the fields with their present values, until the room has changed. The lobby keeps its name.
#[component(EditForm)]
pub(super) fn edit_form(props: &EditProps) -> Html {
    let (lang, words) = use_words();
    let (name, topic) = (use_node_ref(), use_node_ref());
    let before = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        info.map(|info| (info.name.to_string(), info.topic.to_string()))
            .unwrap_or_default()
    });
    // The values at the start: changes by others meanwhile do not change the user's input.
    let before = use_memo((), |()| before);
    let draft = use_state_eq(|| Draft::of(&before.0, &before.1));
    let changed = use_state_eq(|| false);
    let lobby = props.room == RoomId::lobby();
    let request = use_server_request();
    let (live, pending, refused) = (request.live, request.pending(), request.refused());
    {
        let (name, topic, before) = (name.clone(), topic.clone(), before.clone());
        use_effect_with((), move |()| {
            let fields = [(name, &before.0), (topic, &before.1)];
            let fields = fields.map(|(field, text)| Some((field.cast::<HtmlInputElement>()?, text)));
            for (input, text) in fields.iter().flatten() {
                input.set_value(text);
            }
            if let Some((input, _)) = fields.iter().flatten().next() {
                let _ = input.focus();
            }
        });
    }
    {
        let on_back = props.on_back.clone();
        use_effect_with(request.done(), move |&done| {
            if done {
                on_back.emit(());
            }
        });
    }
    let oninput = {
        let (name, topic, request) = (name.clone(), topic.clone(), request.clone());
        let (draft, changed, before) = (draft.clone(), changed.clone(), before.clone());
        Callback::from(move |_: InputEvent| {
            let text = |field: &NodeRef| field.cast::<HtmlInputElement>().map(|it| it.value());
            let name = text(&name).unwrap_or_else(|| before.0.clone());
            let topic = text(&topic).unwrap_or_default();
            draft.set(Draft::of(&name, &topic));
            changed.set((name, topic) != *before);
            request.dismiss();
        })
    };
    let onsubmit = {
        let (draft, before, room, on_back) = (
            draft.clone(),
            before.clone(),
            props.room.clone(),
            props.on_back.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Draft::Fine(name, topic) = &*draft else { return };
            let other = |now: &str, before: &str| (now != before).then(|| now.to_owned());
            let name = other(name.as_str(), &before.0);
            let topic = other(topic.as_str(), &before.1);
            if name.is_none() && topic.is_none() {
                on_back.emit(());
            } else if live && !pending {
                request.send(|key| {
                    ClientFrame::EditRoom(EditRoom {
                        room: room.to_string(),
                        name,
                        topic,
                        key,
                        ..EditRoom::default()
                    })
                });
            }
        })
    };
    let back = props.on_back.reform(|_: MouseEvent| ());
    let (of_name, of_topic) = match &*draft {
        Draft::BadName(code) => (Some(*code), None),
        Draft::BadTopic(code) => (None, Some(*code)),
        Draft::Unnamed | Draft::Fine(..) => match refused {
            Some(code @ (ErrorCode::BadTopic | ErrorCode::NotAllowed)) => (None, Some(code)),
            other if lobby => (None, other),
            other => (other, None),
        },
    };
    let note = match (&*draft, of_name) {
        (_, Some(code)) => code.sentence(lang),
        (Draft::Fine(name, _), None) if name.as_str() != before.0 => (words.room_saved_as)(name.as_str()),
        _ => String::new(),
    };
    html! {
        <form class="new-room edit-room" data-unsaved={changed.then_some("")} novalidate=true {onsubmit}>
            if !lobby {
                <label class="field">
                    <span>{ words.room_name }</span>
                    <input ref={name} type="text" autocomplete="off" autocapitalize="none" spellcheck="false"
                        dir="auto" enterkeyhint="done" aria-describedby="room-name-note"
                        aria-invalid={of_name.is_some().then_some("true")} oninput={oninput.clone()} />
                </label>
                <p id="room-name-note" class={classes!("field-note", of_name.is_none().then_some("fine"))} aria-live="polite">{ note }</p>
            }
            <label class="field">
                <span>{ words.room_topic }</span>
                <input ref={topic} type="text" autocomplete="off" dir="auto" enterkeyhint="done"
                    aria-describedby="room-topic-note" aria-invalid={of_topic.is_some().then_some("true")} {oninput} />
            </label>
            <p id="room-topic-note" class="field-note" aria-live="polite">{ of_topic.map(|code| code.sentence(lang)) }</p>
            <div class="ways-out">
                <button type="button" class="stay" onclick={back}>{ words.admin.cancel }</button>
                <button type="submit" class="primary" disabled={!live || pending || !matches!(*draft, Draft::Fine(..))}>
                    { if live { words.save } else { words.waiting_for_connection } }
                </button>
            </div>
        </form>
    }
}
