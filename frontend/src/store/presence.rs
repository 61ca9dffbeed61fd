//! What the store does about how people stand, oneself among them.

use snug_shared::{
    ids::RoomId,
    status::Status,
    wire::{ClientFrame, ServerFrame},
};

use super::Store;
use crate::client::saving;

impl Store {
    /// Says something of oneself, or nothing more: kept in this browser, and on the way to the others.
    pub(crate) fn set_status(&self, status: Option<Status>) {
        saving::keep_status(status.as_ref());
        let mut frame = None;
        self.change(|state| {
            let set = state.standing.set_status(status);
            frame = state.replica.is_live().then_some(set);
        });
        self.send(frame);
    }

    pub(super) fn is_away(&self) -> bool {
        self.state().standing.is_away()
    }

    pub(super) fn look_away(&self, away: bool) {
        let mut frame = None;
        // Coming back marks what is shown as read.
        self.change(|state| {
            let live = state.replica.is_live();
            frame = state.standing.look_away(away, live);
        });
        self.send(frame);
    }

    /// One is writing in a room, or has stopped. Who is not connected cannot be seen to.
    pub(crate) fn writes(&self, room: &RoomId, typing: bool) {
        let room = room.to_string();
        let live = self.state().replica.is_live();
        self.send(live.then_some(ClientFrame::Typing { room, typing }));
    }

    /// Takes in who is there, and how they stand.
    pub(super) fn heard_of_people(&self, frame: ServerFrame) {
        let mut elsewhere = None;
        self.change(|state| {
            let asks = state.replica.apply(frame);
            debug_assert!(asks.is_empty(), "the roster asks for nothing");
            state.comings += 1;
            let me = state.replica.you().map(|you| &you.chat_id);
            let mut people = state.replica.rooms().flat_map(|(_, room)| room.roster.people());
            if let Some(me) = people.find(|person| me == Some(&person.chat_id))
                && state.standing.seen(me)
            {
                elsewhere = Some(state.standing.status().cloned());
            }
        });
        if let Some(status) = elsewhere {
            saving::keep_status(status.as_ref());
        }
    }

    fn send(&self, frame: Option<ClientFrame>) {
        if let (Some(frame), Some(connection)) = (frame, self.connection.borrow().as_ref()) {
            connection.send(&frame);
        }
    }
}
