//! Notices: what the browser shows outside of the page when something arrives that one wants to hear of. Given
//! while the page is open, by this device, if its owner has said so.

mod browser;
mod offer;
mod quiet;
mod setting;

use snug_shared::messages::Message;
use yew::prelude::*;

pub(crate) use self::{offer::NoticeOffer, setting::NoticeSetting};
use crate::{
    client::storage,
    features::rooms::Called,
    history::{Navigator, use_navigator},
    i18n::{Words, words},
    prefs::use_words,
    route::Route,
    store::{Store, use_store},
};

/// More of a message does not fit into a notice.
const SHOWN_CHARS: usize = 160;

/// Gives notice for as long as the room's page is there.
#[hook]
pub(crate) fn use_notices() {
    let store = use_store();
    let (lang, _) = use_words();
    let navigator = use_navigator();
    use_effect_with((store, lang), move |(store, lang)| {
        let (this, words) = (store.clone(), words(*lang));
        let give = Callback::from(move |message: Message| give(&this, &message, words, navigator.clone()));
        store.set_notification_listener(Some(give));
        let store = store.clone();
        move || store.set_notification_listener(None)
    });
}

fn give(store: &Store, message: &Message, words: &Words, navigator: Navigator) {
    let quiet = store.state().settings_sync.current().quiet;
    let quiet = quiet.zip(browser::minute_of_day());
    if !storage::notifications_enabled() || quiet.is_some_and(|(quiet, now)| quiet.holds(now)) {
        return;
    }
    let found = {
        let state = store.state();
        let me = state.replica.you().map(|you| &you.chat_id);
        let room = state.replica.room(&message.room);
        room.and_then(|room| Some((state.address(&message.room)?, Called::of(room, me))))
    };
    let Some((address, called)) = found else { return };
    let by = message.name.as_str();
    let title = match &called {
        // Whom one talks with is said by whoever writes.
        Called::People(others) if others.len() == 1 => by.to_owned(),
        _ => (words.notice_title)(by, &called.marked(words)),
    };
    let body: String = message.text.as_str().chars().take(SHOWN_CHARS).collect();
    // One for each room: the newest stands for what came before it.
    browser::show(&title, &body, message.room.as_str(), move || {
        navigator.push(Route::Room {
            name: address.clone(),
        });
    });
}
