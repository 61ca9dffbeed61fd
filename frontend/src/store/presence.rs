//! Handles presence in the store: the user's own, and that of others.

use snug_shared::{
    ids::RoomId,
    status::Status,
    wire::{ClientFrame, ServerFrame},
};

use super::Store;
use crate::client::storage;

impl Store {
    /// Sets or clears the user's status. It is saved in this browser and sent to the server.
    pub(crate) fn set_status(&self, status: Option<Status>) {
        storage::save_status(status.as_ref());
        let mut frame = None;
        self.update(|state| {
            let set = state.own_presence.set_status(status);
            frame = state.replica.is_live().then_some(set);
        });
        self.send(frame);
    }

    pub(super) fn is_away(&self) -> bool {
        self.state().own_presence.is_away()
    }

    /// Sets the user's away flag.
    pub(super) fn set_away(&self, away: bool) {
        let mut frame = None;
        // The return of the user marks what is shown as read.
        self.update(|state| {
            let live = state.replica.is_live();
            frame = state.own_presence.set_away(away, live);
        });
        self.send(frame);
    }

    /// Reports that the user has begun or stopped typing in a room. Without a connection it does nothing.
    pub(crate) fn set_typing(&self, room: &RoomId, typing: bool) {
        let room = room.to_string();
        let live = self.state().replica.is_live();
        self.send(live.then_some(ClientFrame::Typing { room, typing }));
    }

    /// Applies a roster frame.
    pub(super) fn on_roster(&self, frame: ServerFrame) {
        let mut elsewhere = None;
        self.update(|state| {
            let effects = state.replica.apply(frame);
            debug_assert!(effects.is_empty(), "a roster frame has no effects");
            state.roster_revision += 1;
            let me = state.replica.you().map(|you| &you.chat_id);
            let mut people = state.replica.rooms().flat_map(|(_, room)| room.roster.people());
            if let Some(me) = people.find(|person| me == Some(&person.chat_id))
                && state.own_presence.on_roster(me)
            {
                elsewhere = Some(state.own_presence.status().cloned());
            }
        });
        if let Some(status) = elsewhere {
            storage::save_status(status.as_ref());
        }
    }

    fn send(&self, frame: Option<ClientFrame>) {
        if let (Some(frame), Some(connection)) = (frame, self.connection.borrow().as_ref()) {
            connection.send(&frame);
        }
    }
}
