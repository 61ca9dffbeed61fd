//! Holds the page's state, and is the only place where it changes.
//!
//! Drives the [`Replica`]: passes frames to it, runs the effects that it returns, and saves what
//! must outlive the page. Components read the state through [`use_store`] and [`use_selected`], and
//! render again only when the selected part has changed.

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
mod posting_limits;
mod presence;
mod queue;
mod reading;
mod requests;
mod room_addresses;
mod settings;
mod settings_sync;
mod sleep;
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
    messages::Message,
    replica::{Effect, Replica},
    text::{MessageBody, RoomName},
    wire::{ClientFrame, ServerFrame},
};
use yew::Callback;

pub(crate) use self::{
    hook::{ServerRequest, Shared, use_selected, use_server_request, use_store},
    listeners::Subscription,
    open_direct::OpenDirect,
    reading::Reading,
    requests::RequestState,
    room_addresses::{addresses, by_id, by_name, is_id, name_of},
    state::{AccessState, CHUNK, State},
    view::{JumpState, LoadState, ScrollTarget, Spot},
};
use self::{lifecycle::Lifecycle, listeners::Listeners, requests::ToSend};
use crate::{
    browser,
    client::{
        Connection, ConnectionState, Event, StopReason, http, push,
        storage::{self, StoredQueue},
        tabs::TabLock,
    },
};

/// The page's state, its connection, and its timers.
pub(crate) struct Store {
    this: Weak<Self>,
    state: RefCell<State>,
    listeners: Listeners,
    connection: RefCell<Option<Connection>>,
    lifecycle: RefCell<Option<Lifecycle>>,
    stored_queue: StoredQueue,
    /// The tab's id.
    tab: String,
    /// Held while the user has access, if tabs can detect each other.
    tab_lock: RefCell<Option<TabLock>>,
    /// The tabs whose pending messages this one takes over once they are gone.
    watched_tabs: RefCell<BTreeSet<String>>,
    /// The timer that sends the read positions.
    read_flush: RefCell<Option<Timeout>>,
    /// The timer that sends deferred messages again, and its time.
    retry: RefCell<Option<(f64, Timeout)>>,
    on_notification: RefCell<Option<Callback<Message>>>,
}

/// The time for which read positions are collected before they are sent.
const READ_FLUSH_MS: u32 = 1_000;

