//! The timeline: the stretch of a room's log that a client has, always without gaps.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    ids::Position,
    messages::{Deletion, Message, Page},
};

/// The entries after [`Timeline::after`], up to and including [`Timeline::cursor`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    after: Position,
    cursor: Position,
    messages: VecDeque<Arc<Message>>,
    /// Whether a request to fill a gap is under way. One request is enough.
    asked: bool,
    /// Whether the server has put that request off.
    put_off: bool,
}

impl Timeline {
    /// Returns the messages, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Arc<Message>> + ExactSizeIterator {
        self.messages.iter()
    }

    /// Returns the position before the oldest entry of the timeline: older entries exist unless it is 0.
    #[must_use]
    pub fn after(&self) -> Position {
        self.after
    }

    /// Returns the position of the newest entry of the timeline.
    #[must_use]
    pub fn cursor(&self) -> Position {
        self.cursor
    }

    /// Returns whether the timeline includes an entry.
    #[must_use]
    pub fn has(&self, n: Position) -> bool {
        self.after < n && n <= self.cursor
    }

    /// Creates a timeline of one page, which is complete.
    pub(super) fn of(page: Page) -> Self {
        Self {
            after: page.after,
            cursor: page.upto,
            messages: page.messages.into_iter().map(Arc::new).collect(),
            asked: false,
            put_off: false,
        }
    }

    /// Begins to read on from the cursor on a new connection: requests of an earlier one are void.
    pub(super) fn reading_on(&mut self) {
        (self.asked, self.put_off) = (false, false);
    }

    /// Records that the server has put a request off. Returns whether there was one.
    pub(super) fn put_off(&mut self) -> bool {
        self.put_off |= std::mem::take(&mut self.asked);
        self.put_off
    }

    /// Repeats the request that was put off, if there was one. Returns the position to read on from.
    pub(super) fn ask_again(&mut self) -> Option<Position> {
        let again = std::mem::take(&mut self.put_off);
        self.asked |= again;
        again.then_some(self.cursor)
    }

    /// Records that the entries after the cursor are requested.
    pub(super) fn asking(&mut self) {
        self.asked = true;
    }

    /// Adds the next entry, and its message if it contains one. A known entry changes nothing; for
    /// an entry beyond a gap, returns the position to read on from, unless that is already requested.
    pub(super) fn extend(&mut self, n: Position, message: Option<Message>) -> Option<Position> {
        if n.since(self.cursor) == 1 {
            self.cursor = n;
            self.messages.extend(message.map(Arc::new));
            (self.asked, self.put_off) = (false, false);
            return None;
        }
        if n <= self.cursor || self.asked {
            return None;
        }
        (self.asked, self.put_off) = (true, false);
        Some(self.cursor)
    }

    /// Removes the oldest entries up to `n`, which can be requested again; none, if the timeline does not include `n`.
    pub(super) fn let_go(&mut self, n: Position) {
        if self.has(n) {
            let older = self.messages.partition_point(|it| it.n <= n);
            self.messages.drain(..older);
            self.after = n;
        }
    }

    /// Removes the messages that the entry at `n` deletes.
    pub(super) fn delete(&mut self, n: Position, deletion: &Deletion) {
        match deletion {
            Deletion::Message { of, .. } => {
                if let Ok(index) = self.messages.binary_search_by_key(of, |it| it.n) {
                    self.messages.remove(index);
                }
            }
            Deletion::Person { chat_id } => self.messages.retain(|it| it.n > n || it.chat_id != *chat_id),
        }
    }

    /// Replaces everything with a newer page, which is complete. An older page, overtaken on the way, changes nothing.
    pub(super) fn replace(&mut self, page: Page) {
        if page.upto < self.cursor {
            return;
        }
        *self = Self::of(page);
    }

    /// Adds an older page, which is complete, that ends where the timeline begins; any other changes nothing.
    pub(super) fn extend_back(&mut self, page: Page) {
        if page.upto != self.after || page.after >= page.upto {
            return;
        }
        self.after = page.after;
        for message in page.messages.into_iter().rev() {
            self.messages.push_front(Arc::new(message));
        }
    }

    /// Adds a newer page, which is complete, that begins where the timeline ends; any other changes nothing.
    pub(super) fn extend_on(&mut self, page: Page) {
        if page.after != self.cursor {
            return;
        }
        self.cursor = page.upto;
        self.messages.extend(page.messages.into_iter().map(Arc::new));
    }

    /// Merges another stretch into this one if it ends in this one. Entries that this one has not read yet may be in
    /// the other: then it is too early. Returns whether they were merged.
    pub(super) fn take_in(&mut self, other: &Self) -> bool {
        if other.cursor < self.after || other.cursor > self.cursor {
            return false;
        }
        let older = other.messages.partition_point(|it| it.n <= self.after);
        for message in other.messages.range(..older).rev() {
            self.messages.push_front(message.clone());
        }
        self.after = self.after.min(other.after);
        true
    }
}
