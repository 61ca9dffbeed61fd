//! Formats failures of passkeys, wherever they are used.

use snug_shared::lang::Lang;

use super::request;
use crate::{
    client::{passkeys::Trouble, webauthn},
    i18n::words,
};

/// Returns the sentence about a failure for the user; `cancelled`, if the user has declined.
pub(crate) fn sentence(trouble: &Trouble, cancelled: &str, lang: Lang) -> String {
    let words = words(lang).passkeys;
    match trouble {
        Trouble::Server(failure) => request::sentence(failure, lang),
        Trouble::Browser(webauthn::Trouble::Cancelled) => cancelled.to_owned(),
        Trouble::Browser(webauthn::Trouble::Here) => words.here_already.to_owned(),
        Trouble::Browser(webauthn::Trouble::Broken) => words.failed.to_owned(),
    }
}
