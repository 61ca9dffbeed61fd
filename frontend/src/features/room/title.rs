//! The document's title: how many messages wait, while nobody is looking.

use yew::prelude::*;

use crate::{browser, store::use_selected};

#[hook]
pub(super) fn use_title() {
    let waiting = use_selected(|state| {
        let unread = if state.visible { 0 } else { state.reading.unread() };
        (unread, state.room.clone())
    });
    use_effect_with(waiting, |(unread, room)| {
        let title = match unread {
            0 => format!("{room} · Snug"),
            _ => format!("({unread}) {room} · Snug"),
        };
        browser::document().set_title(&title);
    });
}
