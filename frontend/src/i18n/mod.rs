//! The page's texts, in each of its languages. A missing string does not compile.

pub mod admin;
mod ago;
mod dates;
mod en;
mod isolate;
mod order;
pub mod passkeys;
pub mod people;
mod slow_time;
pub mod storage;
mod zh;

pub use self::{
    ago::ago,
    dates::{LATEST, Style, Zone, format, zone},
    isolate::isolated,
    order::order,
};
use snug_shared::{lang::Lang, limits::COUNTED};

/// Formats a number of messages. From [`COUNTED`] on it is not exact: nobody reads the difference.
pub fn counted(count: usize) -> String {
    let most = COUNTED as usize;
    if count >= most {
        format!("{}+", most - 1)
    } else {
        count.to_string()
    }
}

/// Formats a remaining time: `12 s`, or `1:05` for minutes and seconds.
pub fn left(seconds: u32, lang: Lang) -> String {
    match (seconds, lang) {
        (0..60, Lang::En) => format!("{seconds} s"),
        (0..60, Lang::Zh) => format!("{seconds} 秒"),
        _ => format!("{}:{:02}", seconds / 60, seconds % 60),
    }
}

/// All texts of the page. A refusal by the server or by a limit has its sentence in
/// [`snug_shared::error_code::ErrorCode`].
#[allow(missing_docs, reason = "the English ones say what they are")]
pub struct Words {
    pub description: &'static str,
    pub no_one_online: &'static str,
    pub online_now: fn(usize) -> String,
    pub display_name: &'static str,
    pub profile_picture: &'static str,
    pub shuffle_picture: &'static str,
    pub picture_emoji: fn(&str) -> String,
    pub upload_picture: &'static str,
    pub picture_kinds: &'static str,
    pub uploading: &'static str,
    pub picture_updated: &'static str,
    pub upload_failed: &'static str,
    pub join_server: &'static str,
    pub continue_button: &'static str,

    pub lobby: &'static str,
    pub lobby_topic: &'static str,
    pub messages: &'static str,
    pub message: &'static str,
    pub message_to: fn(&str) -> String,
    pub suggestions: &'static str,
    pub mention_here: &'static str,
    pub mention_room: &'static str,
    pub send: &'static str,
    pub characters_left: fn(usize) -> String,
    pub characters_over: fn(usize) -> String,
    pub today: &'static str,
    pub yesterday: &'static str,
    pub new: &'static str,
    pub mark_unread: &'static str,
    /// The text of `mark_unread`, with its key.
    pub mark_unread_title: &'static str,
    pub delete: &'static str,
    /// The text of `delete`, with its key.
    pub delete_title: &'static str,
    pub delete_now: &'static str,
    pub delete_confirm: &'static str,
    pub delete_confirm_of: fn(&str) -> String,
    /// The text in place of the name of a user whose account is deleted.
    pub deleted_account: &'static str,
    pub copy_link: &'static str,
    /// The text of `copy_link`, with its key.
    pub copy_link_title: &'static str,
    pub link_copied: &'static str,
    pub copy_by_hand: &'static str,
    pub message_not_found: &'static str,
    pub message_failed: &'static str,
    pub loading_newer: &'static str,
    pub newer_failed: &'static str,
    pub new_count: fn(usize) -> String,
    pub unread_count: fn(usize) -> String,
    /// The button that leads to the first unread message.
    pub jump_to_first_unread: &'static str,
    pub mark_read: &'static str,
    pub mention_count: fn(usize) -> String,
    pub jump_to_newest: &'static str,
    pub beginning: fn(&str) -> String,
    pub beginning_more: &'static str,
    pub empty: &'static str,
    pub empty_archived: &'static str,
    pub loading_older: &'static str,
    pub older_failed: &'static str,
    pub loading: &'static str,
    pub you: &'static str,
    pub show_more: &'static str,
    pub show_less: &'static str,

    pub sending: &'static str,
    pub waiting_for_connection: &'static str,
    pub not_sent_yet: fn(&str) -> String,
    pub not_sent: fn(&str) -> String,
    /// The text for a message that is not sent since the user is muted, given the end of the mute.
    pub not_sent_muted: fn(&str) -> String,
    pub not_sent_was_muted: &'static str,
    pub not_sent_left_room: &'static str,
    pub copy_text: &'static str,
    pub you_are_muted: fn(&str) -> String,
    /// The text for a wait in slow mode, given the seconds as a clock shows them.
    pub slow_wait: fn(&str) -> String,
    pub slow_next: &'static str,
    pub send_again: &'static str,
    pub try_again: &'static str,
    pub discard: &'static str,

    pub connecting: &'static str,
    pub reconnecting: &'static str,
    pub reconnecting_in: fn(u32) -> String,
    pub offline: &'static str,
    pub outdated: &'static str,
    pub captive_portal: &'static str,
    pub sockets_blocked: &'static str,
    pub server_unreachable: &'static str,
    pub server_down: &'static str,
    pub new_version: &'static str,
    pub cannot_save: &'static str,
    pub try_now: &'static str,
    pub reload: &'static str,

