use snug_shared::people::{Role, SecurityEvent};

use super::People;
use crate::i18n::isolated;

pub static PEOPLE: People = People {
    sign_in: "Sign in",
    name: "Name",
    password: "Password",
    password_again: "Enter your password, so that nobody else does this in your name.",
    password_at_least: |count| format!("At least {count} characters"),
    show_password: "Show the password",
    show: "Show",
    hide: "Hide",
    one_moment: "One moment…",
    did_not_arrive: "That did not reach the server. Try again.",
    no_cookies: "This browser keeps no cookies for this page. Allow them to sign in or to keep a name; as a guest you can come in without.",
    as_guest: "Come in as a guest",
    have_invitation: "I have an invitation",
    invitation_link: "Link of the invitation",
    not_an_invitation: "That is not the link of an invitation.",
    next: "Next",
    yours: "This place is yours",
    yours_more: "Choose the name that you keep here, and a password for it. You make the rules.",
    found: "Found this place",
    invited: "You are invited",
    invited_guest: "Say who you are, and come in.",
    invited_member: "Choose the name that you keep here, and a password for it.",
    sign_in_here: "Sign in on this device",
    sign_in_here_more: "The link that you have opened signs in whoever made it, once. Do it only if that was you.",
    welcome_back: |name| format!("Welcome back, {name}", name = isolated(name)),
    not_you: |name| format!("Not {name}? Sign out", name = isolated(name)),
    signed_out: "You were signed out on this device.",
    back: "Back",
    role: |role| match role {
        Role::Guest => "guest",
        Role::Member => "member",
        Role::Moderator => "moderator",
        Role::Owner => "owner",
    },
    you_are: |role| match role {
        Role::Guest => "You are a guest.",
        Role::Member => "You are a member, and keep your name here.",
        Role::Moderator => "You are a moderator.",
        Role::Owner => "You are an owner of this place.",
    },
    keep_name: "Keep your name",
    keep_name_why: "With a password you can sign in on other devices, and nobody else takes your name.",
    keep_this: |name| format!("Keep “{name}”", name = isolated(name)),
    name_is_kept: "Your name is kept.",
    change_password: "Change the password",
    old_password: "Password as it is",
    new_password: "New password",
    others_signed_out: "Your other devices are signed out.",
    password_changed: "The password is changed, and your other devices are signed out.",
    devices: "Devices",
    devices_failed: "The devices could not be loaded.",
    this_device: "this device",
    unknown_device: "Unknown device",
    here_lately: "here within the last hour",
    last_here: |ago| format!("last here {ago}"),
    signed_in_on: |day| format!("signed in on {day}"),
    sign_out: "Sign out",
    delete_account: "Delete account",
    delete_account_goes: "Your name, your picture, your password and passkeys, and every message that you have written, in all rooms and conversations, are deleted for everybody and for good.",
    delete_account_stays: "What stays is what others have written, the rooms that you opened, and that somebody without a name once wrote there.",
    delete_account_now: "Delete my account and my messages",
    security: |what, device, when| match what {
        SecurityEvent::SignedIn => format!(
            "{device} was signed in to your account ({when}). If that was not you, sign it out and change your password.",
            device = isolated(device)
        ),
        SecurityEvent::PasskeyAdded => format!(
            "{device} added a passkey to your account ({when}). If that was not you, remove it, sign that device out and change your password.",
            device = isolated(device)
        ),
        SecurityEvent::PasskeyRemoved => format!(
            "{device} removed a passkey of your account ({when}). If that was not you, sign that device out and change your password.",
            device = isolated(device)
        ),
        SecurityEvent::Other => format!(
            "{device} changed your account ({when}). If that was not you, sign that device out and change your password.",
            device = isolated(device)
        ),
    },
    it_was_me: "It was me",
    sign_out_device: |name| format!("Sign out {name}", name = isolated(name)),
    another_device: "Sign in on another device",
    another_device_how: "Point the other device's camera at this, or open the link there. It is good for 10 minutes, and once.",
    sign_in_code: "QR code of the link",
    sign_in_link: "Link to sign in",
    copy: "Copy",
    copied: "Copied",
};
