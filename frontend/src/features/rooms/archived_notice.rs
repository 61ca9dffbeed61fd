//! Renders, in place of the composer, a notice that the room is archived. Archives rooms and takes them out of the
//! archive.

use snug_shared::{ids::RoomId, wire::EditRoom};
use yew::prelude::*;

use super::request_status::{RequestStatus, use_room_request};
use crate::{
    prefs::use_words,
    store::{State, Store, use_selected, use_store},
};

/// Archives a room, or takes it out of the archive.
pub(super) fn archive(store: &Store, room: &RoomId, archived: bool) {
    let edit = EditRoom {
        archived: Some(archived),
        ..EditRoom::default()
    };
    store.edit_room(room, edit);
}

#[derive(PartialEq, Properties)]
pub(crate) struct ArchivedNoticeProps {
    pub(crate) room: RoomId,
}

/// Renders one line, and for a manager of the room the button that takes it out of the archive.
#[component(ArchivedNotice)]
pub(crate) fn archived_notice(props: &ArchivedNoticeProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let keeps = use_selected(State::can_manage_room);
    let RequestStatus {
        live,
        pending,
        refused,
    } = use_room_request(Some(&props.room));
    let onclick = {
        let room = props.room.clone();
        Callback::from(move |_: MouseEvent| archive(&store, &room, false))
    };
    html! {
        <div class="archived-room">
            <p>{ words.room_is_archived }</p>
            if keeps {
                <button type="button" class="small quiet" disabled={!live || pending} {onclick}>{ words.unarchive }</button>
            }
            if let Some(code) = refused {
                <p class="bad" role="alert">{ code.sentence(lang) }</p>
            }
        </div>
    }
}
