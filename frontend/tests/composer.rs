//! Tests the composer in a real browser.
#![cfg(target_arch = "wasm32")]

mod stage;

use std::{cell::RefCell, rc::Rc};

use snug_frontend::features::composer::{Composer, ComposerProps, Search};
use snug_shared::{avatar::Avatar, lang::Lang, limits::TEXT_CHARS, presence::ChatUser, text::MessageBody};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlButtonElement};
use yew::Callback;

use stage::{field, press, put_on, rendered, write};

wasm_bindgen_test_configure!(run_in_browser);

type Heard = Rc<RefCell<Vec<String>>>;

fn person(name: &str) -> ChatUser {
    ChatUser {
        avatar: Avatar::Face(0),
        ..ChatUser::guest("p".try_into().expect("an id"), name.try_into().expect("a name"))
    }
}

async fn composer(draft: &str) -> (Element, Heard, Heard) {
    let (said, drafts) = (Heard::default(), Heard::default());
    let (on_say, on_draft) = (said.clone(), drafts.clone());
    let root = put_on::<Composer>(ComposerProps {
        room: "lobby".into(),
        lang: Lang::En,
        draft: draft.to_owned().into(),
        on_draft: Callback::from(move |text| on_draft.borrow_mut().push(text)),
        people: Callback::from(|()| ["Ann", "Anna Bell", "Bob"].map(person).to_vec()),
        search: Callback::noop(),
        on_typed: Callback::noop(),
        on_say: Callback::from(move |text: MessageBody| on_say.borrow_mut().push(text.into())),
    })
    .await;
    (root, said, drafts)
}

fn button(root: &Element) -> HtmlButtonElement {
    root.query_selector("button")
        .ok()
        .flatten()
        .and_then(|it| it.dyn_into().ok())
        .expect("a button")
}

#[wasm_bindgen_test]
async fn enter_sends_and_leaves_the_field_empty() {
    let (root, said, drafts) = composer("").await;
    write(&root, "hello\n").await;
    let goes_on = press(&root, |key| key.set_key("Enter")).await;
    assert_eq!(*said.borrow(), ["hello"]);
    assert_eq!(field(&root).value(), "");
    assert_eq!(drafts.borrow().last().map(String::as_str), Some(""));
    assert!(!goes_on, "the Enter that sends does not break a line as well");
}

#[wasm_bindgen_test]
async fn enter_while_an_input_method_composes_never_sends() {
    let (root, said, _) = composer("").await;
    write(&root, "ni").await;
    press(&root, |key| {
        key.set_key("Enter");
        key.set_is_composing(true);
    })
    .await;
    // Safari ends the composition before this event: only the key code shows that it was part of one.
    press(&root, |key| {
        key.set_key("Enter");
        key.set_key_code(229);
    })
    .await;
    assert!(said.borrow().is_empty());
    assert_eq!(field(&root).value(), "ni");
}

