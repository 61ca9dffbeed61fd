//! Counts down the seconds until a time.

use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::browser;

/// Returns the whole seconds until a time, in milliseconds since the page was loaded.
#[hook]
pub(crate) fn use_countdown(until: Option<f64>) -> u32 {
    let seconds = |until: f64| ((until - browser::elapsed()) / 1000.0).ceil().max(0.0) as u32;
    let left = use_state_eq(|| 0);
    {
        let left = left.clone();
        use_effect_with(until, move |&until| {
            let timer = until.map(|until| {
                left.set(seconds(until));
                Interval::new(250, move || left.set(seconds(until)))
            });
            move || drop(timer)
        });
    }
    *left
}
