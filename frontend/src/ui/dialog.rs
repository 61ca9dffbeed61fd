//! Renders a dialog over the page: the browser keeps the focus in it. Escape, Back, the space around it and a button close it, but
//! unsaved input in it is not lost by them: they ask first.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::{Icon, IconPicture};
use crate::{browser, history::use_layer, prefs::use_words};

#[derive(PartialEq, Properties)]
pub struct DialogProps {
    pub label: AttrValue,
    /// The label of the button that closes it.
    pub close: AttrValue,
    #[prop_or_default]
    pub class: Classes,
    pub on_close: Callback<()>,
    pub children: Html,
}

/// Renders an open dialog; it is closed by no longer being rendered, and `on_close` requests that.
#[component(Dialog)]
pub fn dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    let asks = use_state_eq(|| false);
    // The element that had the focus when the dialog began to ask.
    let before = use_mut_ref(|| None::<HtmlElement>);
    // Whether the button of a mouse, or a finger, was pressed in the space around it.
    let outside = use_memo((), |()| Cell::new(false));
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
            }
            // Closing the dialog before it is removed returns the focus to the element that had it before.
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let close = {
        let (asks, node, before) = (asks.clone(), node.clone(), before.clone());
        let on_close = props.on_close.clone();
        Callback::from(move |()| {
            if *asks {
                asks.set(false);
            } else if node.cast::<Element>().is_some_and(|it| has_changes(&it)) {
                let active = browser::document().active_element();
                *before.borrow_mut() = active.and_then(|it| it.dyn_into().ok());
                asks.set(true);
            } else {
                on_close.emit(());
            }
        })
    };
    use_effect_with(*asks, move |&asks| {
        if !asks {
            focus(before.take());
        }
    });
    use_layer(true, close.clone());
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
                event.prevent_default();
                close.emit(());
            }
        })
    };
    let oncancel = close.reform(|event: Event| event.prevent_default());
    // Some browsers close it at the second time, whatever the handler did at the first.
    let onclose = {
        let (node, close) = (node.clone(), close.clone());
        Callback::from(move |_: Event| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>().filter(|it| !it.open()) {
                let _ = dialog.show_modal();
                close.emit(());
            }
        })
    };
    let onpointerdown = {
        let outside = outside.clone();
        Callback::from(move |event: PointerEvent| outside.set(is_around(&event)))
    };
    let onpointerup = {
        let outside = outside.clone();
        Callback::from(move |event: PointerEvent| outside.set(outside.get() && is_around(&event)))
    };
    let onclick = {
        let close = close.clone();
        // A selection that ends outside began inside.
        Callback::from(move |event: MouseEvent| {
            if outside.take() && is_around(&event) {
                close.emit(());
            }
        })
    };
    let leave = props.on_close.reform(|_: MouseEvent| ());
    let stay = Callback::from({
        let asks = asks.clone();
        move |_: MouseEvent| asks.set(false)
    });
    html! {
        <dialog ref={node} class={classes!("dialog", props.class.clone())} aria-label={props.label.clone()} {onkeydown} {oncancel}
            {onclose} {onpointerdown} {onpointerup} {onclick}>
            <div class="dialog-inside">
                <button type="button" class="plain close" aria-label={props.close.clone()} onclick={close.reform(|_: MouseEvent| ())}>
                    <IconPicture icon={Icon::Close} />
                </button>
                // Hidden and not removed: the user may continue there.
                <div class="dialog-body" hidden={*asks}>{ props.children.clone() }</div>
                if *asks {
                    <Discard {stay} {leave} />
                }
            </div>
        </dialog>
    }
}

/// Returns whether input in it would be lost: a part that declares so with `data-unsaved`, or a password that was typed.
fn has_changes(dialog: &Element) -> bool {
    let said = dialog.query_selector("[data-unsaved]").ok().flatten();
    let passwords = dialog.query_selector_all("[autocomplete$=-password]").ok();
    let passwords = passwords
        .iter()
        .flat_map(|all| (0..all.length()).filter_map(|at| all.get(at)));
    let mut passwords = passwords.filter_map(|it| it.dyn_into::<HtmlInputElement>().ok());
    said.is_some() || passwords.any(|it| !it.value().is_empty())
}

/// Returns whether a press is in the space around the dialog. Its content fills it, so that only that is the dialog itself.
fn is_around(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.is_some_and(|it| it.tag_name() == "DIALOG")
}

#[derive(PartialEq, Properties)]
struct DiscardProps {
    stay: Callback<MouseEvent>,
    leave: Callback<MouseEvent>,
}

/// Renders the question whether to discard the changes.
#[component(Discard)]
fn discard(props: &DiscardProps) -> Html {
    let (_, words) = use_words();
    let stays = use_node_ref();
    {
        let stays = stays.clone();
        use_effect_with((), move |()| focus(stays.cast()));
    }
    html! {
        <>
            <h2>{ words.discard_changes }</h2>
            <p>{ words.discard_changes_more }</p>
            <div class="ways-out">
                <button ref={stays} type="button" class="stay" onclick={props.stay.clone()}>{ words.keep_editing }</button>
                <button type="button" class="leave" onclick={props.leave.clone()}>{ words.discard }</button>
            </div>
        </>
    }
}

fn focus(element: Option<HtmlElement>) {
    if let Some(element) = element {
        let _ = element.focus();
    }
}
