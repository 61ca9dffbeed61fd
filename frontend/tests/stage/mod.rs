//! Renders components into the browser's document and sends input events to them.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};
use yew::BaseComponent;

/// Renders a component and returns its container element.
pub async fn put_on<C: BaseComponent>(props: C::Properties) -> Element {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .expect("a document");
    let root = document.create_element("div").expect("an element");
    document
        .body()
        .expect("a body")
        .append_child(&root)
        .expect("a place in the body");
    yew::Renderer::<C>::with_root_and_props(root.clone(), props).render();
    rendered().await;
    root
}

/// Waits until Yew has rendered all pending changes, which may take several turns of the browser's event loop.
pub async fn rendered() {
    yew::scheduler::flush().await;
}

#[allow(dead_code, reason = "each test file uses what it needs")]
pub fn field(root: &Element) -> HtmlTextAreaElement {
    root.query_selector("textarea")
        .ok()
        .flatten()
        .and_then(|it| it.dyn_into().ok())
        .expect("a text field")
}

#[allow(dead_code, reason = "each test file uses what it needs")]
pub async fn write(root: &Element, text: &str) {
    let field = field(root);
    field.set_value(text);
    let input = web_sys::InputEvent::new("input").expect("an event");
    field.dispatch_event(&input).expect("somebody listens");
    rendered().await;
}

/// Presses a key. Returns whether the browser's default action was not prevented.
#[allow(dead_code, reason = "each test file uses what it needs")]
pub async fn press(root: &Element, how: impl FnOnce(&KeyboardEventInit)) -> bool {
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    how(&init);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
    let goes_on = field(root).dispatch_event(&event).expect("somebody listens");
    rendered().await;
    goes_on
}
