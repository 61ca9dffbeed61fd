//! What waits in a room to be read: what the server has counted, and what was heard after that.

use std::{collections::BTreeSet, ops::Bound};

use crate::{
    ids::{ChatId, Position},
    limits::COUNTED,
    messages::Message,
    rooms::Standing,
};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    told: Standing,
    /// The newest messages of others: as many as are counted, whatever is told of later.
    others: BTreeSet<Position>,
    /// The newest of these that mention one.
    naming: BTreeSet<Position>,
}

impl Waiting {
    pub(super) fn unread(&self) -> u32 {
        self.count(self.told.unread, &self.others)
    }

    pub(super) fn mentions(&self) -> u32 {
        self.count(self.told.mentions, &self.naming)
    }

    fn count(&self, told: u32, heard: &BTreeSet<Position>) -> u32 {
        let heard = heard
            .range((Bound::Excluded(self.told.n), Bound::Unbounded))
            .count();
        u32::try_from(heard).map_or(COUNTED, |heard| told.saturating_add(heard).min(COUNTED))
    }

    /// The server has counted. Whether that is news: what was counted earlier may come later.
    pub(super) fn told(&mut self, standing: Standing) -> bool {
        let news = standing.n >= self.told.n;
        if news {
            self.told = standing;
        }
        news
    }

    /// A connection begins, and hears all that comes after this.
    pub(super) fn welcomed(&mut self, standing: Standing) {
        self.told = standing;
    }

    /// So much is not going to be heard, since a page stands in for it: all of it may wait.
    pub(super) fn skipped(&mut self, entries: u64) {
        let entries = u32::try_from(entries).unwrap_or(COUNTED);
        self.told.unread = self.told.unread.saturating_add(entries).min(COUNTED);
    }

    /// A message was heard, perhaps again.
    pub(super) fn heard(&mut self, message: &Message, me: Option<&ChatId>) {
        let Some(me) = me.filter(|me| **me != message.chat_id) else {
            return;
        };
        keep(&mut self.others, message.n);
        if message.mentions.mean(me) {
            keep(&mut self.naming, message.n);
        }
    }

    /// One has read up to there. The server counts anew, and until it has said so this is as good: all that
    /// it had counted is read, or what is not is all among these messages.
    pub(super) fn read<'a>(
        &mut self,
        read: Position,
        messages: Option<(Position, impl Iterator<Item = &'a Message>)>,
        me: Option<&ChatId>,
    ) {
        let mut counted = Standing {
            n: read,
            read: Some(read),
            ..Standing::default()
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
    }
}

fn keep(newest: &mut BTreeSet<Position>, n: Position) {
    newest.insert(n);
    if newest.len() > COUNTED as usize {
        newest.pop_first();
    }
}
