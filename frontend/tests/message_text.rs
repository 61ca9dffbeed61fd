//! Tests the rendering of a message's text in a real browser.
#![cfg(target_arch = "wasm32")]

mod stage;

use snug_frontend::features::timeline::{MessageText, MessageTextProps};
use snug_shared::mentions::Mentions;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

async fn said(text: &str) -> Element {
    stage::put_on::<MessageText>(MessageTextProps {
        text: text.to_owned().into(),
        mentions: Mentions::default(),
        me: None,
    })
    .await
}

#[wasm_bindgen_test]
async fn html_in_a_message_is_shown_as_text() {
    let text = r#"<img src=x onerror="alert(1)"> <a href="javascript:alert(1)">x</a> &amp;"#;
    let root = said(text).await;
    assert_eq!(root.text_content().as_deref(), Some(text));
    for tag in ["img", "a", "script"] {
        assert!(root.query_selector(tag).ok().flatten().is_none(), "{tag}");
    }
}

#[wasm_bindgen_test]
async fn an_external_link_opens_a_new_tab_without_a_referrer() {
    let root = said("see https://example.org/?a=1&b=\"2 now").await;
    let link = root.query_selector("a").ok().flatten().expect("a link");
    assert_eq!(link.get_attribute("href"), link.text_content());
    assert_eq!(
        link.get_attribute("rel").as_deref(),
        Some("noopener noreferrer nofollow")
    );
    assert_eq!(link.get_attribute("target").as_deref(), Some("_blank"));
    assert_eq!(link.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn a_link_to_a_message_of_this_server_opens_in_the_same_tab() {
    let origin = web_sys::window().expect("a window").location().origin();
    let address = format!("{}/rooms/tea/12", origin.expect("an origin"));
    let root = said(&format!("see {address}.")).await;
    let link = root.query_selector("a").ok().flatten().expect("a link");
    assert_eq!(link.text_content().as_deref(), Some(address.as_str()));
    assert_eq!(link.get_attribute("href").as_deref(), Some("/rooms/tea/12"));
    assert_eq!(link.get_attribute("target"), None);
}

#[wasm_bindgen_test]
async fn messages_of_only_emoji_are_large() {
    let large = |root: Element| root.query_selector(".large").ok().flatten().is_some();
    for few in [
        "🎉",
        " 🎉🎉\n",
        "👩‍🚀 👍🏽",
        "🇧🇪",
        "❤️",
        "❤",
        "❤️‍🔥",
        "1️⃣",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "👨‍👩‍👧‍👦",
        "☀️",
        "☝🏽",
        "🆗🆕🈁",
        "🀄🃏",
        "🎉🎉🎉🎉🎉🎉",
    ] {
        assert!(large(said(few).await), "{few}");
    }
    for plain in [
        "🎉 hooray",
        "🎉a",
        "🎉🎉🎉🎉🎉🎉🎉",
        "1",
        "©",
        "中",
        "1️",
        "🇧",
        "🨀",
        "🕀",
        "🖎",
    ] {
        assert!(!large(said(plain).await), "{plain}");
    }
}
