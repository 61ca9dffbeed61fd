//! What the page knows, and the only place where it changes.
//!
//! Drives the [`Replica`]: hands it what the connection brings, does what it asks, and keeps what
//! must outlive the page. Components read it through [`use_store`] and render again only when what
//! they selected has changed.

mod access;
mod address;
#[cfg(test)]
pub(crate) mod fixture;
mod hook;
mod idle;
mod jump;
mod lifecycle;
mod listeners;
mod loading;
mod open_direct;
mod own_presence;
mod presence;
mod queue;
mod reading;
mod room_requests;
mod settings;
mod settings_sync;
mod sleep;
mod speech;
mod state;
mod view;

use std::{
    cell::{Ref, RefCell},
    collections::BTreeSet,
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use snug_shared::{
    ids::{Key, Millis, Position, RoomId},
    levels::Level,
    messages::Message,
    replica::{Ask, Replica},
    text::{MessageBody, RoomName, Topic},
    wire::{ClientFrame, EditRoom, OpenRoom, ServerFrame},
};
use yew::Callback;

pub(crate) use self::{
    access::AccessState,
    address::{addresses, by_id, by_name, is_id, name_of},
    hook::{Shared, use_selected, use_store},
    jump::{JumpState, ScrollTarget},
    listeners::Subscription,
    open_direct::OpenDirect,
    reading::Reading,
    state::{CHUNK, State},
    view::{LoadState, Spot},
};
use self::{lifecycle::Lifecycle, listeners::Listeners};
use crate::{
    browser,
    client::{
        Connection, Event, Link, Stop, http, push,
        storage::{self, StoredOutbox},
        tabs::Living,
    },
};

/// See the module.
pub(crate) struct Store {
    this: Weak<Self>,
    state: RefCell<State>,
    listeners: Listeners,
    connection: RefCell<Option<Connection>>,
    lifecycle: RefCell<Option<Lifecycle>>,
    stored_outbox: StoredOutbox,
    /// What other tabs know this one by.
    tab: String,
    /// It is there for as long as one is inside, where tabs can know of each other.
    living: RefCell<Option<Living>>,
    /// The tabs that this one waits for to be gone.
    watched: RefCell<BTreeSet<String>>,
    /// When what was read is told.
    telling: RefCell<Option<Timeout>>,
    /// When what waits is sent again.
    again: RefCell<Option<(f64, Timeout)>>,
    notice: RefCell<Option<Callback<Message>>>,
}

/// How long reading on is gathered until the server is told of it.
const READING_MS: u32 = 1_000;

impl Store {
    pub(crate) fn new() -> Rc<Self> {
        let state = State::new(Replica::new(RoomId::lobby(), Vec::new()), storage::person());
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            state: RefCell::new(state),
            listeners: Listeners::default(),
            connection: RefCell::default(),
            lifecycle: RefCell::default(),
            stored_outbox: StoredOutbox::default(),
            tab: uuid::Uuid::now_v7().to_string(),
            living: RefCell::default(),
            watched: RefCell::default(),
            telling: RefCell::default(),
            again: RefCell::default(),
            notice: RefCell::default(),
        })
    }

    pub(crate) fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Hears of every change until it is dropped.
    pub(crate) fn subscribe(&self, listener: Rc<dyn Fn()>) -> Subscription {
        self.listeners.add(listener)
    }

    /// Connects, and stays connected until [`Store::leave`].
    pub(crate) fn enter(&self) {
        let this = self.this.clone();
        *self.lifecycle.borrow_mut() = self.this.upgrade().map(|store| Lifecycle::watch(&store));
        self.change(|state| state.visible = browser::is_visible());
        self.begin_queue();
        self.connect(this);
    }

    /// Says that one leaves, and disconnects.
    pub(crate) fn leave(&self) {
        self.lifecycle.take();
        self.end_queue();
        self.disconnect();
    }

    /// Leaves and enters again: nickname and avatar belong to a connection.
    pub(crate) fn enter_again(&self) {
        self.disconnect();
        self.connect(self.this.clone());
    }

    fn connect(&self, this: Weak<Self>) {
        // The old connection says goodbye before the new one says hello.
        self.connection.take();
        let connection = Connection::open(move |event| {
            if let Some(store) = this.upgrade() {
                store.heard(event);
            }
        });
        self.connection.replace(Some(connection));
    }

    fn disconnect(&self) {
        self.tell_what_was_read();
        self.connection.take();
        self.change(|state| {
            state.replica.disconnected();
            state.link = Link::Off;
            state.obstacle = None;
            state.revision += 1;
        });
    }

    /// Reconnects without waiting, or checks the connection: the user waits, or the network is back.
    pub(crate) fn reconnect_now(&self) {
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.reconnect_now();
        }
        self.send_unsent_settings();
    }

    /// Says something. It is shown at once and sent when it can be.
    pub(crate) fn say(&self, text: MessageBody) {
        let key = Key::try_from(uuid::Uuid::now_v7().to_string()).expect("a UUID is a key");
        self.ask(|state| {
            let Some(room) = state.room.clone() else {
                return Vec::new();
            };
            state.said += 1;
            if let Some(view) = state.views.get_mut(&room) {
                view.reading.line_is_old();
            }
            if state.jump.is_some() {
                state.back_to_newest();
            }
            let at = Millis(browser::now() as i64);
            state.replica.say(key, room, text, at)
        });
    }

    pub(crate) fn try_again(&self, key: &Key) {
        self.ask(|state| state.replica.try_again(key));
    }

    pub(crate) fn discard(&self, key: &Key) {
        self.ask(|state| state.replica.discard(key));
    }

    /// Shows the room of this name, or that one is not in it; a message of it with what surrounds it.
    pub(crate) fn show(&self, name: RoomName, n: Option<Position>) {
        if !self.state().is_at(&name, n) {
            self.ask(|state| {
                state.go_to(name, n);
                Vec::new()
            });
        }
    }

    /// Sets whether the page shows the room. Messages that arrive while it does not stay unread.
    pub(crate) fn set_room_focused(&self, at_room: bool) {
        self.change(|state| state.room_focused = at_room);
    }

    /// Requests to open a room. Its progress is in the state's `room_requests`.
    pub(crate) fn open_room(&self, name: &RoomName, topic: &Topic, private: bool) -> RoomId {
        let room = RoomId::try_from(uuid::Uuid::now_v7().to_string()).expect("a UUID is an id");
        let frame = ClientFrame::OpenRoom(OpenRoom {
            room: room.to_string(),
            name: name.to_string(),
            topic: topic.to_string(),
            private,
        });
        self.send_room_request(room.clone(), frame);
        room
    }

    /// Requests to join a room.
    pub(crate) fn join_room(&self, room: &RoomId) {
        let id = room.to_string();
        self.send_room_request(room.clone(), ClientFrame::JoinRoom { room: id });
    }

    /// Requests to leave a room.
    pub(crate) fn leave_room(&self, room: &RoomId) {
        let id = room.to_string();
        self.send_room_request(room.clone(), ClientFrame::LeaveRoom { room: id });
    }

    /// Requests to change a room.
    pub(crate) fn edit_room(&self, room: &RoomId, edit: EditRoom) {
        let edit = EditRoom {
            room: room.to_string(),
            ..edit
        };
        self.send_room_request(room.clone(), ClientFrame::EditRoom(edit));
    }

    /// Requests another notification level for a room.
    pub(crate) fn set_level(&self, room: &RoomId, level: Level) {
        let id = room.to_string();
        self.send_room_request(room.clone(), ClientFrame::SetLevel { room: id, level });
    }

    /// Tells of each message that is worth a notice.
    pub(crate) fn give_notice(&self, notice: Option<Callback<Message>>) {
        *self.notice.borrow_mut() = notice;
    }

    /// The newest of what happened to one's account was oneself, or was dealt with.
    pub(crate) fn dismiss_security_notice(&self) {
        self.change(|state| {
            state.security.pop();
            storage::save_security_notices(&state.security);
        });
    }

    /// Dismisses the refusal of a request about a room.
    pub(crate) fn dismiss_room_request(&self, room: &RoomId) {
        self.change(|state| state.room_requests.dismiss(room));
    }

    /// Starts a request about a room. Without a connection it is sent after the next welcome.
    fn send_room_request(&self, room: RoomId, frame: ClientFrame) {
        self.ask(|state| {
            state.room_requests.start(room, frame.clone());
            let live = state.replica.is_live();
            live.then_some(Ask::Send(frame)).into_iter().collect()
        });
    }

    /// Where one is in a room's timeline, in a view of this height; nowhere is its newest end.
    pub(crate) fn scrolled(&self, room: &RoomId, spot: Option<Spot>, height: u64) {
        let set = |state: &mut State| {
            state.height = Some(height);
            state.keep_spot(room, spot);
        };
        // Where exactly is nobody's business but the next visit's.
        if self.state().is_at_bottom() == spot.is_none() {
            set(&mut self.state.borrow_mut());
        } else {
            self.change(set);
        }
    }

    /// One wants to read the room that is shown again from this message on, on whatever device.
    pub(crate) fn unread_from(&self, n: Position) {
        self.change(|state| {
            let room = state.room.clone();
            if let Some(view) = room.and_then(|room| state.views.get_mut(&room)) {
                view.reading.unread_from(n);
                state.revision += 1;
            }
        });
    }

    /// Marks everything in the room that is shown as read.
    pub(crate) fn mark_read(&self) {
        self.change(|state| {
            let Some(id) = state.room.clone() else { return };
            if let (Some(view), Some(room)) = (state.views.get_mut(&id), state.replica.room(&id)) {
                view.reading.mark_read(&room.timeline);
                state.revision += 1;
            }
        });
    }

    fn heard(&self, event: Event) {
        match &event {
            Event::Frame(
                ServerFrame::ReceiveMessage(_)
                | ServerFrame::SaveUserInfo(_)
                | ServerFrame::CloseConnection(_)
                | ServerFrame::Typing(_),
            ) => self.listeners.gather(|| self.take(event)),
            _ => self.take(event),
        }
    }

    fn take(&self, event: Event) {
        match event {
            Event::Link(link) => self.change(|state| {
                state.link = link;
                state.revision += 1;
                if link == Link::Live {
                    state.obstacle = None;
                }
                if let Link::Stopped(Stop::Refused(code)) = link
                    && http::keeps_out(code)
                {
                    state.access = AccessState::Refused(code);
                }
            }),
            Event::Obstacle(obstacle) => self.change(|state| state.obstacle = obstacle),
            Event::Open(session) => self.on_open(&session),
            Event::Lost => self.change(|state| {
                state.replica.disconnected();
                state.revision += 1;
            }),
            Event::Frame(frame @ (ServerFrame::SaveUserInfo(_) | ServerFrame::CloseConnection(_))) => {
                self.on_roster(frame);
            }
            // Nothing that was said changes by it.
            Event::Frame(frame @ ServerFrame::Typing(_)) => self.change(|state| {
                state.replica.apply(frame);
            }),
            Event::Frame(ServerFrame::Pong) => {}
            Event::Frame(ServerFrame::ReceiveMessage(said)) => {
                let pending = self.state().replica.outbox().has(&said.message.key);
                let worth_it = self.state().is_worth_a_notice(&said.message);
                let to_me = self.state().is_said_to_me(&said.message);
                let message = worth_it.then(|| said.message.clone());
                self.ask(|state| {
                    if pending {
                        state.speech.spoke(&said.message.room, browser::elapsed());
                    }
                    state.said_to_me |= to_me;
                    state.apply(ServerFrame::ReceiveMessage(said))
                });
                let notice = self.notice.borrow().clone();
                if let (Some(message), Some(notice)) = (message, notice) {
                    notice.emit(message);
                }
            }
            Event::Frame(ServerFrame::Settings(settings)) => self.on_settings(settings),
            Event::Frame(ServerFrame::SecurityNotice(notice)) => self.change(|state| {
                state.security.push(notice);
                storage::save_security_notices(&state.security);
            }),
            Event::Frame(frame) => {
                self.change(|state| state.speech.hear(&frame, browser::elapsed()));
                let ends_notifications = matches!(
                    frame,
                    ServerFrame::Welcome(_)
                        | ServerFrame::Room(_)
                        | ServerFrame::LeftRoom { .. }
                        | ServerFrame::Deleted(_)
                );
                let welcomed = matches!(frame, ServerFrame::Welcome(_));
                if let ServerFrame::Welcome(welcome) = &frame {
                    let newer = welcome.version != env!("CARGO_PKG_VERSION");
                    self.change(|state| state.other_version = newer);
                }
                self.ask(|state| state.apply(frame));
                // Where tabs do not know of each other, what is kept may be of one that is gone. If not, it is sent twice and said once.
                if welcomed && self.living.borrow().is_none() {
                    self.take_over_queues();
                }
                if ends_notifications {
                    self.withdraw_notifications();
                }
            }
        }
    }

    fn tell_what_was_read(&self) {
        self.telling.take();
        let asks = self.state.borrow_mut().replica.tell_what_was_read();
        self.obey(asks);
        self.withdraw_notifications();
    }

    /// Closes the browser's notifications of messages that were read or deleted, on whatever device.
    fn withdraw_notifications(&self) {
        let Some(store) = self.this.upgrade() else { return };
        if storage::push_user().is_some() {
            wasm_bindgen_futures::spawn_local(async move {
                push::close_notifications(|room, n| store.state().is_over(room, n)).await;
            });
        }
    }

    /// Changes the replica, does what it asks for, and keeps what is yet to be sent.
    fn ask(&self, change: impl FnOnce(&mut State) -> Vec<Ask>) {
        let mut asks = Vec::new();
        self.change(|state| {
            asks = change(state);
            asks.extend(state.follow());
            state.revision += 1;
            // Kept before it is sent: what the server has and the browser forgot would be harmless,
            // the other way round would be a lost word.
            self.stored_outbox.save(state.replica.outbox().pending());
        });
        self.obey(asks);
        self.load_jump_target();
    }

    fn obey(&self, asks: Vec<Ask>) {
        for ask in asks {
            match ask {
                Ask::Send(frame) => {
                    if let Some(connection) = self.connection.borrow().as_ref() {
                        connection.send(&frame);
                    }
                }
                Ask::SendNextIn(ms) => {
                    let turn = self.state().next_turn_in(browser::elapsed());
                    self.send_next_in(turn.map_or(ms, |turn| ms.min(turn)));
                }
            }
        }
    }

    /// Once, for all that waits: each would otherwise ask anew for as long as it is put off.
    fn send_next_in(&self, ms: u32) {
        let at = browser::elapsed() + f64::from(ms);
        let mut again = self.again.borrow_mut();
        if again.as_ref().is_some_and(|(before, _)| *before <= at) {
            return;
        }
        let this = self.this.clone();
        let timeout = Timeout::new(ms, move || {
            if let Some(store) = this.upgrade() {
                store.again.take();
                store.ask(|state| state.replica.try_what_was_put_off());
            }
        });
        *again = Some((at, timeout));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        {
            let mut state = self.state.borrow_mut();
            let before = state.room.clone().filter(|_| state.is_viewing_newest());
            change(&mut state);
            state.observe(before);
            let mut telling = self.telling.borrow_mut();
            if telling.is_none() && state.replica.has_read_on() {
                let this = self.this.clone();
                *telling = Some(Timeout::new(READING_MS, move || {
                    if let Some(store) = this.upgrade() {
                        store.tell_what_was_read();
                    }
                }));
            }
        }
        self.listeners.call();
    }
}
