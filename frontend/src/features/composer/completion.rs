//! Completes mentions: a list above the field, controlled by keys while the field keeps the
//! focus (the combobox pattern of the ARIA practices). While it is closed, the field is as it was.

use std::{cell::Cell, rc::Rc};

use gloo_events::EventListener;
use snug_shared::presence::{ChatUser, with_resolved};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlTextAreaElement};
use yew::prelude::*;

use super::{
    autocomplete::{Suggestion, mention_prefix, suggestions},
    keys::composes,
};
use crate::{browser, i18n::Words, ui::AvatarPicture};

const LIST: &str = "composer-suggestions";

/// The suggestions, and which of them Enter accepts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Offer {
    suggestions: Vec<Suggestion>,
    at: usize,
}

/// The list of suggestions, and what drives it.
#[derive(Clone)]
pub(super) struct Completion {
    field: NodeRef,
    people: Callback<(), Vec<ChatUser>>,
    search: Callback<Search>,
    offer: UseStateHandle<Offer>,
    /// The number of changes of the suggestions: search results are outdated if it has grown meanwhile.
    changes: Rc<Cell<u32>>,
}

/// A search for users who are not in the loaded roster.
pub struct Search {
    /// The prefix of the name.
    pub prefix: String,
    /// The callback that is called with the users that were found, if any.
    pub on_found: Callback<Vec<ChatUser>>,
}

#[hook]
pub(super) fn use_completion(
    field: &NodeRef,
    people: &Callback<(), Vec<ChatUser>>,
    search: &Callback<Search>,
) -> Completion {
    let completion = Completion {
        field: field.clone(),
        people: people.clone(),
        search: search.clone(),
        offer: use_state_eq(Offer::default),
        changes: use_memo((), |()| Cell::new(0)),
    };
    {
        let completion = completion.clone();
        // An input method's text is in the field before the event that it has ended.
        use_effect_with(field.clone(), move |field| {
            let field = field.cast::<HtmlTextAreaElement>();
            let listener = field
                .map(|field| EventListener::new(&field, "compositionend", move |_| completion.written()));
            move || drop(listener)
        });
    }
    completion
}

impl Completion {
    /// Updates the suggestions after a change of the text.
    pub(super) fn written(&self) {
        let Some(prefix) = self.prefix() else {
            return self.close();
        };
        let people = self.people.emit(());
        self.offer(suggestions(&prefix, &people), 0);
        let (this, as_of) = (self.clone(), self.changes.get());
        let on_found = {
            let prefix = prefix.clone();
            Callback::from(move |found: Vec<ChatUser>| {
                // The message may be on its way.
                if this.changes.get() == as_of && this.prefix().as_ref() == Some(&prefix) {
                    this.offer(suggestions(&prefix, &with_resolved(&people, found)), 0);
                }
            })
        };
        self.search.emit(Search { prefix, on_found });
    }

    /// Returns the prefix of the name that is being typed.
    fn prefix(&self) -> Option<String> {
        let area = self.field.cast::<HtmlTextAreaElement>()?;
        Some(mention_prefix(&before_caret(&area)?)?.to_owned())
    }

    fn offer(&self, suggestions: Vec<Suggestion>, at: usize) {
        self.changes.set(self.changes.get() + 1);
        self.offer.set(Offer { suggestions, at });
    }

    /// Clears the suggestions.
    pub(super) fn close(&self) {
        self.offer(Vec::new(), 0);
    }

