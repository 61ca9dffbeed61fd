//! Opens a new room.

use snug_shared::wire::{ClientFrame, CreateRoom};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::draft::Draft;
use crate::{
    features::room_list::use_go,
    prefs::use_words,
    store::{use_server_request, use_store},
    ui::Dialog,
};

#[derive(PartialEq, Properties)]
pub(crate) struct NewProps {
    /// The initial name.
    #[prop_or_default]
    pub(crate) name: AttrValue,
    pub(crate) on_close: Callback<()>,
}

/// Renders the form for name and topic; then the new room is shown.
#[component(NewRoom)]
pub(crate) fn new_room(props: &NewProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let go = use_go();
    let (name, topic) = (use_node_ref(), use_node_ref());
    let draft = use_state_eq(|| Draft::of(&props.name, ""));
    let written = use_state_eq(|| !props.name.is_empty());
    let private = use_state_eq(|| false);
    let request = use_server_request();
    let (live, pending, refused) = (request.live, request.pending(), request.refused());

    {
        let (name, begun) = (name.clone(), props.name.clone());
        use_effect_with((), move |()| {
            if let Some(input) = name.cast::<HtmlInputElement>() {
                input.set_value(&begun);
                let _ = input.focus();
            }
        });
    }
    {
        let (store, on_close) = (store.clone(), props.on_close.clone());
        use_effect_with(request.room().cloned(), move |created| {
            let opened = created.as_ref().and_then(|room| store.state().address(room));
            if let Some(opened) = opened {
                go.emit(opened);
                on_close.emit(());
            }
        });
    }
    let oninput = {
        let (name, topic) = (name.clone(), topic.clone());
        let (draft, written) = (draft.clone(), written.clone());
        let request = request.clone();
        Callback::from(move |_: InputEvent| {
            let text = |field: &NodeRef| field.cast::<HtmlInputElement>().map(|it| it.value());
            let [name, topic] = [&name, &topic].map(|field| text(field).unwrap_or_default());
            draft.set(Draft::of(&name, &topic));
            written.set(!name.is_empty() || !topic.is_empty());
            request.dismiss();
        })
    };
    let onsubmit = {
        let (draft, name, private) = (draft.clone(), name.clone(), *private);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Draft::Fine(name, topic) = &*draft {
                if live && !pending {
                    request.send(|key| {
                        ClientFrame::CreateRoom(CreateRoom {
                            room: uuid::Uuid::now_v7().to_string(),
                            name: name.to_string(),
                            topic: topic.to_string(),
                            private,
                            key,
                        })
                    });
                }
            } else if let Some(input) = name.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        })
    };
    let on_private = {
        let (private, is) = (private.clone(), *private);
        Callback::from(move |_: Event| private.set(!is))
    };
    let (of_name, of_topic) = match &*draft {
        Draft::BadName(code) => (Some(*code), None),
        Draft::BadTopic(code) => (None, Some(*code)),
        Draft::Unnamed | Draft::Fine(..) => (refused, None),
    };
    let note = match (&*draft, of_name) {
        (_, Some(code)) => code.sentence(lang),
        (Draft::Fine(name, _), None) => (words.room_saved_as)(name.as_str()),
        _ => String::new(),
    };
    let bad = |is: bool| classes!("field-note", (!is).then_some("fine"));
    html! {
        <Dialog label={words.create_room} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ words.create_room }</h2>
            <form class="new-room" data-unsaved={(*written || *private).then_some("")} novalidate=true {onsubmit}>
                <label class="field">
                    <span>{ words.room_name }</span>
                    <input ref={name} type="text" autocomplete="off" autocapitalize="none" spellcheck="false" dir="auto"
                        enterkeyhint="go" aria-describedby="room-name-note" aria-invalid={of_name.is_some().then_some("true")}
                        oninput={oninput.clone()} />
                </label>
                <p id="room-name-note" class={bad(of_name.is_some())} aria-live="polite">{ note }</p>
                <label class="field">
                    <span>{ words.room_topic }</span>
                    <input ref={topic} type="text" autocomplete="off" dir="auto" enterkeyhint="go"
                        aria-describedby="room-topic-note" aria-invalid={of_topic.is_some().then_some("true")} {oninput} />
                </label>
                <p id="room-topic-note" class={bad(true)} aria-live="polite">
                    { of_topic.map(|code| code.sentence(lang)) }
                </p>
                <label class="switch">
                    <input type="checkbox" role="switch" checked={*private} aria-describedby="room-private-note" onchange={on_private} />
                    <span>{ words.private_room }</span>
                </label>
                <p id="room-private-note" class="switch-note">{ words.private_room_about }</p>
                <button type="submit" class="primary" disabled={!live || pending || !matches!(*draft, Draft::Fine(..))}>
                    { if !live { words.waiting_for_connection } else if pending { words.loading } else { words.create } }
                </button>
            </form>
        </Dialog>
    }
}
