//! Web Push: notifies users who see no page through their browsers' push services.
//!
//! Best effort, and off the log's thread: a message whose push is lost is still unread in the room. The pushes that wait are
//! stored in memory only. The recipients, and whether they may still be notified, are read from the tables and the access cache
//! when a push is sent.

mod delivery;
mod encrypt;
mod endpoint;
mod policy;
mod queue;
mod quiet;
mod sender;
mod throttle;
mod vapid;

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD},
};
use snug_shared::{
    api::PushSubscription,
    error_code::ErrorCode,
    ids::{ChatId, SessionId},
    messages::{Logged, Message},
};
use tokio::sync::Notify;

use self::{
    encrypt::{Keys, encrypt},
    endpoint::Endpoint,
};
pub use self::{
    policy::{Recipient, Urgency, urgency_for},
    sender::run,
    vapid::Vapid,
};
use crate::{
    access_cache::AccessCache,
    egress::Egress,
    features::push::Subscription,
    hub::Hub,
    log::Log,
    metrics::{Metrics, Pushed},
    store::read::Readers,
};

/// Messages that may wait until their recipients are known.
const MAX_PENDING: usize = 1_024;

/// Guests who are remembered to have joined since the start.
const GUESTS: usize = 16_384;

/// Browsers write Base64 without padding, as RFC 8291 does; other recipients of pushes may not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The parts of the server that the task of pushes reads and writes.
#[derive(Clone)]
pub struct Services {
    /// The messages that wait, and the connections to push services.
    pub pushes: Arc<Pushes>,
    /// Who is online, and the rooms.
    pub hub: Arc<Hub>,
    /// Who may still be notified.
    pub access: Arc<AccessCache>,
    /// The subscriptions.
    pub readers: Readers,
    /// Stores which subscriptions have failed or ended.
    pub log: Log,
}

/// The keys and the connections of pushes, and the messages that wait to be pushed.
pub struct Pushes {
    vapid: Vapid,
    egress: Egress,
    metrics: Metrics,
    /// Whether any browser has ever subscribed here: without one, no messages are gathered.
    wanted: AtomicBool,
    pending: Mutex<VecDeque<Message>>,
    wake: Notify,
    /// The guests who joined last, in the order in which they joined.
    guests: Mutex<(HashSet<ChatId>, VecDeque<ChatId>)>,
}

impl Pushes {
    /// Creates the state of pushes, which are signed by `vapid` and sent by `egress`. `wanted` is whether any browser is
    /// subscribed.
    #[must_use]
    pub fn new(vapid: Vapid, egress: Egress, wanted: bool, metrics: Metrics) -> Self {
        Self {
            vapid,
            egress,
            metrics,
            wanted: wanted.into(),
            pending: Mutex::default(),
            wake: Notify::new(),
            guests: Mutex::default(),
        }
    }

    /// Stores that a guest has joined.
    pub fn guest_joined(&self, guest: &ChatId) {
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

    /// Returns whether a guest has joined since the start: a guest with no more than a cookie receives no pushes.
    #[must_use]
    pub fn has_joined(&self, guest: &ChatId) -> bool {
        let guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        guests.0.contains(guest)
    }

    /// Returns the public key with which a browser subscribes.
    #[must_use]
    pub fn key(&self) -> &str {
        self.vapid.public()
    }

    /// Validates a browser's subscription.
    ///
    /// # Errors
    /// [`ErrorCode::BadPush`] if its endpoint or its keys are not valid, or nothing may be sent to the endpoint.
    pub fn validate_subscription(
        &self,
        new: PushSubscription,
        session: Option<SessionId>,
    ) -> Result<Subscription, ErrorCode> {
        let endpoint = Endpoint::try_from(new.endpoint).map_err(|()| ErrorCode::BadPush)?;
        let keys = keys(&new.keys.p256dh, &new.keys.auth).ok_or(ErrorCode::BadPush)?;
        // Encrypting shows whether the key is a point of the curve.
        let encrypted = encrypt(&keys, &[]);
        if encrypted.is_err() || self.egress.is_forbidden(endpoint.uri()) {
            return Err(ErrorCode::BadPush);
        }
        self.wanted.store(true, Ordering::Relaxed);
        Ok(Subscription {
            endpoint: endpoint.as_str().to_owned(),
            key: URL_SAFE_NO_PAD.encode(keys.key),
            auth: URL_SAFE_NO_PAD.encode(keys.auth),
            session,
            time_zone: new.time_zone.as_deref().and_then(quiet::zone),
            quiet_hours: new.quiet_hours,
        })
    }

    /// Queues durable messages for pushes. Never waits: above the limit, the oldest message is dropped.
    pub fn enqueue(&self, entries: &[Logged]) {
        if !self.wanted.load(Ordering::Relaxed) {
            return;
        }
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for message in entries.iter().filter_map(Logged::message) {
            if pending.len() >= MAX_PENDING {
                pending.pop_front();
                self.metrics.pushed(Pushed::Dropped);
            }
            pending.push_back(message.clone());
        }
        self.wake.notify_one();
    }

    /// Waits for messages and takes them.
    async fn next_messages(&self) -> Vec<Message> {
        loop {
            let pending: Vec<_> = (self.pending.lock().unwrap_or_else(PoisonError::into_inner))
                .drain(..)
                .collect();
            if !pending.is_empty() {
                return pending;
            }
            self.wake.notified().await;
        }
    }
}

fn keys(key: &str, auth: &str) -> Option<Keys> {
    Some(Keys {
        key: LENIENT.decode(key).ok()?.try_into().ok()?,
        auth: LENIENT.decode(auth).ok()?.try_into().ok()?,
    })
}
