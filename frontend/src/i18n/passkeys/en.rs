use super::Passkeys;
use crate::i18n::isolated;

pub static PASSKEYS: Passkeys = Passkeys {
    sign_in: "Sign in with a passkey",
    passkeys: "Passkeys",
    about: "Sign in with your fingerprint, face or screen lock instead of a password.",
    none: "No passkeys yet.",
    add: "Add passkey",
    added: |date| format!("Added {date}"),
    used: |date| format!("last used {date}"),
    remove: "Remove",
    remove_named: |name| format!("Remove passkey {name}", name = isolated(name)),
    remove_confirm: "You won’t be able to sign in with this passkey. Your device keeps it until you delete it there.",
    not_signed: "Passkey sign-in was cancelled.",
    not_added: "The passkey wasn’t added.",
    here_already: "This device already has a passkey for your account.",
    failed: "Something went wrong in the browser. Try again.",
    unsupported: "This browser doesn’t support passkeys.",
};
