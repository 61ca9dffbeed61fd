//! Renders, in place of the composer, a notice that the room is archived. Archives rooms and takes them out of the
//! archive.

use snug_shared::{
    ids::RoomId,
    wire::{ClientFrame, EditRoom},
};
use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{ServerRequest, State, use_selected, use_server_request},
};

/// Archives a room, or takes it out of the archive.
pub(super) fn archive(request: &ServerRequest, room: &RoomId, archived: bool) {
    request.send(|key| {
        ClientFrame::EditRoom(EditRoom {
            room: room.to_string(),
            archived: Some(archived),
            key,
            ..EditRoom::default()
        })
    });
}

#[derive(PartialEq, Properties)]
pub(crate) struct ArchivedNoticeProps {
    pub(crate) room: RoomId,
}

/// Renders one line, and for a manager of the room the button that takes it out of the archive.
#[component(ArchivedNotice)]
pub(crate) fn archived_notice(props: &ArchivedNoticeProps) -> Html {
    let (lang, words) = use_words();
    let keeps = use_selected(State::can_manage_room);
    let request = use_server_request();
    let (live, pending, refused) = (request.live, request.pending(), request.refused());
    let onclick = {
        let room = props.room.clone();
        Callback::from(move |_: MouseEvent| archive(&request, &room, false))
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
