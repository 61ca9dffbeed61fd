//! What the page knows, and the only place where it changes.
//!
//! Drives the [`Replica`]: hands it what the connection brings, does what it asks, and keeps what
//! must outlive the page. Components read it through [`use_store`] and render again only when what
//! they selected has changed.

#[cfg(test)]
pub(crate) mod fixture;
mod hook;
mod lifecycle;
mod listeners;
mod reading;

use std::{
    cell::{Ref, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use snug_shared::{
    ids::{ChatId, Key, Millis, Position, RoomId},
    replica::{Ask, Replica, Room},
    text::MessageBody,
    wire::{ClientFrame, ServerFrame},
};

pub(crate) use self::{
    hook::{Shared, use_selected, use_store},
    listeners::Subscription,
    reading::Reading,
};
use self::{lifecycle::Lifecycle, listeners::Listeners};
use crate::{
    browser,
    client::{
        Connection, Event, Link, http,
        saving::{self, KeptOutbox, Profile},
    },
};

/// How the loading of older messages stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Older {
    #[default]
    Idle,
    Loading,
    Failed,
}

/// What components select from.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) replica: Replica,
    pub(crate) room: RoomId,
    pub(crate) link: Link,
    pub(crate) online: bool,
    pub(crate) visible: bool,
    pub(crate) reading: Reading,
    pub(crate) older: Older,
    /// Grows whenever messages or pending ones may have changed.
    pub(crate) revision: u64,
    /// Grows whenever who is online may have changed.
    pub(crate) comings: u64,
    /// Grows with everything one says.
    pub(crate) said: u64,
    /// Whether the newest end of the timeline is in view.
    at_bottom: bool,
    /// Where the room's log ended when the connection was welcomed.
    head: Position,
}

impl State {
    /// The room that is shown.
    pub(crate) fn here(&self) -> Option<&Room> {
        self.replica.room(&self.room)
    }

    pub(crate) fn is_at_bottom(&self) -> bool {
        self.at_bottom
    }

    fn cursor(&self) -> Position {
        self.here().map_or(Position::START, |room| room.timeline.cursor())
    }

    /// Whether one is looking at the newest message that there is. While the page is catching up,
    /// nobody has seen what has yet to come.
    fn attentive(&self) -> bool {
        self.visible && self.at_bottom && self.replica.is_live() && self.cursor() >= self.head
    }
}

/// See the module.
pub(crate) struct Store {
    this: Weak<Self>,
    state: RefCell<State>,
    listeners: Listeners,
    connection: RefCell<Option<Connection>>,
    lifecycle: RefCell<Option<Lifecycle>>,
    kept: KeptOutbox,
}

impl Store {
    pub(crate) fn new() -> Rc<Self> {
        let room = RoomId::lobby();
        let kept = KeptOutbox::default();
        let state = State {
            replica: Replica::new(room.clone(), kept.adopt()),
            reading: Reading::resumed(saving::last_read(&room)),
            room,
            link: Link::Off,
            online: browser::is_online(),
            visible: browser::is_visible(),
            older: Older::Idle,
            revision: 0,
            comings: 0,
            said: 0,
            at_bottom: true,
            head: Position::START,
        };
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            state: RefCell::new(state),
            listeners: Listeners::default(),
            connection: RefCell::default(),
            lifecycle: RefCell::default(),
            kept,
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
        self.connect(this);
    }

    /// Says that one leaves, and disconnects.
    pub(crate) fn leave(&self) {
        self.lifecycle.take();
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
        self.connection.take();
        self.change(|state| {
            state.replica.disconnected();
            state.link = Link::Off;
            state.revision += 1;
        });
    }

