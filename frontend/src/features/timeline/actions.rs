//! Renders the buttons for a message. They are only in the row that has the pointer or the focus: in
//! every row they would be more than half of what the browser has to lay out.

use gloo_events::EventListener;
use snug_shared::ids::Position;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent, HtmlElement, PointerEvent};
use yew::prelude::*;

use super::{delete::may_delete, scroll::position_of};
use crate::{
    browser,
    prefs::use_words,
    store::use_store,
    ui::{Icon, IconPicture, Portal},
};

#[derive(PartialEq, Properties)]
pub(super) struct RowActionsProps {
    pub(super) log: NodeRef,
    /// The message whose link was copied just now.
    pub(super) copied: Option<Position>,
    pub(super) on_copy: Callback<Position>,
    pub(super) on_delete: Callback<Position>,
}

#[component(RowActions)]
pub(super) fn row_actions(props: &RowActionsProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let row = use_row(&props.log);
    let copied = props.copied.and_then(|n| row_of(&props.log, n));
    let is_copied = copied.is_some();
    let found = copied.or(row).filter(|row| row.is_connected()).and_then(|row| {
        // A separate node in the row: the row itself continues to receive the events inside it.
        let actions = row.query_selector(".row-actions").ok()??;
        Some((position_of(&row)?, row, actions))
    });
    let Some((n, row, place_of_actions)) = found else {
        return Html::default();
    };
    let deletable = may_delete(&store.state(), n);
    let on_copy = props.on_copy.reform(move |_: MouseEvent| n);
    let on_unread = Callback::from(move |_: MouseEvent| store.unread_from(n));
    let on_delete = {
        let row = row.clone();
        props.on_delete.reform(move |_: MouseEvent| {
            // The element to which the focus returns: the button may be removed by then.
            if let Some(row) = row.dyn_ref::<HtmlElement>() {
                let _ = row.focus();
            }
            n
        })
    };
    html! {
        <Portal host={place_of_actions}>
            if is_copied {
                <span class="link-copied">{ words.link_copied }</span>
            }
            <button type="button" tabindex="-1" aria-label={words.copy_link} title={words.copy_link_title} aria-keyshortcuts="c" onclick={on_copy}>
                <IconPicture icon={if is_copied { Icon::Done } else { Icon::Link }} />{ key("C") }
            </button>
            <button type="button" tabindex="-1" aria-label={words.mark_unread} title={words.mark_unread_title} aria-keyshortcuts="u" onclick={on_unread}>
                <IconPicture icon={Icon::Unread} />{ key("U") }
            </button>
            if deletable {
                <button type="button" tabindex="-1" aria-label={words.delete} title={words.delete_title} aria-keyshortcuts="Delete" onclick={on_delete}>
                    <IconPicture icon={Icon::Delete} />{ key("Del") }
                </button>
            }
        </Portal>
    }
}

/// Renders the name of a key, for users who have reached the message by keyboard.
fn key(name: &'static str) -> Html {
    html! { <kbd aria-hidden="true">{ name }</kbd> }
}

/// Returns the row that the mouse or the focus has reached last.
#[hook]
fn use_row(log: &NodeRef) -> Option<Element> {
    let row = use_state_eq(|| None::<Element>);
    {
        let row = row.clone();
        use_effect_with(log.clone(), move |log| {
            let listeners = log.cast::<Element>().map(|log| {
                let on = |event, hears: fn(&Event) -> Option<Option<Element>>| {
                    let row = row.clone();
                    EventListener::new(&log, event, move |event| {
                        if let Some(now) = hears(event) {
                            row.set(now);
                        }
                    })
                };
                [
                    // A scrolling finger points at no row; a tap moves the focus.
                    on("pointerover", |event| {
                        let mouse = event.dyn_ref::<PointerEvent>()?.pointer_type() != "touch";
                        mouse.then(|| around(event.target()))
                    }),
                    on("pointerleave", |_| {
                        Some(around(browser::document().active_element().map(Into::into)))
                    }),
                    on("focusin", |event| Some(around(event.target()))),
                    // Also when the focused element was removed, such as the button of another row.
                    on("focusout", |event| {
                        let focused = around(event.dyn_ref::<FocusEvent>()?.related_target());
                        Some(focused.or_else(pointed_at))
                    }),
                ]
            });
            move || drop(listeners)
        });
    }
    (*row).clone()
}

fn around(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest("[data-n]").ok()?
}

fn pointed_at() -> Option<Element> {
    browser::document().query_selector("[data-n]:hover").ok()?
}

fn row_of(log: &NodeRef, n: Position) -> Option<Element> {
    let row = format!("[data-n='{}']", n.0);
    log.cast::<Element>()?.query_selector(&row).ok()?
}
