//! Whether messages are being put into the log, which a screen reader is not to read out one by one.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser;

/// `now`, and until what was put in by then has been drawn.
#[hook]
pub(super) fn use_busy(now: bool) -> bool {
    let drawing = use_state_eq(|| true);
    {
        let drawing = drawing.clone();
        use_effect_with(now, move |&now| {
            let still = std::rc::Rc::new(std::cell::Cell::new(!now));
            if now {
                drawing.set(true);
            } else {
                let still = still.clone();
                spawn_local(async move {
                    browser::frame().await;
                    browser::frame().await;
                    if still.get() {
                        drawing.set(false);
                    }
                });
            }
            move || still.set(false)
        });
    }
    now || *drawing
}
