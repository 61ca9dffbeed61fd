//! The replica: a client's copy of its rooms, of the users who are online in them, and of the messages to be sent.
//!
//! It owns the rules by which frames become that state, and has no socket, no clock and no storage:
//! its driver passes in the received frames and performs the returned [effects](Effect). However frames are lost,
//! doubled or reordered, and connections broken, a replica that is connected and left in peace has
//! the same state as the server (`tests/convergence.rs`).

mod deletions;
mod elsewhere;
mod outbox;
mod roster;
mod timeline;
mod typing;
mod unread;

use std::collections::BTreeMap;

use crate::{
    api::Refusal,
    error_code::ErrorCode,
    ids::{ChatId, Epoch, Key, Millis, Position, RoomId},
    messages::Page,
    presence::Joined,
    rooms::{Kind, RoomInfo},
    text::MessageBody,
    wire::{ClientFrame, Hello, MessageReceived, ServerFrame, Welcome, You},
};

use self::{deletions::Gone, unread::UnreadCounter};
pub use self::{
    outbox::{Outbox, Pending, PendingState},
    roster::Roster,
    timeline::Timeline,
    typing::TypingUsers,
};

/// The milliseconds to wait after a refusal that may be retried but contains no time.
const RETRY_MS: u32 = 2_000;
/// The longest wait of that kind, in a room in which a user must wait for minutes.
const SLOW_RETRY_MS: u32 = 30_000;

/// An action that a replica requests of its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this frame now.
    Send(ClientFrame),
    /// Call [`Replica::try_what_was_put_off`] after this number of milliseconds.
    SendNextIn(u32),
}

/// One room, as far as the client knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The room's properties, as far as the server has sent them; `n` is its newest position.
    pub info: Option<RoomInfo>,
    /// The room's messages at its newest end. Empty, until the room is [opened](Replica::open).
    pub timeline: Timeline,
    /// The messages around a position to which the user has [gone](Replica::around), as long as there is a gap between
    /// them and the timeline.
    pub elsewhere: Option<Timeline>,
    /// Whether `elsewhere` may contain messages whose deletion was not received: the driver must [load](Replica::around) it again.
    pub stale: bool,
    /// The users who are online in the room.
    pub roster: Roster,
    /// The other users who are typing in the room.
    pub typing: TypingUsers,
    /// The last position that the user has read, on whatever device.
    pub read: Option<Position>,
    unread: UnreadCounter,
    gone: Gone,
    opened: bool,
    /// Whether the read position has yet to be sent to the server.
    read_dirty: bool,
}

impl Room {
    /// Returns the position of the room's newest entry, whether that is in the timeline or not.
    #[must_use]
    pub fn head(&self) -> Position {
        let told = self.info.as_ref().map_or(Position::START, |info| info.n);
        told.max(self.timeline.cursor())
    }

    /// Returns the number of others' unread messages: at most [`COUNTED`](crate::limits::COUNTED).
    #[must_use]
    pub fn unread(&self) -> u32 {
        self.unread.unread()
    }

    /// Returns how many of these mention the user: at most [`COUNTED`](crate::limits::COUNTED). In a direct conversation every message
    /// does.
    #[must_use]
    pub fn mentions(&self) -> u32 {
        match &self.info {
            Some(info) if info.kind == Kind::Direct => self.unread.unread(),
            _ => self.unread.mentions(),
        }
    }

    /// Counts the unread messages after a new read position. Messages that the replica does not have, only the
    /// server can count.
    fn count_after(&mut self, read: Position, me: Option<&ChatId>) {
        let timeline = (self.timeline.after() <= read).then_some(&self.timeline);
        let messages = timeline.map(|it| (it.cursor(), it.messages().map(AsRef::as_ref)));
        self.unread.read(read, messages, me);
    }
}

/// A client's copy of the server's state, with the messages to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replica {
    you: Option<You>,
    epoch: Option<Epoch>,
    rooms: BTreeMap<RoomId, Room>,
    outbox: Outbox,
    /// Whether the server has welcomed the current connection.
    live: bool,
}

impl Replica {
    /// Creates a replica that reads `room` from its newest page on, and has `pending` yet to send.
    #[must_use]
    pub fn new(room: RoomId, pending: Vec<Pending>) -> Self {
        Self {
            rooms: BTreeMap::from([(
                room,
                Room {
                    opened: true,
                    ..Room::default()
                },
            )]),
            outbox: Outbox::new(pending),
            ..Self::default()
        }
    }