    /// Somebody waits, or the network is back.
    pub(crate) fn hurry(&self) {
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.hurry();
        }
    }

    /// Says something. It is shown at once and sent when it can be.
    pub(crate) fn say(&self, text: MessageBody) {
        let key = Key::try_from(uuid::Uuid::now_v7().to_string()).expect("a UUID is a key");
        self.ask(|state| {
            state.said += 1;
            state.reading.answered();
            let at = Millis(browser::now() as i64);
            state.replica.say(key, state.room.clone(), text, at)
        });
    }

    pub(crate) fn try_again(&self, key: &Key) {
        self.ask(|state| state.replica.try_again(key));
    }

    pub(crate) fn discard(&self, key: &Key) {
        self.ask(|state| {
            state.replica.discard(key);
            Vec::new()
        });
    }

    /// Whether the newest end of the timeline is in view.
    pub(crate) fn at_bottom(&self, is: bool) {
        if self.state().at_bottom != is {
            self.change(|state| state.at_bottom = is);
        }
    }

    /// Loads a page of what was said before.
    pub(crate) fn load_older(&self) {
        let (room, after, older) = {
            let state = self.state();
            let after = state.here().map_or(Position::START, |room| room.timeline.after());
            (state.room.clone(), after, state.older)
        };
        let Some(store) = self.this.upgrade() else { return };
        if after == Position::START || older == Older::Loading {
            return;
        }
        self.change(|state| state.older = Older::Loading);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = http::before(&room, after.next()).await;
            store.change(|state| match answer {
                Ok(page) => {
                    state.replica.older(page);
                    state.older = Older::Idle;
                    state.revision += 1;
                }
                Err(_) => state.older = Older::Failed,
            });
        });
    }

    fn heard(&self, event: Event) {
        match event {
            Event::Link(link) => self.change(|state| {
                state.link = link;
                state.revision += 1;
            }),
            Event::Open(person) => self.hello(person),
            Event::Lost => self.change(|state| {
                state.replica.disconnected();
                state.revision += 1;
            }),
            Event::Frame(frame @ (ServerFrame::SaveUserInfo(_) | ServerFrame::CloseConnection(_))) => {
                self.change(|state| {
                    let asks = state.replica.apply(frame);
                    debug_assert!(asks.is_empty(), "the roster asks for nothing");
                    state.comings += 1;
                });
            }
            Event::Frame(ServerFrame::Pong) => {}
            Event::Frame(frame) => self.ask(|state| {
                if let ServerFrame::Welcome(welcome) = &frame {
                    let here = welcome.rooms.iter().find(|head| head.room == state.room);
                    state.head = here.map_or(Position::START, |head| head.n);
                    state.older = Older::Idle;
                }
                state.replica.apply(frame)
            }),
        }
    }

    fn hello(&self, person: ChatId) {
        let Some(Profile { name, avatar }) = saving::profile() else {
            return;
        };
        let mut hello = self
            .state()
            .replica
            .hello(name.as_str(), Some(avatar.to_string()));
        // The cookie decides who one is. It may be another person than before: the server has begun
        // anew from a backup, or somebody has emptied this browser.
        if let ClientFrame::SaveUserInfo(hello) = &mut hello {
            hello.chat_id = Some(person.into());
        }
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.send(&hello);
        }
    }

    /// Changes the replica, does what it asks for, and keeps what is yet to be sent.
    fn ask(&self, change: impl FnOnce(&mut State) -> Vec<Ask>) {
        let mut asks = Vec::new();
        self.change(|state| {
            asks = change(state);
            state.revision += 1;
            // Kept before it is sent: what the server has and the browser forgot would be harmless,
            // the other way round would be a lost word.
            self.kept.keep(state.replica.outbox().pending());
        });
        self.obey(asks);
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
                    let this = self.this.clone();
                    Timeout::new(ms, move || {
                        if let Some(store) = this.upgrade() {
                            store.ask(|state| state.replica.send_next());
                        }
                    })
                    .forget();
                }
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            let before = (state.attentive(), state.reading.read());
            change(state);
            let now = state.attentive();
            let me = state.replica.you().map(|you| &you.chat_id);
            if let Some(room) = state.replica.room(&state.room) {
                state.reading.observe(&room.timeline, me, before.0, now);
            }
            if let (Some(read), true) = (state.reading.read(), state.reading.read() != before.1) {
                saving::keep_last_read(&state.room, read);
            }
        }
        self.listeners.call();
    }
}
