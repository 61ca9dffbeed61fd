//! What the page says, in each of its languages. A string that is missing does not compile.

mod dates;
mod en;
mod zh;

pub use self::dates::{Style, format};
use snug_shared::lang::Lang;

/// Everything that the page says. What the server or a limit refuses has its sentence in
/// [`snug_shared::code::Code`].
#[allow(missing_docs, reason = "the English ones say what they are")]
pub struct Words {
    pub what_it_is: &'static str,
    pub nobody_here: &'static str,
    pub here_now: fn(usize) -> String,
    pub nickname: &'static str,
    pub picture: &'static str,
    pub another_face: &'static str,
    pub picture_emoji: fn(&str) -> String,
    pub enter: &'static str,

    pub lobby_topic: &'static str,
    pub messages: &'static str,
    pub message: &'static str,
    pub message_to: fn(&str) -> String,
    pub send: &'static str,
    pub characters_left: fn(usize) -> String,
    pub characters_over: fn(usize) -> String,
    pub today: &'static str,
    pub yesterday: &'static str,
    pub new: &'static str,
    pub mark_unread: &'static str,
    /// The same, with its key.
    pub mark_unread_title: &'static str,
    pub new_count: fn(usize) -> String,
    pub to_newest: &'static str,
    pub beginning: fn(&str) -> String,
    pub beginning_more: &'static str,
    pub empty: &'static str,
    pub loading_older: &'static str,
    pub older_failed: &'static str,
    pub opening: &'static str,
    pub you: &'static str,

    pub sending: &'static str,
    pub waiting_for_connection: &'static str,
    pub put_off: fn(&str) -> String,
    pub not_sent: fn(&str) -> String,
    pub try_again: &'static str,
    pub discard: &'static str,

    pub connecting: &'static str,
    pub reconnecting: &'static str,
    pub reconnecting_in: fn(u32) -> String,
    pub offline: &'static str,
    pub outdated: &'static str,
    pub try_now: &'static str,
    pub reload: &'static str,

    pub rooms: &'static str,
    pub rooms_keys: &'static str,
    pub browse_rooms: &'static str,
    pub search_rooms: &'static str,
    pub members: fn(usize) -> String,
    pub looking: &'static str,
    pub no_rooms: &'static str,
    pub no_rooms_found: &'static str,
    pub rooms_failed: &'static str,
    pub open: &'static str,
    pub join: &'static str,
    pub joining: &'static str,
    pub not_in_room: &'static str,
    pub no_such_room: fn(&str) -> String,
    pub to_lobby: &'static str,
    pub new_room: &'static str,
    pub room_name: &'static str,
    pub room_topic: &'static str,
    pub room_called: fn(&str) -> String,
    pub open_room: &'static str,
    pub about_room: &'static str,
    pub no_topic: &'static str,
    pub leave_room: &'static str,
    pub leave_room_sure: &'static str,
    pub leaving: &'static str,
    pub stay: &'static str,
    pub left_room: fn(&str) -> String,

    pub people_online: &'static str,
    pub online_count: fn(usize) -> String,
    pub more_people: fn(usize) -> String,
    pub left: &'static str,
    pub close: &'static str,
    pub settings: &'static str,
    pub save: &'static str,
    pub language: &'static str,
    pub light: &'static str,
    pub theme_system: &'static str,
    pub theme_light: &'static str,
    pub theme_dark: &'static str,
    pub push_title: &'static str,
    pub push_turn_on: &'static str,
    pub push_turn_off: &'static str,
    pub push_off: &'static str,
    pub push_on: &'static str,
    pub push_denied: &'static str,
    pub push_insecure: &'static str,
    pub push_unknown: &'static str,
    pub push_failed: &'static str,
    pub leave: &'static str,
    pub colon: &'static str,
}

/// The words of a language.
#[must_use]
pub fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &en::WORDS,
        Lang::Zh => &zh::WORDS,
    }
}

/// A language's name in itself.
#[must_use]
pub fn own_name(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "English",
        Lang::Zh => "简体中文",
    }
}
