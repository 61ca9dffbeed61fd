//! Asking which room an address names that one is not in.

use std::{cell::Cell, rc::Rc};

use snug_shared::{code::Code, ids::Position, rooms::Listed, text::RoomName};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::client::http::{self, Failure};

/// What the server has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Room(Box<Listed>),
    /// There is none, or none that one may know.
    Nothing,
    /// There was no answer.
    Failed,
}

/// The answer, once there is one. Asked only while `now` holds, and again when `times` grows.
#[hook]
pub(super) fn use_room_at(address: RoomName, n: Option<Position>, times: u32, now: bool) -> Option<Found> {
    let found = use_state(|| None::<Found>);
    {
        let found = found.clone();
        use_effect_with((address, n, times, now), move |(address, n, _, now)| {
            let wanted = Rc::new(Cell::new(*now));
            if *now {
                found.set(None);
                let (address, n, wanted) = (address.clone(), *n, wanted.clone());
                spawn_local(async move {
                    let answer = match http::room_at(&address, n).await {
                        Ok(room) => Found::Room(Box::new(room)),
                        Err(Failure::Refused(it)) if it.error == Code::NotFound => Found::Nothing,
                        Err(_) => Found::Failed,
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