    pub rooms: &'static str,
    pub rooms_keys: &'static str,
    pub browse_rooms: &'static str,
    pub search_rooms: &'static str,
    pub members: fn(usize) -> String,
    pub searching: &'static str,
    pub no_rooms: &'static str,
    pub no_rooms_found: &'static str,
    pub rooms_failed: &'static str,
    pub open: &'static str,
    pub join: &'static str,
    pub joining: &'static str,
    pub not_in_room: &'static str,
    pub no_such_room: fn(&str) -> String,
    pub no_such_link: &'static str,
    pub archived_outside: fn(&str) -> String,
    pub go_to_lobby: &'static str,
    pub not_found: &'static str,
    pub not_found_more: &'static str,
    pub create_room: &'static str,
    pub room_name: &'static str,
    pub room_topic: &'static str,
    pub room_saved_as: fn(&str) -> String,
    pub create: &'static str,
    pub about_room: &'static str,
    pub no_topic: &'static str,
    pub leave_room: &'static str,
    pub leave_room_confirm: &'static str,
    pub leaving: &'static str,
    pub left_room: fn(&str) -> String,
    pub removed_from_room: fn(&str) -> String,

    pub name_separator: &'static str,
    pub private: &'static str,
    pub private_room: &'static str,
    pub private_room_about: &'static str,
    pub archived: &'static str,
    pub room_is_archived: &'static str,
    pub unarchive: &'static str,
    pub archive_room: &'static str,
    pub archive_room_confirm: &'static str,
    pub leave_private_confirm: &'static str,
    pub edit_room: &'static str,
    pub edit_topic: &'static str,
    pub room_members: &'static str,
    pub members_failed: &'static str,
    pub add_people: &'static str,
    pub add: &'static str,
    pub remove_member: fn(&str) -> String,
    pub remove: &'static str,
    pub remove_member_confirm: fn(&str) -> String,
    pub slow_room: fn(u32) -> String,
    pub slow_mode: &'static str,
    pub slow_about: &'static str,
    pub slow_off: &'static str,
    /// The short text for a number of seconds.
    pub slow_time: fn(u32) -> String,

    pub directs: &'static str,
    pub new_direct: &'static str,
    pub about_direct: &'static str,
    pub start_direct: &'static str,
    pub message_person: fn(&str) -> String,
    pub beginning_direct: fn(&str) -> String,
    pub no_such_direct: &'static str,
    pub search_people: &'static str,
    pub people_here: &'static str,
    pub select_people: fn(usize) -> String,
    pub selected_people: fn(&str) -> String,
    pub no_one_else_online: &'static str,
    pub no_people_found: &'static str,
    pub online: &'static str,

    pub notification_level: &'static str,
    pub notify_all: &'static str,
    pub notify_mentions: &'static str,
    pub notify_nothing: &'static str,
    pub muted: &'static str,
    pub unread_only: &'static str,
    pub notify: &'static str,
    pub turn_on: &'static str,
    pub turn_off: &'static str,
    pub notify_denied: &'static str,
    pub notify_unsupported: &'static str,
    pub notify_offer: &'static str,
    pub not_now: &'static str,
    pub quiet_hours: &'static str,
    pub quiet_from: &'static str,
    pub quiet_to: &'static str,
    pub notice_title: fn(&str, &str) -> String,

    pub people_online: &'static str,
    pub online_count: fn(usize) -> String,
    pub more_people: fn(usize) -> String,
    pub left: &'static str,
    pub away: &'static str,
    pub typing_one: fn(&str) -> String,
    pub typing_two: fn(&str, &str) -> String,
    pub typing_three: fn(&str, &str, &str) -> String,
    /// The text for a user and a number of others who are typing.
    pub typing_more: fn(&str, usize) -> String,
    pub typing_some: fn(usize) -> String,
    pub status: &'static str,
    pub status_example: &'static str,
    pub status_set: &'static str,
    pub status_clear: &'static str,
    pub status_is_shown: &'static str,
    pub status_suggested: &'static str,
    pub status_suggestions: [&'static str; 5],
    pub close: &'static str,
    pub discard_changes: &'static str,
    pub discard_changes_more: &'static str,
    pub keep_editing: &'static str,
    pub clear_search: &'static str,
    pub settings: &'static str,
    pub settings_title: &'static str,
    pub profile: &'static str,
    pub notifications: &'static str,
    pub security: &'static str,
    pub appearance: &'static str,
    pub account: &'static str,
    pub applies_at_once: &'static str,
    pub save: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
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
    pub push_unsupported: &'static str,
    pub push_install: &'static str,
    pub push_failed: &'static str,
    pub leave_server: &'static str,
    pub leave_guest: &'static str,
    pub leave_guest_stays: &'static str,
    pub colon: &'static str,

    pub passkeys: &'static passkeys::Passkeys,
    pub people: &'static people::People,
    pub admin: &'static admin::Admin,
}

/// Returns the words of a language.
#[must_use]
pub fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &en::WORDS,
        Lang::Zh => &zh::WORDS,
    }
}

/// Returns a language's name in that language.
#[must_use]
pub fn own_name(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "English",
        Lang::Zh => "简体中文",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_left_is_in_seconds_and_from_a_minute_on_as_a_clock_has_it() {
        let told = [1, 59, 60, 65, 3_600].map(|it| left(it, Lang::En));
        assert_eq!(told, ["1 s", "59 s", "1:00", "1:05", "60:00"]);
    }

    #[test]
    fn beyond_ninety_nine_a_number_is_many() {
        assert_eq!([1, 99, 100, 230].map(counted), ["1", "99", "99+", "99+"]);
    }
}
