//! The message that one has come to: it has the focus, and is lit for a moment.

use gloo_timers::callback::Timeout;
use snug_shared::ids::Position;
use yew::prelude::*;

use super::scroll::Scroller;
use crate::browser;

const MOMENT_MS: u32 = 2_400;

/// The one that is lit, and what is to be told of the next.
#[hook]
pub(super) fn use_sought(scroller: &std::rc::Rc<Scroller>) -> (Option<Position>, Callback<Position>) {
    // With its time: to come to the same one twice is to come to it anew.
    let sought = use_state_eq(|| None::<(Position, f64)>);
    {
        let (sought, scroller) = (sought.clone(), scroller.clone());
        // Later than the composer, which asks for the focus when its room is shown.
        use_effect_with(*sought, move |&it| {
            let timer = it.map(|(n, _)| {
                scroller.focus(n);
                Timeout::new(MOMENT_MS, move || sought.set(None))
            });
            move || drop(timer)
        });
    }
    let on_found = {
        let sought = sought.clone();
        Callback::from(move |n| sought.set(Some((n, browser::now()))))
    };
    (sought.map(|(n, _)| n), on_found)
}
