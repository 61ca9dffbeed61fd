//! Counts the unread messages of a room: those that the server counted, and those received after its count.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use crate::{
    ids::{ChatId, Position},
    limits::COUNTED,
    messages::{Deletion, Message},
    rooms::ReadState,
};

/// The unread messages and mentions of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UnreadCounter {
    told: ReadState,
    /// The newest messages of others: as many as are counted, whatever the server counts later.
    others: BTreeSet<Position>,
    /// The newest of these that mention the user.
    naming: BTreeSet<Position>,
    /// The deletions of others' messages, each by its position: the position of the message, and whether that mentioned the user.
    deletions: BTreeMap<Position, (Position, bool)>,
}

impl UnreadCounter {
    pub(super) fn unread(&self) -> u32 {
        self.count(self.told.unread, &self.others, |_| true)
    }

    pub(super) fn mentions(&self) -> u32 {
        self.count(self.told.mentions, &self.naming, |named| named)
    }

    fn count(&self, told: u32, heard: &BTreeSet<Position>, which: impl Fn(bool) -> bool) -> u32 {
        let since = (Bound::Excluded(self.told.n), Bound::Unbounded);
        let counted = |of| self.told.read.is_some_and(|read| read < of) && of <= self.told.n;
        let deleted = self.deletions.range(since).map(|(_, deletion)| *deletion);
        let deleted = deleted.filter(|&(of, named)| counted(of) && which(named)).count();
        let heard = heard.range(since).count();
        let waiting = (told as usize).saturating_sub(deleted) + heard;
        u32::try_from(waiting).map_or(COUNTED, |waiting| waiting.min(COUNTED))
    }

    /// Applies the server's count. Returns whether it is news: an earlier count may arrive later.
    pub(super) fn told(&mut self, standing: ReadState) -> bool {
        let news = standing.n >= self.told.n;
        if news {
            self.on_welcome(standing);
        }
        news
    }

    /// Applies the server's count at the beginning of a connection, which delivers everything after it.
    pub(super) fn on_welcome(&mut self, standing: ReadState) {
        self.told = standing;
        self.deletions.retain(|n, _| *n > standing.n);
    }

    /// Counts entries that will not be delivered, since a page stands in for them: all of them may be unread.
    pub(super) fn skipped(&mut self, entries: u64) {
        let entries = u32::try_from(entries).unwrap_or(COUNTED);
        self.told.unread = self.told.unread.saturating_add(entries).min(COUNTED);
    }

    /// Counts a received message, perhaps received before.
    pub(super) fn heard(&mut self, message: &Message, me: Option<&ChatId>) {
        let Some(me) = me.filter(|me| **me != message.chat_id) else {
            return;
        };
        keep(&mut self.others, message.n);
        if message.mentions.mean(me) {
            keep(&mut self.naming, message.n);
        }
    }

    /// Counts a received deletion, perhaps received before. Returns whether only the server can count the rest.
    pub(super) fn deleted(&mut self, n: Position, deletion: &Deletion, me: Option<&ChatId>) -> bool {
        let Deletion::Message {
            of,
            chat_id,
            mentions,
        } = deletion
        else {
            return true;
        };
        let Some(me) = me.filter(|me| *me != chat_id) else {
            return false;
        };
        let most = COUNTED as usize;
        let uncertain =
            self.told.unread >= COUNTED || self.others.len() >= most || self.deletions.len() >= most;
        self.others.remove(of);
        self.naming.remove(of);
        if n > self.told.n {
            self.deletions.entry(n).or_insert((*of, false)).1 |= mentions.mean(me);
            if self.deletions.len() > most {
                self.deletions.pop_first();
            }
        }
        uncertain
    }

    /// Applies a new read position. The server counts anew, and until its count arrives this one is as good: all messages
    /// that it had counted are read, or the unread ones are all among these messages.
    pub(super) fn read<'a>(
        &mut self,
        read: Position,
        messages: Option<(Position, impl Iterator<Item = &'a Message>)>,
        me: Option<&ChatId>,
    ) {
        let mut counted = ReadState {
            n: read,
            read: Some(read),
            ..ReadState::default()
        };
        if read < self.told.n {
            let Some((upto, messages)) = messages.filter(|(upto, _)| *upto >= self.told.n) else {
                return;
            };
            counted.n = upto;
            for message in messages.filter(|it| it.n > read && me != Some(&it.chat_id)) {
                counted.unread = (counted.unread + 1).min(COUNTED);
                if me.is_some_and(|me| message.mentions.mean(me)) {
                    counted.mentions = (counted.mentions + 1).min(COUNTED);
                }
            }
        }
        self.told = counted;
        // The deleted messages were not among these, or are read.
        self.deletions.retain(|_, (of, _)| *of > counted.n);
    }
}

fn keep(newest: &mut BTreeSet<Position>, n: Position) {
    newest.insert(n);
    if newest.len() > COUNTED as usize {
        newest.pop_first();
    }
}
