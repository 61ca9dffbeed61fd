//! The texts about passkeys.

mod en;
mod zh;

pub(super) use self::{en::PASSKEYS as EN, zh::PASSKEYS as ZH};

#[allow(missing_docs, reason = "the English ones say what they are")]
pub struct Passkeys {
    pub sign_in: &'static str,
    pub passkeys: &'static str,
    pub about: &'static str,
    pub none: &'static str,
    pub add: &'static str,
    pub added: fn(&str) -> String,
    pub used: fn(&str) -> String,
    pub remove: &'static str,
    pub remove_named: fn(&str) -> String,
    pub remove_confirm: &'static str,
    pub not_signed: &'static str,
    pub not_added: &'static str,
    pub here_already: &'static str,
    pub failed: &'static str,
    pub unsupported: &'static str,
}
