//! The page's state, from which components select.

use std::collections::BTreeMap;

use snug_shared::{
    error_code::ErrorCode,
    ids::{Position, RoomId},
    levels::NotificationLevel,
    messages::Message,
    people::{Role, SecurityNotice},
    presence::ChatUser,
    replica::{Effect, Pending, PendingState, Replica, Room},
    rooms::Kind,
    text::RoomName,
    wire::{ServerFrame, You},
};

use super::{
    open_direct::OpenDirect,
    own_presence::OwnPresence,
    posting_limits::PostingLimits,
    requests::{RequestState, Requests},
    room_addresses,
    settings_sync::SettingsSync,
    view::{JumpTarget, LoadState, ScrollTarget, Spot, View},
};
use crate::{
    browser,
    client::{
        ConnectionState, Obstacle,
        storage::{self, Person},
    },
};

/// Whether the user may use the page, as far as the page knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessState {
    /// The user has given a name or signed in.
    Joined,
    /// The user has yet to give a name or sign in.
    NotJoined,
    /// The session of this device was ended from another one.
    SignedOut,
    /// The server has refused the user.
    Refused(ErrorCode),
}

/// A room that the user has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) address: RoomName,
    pub(crate) name: RoomName,
    /// Whether another user has removed them.
    pub(crate) removed_by_other: bool,
}

/// The smallest height of a row, in pixels.
const ROW_PX: u64 = 24;
/// The number of entries that are rendered, and dropped, together. A chunk begins at a multiple of it.
pub(crate) const CHUNK: u64 = 32;

/// The page's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) replica: Replica,
    /// The page's user, as far as this browser has stored them.
    pub(crate) person: Option<Person>,
    pub(crate) access: AccessState,
    /// The address of the room that is shown: its name or its id.
    pub(crate) name: RoomName,
    /// The room that the address names, if the user is in it.
    pub(crate) room: Option<RoomId>,
    /// The room that the user has left while it was shown, until they open another room than the lobby.
    pub(crate) left: Option<Left>,
    /// The former address of the room that is shown, after it was renamed.
    pub(crate) moved: Option<RoomName>,
    /// The address of a room that the user is not in, and the room's name.
    pub(super) found: Option<(RoomName, RoomName)>,
    /// The message that the address names, to which the page jumps.
    pub(crate) jump: Option<JumpTarget>,
    /// The target that the timeline is to scroll to next.
    pub(crate) scroll_target: Option<ScrollTarget>,
    pub(crate) requests: Requests,
    pub(crate) open_direct: OpenDirect,
    pub(crate) own_presence: OwnPresence,
    pub(crate) posting_limits: PostingLimits,
    pub(crate) settings_sync: SettingsSync,
    pub(crate) connection: ConnectionState,
    /// The obstacle that prevents a connection, if it is known.
    pub(crate) obstacle: Option<Obstacle>,
    /// Whether the server is of another version than the page.
    pub(crate) other_version: bool,
    pub(crate) online: bool,
    pub(crate) visible: bool,
    /// Whether the page shows the room, and not the administration page.
    pub(super) room_focused: bool,
    /// A counter that grows whenever messages or pending ones may have changed.
    pub(crate) revision: u64,
    /// A counter that grows whenever a roster may have changed.
    pub(crate) roster_revision: u64,
    /// A counter that grows with every message that the user sends.
    pub(crate) sent_count: u64,
    /// Whether a message was addressed to the user since the page was loaded.
    pub(crate) was_addressed: bool,
    /// The security notices that were not dismissed, the newest last.
    pub(crate) security: Vec<SecurityNotice>,
    /// The height of the timeline's view in pixels, once that is known.
    pub(super) height: Option<u64>,
    pub(super) views: BTreeMap<RoomId, View>,
}

impl State {
    pub(super) fn new(replica: Replica, person: Option<Person>) -> Self {
        let lobby = RoomId::lobby();
        let member = person.as_ref().is_some_and(|it| it.member);
        let settings_sync = SettingsSync::new(storage::settings(), member);
        Self {
            replica,
            person,
            access: storage::profile().map_or(AccessState::NotJoined, |_| AccessState::Joined),
            name: RoomName::lobby(),
            views: BTreeMap::from([(lobby.clone(), View::default())]),
            room: Some(lobby),
            left: None,
            jump: None,
            scroll_target: None,
            moved: None,
            found: None,
            requests: Requests::default(),
            open_direct: OpenDirect::default(),
            own_presence: OwnPresence::new(storage::status()),
            posting_limits: PostingLimits::default(),
            settings_sync,
            connection: ConnectionState::Off,
            obstacle: None,
            other_version: false,
            online: browser::is_online(),
            visible: browser::is_visible(),
            room_focused: false,
            revision: 0,
            roster_revision: 0,
            sent_count: 0,
            was_addressed: false,
            security: storage::security_notices(),
            height: None,
        }
    }

