//! Tracks how far the user has read a room, and where the new messages begin.

use snug_shared::{
    ids::{ChatId, Position},
    replica::Timeline,
};

/// The last position read, how many messages of others lie after it, and the line above the new ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    read: Option<Position>,
    line: Option<Position>,
    unread: usize,
    /// Whether the user wants to continue from the line later: viewing the messages does not count as reading.
    held: bool,
}

impl Reading {
    /// Returns the last position that has been read.
    pub(crate) fn read(&self) -> Option<Position> {
        self.read
    }

    /// Returns the position after which new messages begin. It does not move while the user reads on, so that
    /// reading does not remove the mark that shows where to begin.
    pub(crate) fn line(&self) -> Option<Position> {
        self.line
    }

    /// Returns how many messages of others have not been read.
    pub(crate) fn unread(&self) -> usize {
        self.unread
    }

    /// Clears the line after the user has sent a message or opened another room: no message is new any more.
    pub(crate) fn clear_line(&mut self) {
        self.line = None;
        self.held = false;
    }

    /// Marks messages as unread from this one on, until the user opens another room or answers.
    pub(crate) fn unread_from(&mut self, n: Position) {
        let before = Position(n.0.saturating_sub(1));
        self.read = Some(before);
        self.line = Some(before);
        self.held = true;
    }

    /// Applies the end of the room's log from the server. In a room that was never read, no message is new; nor
    /// is any if more was read than there is: that was another log, before a backup was restored.
    pub(crate) fn on_head(&mut self, head: Position) {
        if self.read.is_none_or(|read| read > head) {
            self.read = Some(head);
            self.line = None;
        }
    }

    /// Applies the read position from the server, which the user has reached on any device.
    pub(crate) fn read_elsewhere(&mut self, read: Option<Position>) {
        self.read = read;
    }

    /// Marks everything up to the newest message as read.
    pub(crate) fn mark_read(&mut self, timeline: &Timeline) {
        self.clear_line();
        self.read = Some(timeline.cursor());
        self.unread = 0;
    }

    /// Returns the first unread message, if it is older than all that is loaded, so that the user cannot have seen it.
    pub(crate) fn missed(&self, timeline: &Timeline) -> Option<Position> {
        let read = self.read.filter(|read| *read < timeline.after());
        read.filter(|_| self.unread > 0).map(Position::next)
    }

    /// Observes the timeline after a change. `before` and `now` tell whether the user viewed its newest end
    /// before the change, and views it now.
    pub(crate) fn observe(&mut self, timeline: &Timeline, me: Option<&ChatId>, before: bool, now: bool) {
        let cursor = timeline.cursor();
        let read = *self.read.get_or_insert(cursor);
        // The page is only catching up with messages that were read before, here or on another device.
        if cursor < read {
            return;
        }
        self.unread = unread(timeline, read, me);
        if self.unread > 0 && !before {
            self.line = Some(read);
        }
        if now && !self.held && read >= timeline.after() {
            self.read = Some(cursor);
            self.unread = 0;
        }
    }
}

fn unread(timeline: &Timeline, read: Position, me: Option<&ChatId>) -> usize {
    timeline
        .messages()
        .rev()
        .take_while(|message| message.n > read)
        .filter(|message| Some(&message.chat_id) != me)
        .count()
}

