//! Names that are kept, devices, and the ways in.

use snug_shared::people::{Role, SecurityEvent};

mod en;
mod zh;

pub(super) use self::{en::PEOPLE as EN, zh::PEOPLE as ZH};

#[allow(missing_docs, reason = "the English ones say what they are")]
pub struct People {
    pub sign_in: &'static str,
    pub name: &'static str,
    pub password: &'static str,
    pub password_again: &'static str,
    pub password_at_least: fn(usize) -> String,
    pub show_password: &'static str,
    pub show: &'static str,
    pub hide: &'static str,
    pub one_moment: &'static str,
    pub did_not_arrive: &'static str,
    pub no_cookies: &'static str,
    pub as_guest: &'static str,
    pub have_invitation: &'static str,
    pub invitation_link: &'static str,
    pub not_an_invitation: &'static str,
    pub next: &'static str,
    pub yours: &'static str,
    pub yours_more: &'static str,
    pub found: &'static str,
    pub invited: &'static str,
    pub invited_guest: &'static str,
    pub invited_member: &'static str,
    pub sign_in_here: &'static str,
    pub sign_in_here_more: &'static str,
    pub welcome_back: fn(&str) -> String,
    pub not_you: fn(&str) -> String,
    pub signed_out: &'static str,
    pub back: &'static str,
    pub role: fn(Role) -> &'static str,
    pub you_are: fn(Role) -> &'static str,
    pub keep_name: &'static str,
    pub keep_name_why: &'static str,
    pub keep_this: fn(&str) -> String,
    pub name_is_kept: &'static str,
    pub change_password: &'static str,
    pub old_password: &'static str,
    pub new_password: &'static str,
    pub others_signed_out: &'static str,
    pub password_changed: &'static str,
    pub devices: &'static str,
    pub devices_failed: &'static str,
    pub this_device: &'static str,
    pub unknown_device: &'static str,
    pub here_lately: &'static str,
    pub last_here: fn(&str) -> String,
    pub signed_in_on: fn(&str) -> String,
    pub sign_out: &'static str,
    pub delete_account: &'static str,
    /// What goes with it, and what stays.
    pub delete_account_goes: &'static str,
    pub delete_account_stays: &'static str,
    pub delete_account_now: &'static str,
    /// What happened, on which device, and when.
    pub security: fn(SecurityEvent, &str, &str) -> String,
    pub it_was_me: &'static str,
    pub sign_out_device: fn(&str) -> String,
    pub another_device: &'static str,
    pub another_device_how: &'static str,
    pub sign_in_code: &'static str,
    pub sign_in_link: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
}
