//! Whether messages are being put into the log, which a screen reader is not to read out one by one.

use std::{cell::Cell, rc::Rc};

use snug_shared::ids::Position;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser;

/// While they are loaded (`now`), and until those that were put in have been drawn: what is shown begins earlier (`after`), or at another end
/// (`live`). What was loaded may come in the same frame in which it was asked for.
#[hook]
pub(super) fn use_busy(now: bool, after: Position, live: bool) -> bool {
    let drawing = use_state_eq(|| true);
    let drawn = use_mut_ref(|| (after, live));
    let before = drawn.replace((after, live));
    let put_in = after < before.0 || live != before.1;
    {
        let drawing = drawing.clone();
        use_effect_with((now, after, live), move |&(now, ..)| {
            let still = Rc::new(Cell::new(true));
            if now || put_in {
                drawing.set(true);
            }
            if !now {
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
    now || put_in || *drawing
}
