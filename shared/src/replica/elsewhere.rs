//! The stretch of a room's log that one has gone to, away from its newest end.
//!
//! Filled by pages that were asked for over HTTP, at both of its ends. Live messages go on extending the
//! timeline meanwhile, so none is lost. When the two meet they are one timeline again.

use super::{Replica, Room, Timeline};
use crate::{
    ids::{Epoch, Position, RoomId},
    messages::Page,
};

impl Room {
    /// The stretch that one looks at.
    #[must_use]
    pub fn shown(&self) -> &Timeline {
        self.elsewhere.as_ref().unwrap_or(&self.timeline)
    }

    /// Makes one stretch of two that have met.
    pub(super) fn join(&mut self) {
        if let Some(elsewhere) = self.elsewhere.as_ref().filter(|_| !self.stale)
            && self.timeline.take_in(elsewhere)
        {
            self.elsewhere = None;
        }
    }
}

impl Replica {
    /// The log that positions belong to. A page that was asked for in another one means nothing.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// Goes to a page, asked for over HTTP, wherever it lies.
    pub fn around(&mut self, page: Page) {
        if let Some(room) = self.room_of(&page) {
            room.elsewhere = Some(Timeline::of(room.gone.without(page)));
            room.stale = false;
            room.join();
        }
    }

    /// Lets go of a room's oldest entries up to `n`, unless one has gone to a place in it: they can be asked for again, so
    /// what a client holds of a room need not grow for as long as it is open.
    pub fn let_go(&mut self, id: &RoomId, n: Position) {
        if let Some(room) = self.rooms.get_mut(id).filter(|room| room.elsewhere.is_none()) {
            room.timeline.let_go(n);
        }
    }

    /// Takes in a page of older history, asked for over HTTP.
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

    /// Takes in a page of what came after the stretch that one has gone to, asked for over HTTP.
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

    /// A page that is not whole would put a gap into a stretch.
    fn room_of(&mut self, page: &Page) -> Option<&mut Room> {
        self.rooms.get_mut(&page.room).filter(|_| page.is_contiguous())
    }
}
