//! Names that are kept, devices, and the ways in.

mod en;
mod zh;

pub(super) use self::{en::PEOPLE as EN, zh::PEOPLE as ZH};

#[allow(missing_docs, reason = "the English ones say what they are")]
pub struct People {
    pub sign_in: &'static str,
    pub name: &'static str,
    pub password: &'static str,
    pub password_at_least: fn(usize) -> String,
    pub show_password: &'static str,
    pub show: &'static str,
    pub hide: &'static str,
    pub one_moment: &'static str,
    pub did_not_arrive: &'static str,
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
}
