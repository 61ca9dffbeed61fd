//! The document's title: how many messages wait, in this room while nobody is looking, and in the others.

use yew::prelude::*;

use crate::{browser, store::use_selected};

#[hook]
pub(super) fn use_title() {
    let waiting = use_selected(|state| {
        let here = state.room.as_ref().filter(|_| !state.visible);
        let unread = here.map_or(0, |room| state.unread(room)) + state.unread_elsewhere();
        (unread, state.name.clone())
    });
    use_effect_with(waiting, |(unread, room)| {
        let title = match unread {
            0 => format!("{room} · Snug"),
            _ => format!("({unread}) {room} · Snug"),
        };
        browser::document().set_title(&title);
    });
}
