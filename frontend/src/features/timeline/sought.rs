//! The message that one has come to: it has the focus, and stands out until that goes elsewhere.

use std::rc::Rc;

use snug_shared::ids::Position;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent};
use yew::prelude::*;

use super::{log::place, scroll::Scroller};
use crate::browser;

/// See [`use_sought`].
pub(super) struct Sought {
    pub(super) n: Option<Position>,
    pub(super) on_found: Callback<Position>,
    pub(super) onfocusout: Callback<FocusEvent>,
}

#[hook]
pub(super) fn use_sought(scroller: &Rc<Scroller>) -> Sought {
    // With its time: to come to the same one twice is to come to it anew.
    let sought = use_state_eq(|| None::<(Position, f64)>);
    {
        let scroller = scroller.clone();
        // Later than the composer, which asks for the focus when its room is shown.
        use_effect_with(*sought, move |it| {
            if let Some((n, _)) = it {
                let _ = scroller.focus(*n);
            }
        });
    }
    let n = sought.map(|(n, _)| n);
    let on_found = {
        let sought = sought.clone();
        Callback::from(move |n| sought.set(Some((n, browser::elapsed()))))
    };
    let onfocusout = Callback::from(move |event: FocusEvent| {
        let row = |it: Option<web_sys::EventTarget>| place(&it?.dyn_into::<Element>().ok()?);
        if n.is_some() && row(event.target()) == n && row(event.related_target()) != n {
            sought.set(None);
        }
    });
    Sought {
        n,
        on_found,
        onfocusout,
    }
}
