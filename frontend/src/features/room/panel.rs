//! The panel with the people: beside the room where there is space, a drawer over it where there is not.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    features::{roster::Roster, settings::YouCard},
    prefs::use_words,
    ui::{Icon, IconPicture},
};

/// A swipe of so many pixels closes the drawer.
const SWIPE_PX: f64 = 64.0;

#[derive(PartialEq, Properties)]
pub(super) struct PanelProps {
    /// Whether it is a drawer.
    pub(super) narrow: bool,
    pub(super) open: bool,
    pub(super) on_close: Callback<()>,
}

#[component(Panel)]
pub(super) fn panel(props: &PanelProps) -> Html {
    let PanelProps {
        narrow,
        open,
        on_close,
    } = props;
    let (_, words) = use_words();
    let node = use_node_ref();
    let closer = use_node_ref();
    let began = use_memo((), |()| Cell::new(None::<(f64, f64)>));
    {
        let closer = closer.clone();
        use_effect_with(*open, move |open| {
            if let (true, Some(closer)) = (open, closer.cast::<HtmlElement>()) {
                let _ = closer.focus();
            }
        });
    }

    let onkeydown = {
        let (open, on_close) = (*open, on_close.clone());
        Callback::from(move |event: KeyboardEvent| {
            // A dialog inside of it closes first.
            let in_dialog = event
                .target()
                .and_then(|it| it.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|it| it.closest("dialog").ok().flatten().is_some());
            if open && event.key() == "Escape" && !in_dialog {
                on_close.emit(());
            }
        })
    };
    let ontouchstart = {
        let began = began.clone();
        Callback::from(move |event: TouchEvent| began.set(finger(&event)))
    };
    let ontouchmove = {
        let (began, node) = (began.clone(), node.clone());
        Callback::from(move |event: TouchEvent| {
            if let Some(across) = across(began.get(), finger(&event)) {
                shift(&node, Some(across));
            }
        })
    };
    let ontouchend = {
        let (began, node, on_close) = (began.clone(), node.clone(), on_close.clone());
        Callback::from(move |event: TouchEvent| {
            let swiped = across(began.take(), finger(&event)).is_some_and(|across| across > SWIPE_PX);
            shift(&node, None);
            if swiped {
                on_close.emit(());
            }
        })
    };
    let ontouchcancel = {
        let node = node.clone();
        Callback::from(move |_: TouchEvent| shift(&node, None))
    };
    html! {
        <>
            if *narrow {
                <div class="scrim" onclick={on_close.reform(|_| ())} />
            }
            <div ref={node} class="panel" aria-label={words.people_online} inert={*narrow && !*open}
                role={if *open { "dialog" } else { "complementary" }} aria-modal={open.then_some("true")}
                {onkeydown} {ontouchstart} {ontouchmove} {ontouchend} {ontouchcancel}>
                if *narrow {
                    <button ref={closer} type="button" class="plain close" aria-label={words.close} onclick={on_close.reform(|_| ())}>
                        <IconPicture icon={Icon::Close} />
                    </button>
                }
                <Roster />
                <YouCard />
            </div>
        </>
    }
}

/// Where the finger is, or was when it was lifted.
fn finger(event: &TouchEvent) -> Option<(f64, f64)> {
    let touch = event
        .touches()
        .get(0)
        .or_else(|| event.changed_touches().get(0))?;
    Some((f64::from(touch.client_x()), f64::from(touch.client_y())))
}

/// How far the finger has gone to the right, if it goes across rather than along the list.
fn across(began: Option<(f64, f64)>, now: Option<(f64, f64)>) -> Option<f64> {
    let ((x, y), (to_x, to_y)) = (began?, now?);
    let across = to_x - x;
    (across > 8.0 && across > (to_y - y).abs() * 1.5).then_some(across)
}

/// The drawer follows the finger.
fn shift(node: &NodeRef, across: Option<f64>) {
    let Some(panel) = node.cast::<HtmlElement>() else {
        return;
    };
    let _ = match across {
        Some(across) => panel.style().set_property("--pulled", &format!("{across}px")),
        None => panel.style().remove_property("--pulled").map(drop),
    };
}
