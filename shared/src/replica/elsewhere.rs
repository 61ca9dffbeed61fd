//! The stretch of a room's log to which the user has gone, away from its newest end.
//!
//! Filled by pages that the client requests over HTTP, at both of its ends. Live messages go on extending the
//! timeline meanwhile, so none is lost. When the two meet they are one timeline again.

use super::{Replica, Room, Timeline};
use crate::{
    ids::{Epoch, Position, RoomId},
    messages::Page,
};

impl Room {
    /// Returns the stretch that the user sees.
    #[must_use]
    pub fn shown(&self) -> &Timeline {
        self.elsewhere.as_ref().unwrap_or(&self.timeline)
    }

    /// Merges the two stretches if they have met.
    pub(super) fn join(&mut self) {
        if let Some(elsewhere) = self.elsewhere.as_ref().filter(|_| !self.stale)
            && self.timeline.take_in(elsewhere)
        {
            self.elsewhere = None;
        }
    }
}

impl Replica {
    /// Returns the epoch of the log to which positions belong. A page requested in another epoch is void.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// Goes to a page that was requested over HTTP, wherever it lies.
    pub fn around(&mut self, page: Page) {
        if let Some(room) = self.room_of(&page) {
            room.elsewhere = Some(Timeline::of(room.gone.without(page)));
            room.stale = false;
            room.join();
        }
    }

    /// Removes a room's oldest entries up to `n`, unless the user has gone to a place in it: they can be requested again, so
    /// a client's copy of a room need not grow for as long as it is open.
    pub fn let_go(&mut self, id: &RoomId, n: Position) {
        if let Some(room) = self.rooms.get_mut(id).filter(|room| room.elsewhere.is_none()) {
            room.timeline.let_go(n);
        }
    }

    /// Adds a page of older history that was requested over HTTP.
    pub fn older(&mut self, page: Page) {
        if let Some(room) = self.room_of(&page) {
            let page = room.gone.without(page);
            match &mut room.elsewhere {
                Some(elsewhere) if elsewhere.after() == page.upto => elsewhere.extend_back(page),
                _ => room.timeline.extend_back(page),
            }
            room.join();
        }
    }

    /// Adds a page, requested over HTTP, that follows the stretch to which the user has gone.
    pub fn newer(&mut self, page: Page) {
        if let Some(room) = self.room_of(&page) {
            if let Some(elsewhere) = &mut room.elsewhere {
                elsewhere.extend_on(room.gone.without(page));
            }
            room.join();
        }
    }

    /// Goes back to a room's newest end.
    pub fn newest(&mut self, room: &RoomId) {
        if let Some(room) = self.rooms.get_mut(room) {
            room.elsewhere = None;
            room.stale = false;
        }
    }

    /// Returns the room of a page, if the page is complete: any other would put a gap into a stretch.
    fn room_of(&mut self, page: &Page) -> Option<&mut Room> {
        self.rooms.get_mut(&page.room).filter(|_| page.is_contiguous())
    }
}
