//! Deletions: messages that no longer exist, whichever way and however late a copy of them arrives.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, Replica, Room};
use crate::{
    ids::{ChatId, Position},
    messages::{Deleted, Deletion, Message, Page},
    wire::ClientFrame,
};

/// The deletions in a room that the client has received. A page that was read before, and arrives after that, has the messages yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    messages: BTreeSet<Position>,
    /// The position up to which all messages of a user are deleted.
    people: BTreeMap<ChatId, Position>,
}

impl Gone {
    fn add(&mut self, n: Position, deletion: &Deletion) {
        match deletion {
            Deletion::Message { of, .. } => {
                self.messages.insert(*of);
            }
            Deletion::Person { chat_id } => {
                let upto = self.people.entry(chat_id.clone()).or_default();
                *upto = n.max(*upto);
            }
        }
    }

    pub(super) fn has(&self, message: &Message) -> bool {
        let upto = self.people.get(&message.chat_id);
        self.messages.contains(&message.n) || upto.is_some_and(|upto| message.n < *upto)
    }

    /// Removes the deleted messages from a page.
    pub(super) fn without(&self, mut page: Page) -> Page {
        page.messages.retain(|message| !self.has(message));
        page
    }
}

impl Room {
    /// Applies the deletion in an entry of the log, if it contains one.
    pub(super) fn let_go(&mut self, deleted: &Deleted, me: Option<&ChatId>) {
        let Some(deletion) = &deleted.deletion else { return };
        self.gone.add(deleted.n, deletion);
        self.timeline.delete(deleted.n, deletion);
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.delete(deleted.n, deletion);
        }
        // The server counts again when it receives the read position.
        self.read_dirty |= self.unread.deleted(deleted.n, deletion, me) && self.read.is_some();
    }
}

impl Replica {
    pub(super) fn deleted(&mut self, deleted: &Deleted) -> Vec<Effect> {
        let me = self.you.as_ref().map(|you| &you.chat_id);
        let Some(room) = self.rooms.get_mut(&deleted.room) else {
            return Vec::new();
        };
        room.let_go(deleted, me);
        if let Some(info) = &mut room.info {
            info.n = info.n.max(deleted.n);
        }
        let gap = if room.opened {
            room.timeline.extend(deleted.n, None)
        } else {
            None
        };
        room.join();
        let room = &deleted.room;
        let read_on = |after| {
            let room = room.to_string();
            Effect::Send(ClientFrame::SyncRoom { room, after })
        };
        gap.map(read_on).into_iter().collect()
    }
}