    /// Returns the room that is shown.
    pub(crate) fn current_room(&self) -> Option<&Room> {
        self.replica.room(self.room.as_ref()?)
    }

    /// Returns the user as others see them in a roster.
    pub(crate) fn own_user(&self, you: &You) -> ChatUser {
        ChatUser {
            avatar: you.avatar.clone(),
            role: you.role,
            away: self.own_presence.is_away(),
            status: self.own_presence.status().cloned(),
            ..ChatUser::guest(you.chat_id.clone(), you.name.clone())
        }
    }

    /// Returns whether the view is at the newest end of the room.
    pub(crate) fn is_at_bottom(&self) -> bool {
        let live = self.current_room().is_none_or(|room| room.elsewhere.is_none());
        live && self.spot().is_none() && !self.is_jumping()
    }

    /// Returns the scroll position, unless it is the newest end.
    pub(crate) fn spot(&self) -> Option<Spot> {
        match &self.jump {
            Some(jump) => jump.spot,
            None => self.view()?.spot,
        }
    }

    /// Sets the scroll position.
    pub(super) fn set_spot(&mut self, room: &RoomId, spot: Option<Spot>) {
        if self.room.as_ref() != Some(room) {
            return;
        }
        match &mut self.jump {
            Some(jump) => jump.spot = spot,
            None => {
                if let Some(view) = self.view_mut() {
                    view.spot = spot;
                }
            }
        }
    }

    /// Returns the position after which the unread messages begin in the view.
    pub(crate) fn line(&self) -> Option<Position> {
        self.view()?.reading.line()
    }

    /// Returns the state of loading at the upper end.
    pub(crate) fn older(&self) -> LoadState {
        self.view().map_or(LoadState::Idle, |view| view.older)
    }

    /// Returns the state of loading at the lower end.
    pub(crate) fn newer(&self) -> LoadState {
        self.view().map_or(LoadState::Idle, |view| view.newer)
    }

    /// Returns the number of unread messages in a room.
    pub(crate) fn unread(&self, id: &RoomId) -> usize {
        let (Some(view), Some(room)) = (self.views.get(id), self.replica.room(id)) else {
            return 0;
        };
        if self.room.as_ref() == Some(id) && view.reading.missed(&room.timeline).is_none() {
            return view.reading.unread();
        }
        room.unread() as usize
    }

    /// Returns the first unread message of the room that is shown, if it is not loaded.
    pub(crate) fn missed(&self) -> Option<Position> {
        let (view, room) = (self.view()?, self.current_room()?);
        let missed = view.reading.missed(&room.timeline)?;
        (!room.shown().has(missed)).then_some(missed)
    }

    /// Returns whether the notification of a message is outdated: the message was read or deleted, or the
    /// user has left the room. Without a position, returns whether the whole room was read.
    pub(super) fn is_over(&self, id: &RoomId, n: Option<Position>) -> bool {
        let Some(room) = self.replica.room(id) else {
            return self.replica.is_live();
        };
        let gone = |n| room.timeline.has(n) && room.timeline.messages().all(|it| it.n != n);
        let read = |n: Position| room.read.is_some_and(|read| n <= read);
        n.map_or(room.unread() == 0, |n| read(n) || gone(n))
    }

    /// Returns the notification level of a room, a requested one included.
    pub(crate) fn level(&self, id: &RoomId) -> NotificationLevel {
        let confirmed = || self.replica.room(id)?.info.as_ref().map(|info| info.level);
        self.requests.level(id).or_else(confirmed).unwrap_or_default()
    }

    /// Returns when the user may send the next message in a room in slow mode, in milliseconds since the page
    /// was loaded, if known.
    pub(crate) fn next_send_at(&self, id: &RoomId) -> Option<f64> {
        let slow = self.replica.room(id)?.info.as_ref()?.slow_mode;
        self.posting_limits.next_send_at(id, slow)
    }

