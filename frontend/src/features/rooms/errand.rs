//! How it stands with what one has asked about a room.

use snug_shared::{code::Code, ids::RoomId};
use yew::prelude::*;

use crate::store::{use_selected, use_store};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether there is a server to ask.
    pub(super) live: bool,
    pub(super) under_way: bool,
    pub(super) refused: Option<Code>,
}

/// For as long as it is shown: a refusal that has been read is forgotten.
#[hook]
pub(super) fn use_standing(room: Option<&RoomId>) -> Standing {
    let store = use_store();
    let (live, errands) = use_selected(|state| (state.replica.is_live(), state.errands.clone()));
    use_effect_with(room.cloned(), move |room| {
        let room = room.clone();
        move || {
            if let Some(room) = room {
                store.forget_errand(&room);
            }
        }
    });
    Standing {
        live,
        under_way: room.is_some_and(|room| errands.under_way(room)),
        refused: room.and_then(|room| errands.refused(room)),
    }
}
