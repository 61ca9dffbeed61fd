use super::Passkeys;
use crate::i18n::isolated;

pub static PASSKEYS: Passkeys = Passkeys {
    sign_in: "Sign in with a passkey",
    passkeys: "Passkeys",
    about: "Your fingerprint, face or screen lock signs you in here, without a password.",
    none: "You have none yet.",
    add: "Add a passkey",
    added: |date| format!("Added {date}"),
    used: |date| format!("last used {date}"),
    remove: "Remove",
    remove_named: |name| format!("Remove the passkey {name}", name = isolated(name)),
    remove_sure: "It will not sign you in here any more. Your device keeps it until you delete it there.",
    not_signed: "No passkey was used.",
    not_added: "No passkey was added.",
    here_already: "This device has a passkey for you already.",
    broken: "The browser could not do that. Try again.",
    unsupported: "This browser has no passkeys.",
};
