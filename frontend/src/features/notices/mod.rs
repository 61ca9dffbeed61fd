//! Notices: what the browser shows outside of the page when something arrives that one wants to hear of. Given
//! while the page is open, by this device, if its owner has said so.

mod browser;
mod quiet;
mod setting;

use snug_shared::messages::Message;
use yew::prelude::*;
use yew_router::prelude::*;

pub(crate) use self::setting::NoticeSetting;
use crate::{
    client::saving,
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
    let (_, words) = use_words();
    let navigator = use_navigator();
    use_effect_with((store, words.notice_title), move |(store, title)| {
        let (this, title) = (store.clone(), *title);
        let give = Callback::from(move |message: Message| give(&this, &message, title, navigator.clone()));
        store.give_notice(Some(give));
        let store = store.clone();
        move || store.give_notice(None)
    });
}

fn give(store: &Store, message: &Message, title: fn(&str, &str) -> String, navigator: Option<Navigator>) {
    let notices = saving::notices();
    if !notices.on || quiet::is_quiet(notices.quiet, browser::minute_of_day()) {
        return;
    }
    let Some(room) = store
        .state()
        .replica
        .room(&message.room)
        .and_then(|room| room.info.as_ref().map(|info| info.name.clone()))
    else {
        return;
    };
    let title = title(message.name.as_str(), room.as_str());
    let body: String = message.text.as_str().chars().take(SHOWN_CHARS).collect();
    // One for each room: the newest stands for what came before it.
    browser::show(&title, &body, message.room.as_str(), move || {
        if let Some(navigator) = &navigator {
            navigator.push(&Route::Room { name: room.clone() });
        }
    });
}
