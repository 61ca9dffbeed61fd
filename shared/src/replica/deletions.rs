//! Deletions: what is not there any more, whichever way and however late a copy of it comes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, Replica, Room};
use crate::{
    ids::{ChatId, Position},
    messages::{Deleted, Deletion, Message, Page},
    wire::ClientFrame,
};

/// What was deleted of a room since it is known. A page that was read before, and comes after that, has it yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    messages: BTreeSet<Position>,
    /// Everything that somebody had said up to there.
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

    /// A page as it is by now.
    pub(super) fn without(&self, mut page: Page) -> Page {
        page.messages.retain(|message| !self.has(message));
        page
    }
}

impl Room {
    /// Takes in what an entry of the log deletes, if it does.
    pub(super) fn let_go(&mut self, deleted: &Deleted, me: Option<&ChatId>) {
        let Some(deletion) = &deleted.deletion else { return };
        self.gone.add(deleted.n, deletion);
        self.timeline.delete(deleted.n, deletion);
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.delete(deleted.n, deletion);
        }
        // It counts again for whoever tells it what was read.
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
            Effect::Send(ClientFrame::ReadOn { room, after })
        };
        gap.map(read_on).into_iter().collect()
    }
}