    /// Returns the first frame of a connection.
    #[must_use]
    pub fn hello(&self, name: &str, avatar: Option<String>) -> ClientFrame {
        let opened = self.rooms.iter().filter(|(_, room)| room.opened);
        ClientFrame::Hello(Hello {
            chat_id: self.you.as_ref().map(|you| you.chat_id.to_string()),
            name: name.to_owned(),
            avatar,
            token: self.you.as_ref().and_then(|you| you.token.clone()),
            status: None,
            away: false,
            epoch: self.epoch.as_ref().map(ToString::to_string),
            cursors: opened
                .map(|(id, room)| (id.to_string(), room.timeline.cursor()))
                .collect(),
        })
    }

    /// Applies a frame from the server.
    pub fn apply(&mut self, frame: ServerFrame) -> Vec<Effect> {
        match frame {
            ServerFrame::Welcome(welcome) => self.on_welcome(welcome),
            ServerFrame::MessageReceived(said) => self.on_message(said),
            ServerFrame::Page(page) => self.page(page),
            ServerFrame::Deleted(deleted) => self.deleted(&deleted),
            ServerFrame::Error(refusal) => self.refused(refusal),
            ServerFrame::UsersJoined(joined) => {
                self.on_own_presence(&joined);
                if let Some(room) = self.rooms.get_mut(&joined.room) {
                    room.roster.joined(joined);
                }
                Vec::new()
            }
            ServerFrame::UsersLeft(left) => {
                if let Some(room) = self.rooms.get_mut(&left.room) {
                    room.roster.left(left);
                }
                Vec::new()
            }
            ServerFrame::Typing(typing) => {
                if let Some(room) = self.rooms.get_mut(&typing.room) {
                    room.typing = TypingUsers::of(typing, self.you.as_ref().map(|you| &you.chat_id));
                }
                Vec::new()
            }
            ServerFrame::Room(info) => self.on_room(info),
            ServerFrame::LeftRoom { room, .. } => {
                self.rooms.remove(&room);
                Vec::new()
            }
            ServerFrame::Settings(_)
            | ServerFrame::SecurityNotice(_)
            | ServerFrame::Muted { .. }
            | ServerFrame::Done(_)
            | ServerFrame::Pong => Vec::new(),
        }
    }