#[wasm_bindgen_test]
async fn shift_and_enter_break_the_line() {
    let (root, said, _) = composer("").await;
    write(&root, "one").await;
    let goes_on = press(&root, |key| {
        key.set_key("Enter");
        key.set_shift_key(true);
    })
    .await;
    assert!(goes_on && said.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_message_that_is_too_long_cannot_be_sent_and_shows_the_excess() {
    let (root, said, _) = composer("").await;
    write(&root, &"x".repeat(TEXT_CHARS + 3)).await;
    assert!(button(&root).disabled());
    let note = root.query_selector("#composer-note").ok().flatten();
    assert_eq!(
        note.and_then(|it| it.text_content()).as_deref(),
        Some("3 characters over the limit")
    );
    press(&root, |key| key.set_key("Enter")).await;
    assert!(said.borrow().is_empty());
    write(&root, "x").await;
    assert!(!button(&root).disabled());
}

#[wasm_bindgen_test]
async fn invisible_characters_do_not_prevent_sending() {
    let (root, said, _) = composer("").await;
    write(&root, "\u{202A}C:\\x\u{0}\u{85}next").await;
    assert!(!button(&root).disabled());
    press(&root, |key| key.set_key("Enter")).await;
    assert_eq!(*said.borrow(), ["C:\\x\nnext"]);
}

#[wasm_bindgen_test]
async fn a_draft_is_restored_and_can_be_sent() {
    let (root, said, _) = composer("half a tho").await;
    assert_eq!(field(&root).value(), "half a tho");
    assert!(!button(&root).disabled());
    button(&root).click();
    rendered().await;
    assert_eq!(*said.borrow(), ["half a tho"]);
}

fn offered(root: &Element) -> Vec<String> {
    let options = root.query_selector_all("[role=option] b").expect("a selector");
    let options = (0..options.length()).filter_map(|at| options.get(at)?.text_content());
    options.collect()
}

fn chosen(root: &Element) -> Option<String> {
    let active = field(root).get_attribute("aria-activedescendant")?;
    let option = root
        .query_selector(&format!("#{active}[aria-selected=true] b"))
        .ok()??;
    option.text_content()
}

#[wasm_bindgen_test]
async fn a_mention_is_completed_with_the_keyboard() {
    let (root, said, drafts) = composer("").await;
    write(&root, "hi @a").await;
    assert_eq!(offered(&root), ["Ann", "Anna Bell"]);
    assert_eq!(chosen(&root).as_deref(), Some("Ann"));
    press(&root, |key| key.set_key("ArrowDown")).await;
    assert_eq!(chosen(&root).as_deref(), Some("Anna Bell"));
    let goes_on = press(&root, |key| key.set_key("Enter")).await;
    assert!(!goes_on, "that Enter was for the list");
    assert_eq!(field(&root).value(), "hi @Anna Bell ");
    assert_eq!(drafts.borrow().last().map(String::as_str), Some("hi @Anna Bell "));
    assert_eq!((offered(&root).len(), chosen(&root)), (0, None));
    assert!(said.borrow().is_empty(), "that Enter was for the list");
    press(&root, |key| key.set_key("Enter")).await;
    assert_eq!(*said.borrow(), ["hi @Anna Bell"]);
}

#[wasm_bindgen_test]
async fn a_dismissed_suggestion_list_does_not_capture_keys() {
    let (root, said, _) = composer("").await;
    write(&root, "@b").await;
    press(&root, |key| key.set_key("Escape")).await;
    assert!(offered(&root).is_empty());
    press(&root, |key| key.set_key("Enter")).await;
    assert_eq!(*said.borrow(), ["@b"]);
    write(&root, "@b").await;
    press(&root, |key| {
        key.set_key("Enter");
        key.set_is_composing(true);
    })
    .await;
    assert_eq!(field(&root).value(), "@b", "an input method takes its own Enter");
    assert!(press(&root, |key| key.set_key("ArrowLeft")).await);
    assert!(offered(&root).is_empty());
    write(&root, "@nobody").await;
    assert!(
        press(&root, |key| key.set_key("Tab")).await,
        "there is nothing to take"
    );
}

#[wasm_bindgen_test]
async fn search_results_are_suggested_only_while_the_name_is_being_typed() {
    let searches = Rc::new(RefCell::new(Vec::<Search>::new()));
    let hears = searches.clone();
    let root = put_on::<Composer>(ComposerProps {
        room: "lobby".into(),
        lang: Lang::En,
        draft: "".into(),
        on_draft: Callback::noop(),
        people: Callback::from(|()| vec![person("Bob")]),
        search: Callback::from(move |search| hears.borrow_mut().push(search)),
        on_typed: Callback::noop(),
        on_say: Callback::noop(),
    })
    .await;
    let find = async || {
        let Search { prefix, on_found } = searches.borrow_mut().pop().expect("it was asked for");
        let zoe = (
            "z".try_into().expect("an id"),
            "Zoe Lee".try_into().expect("a name"),
        );
        on_found.emit(vec![ChatUser::guest(zoe.0, zoe.1)]);
        rendered().await;
        prefix
    };
    write(&root, "hi @lee").await;
    assert_eq!(find().await, "lee");
    assert_eq!(offered(&root), ["Zoe Lee"]);

    write(&root, "hi @b").await;
    press(&root, |key| key.set_key("Escape")).await;
    find().await;
    assert!(offered(&root).is_empty(), "it was not wanted");

    write(&root, "hi @lee").await;
    press(&root, |key| key.set_key("Enter")).await;
    find().await;
    assert!(offered(&root).is_empty(), "it was said");
}

#[wasm_bindgen_test]
async fn typing_is_reported_but_not_a_restored_draft_or_a_sent_message() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let on_typed = heard.clone();
    let root = put_on::<Composer>(ComposerProps {
        room: "lobby".into(),
        lang: Lang::En,
        draft: "half a tho".into(),
        on_draft: Callback::noop(),
        people: Callback::from(|()| Vec::new()),
        search: Callback::noop(),
        on_typed: Callback::from(move |some| on_typed.borrow_mut().push(some)),
        on_say: Callback::noop(),
    })
    .await;
    assert!(heard.borrow().is_empty());
    write(&root, "half a thought").await;
    write(&root, " \n").await;
    write(&root, "a thought").await;
    press(&root, |key| key.set_key("Enter")).await;
    assert_eq!(*heard.borrow(), [true, false, true]);
}
