//! Renders the composer. It does not depend on the store: it receives a draft, and emits the messages.

mod anywhere;
mod autocomplete;
mod completion;
mod keys;
mod validate;

use snug_shared::{lang::Lang, presence::ChatUser, text::MessageBody};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

pub(crate) use self::anywhere::use_typing_anywhere;
pub use self::completion::Search;
use self::{completion::use_completion, keys::sends, validate::Validity};
use crate::{
    browser,
    i18n::words,
    ui::{Icon, IconPicture, use_media},
};

/// The properties of [`Composer`].
#[derive(PartialEq, Properties)]
pub struct ComposerProps {
    /// The room's name.
    pub room: AttrValue,
    pub lang: Lang,
    /// The text that was written and not sent the last time.
    #[prop_or_default]
    pub draft: AttrValue,
    /// The callback that receives the draft after each change.
    #[prop_or_default]
    pub on_draft: Callback<String>,
    /// The callback that returns the users who may be mentioned.
    pub people: Callback<(), Vec<ChatUser>>,
    /// The callback that searches for more users, where the roster is partial.
    #[prop_or_default]
    pub search: Callback<Search>,
    /// The callback for input by the user, with whether there is any text.
    #[prop_or_default]
    pub on_typed: Callback<bool>,
    /// The callback that receives each message.
    pub on_say: Callback<MessageBody>,
}

/// Renders a text field that grows with its text, and a button. The field's text stays in the field, where
/// input methods and undo can work on it; only facts about it are state.
#[component(Composer)]
pub fn composer(props: &ComposerProps) -> Html {
    let words = words(props.lang);
    let field = use_node_ref();
    let validity = use_state_eq(|| Validity::of(&props.draft));

    {
        let (field, draft) = (field.clone(), props.draft.clone());
        use_effect_with((), move |()| {
            if let Some(area) = field.cast::<HtmlTextAreaElement>() {
                area.set_value(&draft);
                fit(&area);
                // A phone's keyboard would cover half of what the user is about to read.
                if browser::has_keyboard() {
                    let _ = area.focus();
                }
            }
        });
    }

    let completion = use_completion(&field, &props.people, &props.search);
    let oninput = {
        let (field, validity, on_draft) = (field.clone(), validity.clone(), props.on_draft.clone());
        let (completion, on_typed) = (completion.clone(), props.on_typed.clone());
        Callback::from(move |event: InputEvent| {
            let Some(area) = field.cast::<HtmlTextAreaElement>() else {
                return;
            };
            fit(&area);
            validity.set(Validity::of(&area.value()));
            on_typed.emit(!area.value().trim().is_empty());
            // At once: a page may be reloaded between two keys.
            on_draft.emit(area.value());
            if event.is_composing() {
                completion.close();
            } else {
                completion.written();
            }
        })
    };
    let say = {
        let (field, validity) = (field.clone(), validity.clone());
        let (on_draft, on_say) = (props.on_draft.clone(), props.on_say.clone());
        let completion = completion.clone();
        Callback::from(move |()| {
            let Some(area) = field.cast::<HtmlTextAreaElement>() else {
                return;
            };
            if let Ok(text) = MessageBody::try_from(area.value()) {
                area.set_value("");
                completion.close();
                fit(&area);
                validity.set(Validity::Empty);
                on_draft.emit(String::new());
                on_say.emit(text);
            }
        })
    };
    let by_touch = use_media("(hover: none) and (pointer: coarse)");
    let onkeydown = {
        let (say, completion) = (say.clone(), completion.clone());
        Callback::from(move |event: KeyboardEvent| {
            if !completion.takes(&event) && sends(&event, by_touch) {
                event.prevent_default();
                say.emit(());
            }
        })
    };
    let close = {
        let completion = completion.clone();
        move || completion.close()
    };
    let (onblur, onclick) = (
        Callback::from({
            let close = close.clone();
            move |_: FocusEvent| close()
        }),
        Callback::from(move |_: MouseEvent| close()),
    );
    let (controls, active) = completion.controls();
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        // The button cannot be pressed with nothing to send, and a button that cannot be pressed loses the focus.
        if browser::focused().is_some_and(|it| it.tag_name() == "BUTTON") {
            focus_composer();
        }
        say.emit(());
    });
    // The field keeps the focus, and a phone its keyboard, while the button is pressed.
    let onpointerdown = Callback::from(|event: PointerEvent| event.prevent_default());

    let note = match *validity {
        Validity::Empty | Validity::Valid => None,
        Validity::NearLimit(left) => Some(((words.characters_left)(left), false)),
        Validity::TooLong(over) => Some(((words.characters_over)(over), true)),
    };
    let (note, bad) = note.unwrap_or_default();
    html! {
        <form class="composer" {onsubmit}>
            <textarea ref={field} rows="1" aria-label={words.message} aria-describedby="composer-note"
                aria-invalid={bad.then_some("true")} placeholder={(words.message_to)(&props.room)}
                enterkeyhint={if by_touch { "enter" } else { "send" }} autocomplete="off" dir="auto" aria-autocomplete="list" aria-haspopup="listbox"
                aria-controls={controls} aria-activedescendant={active} {oninput} {onkeydown} {onblur} {onclick} />
            <button type="submit" class="send" aria-label={words.send} disabled={!validity.is_sendable()} {onpointerdown}>
                <IconPicture icon={Icon::Send} />
            </button>
            { completion.list(words) }
            <p id="composer-note" class={classes!("composer-note", bad.then_some("bad"))} aria-live="polite">{ note }</p>
        </form>
    }
}

/// Focuses the field, if there is one. Returns whether there is.
pub(crate) fn focus_composer() -> bool {
    let field = browser::document().query_selector(".composer textarea");
    let field = field
        .ok()
        .flatten()
        .and_then(|it| it.dyn_into::<HtmlElement>().ok());
    field.is_some_and(|it| it.focus().is_ok())
}

/// Makes the field as high as its text, where the style sheet cannot. The style sheet sets the maximum.
fn fit(area: &HtmlTextAreaElement) {
    if web_sys::css::supports_with_value("field-sizing", "content").unwrap_or(false) {
        return;
    }
    let Some(form) = area
        .parent_element()
        .and_then(|it| it.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    // The form keeps its height while the field is measured: if it collapsed for that moment, the
    // log above would grow into the space, and be scrolled from where it was.
    let held = form
        .style()
        .set_property("height", &format!("{}px", form.offset_height()));
    let field = HtmlElement::style(area);
    let measured = field
        .set_property("height", "auto")
        .and_then(|()| field.set_property("height", &format!("{}px", area.scroll_height())));
    let released = form.style().remove_property("height");
    debug_assert!(held.and(measured).and(released).is_ok());
}
