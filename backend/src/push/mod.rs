//! Web Push: who has no page open is told by their browser's push service of what concerns them.
//!
//! Best effort, and off the log's thread: what is lost here is unread in the room. Owns what waits to be sent, in memory
//! only. Who is to be told, and whether they still may be, is asked of the tables and of the access cache when it is sent.

mod concern;
mod delivery;
mod endpoint;
mod post;
mod queue;
mod quiet;
mod seal;
mod vapid;
mod windows;

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD},
};
use snug_shared::{
    api::NewPush,
    code::Code,
    ids::{ChatId, SessionId},
    messages::{Logged, Message},
};
use tokio::sync::Notify;

pub use self::{
    concern::{Listener, Urgency, concern},
    post::run,
    vapid::Vapid,
};
use self::{
    endpoint::Endpoint,
    seal::{Keys, seal},
};
use crate::{
    features::push::Subscription,
    metrics::{Metrics, Pushed},
    outgoing::Outgoing,
};

/// Messages that may wait until it is known whom they concern.
const HEARD: usize = 1_024;

/// Guests of whom it is remembered that they came in.
const GUESTS: usize = 16_384;

/// Browsers write Base64 without padding, as RFC 8291 does; others who are sent pushes may not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What pushes are made of, and the messages they may be made of.
pub struct Pushes {
    vapid: Vapid,
    outgoing: Outgoing,
    metrics: Metrics,
    /// Whether anybody has ever been sent any here: otherwise nothing is gathered.
    wanted: AtomicBool,
    heard: Mutex<VecDeque<Message>>,
    bell: Notify,
    /// The guests who came in last, in their order.
    guests: Mutex<(HashSet<ChatId>, VecDeque<ChatId>)>,
}

impl Pushes {
    /// Under this name, to where that leads.
    #[must_use]
    pub fn new(vapid: Vapid, outgoing: Outgoing, wanted: bool, metrics: Metrics) -> Self {
        Self {
            vapid,
            outgoing,
            metrics,
            wanted: wanted.into(),
            heard: Mutex::default(),
            bell: Notify::new(),
            guests: Mutex::default(),
        }
    }

    /// A guest has come in.
    pub fn guest_came_in(&self, guest: &ChatId) {
        let (known, order) = &mut *self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert(guest.clone()) {
            order.push_back(guest.clone());
        }
        if order.len() > GUESTS
            && let Some(oldest) = order.pop_front()
        {
            known.remove(&oldest);
        }
    }

    /// Whether a guest has come in here: who has a cookie only is not sent pushes.
    #[must_use]
    pub fn has_come_in(&self, guest: &ChatId) -> bool {
        let guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        guests.0.contains(guest)
    }

    /// With what a browser subscribes.
    #[must_use]
    pub fn key(&self) -> &str {
        self.vapid.public()
    }

    /// A browser that wants to be sent pushes, looked at once.
    pub fn browser(&self, new: NewPush, session: Option<SessionId>) -> Result<Subscription, Code> {
        let endpoint = Endpoint::try_from(new.endpoint).map_err(|()| Code::BadPush)?;
        let keys = keys(&new.keys.p256dh, &new.keys.auth).ok_or(Code::BadPush)?;
        // Whether the key is a point of the curve is known when something is sealed with it.
        let sealed = seal(&keys, &[]);
        if sealed.is_err() || self.outgoing.would_refuse(endpoint.uri()) {
            return Err(Code::BadPush);
        }
        self.wanted.store(true, Ordering::Relaxed);
        Ok(Subscription {
            endpoint: endpoint.as_str().to_owned(),
            key: URL_SAFE_NO_PAD.encode(keys.key),
            auth: URL_SAFE_NO_PAD.encode(keys.auth),
            session,
            zone: new.zone.as_deref().and_then(quiet::zone),
            quiet: new.quiet,
        })
    }

    /// This was said, and is durable. Never waits: if too much does already, the oldest is not told of.
    pub fn hear(&self, entries: &[Logged]) {
        if !self.wanted.load(Ordering::Relaxed) {
            return;
        }
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for message in entries.iter().filter_map(Logged::message) {
            if heard.len() >= HEARD {
                heard.pop_front();
                self.metrics.pushed(Pushed::Dropped);
            }
            heard.push_back(message.clone());
        }
        self.bell.notify_one();
    }

    /// What was said since the last time, once there is something.
    async fn heard(&self) -> Vec<Message> {
        loop {
            let heard: Vec<_> = (self.heard.lock().unwrap_or_else(PoisonError::into_inner))
                .drain(..)
                .collect();
            if !heard.is_empty() {
                return heard;
            }
            self.bell.notified().await;
        }
    }
}

fn keys(key: &str, auth: &str) -> Option<Keys> {
    Some(Keys {
        key: LENIENT.decode(key).ok()?.try_into().ok()?,
        auth: LENIENT.decode(auth).ok()?.try_into().ok()?,
    })
}
