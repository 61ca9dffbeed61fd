//! Groups messages for rendering: where an author's name is shown, where a day begins, and where unread
//! messages begin.

use std::sync::Arc;

use snug_shared::{
    ids::{ChatId, Millis, Position},
    messages::Message,
};

use crate::store::CHUNK;

/// The messages of one author within this time form a group.
const TOGETHER_MS: i64 = 5 * 60 * 1000;
/// A message and its place among the others.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) message: Arc<Message>,
    /// Whether it begins a group: author, avatar and time are shown.
    pub(super) head: bool,
    /// The day that it begins, counted from 1970 in the viewer's time zone.
    pub(super) day: Option<i64>,
    /// Whether it is the first unread message.
    pub(super) new: bool,
    pub(super) mine: bool,
}

impl PartialEq for Item {
    /// A message never changes, so being the same one is enough.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.message, &other.message)
            && (self.head, self.day, self.new, self.mine) == (other.head, other.day, other.new, other.mine)
    }
}

/// Items that are rendered together, and only when something in them changes: so an arriving message costs
/// one chunk and not the whole history.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chunk {
    /// The chunk's id: the same for the same position in the log, however much is loaded before it.
    pub(super) id: u64,
    pub(super) items: Vec<Item>,
}

impl Chunk {
    pub(super) fn has(&self, n: Position) -> bool {
        self.items.iter().any(|item| item.message.n == n)
    }
}

/// Groups the messages of a room, oldest first. `line` is the position after which the unread ones begin.
pub(super) fn group<'a>(
    messages: impl Iterator<Item = &'a Arc<Message>>,
    me: Option<&ChatId>,
    line: Option<Position>,
    day_of: impl Fn(Millis) -> i64,
) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut line = line;
    let mut before: Option<(&Arc<Message>, i64)> = None;
    for message in messages {
        let mine = me == Some(&message.chat_id);
        // A server's clock that was set back begins no day again.
        let day = before.map_or(i64::MIN, |it| it.1).max(day_of(message.at));
        let new = !mine && line.is_some_and(|line| message.n > line);
        if new {
            line = None;
        }
        let item = Item {
            head: new || !before.is_some_and(|(it, its_day)| its_day == day && together(it, message)),
            day: before.is_none_or(|(_, its_day)| its_day != day).then_some(day),
            new,
            mine,
            message: message.clone(),
        };
        before = Some((message, day));
        let id = message.n.0 / CHUNK;
        match chunks.last_mut() {
            Some(chunk) if chunk.id == id => chunk.items.push(item),
            _ => chunks.push(Chunk {
                id,
                items: vec![item],
            }),
        }
    }
    chunks
}

fn together(before: &Message, message: &Message) -> bool {
    before.chat_id == message.chat_id
        && before.name == message.name
        && before.avatar == message.avatar
        && follows(before.at, message.at)
}

/// Returns whether a message sent at `at` still belongs to the author's message sent at `before`.
pub(super) fn follows(before: Millis, at: Millis) -> bool {
    at.0 - before.0 < TOGETHER_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::message;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn items(said: &[(&str, i64)], line: Option<u64>) -> Vec<Item> {
        let messages: Vec<_> = (1..)
            .zip(said)
            .map(|(n, (author, at))| Arc::new(message(n, author, *at)))
            .collect();
        let me: ChatId = "me".try_into().expect("an id");
        let day_of = |at: Millis| at.0.div_euclid(DAY);
        group(messages.iter(), Some(&me), line.map(Position), day_of)
            .into_iter()
            .flat_map(|chunk| chunk.items)
            .collect()
    }

    fn heads(items: &[Item]) -> Vec<bool> {
        items.iter().map(|item| item.head).collect()
    }

    #[test]
    fn an_author_is_named_once_in_five_minutes() {
        let said = [
            ("ann", 0),
            ("ann", 4 * MINUTE),
            ("ann", 9 * MINUTE),
            ("bob", 9 * MINUTE),
        ];
        assert_eq!(heads(&items(&said, None)), [true, false, true, true]);
    }

    #[test]
    fn midnight_begins_a_day_and_a_group() {
        let items = items(&[("ann", DAY - 1), ("ann", DAY)], None);
        assert_eq!(
            items.iter().map(|it| it.day).collect::<Vec<_>>(),
            [Some(0), Some(1)]
        );
        assert_eq!(heads(&items), [true, true]);
    }

    #[test]
    fn a_clock_that_was_set_back_begins_no_day_again() {
        let items = items(&[("ann", DAY), ("bob", DAY - 1), ("bob", DAY + 1)], None);
        assert_eq!(
            items.iter().map(|it| it.day).collect::<Vec<_>>(),
            [Some(1), None, None]
        );
    }

    #[test]
    fn the_new_line_stands_above_the_first_message_of_somebody_else() {
        let items = items(&[("ann", 0), ("me", 0), ("ann", 0), ("ann", 0)], Some(1));
        assert_eq!(
            items.iter().map(|it| it.new).collect::<Vec<_>>(),
            [false, false, true, false]
        );
    }

    #[test]
    fn chunks_stay_the_same_when_older_messages_come() {
        let messages: Vec<_> = (1..=100).map(|n| Arc::new(message(n, "ann", 0))).collect();
        let all = group(messages.iter(), None, None, |_| 0);
        let some = group(messages.iter().skip(50), None, None, |_| 0);
        assert_eq!(all.last(), some.last());
        assert_eq!(all.iter().map(|chunk| chunk.items.len()).sum::<usize>(), 100);
    }
}
