//! The memory of all rooms' lanes together. Above the configured limit, the rooms with the oldest last entry drop their lanes;
//! a room in which nobody is online drops its own within a second. The dropped entries are in the store.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicIsize, Ordering},
    },
    time::Instant,
};

use super::{Room, room::LaneChange};

/// Counts and bounds the memory of all lanes.
pub struct Recent {
    limit: usize,
    /// Below 0 for a moment if a lane is dropped before the entries that were appended to it are counted.
    bytes: AtomicIsize,
    /// The rooms whose lanes are not empty.
    rooms: Mutex<Vec<Arc<Room>>>,
}

impl Recent {
    /// Bounds all lanes together to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            bytes: AtomicIsize::new(0),
            rooms: Mutex::default(),
        }
    }

    /// Returns the bytes that the lanes hold together.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed).max(0).cast_unsigned()
    }

    /// Counts the change of a room's lane.
    pub fn changed(&self, room: &Arc<Room>, LaneChange { before, after }: LaneChange) {
        if before == 0 && after > 0 {
            self.rooms().push(room.clone());
        }
        let change = after.cast_signed() - before.cast_signed();
        self.bytes.fetch_add(change, Ordering::Relaxed);
    }

    /// Drops lanes if they hold more than the limit: those of the rooms with the oldest last entry, until a quarter of the
    /// limit is free, so that this is rare. Returns the bytes that were freed.
    pub fn make_room(&self) -> usize {
        if self.bytes() <= self.limit {
            return 0;
        }
        let mut rooms = self.rooms();
        let mut by_use: Vec<(Instant, usize)> = (rooms.iter().enumerate())
            .map(|(index, room)| (room.lane_use().0, index))
            .collect();
        by_use.sort_unstable();
        let (mut freed, mut forgotten) = (0, vec![false; rooms.len()]);
        for (_, index) in by_use {
            if self.bytes() <= self.limit - self.limit / 4 {
                break;
            }
            freed += self.forget(&rooms[index], false).0;
            forgotten[index] = true;
        }
        let mut index = 0;
        rooms.retain(|_| {
            index += 1;
            !forgotten[index - 1]
        });
        rooms.shrink_to_fit();
        freed
    }

    /// Drops the lanes of rooms in which nobody is online. Returns the bytes that were freed.
    pub fn forget_empty_rooms(&self) -> usize {
        let mut rooms = self.rooms();
        let mut freed = 0;
        rooms.retain(|room| {
            let (bytes, is_empty) = self.forget(room, true);
            freed += bytes;
            !is_empty
        });
        rooms.shrink_to_fit();
        freed
    }

    fn forget(&self, room: &Room, only_if_empty: bool) -> (usize, bool) {
        let (freed, is_empty) = room.forget_lane(only_if_empty);
        self.bytes.fetch_sub(freed.cast_signed(), Ordering::Relaxed);
        (freed, is_empty)
    }

    fn rooms(&self) -> MutexGuard<'_, Vec<Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{ChatId, Key, Millis, Position, RoomId},
        mentions::Mentions,
        messages::{Logged, Message},
        presence::ChatUser,
        rooms::RoomInfo,
        text::{MessageBody, RoomName},
    };
    use uuid::Uuid;

    use super::*;
    use crate::hub::Cursor;

    const TEXT: usize = 1_000;

    fn room() -> Arc<Room> {
        let id = RoomId::try_from(Uuid::now_v7().to_string()).expect("an id");
        Room::new(RoomInfo::open(id, RoomName::lobby()))
    }

    fn ann() -> ChatUser {
        let name = "ann".try_into().expect("a name");
        ChatUser::guest(ChatId::try_from("ann").expect("an id"), name)
    }

    /// Appends a message of more than [`TEXT`] bytes.
    fn say(recent: &Recent, room: &Arc<Room>) {
        let ChatUser { chat_id, name, .. } = ann();
        let message = Message {
            room: room.id().clone(),
            n: room.head().next(),
            key: Key::try_from("key").expect("a key"),
            chat_id,
            name,
            avatar: Avatar::Face(0),
            text: MessageBody::try_from("x".repeat(TEXT)).expect("a text"),
            mentions: Mentions::default(),
            at: Millis(0),
        };
        recent.changed(room, room.append(Logged::Said(message), Instant::now()));
    }

    fn has_all(room: &Room) -> bool {
        let (mut cursor, mut bytes, mut batch) = (Cursor::default(), usize::MAX, Vec::new());
        room.read(&mut cursor, &mut bytes, &mut batch);
        cursor.log == room.head()
    }

    #[test]
    fn all_lanes_together_stay_below_the_limit_and_the_least_recently_written_let_go_first() {
        let limit = 64 * TEXT;
        let recent = Recent::new(limit);
        let rooms: Vec<_> = (0..100).map(|_| room()).collect();
        for room in &rooms {
            say(&recent, room);
            recent.make_room();
            assert!(recent.bytes() <= limit);
        }
        let held = rooms.iter().filter(|it| has_all(it)).count();
        assert!(held > 30, "{held} rooms still have theirs");
        assert!(
            rooms[100 - held..].iter().all(|it| has_all(it)),
            "the newest ones"
        );
        assert_eq!(recent.rooms().len(), held);
    }

    #[test]
    fn a_room_in_which_nobody_is_online_lets_go_of_everything() {
        let recent = Recent::new(usize::MAX);
        let (full, empty) = (room(), room());
        full.presence(|presence| presence.join(&Arc::new(ann())));
        for _ in 0..10 {
            say(&recent, &full);
            say(&recent, &empty);
        }
        let before = recent.bytes();
        assert_eq!(recent.forget_empty_rooms() * 2, before);
        assert!(has_all(&full) && !has_all(&empty));
        // The lane is used again after the next message.
        say(&recent, &empty);
        assert_eq!(empty.head(), Position(11));
        full.presence(|presence| presence.leave(&ann().chat_id));
        recent.forget_empty_rooms();
        assert_eq!((recent.bytes(), recent.rooms().capacity()), (0, 0));
    }

    #[test]
    fn an_idle_room_takes_little_memory_before_and_after_somebody_was_in_it() {
        let idle = allocation_counter::measure(|| std::mem::forget(room()));
        let again = allocation_counter::measure(|| {
            let (recent, room) = (Recent::new(usize::MAX), room());
            room.presence(|presence| presence.join(&Arc::new(ann())));
            say(&recent, &room);
            has_all(&room);
            room.presence(|presence| presence.leave(&ann().chat_id));
            recent.forget_empty_rooms();
            std::mem::forget(room);
        });
        assert!(idle.bytes_current <= 1_000, "{} bytes", idle.bytes_current);
        assert!(again.bytes_current <= 1_500, "{} bytes", again.bytes_current);
    }
}