/// Tests the rule of reading in PROTOCOL.md, under `MARK_READ`, against every sequence of events in one room on one device.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod rule {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::store::fixture::{message, part};

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Said {
            by_me: bool,
        },
        /// The user begins to view the newest message, or stops.
        Looks(bool),
        OtherRoom,
        ReadElsewhere(u64),
        MarkUnread(u64),
        MarkRead,
        OlderLoaded(u64),
        /// The page is reloaded with this many of the newest messages.
        Reloads(u64),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            6 => any::<bool>().prop_map(|by_me| Event::Said { by_me }),
            4 => any::<bool>().prop_map(Event::Looks),
            1 => Just(Event::OtherRoom),
            1 => any::<u64>().prop_map(Event::ReadElsewhere),
            1 => any::<u64>().prop_map(Event::MarkUnread),
            1 => Just(Event::MarkRead),
            2 => (1_u64..8).prop_map(Event::OlderLoaded),
            2 => (1_u64..8).prop_map(Event::Reloads),
        ]
    }

    /// The page's state, and beside it what really happened.
    struct Device {
        reading: Reading,
        authors: Vec<&'static str>,
        after: u64,
        looks: bool,
        held: bool,
        /// The positions that the user has seen, here or elsewhere, or has marked as read.
        seen: BTreeSet<u64>,
    }

    impl Device {
        fn head(&self) -> u64 {
            self.authors.len() as u64
        }

        fn happens(&mut self, event: Event) {
            let before = self.looks;
            let head = self.head();
            match event {
                Event::Said { by_me } => self.authors.push(if by_me { "me" } else { "ann" }),
                Event::Looks(looks) => self.looks = looks,
                Event::OtherRoom => {
                    self.reading.clear_line();
                    (self.looks, self.held) = (false, false);
                }
                Event::ReadElsewhere(n) => {
                    let n = n % (head + 1);
                    self.reading.read_elsewhere(Some(Position(n)));
                    self.seen = (1..=n).collect();
                }
                Event::MarkUnread(n) if self.after < head => {
                    let n = self.after + 1 + n % (head - self.after);
                    self.reading.unread_from(Position(n));
                    // The user marks all messages before this one as read.
                    self.seen = (1..n).collect();
                    self.held = true;
                }
                Event::MarkUnread(_) => {}
                Event::MarkRead => {
                    self.reading.mark_read(&self.loaded());
                    self.seen = (1..=head).collect();
                    self.held = false;
                }
                Event::OlderLoaded(count) => self.after = self.after.saturating_sub(count),
                Event::Reloads(count) => {
                    let told = self.reading.read();
                    self.reading = Reading::default();
                    self.reading.read_elsewhere(told);
                    self.after = head.saturating_sub(count);
                    (self.looks, self.held) = (false, false);
                }
            }
            if self.looks && !self.held {
                self.seen.extend(self.after + 1..=self.head());
            }
            let me = "me".try_into().ok();
            let timeline = self.loaded();
            self.reading.observe(&timeline, me.as_ref(), before, self.looks);
        }

        fn loaded(&self) -> Timeline {
            let messages = (1..).zip(&self.authors).skip(self.after as usize);
            part(
                self.after,
                messages.map(|(n, author)| message(n, author, 0)).collect(),
            )
        }

        fn unread(&self) -> impl Iterator<Item = u64> {
            let read = self.reading.read().expect("it was observed").0;
            (read + 1..=self.head()).filter(|n| self.authors[*n as usize - 1] != "me")
        }
    }

    proptest! {
        #[test]
        fn nothing_is_read_that_nobody_has_seen_and_what_is_seen_is_read(
            before in 0_usize..12,
            events in vec(event(), 1..60),
        ) {
            let mut device = Device {
                reading: Reading::default(),
                authors: vec!["ann"; before],
                after: 0,
                looks: false,
                held: false,
                // A new user begins to read a room at its present end.
                seen: (1..=before as u64).collect(),
            };
            device.reading.on_head(Position(before as u64));
            for event in events {
                device.happens(event);
                let reading = &device.reading;
                let read = reading.read().expect("it was observed").0;
                let unseen = (1..=read).find(|n| !device.seen.contains(n));
                prop_assert_eq!(unseen, None, "{:?}: read without being seen", event);
                let loaded = device.unread().filter(|n| *n > device.after).count();
                prop_assert_eq!(reading.unread(), loaded, "{:?}", event);
                let missed = reading.missed(&device.loaded()).is_some();
                prop_assert_eq!(missed, read < device.after && loaded > 0, "{:?}", event);
                if device.looks && !device.held && read >= device.after {
                    prop_assert_eq!(read, device.head(), "{:?}: seen and not read", event);
                }
                let line = reading.line().map_or(0, |line| line.0);
                prop_assert!(line <= device.head());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{stretch, timeline};

    impl Reading {
        fn resumed(read: Option<Position>) -> Self {
            let mut reading = Self::default();
            reading.read_elsewhere(read);
            reading
        }
    }

    fn me() -> Option<ChatId> {
        Some("me".try_into().expect("an id"))
    }

    fn observe(reading: &mut Reading, authors: &[&str], before: bool, now: bool) {
        reading.observe(&timeline(authors), me().as_ref(), before, now);
    }

    #[test]
    fn on_a_first_visit_nothing_is_new() {
        let mut reading = Reading::resumed(None);
        observe(&mut reading, &["ann", "ann"], false, true);
        assert_eq!((reading.line(), reading.unread()), (None, 0));
        assert_eq!(reading.read(), Some(Position(2)));
    }

    #[test]
    fn what_came_while_one_was_away_is_below_the_line_and_stays_there_while_one_reads() {
        let mut reading = Reading::resumed(Some(Position(1)));
        observe(&mut reading, &["ann", "bob", "me", "bob"], false, true);
        assert_eq!((reading.line(), reading.unread()), (Some(Position(1)), 0));
        observe(&mut reading, &["ann", "bob", "me", "bob", "ann"], true, true);
        assert_eq!(reading.line(), Some(Position(1)));
        reading.clear_line();
        assert_eq!(reading.line(), None);
    }

    #[test]
    fn what_one_watches_arrive_is_not_new() {
        let mut reading = Reading::resumed(Some(Position(1)));
        observe(&mut reading, &["ann", "bob"], true, true);
        assert_eq!((reading.line(), reading.unread()), (None, 0));
    }

    #[test]
    fn scrolled_up_one_has_unread_messages_of_others_only() {
        let mut reading = Reading::resumed(Some(Position(1)));
        observe(&mut reading, &["ann", "bob", "me", "ann"], true, false);
        assert_eq!(reading.unread(), 2);
        observe(&mut reading, &["ann", "bob", "me", "ann", "ann"], false, false);
        assert_eq!((reading.unread(), reading.line()), (3, Some(Position(1))));
    }

    #[test]
    fn what_is_marked_unread_stays_so_until_one_has_been_elsewhere() {
        let mut reading = Reading::resumed(Some(Position(3)));
        observe(&mut reading, &["ann", "bob", "ann"], true, true);
        reading.unread_from(Position(2));
        observe(&mut reading, &["ann", "bob", "ann"], true, true);
        assert_eq!(
            (reading.read(), reading.line(), reading.unread()),
            (Some(Position(1)), Some(Position(1)), 2)
        );
        observe(&mut reading, &["ann", "bob", "ann", "ann"], true, true);
        assert_eq!(reading.unread(), 3);
        reading.clear_line();
        observe(&mut reading, &["ann", "bob", "ann", "ann"], false, true);
        assert_eq!((reading.line(), reading.unread()), (Some(Position(1)), 0));
    }

    #[test]
    fn what_is_not_loaded_is_not_read_until_it_is_or_one_does_not_want_to() {
        let mut reading = Reading::resumed(Some(Position(10)));
        let newest = stretch(140, 190);
        reading.observe(&newest, me().as_ref(), false, true);
        assert_eq!(
            (reading.read(), reading.missed(&newest)),
            (Some(Position(10)), Some(Position(11)))
        );
        let mut other = reading.clone();
        let whole = stretch(10, 190);
        reading.observe(&whole, me().as_ref(), true, true);
        assert_eq!(
            (reading.read(), reading.missed(&whole), reading.line()),
            (Some(Position(190)), None, Some(Position(10)))
        );
        other.mark_read(&newest);
        other.observe(&newest, me().as_ref(), true, true);
        assert_eq!(
            (other.read(), other.missed(&newest), other.line(), other.unread()),
            (Some(Position(190)), None, None, 0)
        );
    }

    #[test]
    fn catching_up_with_what_was_read_makes_nothing_new() {
        let mut reading = Reading::resumed(None);
        reading.on_head(Position(3));
        for so_far in 1..=3 {
            observe(&mut reading, &["ann"; 3][..so_far], so_far > 1, true);
            assert_eq!(
                (reading.read(), reading.line(), reading.unread()),
                (Some(Position(3)), None, 0)
            );
        }
    }

    #[test]
    fn another_log_begins_afresh() {
        let mut reading = Reading::resumed(Some(Position(900)));
        reading.on_head(Position(1));
        observe(&mut reading, &["ann"], false, false);
        assert_eq!((reading.read(), reading.unread()), (Some(Position(1)), 0));
    }

    #[test]
    fn a_room_that_one_has_never_seen_begins_read() {
        let mut reading = Reading::resumed(None);
        reading.on_head(Position(40));
        assert_eq!(reading.read(), Some(Position(40)));
        // A restored backup is shorter.
        reading.on_head(Position(7));
        assert_eq!(reading.read(), Some(Position(7)));
    }
}