impl Store {
    pub(crate) fn new() -> Rc<Self> {
        let state = State::new(Replica::new(RoomId::lobby(), Vec::new()), storage::person());
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            state: RefCell::new(state),
            listeners: Listeners::default(),
            connection: RefCell::default(),
            lifecycle: RefCell::default(),
            stored_queue: StoredQueue::default(),
            tab: uuid::Uuid::now_v7().to_string(),
            tab_lock: RefCell::default(),
            watched_tabs: RefCell::default(),
            read_flush: RefCell::default(),
            retry: RefCell::default(),
            on_notification: RefCell::default(),
        })
    }

    pub(crate) fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Calls the listener after every change, until the subscription is dropped.
    pub(crate) fn subscribe(&self, listener: Rc<dyn Fn()>) -> Subscription {
        self.listeners.add(listener)
    }

    /// Connects, and stays connected until [`Store::leave`].
    pub(crate) fn enter(&self) {
        let this = self.this.clone();
        *self.lifecycle.borrow_mut() = self.this.upgrade().map(|store| Lifecycle::watch(&store));
        self.update(|state| state.visible = browser::is_visible());
        self.begin_queue();
        self.connect(this);
    }

    /// Sends a goodbye and disconnects.
    pub(crate) fn leave(&self) {
        self.lifecycle.take();
        self.end_queue();
        self.disconnect();
    }

    /// Reconnects with another name or avatar, which belong to a connection.
    pub(crate) fn enter_again(&self) {
        self.disconnect();
        self.connect(self.this.clone());
    }

    fn connect(&self, this: Weak<Self>) {
        // The old connection sends its goodbye before the new one sends its hello.
        self.connection.take();
        let connection = Connection::open(move |event| {
            if let Some(store) = this.upgrade() {
                store.on_connection_event(event);
            }
        });
        self.connection.replace(Some(connection));
    }

    fn disconnect(&self) {
        self.flush_read_positions();
        self.connection.take();
        self.update(|state| {
            state.replica.disconnected();
            state.connection = ConnectionState::Off;
            state.obstacle = None;
            state.revision += 1;
        });
    }

    /// Reconnects without waiting, or checks the connection: the user waits, or the network is available again.
    pub(crate) fn reconnect_now(&self) {
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.reconnect_now();
        }
    }

    /// Adds a message to the outbox. It is shown at once and sent when possible.
    pub(crate) fn say(&self, text: MessageBody) {
        let key = new_key();
        self.update_with_effects(|state| {
            let Some(room) = state.room.clone() else {
                return Vec::new();
            };
            state.sent_count += 1;
            if let Some(view) = state.views.get_mut(&room) {
                view.reading.clear_line();
            }
            if state.jump.is_some() {
                state.back_to_newest();
            }
            let at = Millis(browser::now() as i64);
            state.replica.say(key, room, text, at)
        });
    }

    pub(crate) fn try_again(&self, key: &Key) {
        self.update_with_effects(|state| state.replica.try_again(key));
    }

    pub(crate) fn discard(&self, key: &Key) {
        self.update_with_effects(|state| state.replica.discard(key));
    }

    /// Opens the address of a room, or of a message in it.
    pub(crate) fn show(&self, name: RoomName, n: Option<Position>) {
        if !self.state().is_at(&name, n) {
            self.update_with_effects(|state| {
                state.set_address(name, n);
                Vec::new()
            });
        }
    }

    /// Sets whether the page shows the room. Messages that arrive while it does not stay unread.
    pub(crate) fn set_room_focused(&self, at_room: bool) {
        self.update(|state| state.room_focused = at_room);
    }

    /// Sets the listener that is called for each message that deserves a notification.
    pub(crate) fn set_notification_listener(&self, listener: Option<Callback<Message>>) {
        *self.on_notification.borrow_mut() = listener;
    }

    /// Dismisses the newest security notice.
    pub(crate) fn dismiss_security_notice(&self) {
        self.update(|state| {
            state.security.pop();
            storage::save_security_notices(&state.security);
        });
    }

    /// Records the scroll position in a room's timeline (`None` is its newest end) and the view's height.
    pub(crate) fn scrolled(&self, room: &RoomId, spot: Option<Spot>, height: u64) {
        let set = |state: &mut State| {
            state.height = Some(height);
            state.set_spot(room, spot);
        };
        // Only the next visit needs the exact position: nothing is rendered again for it.
        if self.state().is_at_bottom() == spot.is_none() {
            set(&mut self.state.borrow_mut());
        } else {
            self.update(set);
        }
    }

    /// Marks the room that is shown as unread from this message on, on all devices.
    pub(crate) fn unread_from(&self, n: Position) {
        self.update(|state| {
            let room = state.room.clone();
            if let Some(view) = room.and_then(|room| state.views.get_mut(&room)) {
                view.reading.unread_from(n);
                state.revision += 1;
            }
        });
    }

    /// Marks the room that is shown as read.
    pub(crate) fn mark_read(&self) {
        self.update(|state| {
            let Some(id) = state.room.clone() else { return };
            if let (Some(view), Some(room)) = (state.views.get_mut(&id), state.replica.room(&id)) {
                view.reading.mark_read(&room.timeline);
                state.revision += 1;
            }
        });
    }

    /// Handles an event of the connection. For frequent frames, listeners are called once per animation frame.
    fn on_connection_event(&self, event: Event) {
        match &event {
            Event::Frame(
                ServerFrame::MessageReceived(_)
                | ServerFrame::UsersJoined(_)
                | ServerFrame::UsersLeft(_)
                | ServerFrame::Typing(_),
            ) => self.listeners.defer(|| self.on_event(event)),
            _ => self.on_event(event),
        }
    }

    /// Applies an event to the state.
    fn on_event(&self, event: Event) {
        match event {
            Event::State(connection) => self.update(|state| {
                state.connection = connection;
                state.revision += 1;
                if connection == ConnectionState::Live {
                    state.obstacle = None;
                }
                if let ConnectionState::Stopped(StopReason::Refused(code)) = connection
                    && http::keeps_out(code)
                {
                    state.access = AccessState::Refused(code);
                }
            }),
            Event::Obstacle(obstacle) => self.update(|state| state.obstacle = obstacle),
            Event::Open(session) => self.on_open(&session),
            Event::Lost => self.update(|state| {
                state.replica.disconnected();
                state.revision += 1;
            }),
            Event::Frame(frame @ (ServerFrame::UsersJoined(_) | ServerFrame::UsersLeft(_))) => {
                self.on_roster(frame);
            }
            // A typing frame changes no message.
            Event::Frame(frame @ ServerFrame::Typing(_)) => self.update(|state| {
                state.replica.apply(frame);
            }),
            Event::Frame(ServerFrame::Pong) => {}
            Event::Frame(ServerFrame::MessageReceived(said)) => {
                let pending = self.state().replica.outbox().has(&said.message.key);
                let notify = self.state().should_notify(&said.message);
                let addressed = self.state().is_addressed_to_me(&said.message);
                let message = notify.then(|| said.message.clone());
                self.update_with_effects(|state| {
                    if pending {
                        state
                            .posting_limits
                            .on_own_message(&said.message.room, browser::elapsed());
                    }
                    state.was_addressed |= addressed;
                    state.apply(ServerFrame::MessageReceived(said))
                });
                let listener = self.on_notification.borrow().clone();
                if let (Some(message), Some(listener)) = (message, listener) {
                    listener.emit(message);
                }
            }
            Event::Frame(ServerFrame::Settings(settings)) => self.on_settings(settings),
            Event::Frame(ServerFrame::SecurityNotice(notice)) => self.update(|state| {
                state.security.push(notice);
                storage::save_security_notices(&state.security);
            }),
            Event::Frame(frame) => {
                self.update(|state| state.posting_limits.apply(&frame, browser::elapsed()));
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
                    self.update(|state| state.other_version = newer);
                }
                let mut to_send = ToSend::default();
                self.update_with_effects(|state| {
                    to_send = state.requests.apply(&frame);
                    state.find_opened_direct();
                    state.apply(frame)
                });
                self.send_texts(to_send.texts);
                self.settle_settings();
                if let Some(ms) = to_send.retry_in {
                    self.schedule_retry(ms);
                }
                // If tabs cannot detect each other, a stored message may be of a tab that is gone. If not, it
                // is sent twice under one key.
                if welcomed && self.tab_lock.borrow().is_none() {
                    self.take_over_queues();
                }
                if ends_notifications {
                    self.close_read_notifications();
                }
            }
        }
    }

    /// Sends the read positions now.
    fn flush_read_positions(&self) {
        self.read_flush.take();
        let effects = self.state.borrow_mut().replica.flush_read_positions();
        self.run_effects(effects);
        self.close_read_notifications();
    }

    /// Closes the browser's notifications of messages that were read or deleted, on any device.
    fn close_read_notifications(&self) {
        let Some(store) = self.this.upgrade() else { return };
        if storage::push_user().is_some() {
            wasm_bindgen_futures::spawn_local(async move {
                push::close_notifications(|room, n| store.state().is_over(room, n)).await;
            });
        }
    }

    /// Updates the state, stores the outbox, and runs the effects that `change` returns.
    fn update_with_effects(&self, change: impl FnOnce(&mut State) -> Vec<Effect>) {
        let mut effects = Vec::new();
        self.update(|state| {
            effects = change(state);
            effects.extend(state.show_addressed_room());
            state.revision += 1;
            self.save_queue(state);
        });
        self.run_effects(effects);
        self.load_jump_target();
    }

    /// Stores the messages and requests that are to be sent. This comes before they are sent: a message that is stored no longer but
    /// has arrived would be harmless, the opposite would be a lost message.
    fn save_queue(&self, state: &State) {
        let requests: Vec<_> = state.requests.pending().collect();
        self.stored_queue
            .save(state.replica.outbox().pending(), &requests);
    }

    /// Asks the server for a change. `frame` builds its frame, with the key as a text. Without a connection it is sent after the
    /// next welcome. Its progress is in the state's `requests` under the returned key, until it is
    /// [forgotten](Self::forget_request).
    pub(crate) fn request(&self, frame: impl FnOnce(Option<String>) -> ClientFrame) -> Key {
        let key = new_key();
        let frame = frame(Some(key.to_string()));
        let mut text = None;
        self.update(|state| {
            text = Some(state.requests.start(key.clone(), &frame)).filter(|_| state.replica.is_live());
            self.save_queue(state);
            state.revision += 1;
        });
        self.send_texts(text);
        key
    }

    /// Drops the answer of a request, or the interest in it: a pending request is still carried out.
    pub(crate) fn forget_request(&self, key: &Key) {
        self.update(|state| state.requests.forget(key));
    }

    fn send_texts(&self, texts: impl IntoIterator<Item = String>) {
        if let Some(connection) = self.connection.borrow().as_ref() {
            texts.into_iter().for_each(|text| connection.send_text(text));
        }
    }

    /// Runs the effects that the replica has returned.
    fn run_effects(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => {
                    if let Some(connection) = self.connection.borrow().as_ref() {
                        connection.send(&frame);
                    }
                }
                Effect::SendNextIn(ms) => {
                    let turn = self.state().next_send_in(browser::elapsed());
                    self.schedule_retry(turn.map_or(ms, |turn| ms.min(turn)));
                }
            }
        }
    }

    /// Schedules one retry for all deferred messages, unless an earlier one is scheduled.
    fn schedule_retry(&self, ms: u32) {
        let at = browser::elapsed() + f64::from(ms);
        let mut retry = self.retry.borrow_mut();
        if retry.as_ref().is_some_and(|(before, _)| *before <= at) {
            return;
        }
        let this = self.this.clone();
        let timeout = Timeout::new(ms, move || {
            if let Some(store) = this.upgrade() {
                store.retry.take();
                store.update_with_effects(|state| state.replica.try_what_was_put_off());
                let mut texts = Vec::new();
                store.update(|state| texts = state.requests.retry());
                store.send_texts(texts);
            }
        });
        *retry = Some((at, timeout));
    }

    /// Updates the state, observes what the user has seen, and calls the listeners.
    fn update(&self, change: impl FnOnce(&mut State)) {
        {
            let mut state = self.state.borrow_mut();
            let before = state.room.clone().filter(|_| state.is_viewing_newest());
            change(&mut state);
            state.observe(before);
            let mut read_flush = self.read_flush.borrow_mut();
            if read_flush.is_none() && state.replica.has_unsent_reads() {
                let this = self.this.clone();
                *read_flush = Some(Timeout::new(READ_FLUSH_MS, move || {
                    if let Some(store) = this.upgrade() {
                        store.flush_read_positions();
                    }
                }));
            }
        }
        self.listeners.call();
    }
}

/// Returns a new key of a message or a request, which is later than all before.
fn new_key() -> Key {
    Key::try_from(uuid::Uuid::now_v7().to_string()).expect("a UUID is a key")
}
