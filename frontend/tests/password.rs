//! Tests the password field in a real browser.
#![cfg(target_arch = "wasm32")]

mod stage;

use snug_frontend::ui::{PasswordField, PasswordProps};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};
use yew::NodeRef;

wasm_bindgen_test_configure!(run_in_browser);

async fn field(bad: Option<&'static str>) -> Element {
    stage::put_on::<PasswordField>(PasswordProps {
        node: NodeRef::default(),
        id: "it".into(),
        label: "Password".into(),
        autocomplete: "new-password".into(),
        show: ("Show password".into(), "Show".into(), "Hide".into()),
        bad: bad.map(Into::into),
        note: "At least 8 characters".into(),
        oninput: yew::Callback::noop(),
    })
    .await
}

fn find(root: &Element, what: &str) -> HtmlElement {
    let found = root.query_selector(what).ok().flatten();
    found.and_then(|it| it.dyn_into().ok()).expect(what)
}

#[wasm_bindgen_test]
async fn the_password_is_hidden_until_the_user_shows_it() {
    let root = field(None).await;
    let kind = || find(&root, "input").get_attribute("type");
    assert_eq!(kind().as_deref(), Some("password"));
    for (shown, pressed) in [("text", "true"), ("password", "false")] {
        find(&root, "button").click();
        stage::rendered().await;
        assert_eq!(kind().as_deref(), Some(shown));
        let button = find(&root, "button").get_attribute("aria-pressed");
        assert_eq!(button.as_deref(), Some(pressed));
    }
}

#[wasm_bindgen_test]
async fn an_error_replaces_the_note_and_describes_the_field() {
    for (bad, said) in [(None, "At least 8 characters"), (Some("Too short"), "Too short")] {
        let root = field(bad).await;
        let input = find(&root, "input");
        assert_eq!(input.get_attribute("aria-invalid").is_some(), bad.is_some());
        let note = input.get_attribute("aria-describedby").expect("a note");
        assert_eq!(
            find(&root, &format!("#{note}")).text_content().as_deref(),
            Some(said)
        );
    }
}