    /// Returns in how many milliseconds the first of the messages is due that wait for slow mode.
    pub(super) fn next_send_in(&self, now: f64) -> Option<u32> {
        let waits = |it: &&Pending| it.state == PendingState::Waiting(Some(ErrorCode::SlowMode));
        let waiting = self.replica.outbox().pending().iter().filter(waits);
        let turns = waiting
            .filter_map(|it| self.next_send_at(&it.room))
            .filter(|turn| *turn > now);
        turns.map(|turn| (turn - now).ceil() as u32).min()
    }

    /// Returns whether the user manages the room that is shown.
    pub(crate) fn can_manage_room(&self) -> bool {
        let info = self.current_room().and_then(|room| room.info.as_ref());
        let you = self.replica.you();
        let kept = info
            .zip(you)
            .map(|(info, you)| info.is_managed_by(&you.chat_id, you.role >= Role::Moderator));
        kept.unwrap_or_default()
    }

    /// Returns whether a room is a direct conversation.
    pub(crate) fn is_direct(&self, id: &RoomId) -> bool {
        let info = self.replica.room(id).and_then(|room| room.info.as_ref());
        info.is_some_and(|info| info.kind == Kind::Direct)
    }

    /// Returns whether a message that arrives deserves a notification: it is news, and its room is not
    /// visible.
    pub(crate) fn should_notify(&self, message: &Message) -> bool {
        let seen = self.visible && self.room.as_ref() == Some(&message.room);
        !seen && self.news(message).is_some()
    }

    /// Returns whether a message that arrives is news, and addressed to the user.
    pub(super) fn is_addressed_to_me(&self, message: &Message) -> bool {
        self.news(message) == Some(true)
    }

    /// Returns whether a message is addressed to the user, or `None` if it is not news: it is old, the user's
    /// own, or excluded by the notification level.
    fn news(&self, message: &Message) -> Option<bool> {
        let me = self.replica.you().map(|you| &you.chat_id)?;
        let new = message.n > self.replica.room(&message.room)?.head();
        let meant = message.mentions.mean(me) || self.is_direct(&message.room);
        let wanted = self.level(&message.room).lets(meant);
        (new && *me != message.chat_id && wanted).then_some(meant)
    }

    /// Returns the number of unread messages that mention the user, or `None` without any unread message.
    /// Muted rooms do not count, nor does the room that is shown while the user is there.
    pub(crate) fn unread_mentions(&self) -> Option<u32> {
        let there = self.visible && !self.own_presence.is_away();
        let seen = |id: &RoomId| there && self.room.as_ref() == Some(id);
        let rooms = self.replica.rooms().filter(|(id, _)| !seen(id));
        let waiting =
            rooms.filter(|(id, room)| room.unread() > 0 && self.level(id) != NotificationLevel::Nothing);
        waiting
            .map(|(_, room)| room.mentions())
            .reduce(u32::saturating_add)
    }

    fn view(&self) -> Option<&View> {
        self.views.get(self.room.as_ref()?)
    }

    pub(super) fn view_mut(&mut self) -> Option<&mut View> {
        self.views.get_mut(self.room.as_ref()?)
    }

    /// Returns whether the user sees the newest message. A user who is away sees nothing; while the page
    /// catches up, the newest message is not there yet.
    pub(super) fn is_viewing_newest(&self) -> bool {
        let caught_up = |room: &Room| room.timeline.cursor() >= room.head();
        let there = self.room_focused
            && !self.own_presence.is_away()
            && self.is_at_bottom()
            && self.scroll_target.is_none();
        self.visible && there && self.replica.is_live() && self.current_room().is_some_and(caught_up)
    }

    /// Sets the address: a room, or a message in it.
    pub(super) fn set_address(&mut self, name: RoomName, n: Option<Position>) {
        if self.left.as_ref().map(|left| &left.address) != Some(&self.name) {
            self.left = None;
        }
        self.moved = None;
        let room = room_addresses::named(&self.replica, &name, self.room.as_ref(), n.is_some());
        let same_room = self.name == name || room.is_some() && room == self.room;
        // Otherwise it is another address of what is shown already.
        if !same_room || n.is_some() || self.jump.is_some() {
            self.set_jump(n, same_room);
        }
        self.name = name;
    }

    /// Shows the room that the address names, as soon as the user is in it.
    pub(super) fn show_addressed_room(&mut self) -> Vec<Effect> {
        let room = room_addresses::named(&self.replica, &self.name, self.room.as_ref(), self.jump.is_some());
        if room != self.room {
            let before = self.room.take();
            if let Some(view) = before.and_then(|before| self.views.get_mut(&before)) {
                view.reading.clear_line();
            }
            self.room = room;
        }
        self.resolve_jump();
        match &self.room {
            Some(room) => self.replica.open(room),
            None => Vec::new(),
        }
    }