    /// Handles a key press. Returns whether it was for the list.
    pub(super) fn takes(&self, event: &KeyboardEvent) -> bool {
        let Offer { suggestions, at } = &*self.offer;
        if suggestions.is_empty() || composes(event) {
            return false;
        }
        let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key());
        let count = suggestions.len();
        match event.key().as_str() {
            "ArrowDown" if plain => self.choose((at + 1) % count),
            "ArrowUp" if plain => self.choose((at + count - 1) % count),
            "Enter" | "Tab" if plain => self.accept(&suggestions[*at]),
            "Escape" => self.close(),
            // The caret moves, and the suggestions are for where it was.
            "ArrowLeft" | "ArrowRight" | "Home" | "End" => {
                self.close();
                return false;
            }
            _ => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    fn choose(&self, at: usize) {
        self.offer(self.offer.suggestions.clone(), at);
    }

    /// Writes the name in place of its beginning, as if it had been typed, so that it can be undone.
    fn accept(&self, suggestion: &Suggestion) {
        self.close();
        let Some(area) = self.field.cast::<HtmlTextAreaElement>() else {
            return;
        };
        let written = before_caret(&area);
        let Some(prefix) = written.as_deref().and_then(mention_prefix) else {
            return;
        };
        let caret = area.selection_start().ok().flatten().unwrap_or_default();
        let start = caret.saturating_sub(prefix.encode_utf16().count() as u32);
        let _ = area.set_selection_range(start, caret);
        let name = format!("{} ", suggestion.name());
        let document = browser::document().dyn_into::<HtmlDocument>();
        let typed = document.is_ok_and(|document| {
            let typed = document.exec_command_with_show_ui_and_value("insertText", false, &name);
            typed.unwrap_or(false)
        });
        if !typed {
            let _ = area.set_range_text(&name);
            let end = start + name.encode_utf16().count() as u32;
            let _ = area.set_selection_range(end, end);
            if let Ok(input) = InputEvent::new("input") {
                let _ = area.dispatch_event(&input);
            }
        }
    }

    /// Returns the ARIA attributes of the field: its list, and the selected option.
    pub(super) fn controls(&self) -> (Option<&'static str>, Option<String>) {
        let open = !self.offer.suggestions.is_empty();
        (open.then_some(LIST), open.then(|| option(self.offer.at)))
    }

    pub(super) fn list(&self, words: &Words) -> Html {
        let Offer { suggestions, at } = &*self.offer;
        if suggestions.is_empty() {
            return html! {};
        }
        // The field keeps the focus, and a phone its keyboard.
        let onpointerdown = Callback::from(|event: PointerEvent| event.prevent_default());
        let rows = suggestions.iter().enumerate().map(|(index, suggestion)| {
            let onclick = {
                let (this, suggestion) = (self.clone(), suggestion.clone());
                Callback::from(move |_: MouseEvent| this.accept(&suggestion))
            };
            html! {
                <li key={index} id={option(index)} role="option" aria-selected={(index == *at).to_string()} {onclick}>
                    { match suggestion {
                        Suggestion::Person(person) => html! {
                            <><AvatarPicture avatar={person.avatar.clone()} /><b dir="auto">{ person.name.as_str() }</b></>
                        },
                        Suggestion::Here => everybody(suggestion, words.mention_here),
                        Suggestion::Room => everybody(suggestion, words.mention_room),
                    } }
                </li>
            }
        });
        html! {
            <ul id={LIST} class="suggestions" role="listbox" aria-label={words.suggestions} {onpointerdown}>{ for rows }</ul>
        }
    }
}

fn everybody(word: &Suggestion, what_it_means: &'static str) -> Html {
    html! { <><span class="sign" aria-hidden="true">{ "@" }</span><b>{ word.name() }</b><small>{ what_it_means }</small></> }
}

fn option(at: usize) -> String {
    format!("composer-suggestion-{at}")
}

/// Returns the text before the caret, or `None` if text is selected.
fn before_caret(area: &HtmlTextAreaElement) -> Option<String> {
    let start = area.selection_start().ok()??;
    let end = area.selection_end().ok()??;
    let before = || {
        area.value()
            .encode_utf16()
            .take(start as usize)
            .collect::<Vec<_>>()
    };
    (start == end).then(|| String::from_utf16_lossy(&before()))
}
