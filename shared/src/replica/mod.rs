//! What a client knows: its rooms as far as it has read them, who is there, and what it has yet to send.
//!
//! Owns the rules by which frames become that knowledge. Knows no socket, no clock and no storage:
//! whoever drives it hands in what arrived and does what it [asks](Effect). However frames are lost,
//! doubled or reordered, and connections broken, a replica that is connected and left in peace has
//! what the server has (`tests/convergence.rs`).

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
    wire::{ClientFrame, Hello, Said, ServerFrame, Welcome, You},
};

use self::{deletions::Gone, unread::UnreadCounter};
pub use self::{
    outbox::{Outbox, Pending, PendingState},
    roster::Roster,
    timeline::Timeline,
    typing::TypingUsers,
};

/// Milliseconds to wait after a refusal that may be retried but names no time.
const RETRY_MS: u32 = 2_000;
/// The longest wait of that kind, in a room in which one waits for minutes.
const SLOW_RETRY_MS: u32 = 30_000;

/// What a replica wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this now.
    Send(ClientFrame),
    /// Call [`Replica::try_what_was_put_off`] after so many milliseconds.
    SendNextIn(u32),
}

/// One room as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// What it is called and what for, as far as the server has told; `n` is its newest position.
    pub info: Option<RoomInfo>,
    /// What was said. Nothing, until the room is [opened](Replica::open).
    pub timeline: Timeline,
    /// What was said around a message that one has [gone to](Replica::around), as long as there is a gap between
    /// that and the timeline.
    pub elsewhere: Option<Timeline>,
    /// Something of that may have been deleted that was not told: it is to be [gone to](Replica::around) again.
    pub stale: bool,
    /// Who is there.
    pub roster: Roster,
    /// Who else is writing there.
    pub typing: TypingUsers,
    /// The last position that one has read, on whatever device.
    pub read: Option<Position>,
    unread: UnreadCounter,
    gone: Gone,
    opened: bool,
    /// The server has yet to be told what was read.
    read_dirty: bool,
}

impl Room {
    /// The position of its newest entry, whether that is in the timeline or not.
    #[must_use]
    pub fn head(&self) -> Position {
        let told = self.info.as_ref().map_or(Position::START, |info| info.n);
        told.max(self.timeline.cursor())
    }

    /// How many messages of others one has not read: at most [`COUNTED`](crate::limits::COUNTED).
    #[must_use]
    pub fn unread(&self) -> u32 {
        self.unread.unread()
    }

    /// How many of these mention one: at most [`COUNTED`](crate::limits::COUNTED). What is said in a direct conversation is said to
    /// one.
    #[must_use]
    pub fn mentions(&self) -> u32 {
        match &self.info {
            Some(info) if info.kind == Kind::Direct => self.unread.unread(),
            _ => self.unread.mentions(),
        }
    }

    /// Counts anew what waits after a position that one has read. What it does not have itself, only the
    /// server can count.
    fn count_after(&mut self, read: Position, me: Option<&ChatId>) {
        let timeline = (self.timeline.after() <= read).then_some(&self.timeline);
        let messages = timeline.map(|it| (it.cursor(), it.messages().map(AsRef::as_ref)));
        self.unread.read(read, messages, me);
    }
}

/// A client's knowledge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replica {
    you: Option<You>,
    epoch: Option<Epoch>,
    rooms: BTreeMap<RoomId, Room>,
    outbox: Outbox,
    /// Whether the server has welcomed the present connection.
    live: bool,
}

impl Replica {
    /// Reads `room` from its newest page on, and has `pending` yet to send.
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

