//! Links with a secret. It stands behind the `#`, which is sent to no server and so is in no server's log; from
//! the address it goes as soon as it is read, so that neither the history nor a picture of the screen has it.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Storage;

use crate::browser;

/// In the storage of this tab only, and only until it is used.
const LINK: &str = "snug.link";

thread_local! {
    /// Storage may be forbidden.
    static MEMORY: RefCell<Option<Link>> = const { RefCell::new(None) };
}

/// What a link is for, with its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Link {
    /// Makes its bearer the owner.
    Owner(String),
    /// Lets its bearer in.
    Invite(String),
    /// Signs this device in.
    SignIn(String),
}

impl Link {
    /// Of what somebody has pasted: a whole link, or its end.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (_, fragment) = text.trim().rsplit_once('#')?;
        let (what, secret) = fragment.split_once('=')?;
        let kind = match what {
            "owner" => Self::Owner,
            "invite" => Self::Invite,
            "sign-in" => Self::SignIn,
            _ => return None,
        };
        (!secret.is_empty()).then(|| kind(secret.to_owned()))
    }
}

/// The address of this place with something behind the `#`.
pub(crate) fn address(what: &str, secret: &str) -> String {
    format!("{}/#{what}={secret}", browser::home())
}

fn storage() -> Option<Storage> {
    browser::window().session_storage().ok().flatten()
}

/// Takes a link out of the address, if one is there.
pub(crate) fn take() -> Option<Link> {
    let window = browser::window();
    let link = Link::of(&window.location().hash().ok()?)?;
    let path = window.location().pathname().unwrap_or_default();
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    keep(&link);
    Some(link)
}

/// Keeps one for this tab, also over a reload.
pub(crate) fn keep(link: &Link) {
    let text = serde_json::to_string(link).expect("a link is plain data");
    if let Some(storage) = storage() {
        let _ = storage.set_item(&browser::stored_name(LINK), &text);
    }
    MEMORY.set(Some(link.clone()));
}

/// The one that was taken and not used yet.
pub(crate) fn kept() -> Option<Link> {
    let stored = || storage()?.get_item(&browser::stored_name(LINK)).ok().flatten();
    MEMORY
        .with_borrow(Clone::clone)
        .or_else(|| serde_json::from_str(&stored()?).ok())
}

/// It is used, or good for nothing.
pub(crate) fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&browser::stored_name(LINK));
    }
    MEMORY.set(None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_known_by_what_stands_behind_the_hash() {
        let secret = || "AbC-_1".to_owned();
        assert_eq!(Link::of("#invite=AbC-_1"), Some(Link::Invite(secret())));
        let pasted = " https://snug.example/#sign-in=AbC-_1\n";
        assert_eq!(Link::of(pasted), Some(Link::SignIn(secret())));
        assert_eq!(Link::of("#owner=AbC-_1"), Some(Link::Owner(secret())));
        for other in ["", "#", "#invite", "#invite=", "#lobby=1", "invite=AbC"] {
            assert_eq!(Link::of(other), None, "{other}");
        }
    }
}