    /// Returns whether the server has yet to answer the request for a direct conversation.
    pub(crate) fn is_opening_direct(&self) -> bool {
        matches!(&self.open_direct, OpenDirect::Requested(key) if self.requests.refused(key).is_none())
    }

    /// Returns why the request for a direct conversation was refused.
    pub(crate) fn open_direct_refused(&self) -> Option<ErrorCode> {
        match &self.open_direct {
            OpenDirect::Requested(key) => self.requests.refused(key),
            OpenDirect::Idle | OpenDirect::Found(_) => None,
        }
    }

    /// Records the room of the conversation, once the server has answered.
    pub(super) fn find_opened_direct(&mut self) {
        if let OpenDirect::Requested(key) = &self.open_direct
            && let Some(RequestState::Done(Some(room))) = self.requests.state(key)
        {
            let (key, room) = (key.clone(), room.clone());
            self.requests.forget(&key);
            self.open_direct = OpenDirect::Found(room);
        }
    }

    /// Applies a frame from the server. Returns the effects to run.
    pub(super) fn apply(&mut self, frame: ServerFrame) -> Vec<Effect> {
        let again = self.own_presence.apply(&frame);
        let name_before = self.current_name();
        let changed: Vec<RoomId> = match &frame {
            ServerFrame::Welcome(welcome) => {
                let in_it = |id: &RoomId| welcome.rooms.iter().any(|info| info.room == *id);
                self.views.retain(|id, _| in_it(id));
                for view in self.views.values_mut() {
                    (view.older, view.newer) = (LoadState::Idle, LoadState::Idle);
                }
                self.retry_failed_jump(&welcome.epoch);
                welcome.rooms.iter().map(|info| info.room.clone()).collect()
            }
            ServerFrame::Room(info) => vec![info.room.clone()],
            _ => Vec::new(),
        };
        if let ServerFrame::LeftRoom {
            room,
            removed_by_other,
        } = &frame
        {
            self.views.remove(room);
            if self.room.as_ref() == Some(room) {
                let address = self.name.clone();
                let name = name_before.clone().unwrap_or_else(|| address.clone());
                self.left = Some(Left {
                    address,
                    name,
                    removed_by_other: *removed_by_other,
                });
            }
        }
        let mut effects: Vec<Effect> = again.into_iter().map(Effect::Send).collect();
        effects.extend(self.replica.apply(frame));
        self.refresh_stale_jump();
        self.update_address(name_before);
        for id in changed {
            if let Some(room) = self.replica.room(&id) {
                self.views.entry(id).or_default().on_room(room);
            }
        }
        effects
    }

    /// Records what the user has seen after a change. `before` is the room whose newest end they saw before
    /// it.
    pub(super) fn observe(&mut self, before: Option<RoomId>) {
        let now = self.is_viewing_newest();
        let here = self.room.as_ref();
        if let Some((id, room)) = here.and_then(|id| Some((id, self.replica.room(id)?)))
            && let Some(view) = self.views.get_mut(id)
        {
            let me = self.replica.you().map(|you| &you.chat_id);
            view.reading
                .observe(&room.timeline, me, before.as_ref() == Some(id), now);
        }
        if now {
            self.drop_read_messages();
        }
        // The replica counts the unread messages after it, and sends it when it is asked to.
        for (id, view) in &self.views {
            if let Some(read) = view.reading.read() {
                self.replica.read(id, read);
            }
        }
    }

    /// Drops messages that were read and are far above the view, so that a page that is open all day stays
    /// fast. The rest is more than twice as high as the view, since older messages are loaded again at half
    /// of that.
    fn drop_read_messages(&mut self) {
        let Some(height) = self.height else { return };
        let kept = (2 * height / ROW_PX + 1).max(2 * CHUNK);
        let read = self.view().is_some_and(|view| view.reading.unread() == 0);
        let cursor = self.current_room().map_or(0, |room| room.timeline.cursor().0);
        let first = cursor.saturating_sub(kept) / CHUNK * CHUNK;
        if let Some(room) = self.room.as_ref().filter(|_| read && first > 0) {
            self.replica.let_go(room, Position(first - 1));
        }
    }
}
