//! Tests the drawers in a real browser.
#![cfg(target_arch = "wasm32")]

mod stage;

use std::{cell::Cell, rc::Rc};

use snug_frontend::ui::{Drawer, DrawerProps, Side};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};
use yew::{Callback, Html};

wasm_bindgen_test_configure!(run_in_browser);

async fn drawer(over: bool, open: bool) -> (Element, Rc<Cell<u32>>) {
    let closed = Rc::new(Cell::new(0));
    let on_close = closed.clone();
    let root = stage::put_on::<Drawer>(DrawerProps {
        side: Side::Left,
        label: "Rooms".into(),
        role: "navigation".into(),
        close: "Close".into(),
        over,
        open,
        behind: false,
        on_close: Callback::from(move |()| on_close.set(on_close.get() + 1)),
        children: Html::from("inside"),
    })
    .await;
    (root, closed)
}

fn find(root: &Element, what: &str) -> Option<HtmlElement> {
    root.query_selector(what).ok().flatten()?.dyn_into().ok()
}

#[wasm_bindgen_test]
async fn a_docked_drawer_is_part_of_the_page() {
    let (root, _) = drawer(false, false).await;
    assert!(find(&root, "[role=navigation]:not([inert])").is_some());
    assert!(find(&root, "button").is_none());
}

#[wasm_bindgen_test]
async fn a_closed_drawer_is_inert() {
    let (root, _) = drawer(true, false).await;
    assert!(find(&root, "[role=navigation][inert]").is_some());
}

#[wasm_bindgen_test]
async fn an_open_drawer_is_a_dialog_that_escape_or_a_click_outside_closes() {
    let (root, closed) = drawer(true, true).await;
    let panel = find(&root, "[role=dialog][aria-modal=true]").expect("a dialog");
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_key("Escape");
    let escape = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
    panel.dispatch_event(&escape).expect("somebody listens");
    assert_eq!(closed.get(), 1);
    find(&root, ".scrim").expect("the space beside it").click();
    assert_eq!(closed.get(), 2);
}
