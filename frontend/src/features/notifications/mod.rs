//! Shows the browser's notifications of messages while the page is open, if the user has enabled them on this
//! device.

mod browser;
mod offer;
mod setting;
mod time_field;

use snug_shared::messages::Message;
use yew::prelude::*;

pub(crate) use self::{offer::NotificationOffer, setting::NotificationSetting};
use crate::{
    client::storage,
    features::room_list::RoomTitle,
    history::{Navigator, use_navigator},
    i18n::{Words, words},
    prefs::use_words,
    route::Route,
    store::{Store, use_store},
};

/// The characters of a message that a notification shows.
const SHOWN_CHARS: usize = 160;

/// Shows notifications for as long as the room's page is mounted.
#[hook]
pub(crate) fn use_notifications() {
    let store = use_store();
    let (lang, _) = use_words();
    let navigator = use_navigator();
    use_effect_with((store, lang), move |(store, lang)| {
        let (this, words) = (store.clone(), words(*lang));
        let notify =
            Callback::from(move |message: Message| notify(&this, &message, words, navigator.clone()));
        store.set_notification_listener(Some(notify));
        let store = store.clone();
        move || store.set_notification_listener(None)
    });
}

/// Shows a notification of a message, unless notifications are disabled or it is quiet.
fn notify(store: &Store, message: &Message, words: &Words, navigator: Navigator) {
    let quiet = store.state().settings_sync.current().quiet_hours;
    let quiet = quiet.zip(browser::minute_of_day());
    if !storage::notifications_enabled() || quiet.is_some_and(|(quiet, now)| quiet.is_active_at(now)) {
        return;
    }
    let found = {
        let state = store.state();
        let me = state.replica.you().map(|you| &you.chat_id);
        let room = state.replica.room(&message.room);
        room.and_then(|room| Some((state.address(&message.room)?, RoomTitle::of(room, me))))
    };
    let Some((address, room)) = found else { return };
    let by = message.name.as_str();
    let title = match &room {
        // In a conversation of two, the author's name says it all.
        RoomTitle::People(others) if others.len() == 1 => by.to_owned(),
        _ => (words.notice_title)(by, &room.marked(words)),
    };
    let body: String = message.text.as_str().chars().take(SHOWN_CHARS).collect();
    // One for each room: the newest replaces the last one.
    browser::show(&title, &body, message.room.as_str(), move || {
        navigator.push(Route::Room {
            name: address.clone(),
        });
    });
}
