//! Detects that messages are being inserted into the log, which a screen reader must not read out one by one.

use std::{cell::Cell, rc::Rc};

use snug_shared::ids::Position;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser;

/// Returns true while they are loaded (`now`), and until the inserted ones have been drawn: what is shown begins earlier (`after`), or
/// at another end (`live`). Messages may arrive in the same frame in which they were requested.
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
