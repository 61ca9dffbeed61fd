//! Follows a request about a room.

use snug_shared::{error_code::ErrorCode, ids::RoomId};
use yew::prelude::*;

use crate::store::{use_selected, use_store};

/// The state of the last request about a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestStatus {
    /// Whether there is a connection to send a request on.
    pub(super) live: bool,
    /// Whether the request awaits an answer.
    pub(super) pending: bool,
    /// The reason why the request was refused.
    pub(super) refused: Option<ErrorCode>,
}

/// Returns the state of the last request about `room`. A refusal is dismissed when the component unmounts.
#[hook]
pub(super) fn use_room_request(room: Option<&RoomId>) -> RequestStatus {
    let store = use_store();
    let (live, requests) = use_selected(|state| (state.replica.is_live(), state.room_requests.clone()));
    use_effect_with(room.cloned(), move |room| {
        let room = room.clone();
        move || {
            if let Some(room) = room {
                store.dismiss_room_request(&room);
            }
        }
    });
    RequestStatus {
        live,
        pending: room.is_some_and(|room| requests.is_pending(room)),
        refused: room.and_then(|room| requests.refused(room)),
    }
}
