//! Reads links with a secret. The secret is in the fragment, which is sent to no server and so is in no
//! server's log. It is removed from the address as soon as it is read, so that neither the history nor a
//! screenshot shows it.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Storage;

use crate::browser;

/// In this tab's session storage, until the link is used.
const LINK: &str = "snug.link";

thread_local! {
    /// A copy, since storage may be forbidden.
    static MEMORY: RefCell<Option<SecretLink>> = const { RefCell::new(None) };
}

/// The purpose of a link, with its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecretLink {
    /// A link that makes its bearer the owner.
    Owner(String),
    /// A link that invites its bearer.
    Invite(String),
    /// A link that signs this device in.
    SignIn(String),
}

impl SecretLink {
    /// Parses a whole link or its fragment.
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

/// Returns the link with this secret in its fragment.
pub(crate) fn link_to(what: &str, secret: &str) -> String {
    format!("{}/#{what}={secret}", browser::home())
}

fn session_storage() -> Option<Storage> {
    browser::window().session_storage().ok().flatten()
}

/// Takes a secret out of the page's address, if there is one, and saves it.
pub(crate) fn take_from_address() -> Option<SecretLink> {
    let window = browser::window();
    let link = SecretLink::of(&window.location().hash().ok()?)?;
    let path = window.location().pathname().unwrap_or_default();
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    save(&link);
    Some(link)
}

/// Saves a link in this tab, across reloads.
pub(crate) fn save(link: &SecretLink) {
    let text = serde_json::to_string(link).expect("a link is plain data");
    if let Some(storage) = session_storage() {
        let _ = storage.set_item(&browser::stored_name(LINK), &text);
    }
    MEMORY.set(Some(link.clone()));
}

/// Returns the saved link.
pub(crate) fn saved() -> Option<SecretLink> {
    let stored = || {
        session_storage()?
            .get_item(&browser::stored_name(LINK))
            .ok()
            .flatten()
    };
    MEMORY
        .with_borrow(Clone::clone)
        .or_else(|| serde_json::from_str(&stored()?).ok())
}

/// Removes the saved link, once it is used or has turned out to be invalid.
pub(crate) fn clear() {
    if let Some(storage) = session_storage() {
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
        assert_eq!(
            SecretLink::of("#invite=AbC-_1"),
            Some(SecretLink::Invite(secret()))
        );
        let pasted = " https://snug.example/#sign-in=AbC-_1\n";
        assert_eq!(SecretLink::of(pasted), Some(SecretLink::SignIn(secret())));
        assert_eq!(SecretLink::of("#owner=AbC-_1"), Some(SecretLink::Owner(secret())));
        for other in ["", "#", "#invite", "#invite=", "#lobby=1", "invite=AbC"] {
            assert_eq!(SecretLink::of(other), None, "{other}");
        }
    }
}