    /// The first frame of a connection.
    #[must_use]
    pub fn hello(&self, name: &str, avatar: Option<String>) -> ClientFrame {
        let opened = self.rooms.iter().filter(|(_, room)| room.opened);
        ClientFrame::SaveUserInfo(Hello {
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

    /// Takes in a frame from the server.
    pub fn apply(&mut self, frame: ServerFrame) -> Vec<Effect> {
        match frame {
            ServerFrame::Welcome(welcome) => self.on_welcome(welcome),
            ServerFrame::ReceiveMessage(said) => self.on_message(said),
            ServerFrame::Page(page) => self.page(page),
            ServerFrame::Deleted(deleted) => self.deleted(&deleted),
            ServerFrame::Error(refusal) => self.refused(refusal),
            ServerFrame::SaveUserInfo(joined) => {
                self.on_own_presence(&joined);
                if let Some(room) = self.rooms.get_mut(&joined.room) {
                    room.roster.joined(joined);
                }
                Vec::new()
            }
            ServerFrame::CloseConnection(left) => {
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
            | ServerFrame::Pong => Vec::new(),
        }
    }

    /// Reads a room that is heard from now on also from before: its newest page is asked for, once.
    pub fn open(&mut self, id: &RoomId) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(id).filter(|room| !room.opened) else {
            return Vec::new();
        };
        room.opened = true;
        // Not connected, the next hello asks.
        if !self.live {
            return Vec::new();
        }
        room.timeline.asking();
        vec![Effect::Send(ClientFrame::ReadOn {
            room: id.to_string(),
            after: room.timeline.cursor(),
        })]
    }

    /// One has read a room up to there, or wants to read it again from there. The server is
    /// [told](Replica::flush_read_positions) later.
    pub fn read(&mut self, id: &RoomId, n: Position) {
        if let Some(room) = self.rooms.get_mut(id).filter(|room| room.read != Some(n)) {
            room.read = Some(n);
            room.read_dirty = true;
            room.count_after(n, self.you.as_ref().map(|you| &you.chat_id));
        }
    }

    /// Whether something was read that the server does not know of.
    #[must_use]
    pub fn has_unsent_reads(&self) -> bool {
        self.rooms.values().any(|room| room.read_dirty)
    }

    /// Tells the server what was read, if there is one.
    pub fn flush_read_positions(&mut self) -> Vec<Effect> {
        if !self.live {
            return Vec::new();
        }
        let read_dirty = self.rooms.iter_mut().filter(|(_, room)| room.read_dirty);
        read_dirty
            .filter_map(|(id, room)| {
                room.read_dirty = false;
                let (room, n) = (id.to_string(), room.read?);
                Some(Effect::Send(ClientFrame::Read { room, n }))
            })
            .collect()
    }

    /// The rooms, in the order of their ids.
    pub fn rooms(&self) -> impl Iterator<Item = (&RoomId, &Room)> {
        self.rooms.iter()
    }

    /// The connection is gone. What was under way is sent again after the next welcome; its key
    /// keeps it from being said twice.
    pub fn disconnected(&mut self) {
        self.live = false;
        // Whether they have stopped meanwhile, nobody would tell.
        for room in self.rooms.values_mut() {
            room.typing = TypingUsers::default();
        }
        self.outbox.requeue_in_flight();
    }

    /// Takes over messages that another page of the same person could not send.
    pub fn take_over(&mut self, pending: Vec<Pending>) -> Vec<Effect> {
        self.outbox.take_over(pending);
        self.send_next()
    }

    /// Puts a message into the outbox.
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

    /// Sends what is next in the outbox, if anything is and nothing is under way: one at a time, so
    /// that a refusal in the middle never changes the order.
    pub fn send_next(&mut self) -> Vec<Effect> {
        if !self.live {
            return Vec::new();
        }
        self.outbox.send_next().map(Effect::Send).into_iter().collect()
    }

    /// What was put off is due: what is next in the outbox, and what was not read on.
    pub fn try_what_was_put_off(&mut self) -> Vec<Effect> {
        let mut asks = self.send_next();
        if self.live {
            asks.extend(self.rooms.iter_mut().filter_map(|(id, room)| {
                let after = room.timeline.ask_again()?;
                let room = id.to_string();
                Some(Effect::Send(ClientFrame::ReadOn { room, after }))
            }));
        }
        asks
    }

    /// Tries a refused message again.
    pub fn try_again(&mut self, key: &Key) -> Vec<Effect> {
        self.outbox.try_again(key);
        self.send_next()
    }

    /// Forgets a message that was refused or put off. What waited behind it has its turn.
    pub fn discard(&mut self, key: &Key) -> Vec<Effect> {
        self.outbox.discard(key);
        self.send_next()
    }

    /// Who one is, once welcomed.
    #[must_use]
    pub fn you(&self) -> Option<&You> {
        self.you.as_ref()
    }

    /// Whether the server has welcomed the present connection.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// A room.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<&Room> {
        self.rooms.get(room)
    }

    /// What is yet to be sent.
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
            room.unread.on_welcome(info.standing());
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
        // What was read here is yet to be told, and is counted when it is.
        if !room.read_dirty && room.unread.told(info.standing()) {
            room.read = info.read;
        }
        // What has been heard since it was counted is there all the same.
        info.n = info.n.max(room.head());
        let slow = info.slow;
        let before = room.info.replace(info).map_or(0, |info| info.slow);
        // What waits there may be in time now.
        if slow < before {
            self.send_next()
        } else {
            Vec::new()
        }
    }

    fn on_message(&mut self, said: Said) -> Vec<Effect> {
        // How many were there when it was said is nobody's business who reads it later: the roster tells.
        let Said { message, .. } = said;
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
                asks.push(Effect::Send(ClientFrame::ReadOn {
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
        // The echo of what is under way may be among all that the page stands in for, and not be in it:
        // said again, it is answered with the position that it has.
        self.outbox.requeue_in_flight();
        self.send_next()
    }

    fn refused(&mut self, refusal: Refusal) -> Vec<Effect> {
        if refusal.error == ErrorCode::TooFast && self.read_later(refusal.key.as_deref()) {
            return vec![Effect::SendNextIn(refusal.after.unwrap_or(RETRY_MS))];
        }
        let Some(key) = refusal.key.and_then(|key| Key::try_from(key).ok()) else {
            return Vec::new();
        };
        if refusal.error == ErrorCode::Deleted {
            self.outbox.acknowledged(&key);
            self.send_next()
        } else if refusal.retry {
            let after = refusal
                .after
                .unwrap_or_else(|| self.retry_delay(&key, refusal.error));
            self.outbox.put_off(&key, refusal.error);
            vec![Effect::SendNextIn(after)]
        } else {
            self.outbox.refused(&key, refusal.error);
            self.send_next()
        }
    }

    /// A room is not read on now, or, as far as the server has read what it was asked, none. Whether one was to be.
    fn read_later(&mut self, key: Option<&str>) -> bool {
        let rooms = self.rooms.iter_mut();
        let refused = rooms.filter(|(id, _)| key.is_none_or(|key| key == id.as_str()));
        refused.fold(false, |any, (_, room)| room.timeline.put_off() | any)
    }

    /// How long to wait where the server names no time: in a slow room, a small part of what one waits there.
    fn retry_delay(&self, key: &Key, why: ErrorCode) -> u32 {
        let mut pending = self.outbox.pending().iter();
        let message = pending.find(|it| it.key == *key && why == ErrorCode::SlowRoom);
        let room = message.and_then(|it| self.rooms.get(&it.room)?.info.as_ref());
        let slow = room.map_or(0, |info| info.slow);
        slow.saturating_mul(100).clamp(RETRY_MS, SLOW_RETRY_MS)
    }

    /// Whoever keeps a name may show themselves otherwise, on whatever device.
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
