//! What a connection's reading half has for its writing half.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snug_shared::{
    code::Close,
    ids::{Position, RoomId, SessionId},
    lang::Lang,
};
use tokio::sync::Notify;

use crate::{
    app::App,
    hub::{Bell, Change, Frame, Memberships, Room},
    rates::Spender,
};

/// Bytes that may wait. Above it nothing more is read from the client: whoever asks must listen too.
const FULL: usize = 64 * 1024;

/// One thing for the writing half, which takes them in order.
pub enum Letter {
    /// Write this.
    Frame(Frame),
    /// Begin to read these rooms, each from there, on that account if it is anybody's, and follow what the person joins and leaves after
    /// that change.
    Read(
        Vec<(Arc<Room>, Position)>,
        Arc<Memberships>,
        Change,
        Option<Account>,
    ),
    /// Tell what happens to the account after this number, but for what the session of this connection does.
    Notice(Change, Option<SessionId>),
    /// Say again whether the person is in a room: as of when it is written, since they may have joined or
    /// left it meanwhile.
    SayAgain(RoomId),
    /// Read a room on from there, on that account.
    ReadOn(RoomId, Position, Account),
    /// Write a close frame, and nothing after it.
    Close(Close),
    /// End when everything before this is written.
    End,
}

/// On whose account something is read back.
pub struct Account {
    /// The server.
    pub app: App,
    /// Who spends.
    pub spender: Spender,
    /// The language of a refusal.
    pub lang: Lang,
}

/// Bounded, since its owner stops reading while it is [full](Mailbox::has_room).
pub struct Mailbox {
    inner: Mutex<Inner>,
    /// Rung for the writing half, by the hub too.
    pub bell: Arc<Bell>,
    emptied: Notify,
}

#[derive(Default)]
struct Inner {
    letters: Vec<Letter>,
    bytes: usize,
}

impl Mailbox {
    /// An empty one.
    pub fn new(bell: Arc<Bell>) -> Self {
        Self {
            inner: Mutex::default(),
            bell,
            emptied: Notify::new(),
        }
    }

    /// Puts something in.
    pub fn put(&self, letter: Letter) {
        let mut inner = self.inner();
        if let Letter::Frame(frame) = &letter {
            inner.bytes += frame.size();
        }
        inner.letters.push(letter);
        drop(inner);
        self.bell.ring();
    }

    /// Takes everything out.
    pub fn take(&self) -> Vec<Letter> {
        let mut inner = self.inner();
        let was_full = std::mem::take(&mut inner.bytes) > FULL;
        let letters = std::mem::take(&mut inner.letters);
        drop(inner);
        // Otherwise nobody waits for it.
        if was_full {
            self.emptied.notify_one();
        }
        letters
    }

    /// Waits until there is room.
    pub async fn has_room(&self) {
        while self.inner().bytes > FULL {
            self.emptied.notified().await;
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
