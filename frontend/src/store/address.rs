//! Applies the addresses of rooms to the page's state.

use snug_shared::{
    ids::{Position, RoomId},
    text::RoomName,
};

use super::{
    State, Store,
    room_addresses::{addresses, by_id, is_id, name_of},
};
use crate::route::Route;

impl State {
    /// Returns the address of a room that the user is in.
    pub(crate) fn address(&self, id: &RoomId) -> Option<RoomName> {
        addresses(&self.replica).remove(id)
    }

    /// Returns the route of a message in the room that is shown.
    pub(crate) fn link(&self, n: Position) -> Route {
        let address = self.room.as_ref().and_then(by_id);
        Route::to(address.unwrap_or_else(|| self.name.clone()), Some(n))
    }

    /// Returns the address by name that is to replace the present address by id.
    pub(crate) fn better_address(&self) -> Option<RoomName> {
        let room = self
            .room
            .as_ref()
            .filter(|_| self.jump.is_none() && is_id(&self.name))?;
        self.address(room).filter(|it| *it != self.name)
    }

    /// Returns the name of the room that the address names, or `None` for an unknown id.
    pub(crate) fn addressed_name(&self) -> Option<&RoomName> {
        match &self.found {
            Some((address, name)) if *address == self.name => Some(name),
            _ if is_id(&self.name) => None,
            _ => Some(&self.name),
        }
    }

    /// Returns the name of the room that is shown.
    pub(super) fn current_name(&self) -> Option<RoomName> {
        self.current_room().map(name_of)
    }

    /// Updates the address after a renaming of the room that is shown. `before` is its former name.
    pub(super) fn update_address(&mut self, before: Option<RoomName>) {
        let now = self.current_name();
        if let (Some(before), Some(now)) = (before, now)
            && before != now
            && before == self.name
        {
            self.name = now;
            self.moved = Some(before);
        }
    }
}

impl Store {
    /// Records the name of a room that the user is not in.
    pub(crate) fn found(&self, address: &RoomName, name: &RoomName) {
        let found = Some((address.clone(), name.clone()));
        if self.state().found != found {
            self.update(|state| state.found = found);
        }
    }
}