    /// Opens a room whose messages are already delivered: requests its newest page, once.
    pub fn open(&mut self, id: &RoomId) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(id).filter(|room| !room.opened) else {
            return Vec::new();
        };
        room.opened = true;
        // Without a connection, the next hello requests it.
        if !self.live {
            return Vec::new();
        }
        room.timeline.asking();
        vec![Effect::Send(ClientFrame::SyncRoom {
            room: id.to_string(),
            after: room.timeline.cursor(),
        })]
    }

    /// Sets the read position of a room, forwards or back. [`Replica::flush_read_positions`] sends it
    /// to the server later.
    pub fn read(&mut self, id: &RoomId, n: Position) {
        if let Some(room) = self.rooms.get_mut(id).filter(|room| room.read != Some(n)) {
            room.read = Some(n);
            room.read_dirty = true;
            room.count_after(n, self.you.as_ref().map(|you| &you.chat_id));
        }
    }

    /// Returns whether the server does not know all read positions yet.
    #[must_use]
    pub fn has_unsent_reads(&self) -> bool {
        self.rooms.values().any(|room| room.read_dirty)
    }

    /// Returns the frames that send the read positions to the server, if the replica is connected.
    pub fn flush_read_positions(&mut self) -> Vec<Effect> {
        if !self.live {
            return Vec::new();
        }
        let read_dirty = self.rooms.iter_mut().filter(|(_, room)| room.read_dirty);
        read_dirty
            .filter_map(|(id, room)| {
                room.read_dirty = false;
                let (room, n) = (id.to_string(), room.read?);
                Some(Effect::Send(ClientFrame::MarkRead { room, n, key: None }))
            })
            .collect()
    }

    /// Returns the rooms, in the order of their ids.
    pub fn rooms(&self) -> impl Iterator<Item = (&RoomId, &Room)> {
        self.rooms.iter()
    }

    /// Records that the connection is lost. The message in flight is sent again after the next welcome; its key
    /// prevents a second posting.
    pub fn disconnected(&mut self) {
        self.live = false;
        // Nothing would report it if they stopped typing meanwhile.
        for room in self.rooms.values_mut() {
            room.typing = TypingUsers::default();
        }
        self.outbox.requeue_in_flight();
    }

    /// Takes over the messages that another page of the same user could not send.
    pub fn take_over(&mut self, pending: Vec<Pending>) -> Vec<Effect> {
        self.outbox.take_over(pending);
        self.send_next()
    }

    /// Adds a message to the outbox.
    pub fn say(&mut self, key: Key, room: RoomId, text: MessageBody, at: Millis) -> Vec<Effect> {
        self.outbox.push(Pending {
            key,
            room,
            text,
            at,
            state: PendingState::Waiting(None),
        });
        self.send_next()
    }

    /// Sends the next message of the outbox, if there is one and none is in flight: one at a time, so
    /// that a refusal in the middle never changes the order.
    pub fn send_next(&mut self) -> Vec<Effect> {
        if !self.live {
            return Vec::new();
        }
        self.outbox.send_next().map(Effect::Send).into_iter().collect()
    }

    /// Sends everything that was put off: the next message of the outbox, and the requests to read on.
    pub fn try_what_was_put_off(&mut self) -> Vec<Effect> {
        let mut asks = self.send_next();
        if self.live {
            asks.extend(self.rooms.iter_mut().filter_map(|(id, room)| {
                let after = room.timeline.ask_again()?;
                let room = id.to_string();
                Some(Effect::Send(ClientFrame::SyncRoom { room, after }))
            }));
        }
        asks
    }

    /// Sends a refused message again.
    pub fn try_again(&mut self, key: &Key) -> Vec<Effect> {
        self.outbox.try_again(key);
        self.send_next()
    }

    /// Removes a message that was refused or put off. The next message in the outbox has its turn.
    pub fn discard(&mut self, key: &Key) -> Vec<Effect> {
        self.outbox.discard(key);
        self.send_next()
    }

    /// Returns the user's identity, once the server has sent it.
    #[must_use]
    pub fn you(&self) -> Option<&You> {
        self.you.as_ref()
    }

    /// Returns whether the server has welcomed the current connection.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Returns a room.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<&Room> {
        self.rooms.get(room)
    }

    /// Returns the messages that are yet to be sent.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn on_welcome(&mut self, welcome: Welcome) -> Vec<Effect> {
        let same_log = self.epoch.as_ref() == Some(&welcome.epoch);
        let same_person = self.is_me(&welcome.you.chat_id);
        for room in self.rooms.values_mut() {
            if same_log {
                room.timeline.reading_on();
            } else {
                room.timeline = Timeline::default();
                (room.elsewhere, room.stale) = (None, false);
                room.gone = Gone::default();
                room.read_dirty = false;
            }
            if !(same_log && same_person) {
                room.unread = UnreadCounter::default();
            }
        }
        self.rooms
            .retain(|id, _| welcome.rooms.iter().any(|info| info.room == *id));
        self.epoch = Some(welcome.epoch);
        self.you = Some(welcome.you);
        for info in welcome.rooms {
            let room = self.rooms.entry(info.room.clone()).or_default();
            room.unread.on_welcome(info.read_state());
            match room.read {
                Some(read) if room.read_dirty => {
                    room.count_after(read, self.you.as_ref().map(|you| &you.chat_id));
                }
                _ => room.read = info.read,
            }
            room.info = Some(info);
        }
        self.live = true;
        self.outbox.requeue_in_flight();
        let mut asks = self.flush_read_positions();
        asks.extend(self.send_next());
        asks
    }

    fn on_room(&mut self, mut info: RoomInfo) -> Vec<Effect> {
        let room = self.rooms.entry(info.room.clone()).or_default();
        // A new read position is yet to be sent, and the server counts when it receives that.
        if !room.read_dirty && room.unread.told(info.read_state()) {
            room.read = info.read;
        }
        // Messages received after the server's count exist all the same.
        info.n = info.n.max(room.head());
        let slow = info.slow_mode;
        let before = room.info.replace(info).map_or(0, |info| info.slow_mode);
        // The messages that wait for this room may be in time now.
        if slow < before {
            self.send_next()
        } else {
            Vec::new()
        }
    }

    fn on_message(&mut self, said: MessageReceived) -> Vec<Effect> {
        // The number of online users at the time of posting is of no use to later readers: the roster has the present one.
        let MessageReceived { message, .. } = said;
        let mine = self.is_me(&message.chat_id);
        let key = message.key.clone();
        let mut asks = Vec::new();
        if let Some(room) = self.rooms.get_mut(&message.room) {
            let (id, n) = (message.room.clone(), message.n);
            let message = Some(message).filter(|it| !room.gone.has(it));
            if let Some(message) = &message {
                room.unread
                    .heard(message, self.you.as_ref().map(|you| &you.chat_id));
            }
            if let Some(info) = &mut room.info {
                info.n = info.n.max(n);
            }
            if room.opened
                && let Some(after) = room.timeline.extend(n, message)
            {
                asks.push(Effect::Send(ClientFrame::SyncRoom {
                    room: id.into(),
                    after,
                }));
            }
            room.join();
        }
        if mine && self.outbox.acknowledged(&key) {
            asks.extend(self.send_next());
        }
        asks
    }

    fn page(&mut self, page: Page) -> Vec<Effect> {
        // It would put a gap into the timeline that no later frame mends.
        if !page.is_contiguous() {
            return Vec::new();
        }
        let mine: Vec<Key> = page
            .messages
            .iter()
            .filter(|message| self.is_me(&message.chat_id))
            .map(|message| message.key.clone())
            .collect();
        let me = self.you.as_ref().map(|you| &you.chat_id);
        if let Some(room) = self.rooms.get_mut(&page.room) {
            room.unread.skipped(page.after.since(room.head()));
            for message in &page.messages {
                room.unread.heard(message, me);
            }
            for deleted in &page.deleted {
                room.let_go(deleted, me);
            }
            if room.opened {
                let read_before = room.timeline.cursor() > Position::START;
                room.stale |= read_before && room.elsewhere.is_some() && page.after > room.timeline.cursor();
                room.timeline.replace(room.gone.without(page));
                room.join();
            }
        }
        for key in &mine {
            self.outbox.acknowledged(key);
        }
        // The page may stand in for the echo of the message in flight without containing it: sent again,
        // the message is answered with the position that it has.
        self.outbox.requeue_in_flight();
        self.send_next()
    }

    fn refused(&mut self, refusal: Refusal) -> Vec<Effect> {
        if refusal.error == ErrorCode::RateLimited
            && refusal.key.is_none()
            && self.read_later(refusal.room.as_ref())
        {
            return vec![Effect::SendNextIn(refusal.retry_after.unwrap_or(RETRY_MS))];
        }
        let Some(key) = refusal.key.and_then(|key| Key::try_from(key).ok()) else {
            return Vec::new();
        };
        if refusal.error == ErrorCode::MessageDeleted {
            self.outbox.acknowledged(&key);
            self.send_next()
        } else if refusal.retry {
            let after = refusal
                .retry_after
                .unwrap_or_else(|| self.retry_delay(&key, refusal.error));
            self.outbox.put_off(&key, refusal.error);
            vec![Effect::SendNextIn(after)]
        } else {
            self.outbox.refused(&key, refusal.error);
            self.send_next()
        }
    }

    /// Puts off the refused reading of a room, or, for `None`, of all rooms. Returns whether there was one.
    fn read_later(&mut self, room: Option<&RoomId>) -> bool {
        let rooms = self.rooms.iter_mut();
        let refused = rooms.filter(|(id, _)| room.is_none_or(|room| room == *id));
        refused.fold(false, |any, (_, room)| room.timeline.put_off() | any)
    }

    /// Returns the wait where the server sends no time: in a slow room, a small part of the room's own wait.
    fn retry_delay(&self, key: &Key, why: ErrorCode) -> u32 {
        let mut pending = self.outbox.pending().iter();
        let message = pending.find(|it| it.key == *key && why == ErrorCode::SlowMode);
        let room = message.and_then(|it| self.rooms.get(&it.room)?.info.as_ref());
        let slow = room.map_or(0, |info| info.slow_mode);
        slow.saturating_mul(100).clamp(RETRY_MS, SLOW_RETRY_MS)
    }

    /// Applies a change of the user's own profile, made on whatever device.
    fn on_own_presence(&mut self, joined: &Joined) {
        let Some(you) = &mut self.you else { return };
        let people = joined.chat_users.iter().chain(&joined.joined).flatten();
        if let Some(me) = people.into_iter().find(|it| it.chat_id == you.chat_id) {
            you.name = me.name.clone();
            you.avatar = me.avatar.clone();
            you.role = me.role;
        }
    }

    fn is_me(&self, person: &ChatId) -> bool {
        self.you.as_ref().is_some_and(|you| you.chat_id == *person)
    }
}
