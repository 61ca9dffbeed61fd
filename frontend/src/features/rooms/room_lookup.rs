//! Looks up the room of an address that the user is not in.

use std::{cell::Cell, rc::Rc};

use snug_shared::{error_code::ErrorCode, ids::Position, rooms::Listed, text::RoomName};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::client::http::{self, Failure};

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RoomLookup {
    Room(Box<Listed>),
    /// There is no such room, or the user may not know of it.
    NotFound,
    /// The request has failed.
    Failed,
}

/// Returns the answer, once it has arrived. The room is looked up while `now` is set, and again when `times`
/// grows.
#[hook]
pub(super) fn use_room_lookup(
    address: RoomName,
    n: Option<Position>,
    times: u32,
    now: bool,
) -> Option<RoomLookup> {
    let found = use_state(|| None::<RoomLookup>);
    {
        let found = found.clone();
        use_effect_with((address, n, times, now), move |(address, n, _, now)| {
            let wanted = Rc::new(Cell::new(*now));
            if *now {
                found.set(None);
                let (address, n, wanted) = (address.clone(), *n, wanted.clone());
                spawn_local(async move {
                    let answer = match http::room_at(&address, n).await {
                        Ok(room) => RoomLookup::Room(Box::new(room)),
                        Err(Failure::Refused(it)) if it.error == ErrorCode::NotFound => RoomLookup::NotFound,
                        Err(_) => RoomLookup::Failed,
                    };
                    if wanted.get() {
                        found.set(Some(answer));
                    }
                });
            }
            move || wanted.set(false)
        });
    }
    (*found).clone()
}
