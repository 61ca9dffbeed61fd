//! The stretch of a room's log that a client has: always without gaps.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    ids::Position,
    messages::{Deletion, Message, Page},
};

/// Everything after [`Timeline::after`], up to and with [`Timeline::cursor`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    after: Position,
    cursor: Position,
    messages: VecDeque<Arc<Message>>,
    /// A gap was seen and its filling asked for. One question is enough.
    asked: bool,
    /// The server wants to be asked later.
    put_off: bool,
}

impl Timeline {
    /// The messages, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Arc<Message>> + ExactSizeIterator {
        self.messages.iter()
    }

    /// The place before the oldest entry that is here: older ones exist unless it is 0.
    #[must_use]
    pub fn after(&self) -> Position {
        self.after
    }

    /// The place of the newest entry that is here.
    #[must_use]
    pub fn cursor(&self) -> Position {
        self.cursor
    }

    /// Whether an entry is here.
    #[must_use]
    pub fn has(&self, n: Position) -> bool {
        self.after < n && n <= self.cursor
    }

    /// A page, which is whole, by itself.
    pub(super) fn of(page: Page) -> Self {
        Self {
            after: page.after,
            cursor: page.upto,
            messages: page.messages.into_iter().map(Arc::new).collect(),
            asked: false,
            put_off: false,
        }
    }

    /// A connection begins to read on from the cursor: what was asked on an earlier one is void.
    pub(super) fn reading_on(&mut self) {
        (self.asked, self.put_off) = (false, false);
    }

    /// What was asked for is not told now. Whether something was.
    pub(super) fn put_off(&mut self) -> bool {
        self.put_off |= std::mem::take(&mut self.asked);
        self.put_off
    }

    /// What was put off is asked for again; from where, if something was.
    pub(super) fn ask_again(&mut self) -> Option<Position> {
        let again = std::mem::take(&mut self.put_off);
        self.asked |= again;
        again.then_some(self.cursor)
    }

    /// What lies after the cursor was asked for.
    pub(super) fn asking(&mut self) {
        self.asked = true;
    }

    /// Adds the next entry, and its message if it has one to be read. One that is known already changes nothing; for
    /// one that lies beyond a gap the answer is the position to read on from.
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

    /// Lets go of the oldest entries up to `n`, which can be asked for again; of nothing, if `n` is not here.
    pub(super) fn let_go(&mut self, n: Position) {
        if self.has(n) {
            let older = self.messages.partition_point(|it| it.n <= n);
            self.messages.drain(..older);
            self.after = n;
        }
    }

    /// Lets go of what the entry at `n` deletes.
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

    /// Puts a newer page, which is whole, in place of everything. An older one, overtaken on the way, changes nothing.
    pub(super) fn replace(&mut self, page: Page) {
        if page.upto < self.cursor {
            return;
        }
        *self = Self::of(page);
    }

    /// Adds an older page, which is whole, that ends where this stretch begins; any other changes nothing.
    pub(super) fn extend_back(&mut self, page: Page) {
        if page.upto != self.after || page.after >= page.upto {
            return;
        }
        self.after = page.after;
        for message in page.messages.into_iter().rev() {
            self.messages.push_front(Arc::new(message));
        }
    }

    /// Adds a newer page, which is whole, that begins where this stretch ends; any other changes nothing.
    pub(super) fn extend_on(&mut self, page: Page) {
        if page.after != self.cursor {
            return;
        }
        self.cursor = page.upto;
        self.messages.extend(page.messages.into_iter().map(Arc::new));
    }

    /// Takes in another stretch if that ends in this one. What this one has not read yet may be in the other:
    /// then it is not time. Whether it was.
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
