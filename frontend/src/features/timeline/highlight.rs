//! Highlights the message that was jumped to: it has the focus, and stays highlighted until the focus moves on.

use std::rc::Rc;

use snug_shared::ids::Position;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent};
use yew::prelude::*;

use super::scroll::{Scroller, position_of};
use crate::browser;

/// The highlighted message, and the callbacks that change it; see [`use_highlight`].
pub(super) struct Highlight {
    pub(super) n: Option<Position>,
    pub(super) on_found: Callback<Position>,
    pub(super) onfocusout: Callback<FocusEvent>,
}

/// Focuses and highlights each message for which `on_found` is called.
#[hook]
pub(super) fn use_highlight(scroller: &Rc<Scroller>) -> Highlight {
    // With the time: a second jump to the same message focuses it again.
    let highlight = use_state_eq(|| None::<(Position, f64)>);
    {
        let scroller = scroller.clone();
        // Later than the composer, which takes the focus when its room is shown.
        use_effect_with(*highlight, move |it| {
            if let Some((n, _)) = it {
                let _ = scroller.focus(*n);
            }
        });
    }
    let n = highlight.map(|(n, _)| n);
    let on_found = {
        let highlight = highlight.clone();
        Callback::from(move |n| highlight.set(Some((n, browser::elapsed()))))
    };
    let onfocusout = Callback::from(move |event: FocusEvent| {
        let row = |it: Option<web_sys::EventTarget>| position_of(&it?.dyn_into::<Element>().ok()?);
        if n.is_some() && row(event.target()) == n && row(event.related_target()) != n {
            highlight.set(None);
        }
    });
    Highlight {
        n,
        on_found,
        onfocusout,
    }
}
