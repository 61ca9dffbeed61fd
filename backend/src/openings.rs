//! Limits how fast each network may open rooms, conversations and push subscriptions. The limit is checked before anything is
//! submitted.
//!
//! How many of them there may be is checked by `apply`, which knows no addresses. Guests and members have separate rates, so that
//! guests behind an address use up nothing of the members' allowance there.

use std::time::Duration;

use governor::Quota;
use snug_shared::people::Role;
use tokio::sync::Notify;

use crate::{
    config::{Config, PerMinute},
    network::{ClientNetwork, NetworkRate},
};

/// Limits how fast rooms, conversations and subscriptions are opened.
pub struct Openings {
    guests: NetworkRate,
    members: NetworkRate,
    guest_pushes: NetworkRate,
}

impl Openings {
    /// Creates the limits with the rates of the settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let rate =
            |it: PerMinute| NetworkRate::with_quota(Quota::per_minute(it.per_minute).allow_burst(it.burst));
        Self {
            guests: rate(config.guest_openings),
            members: rate(config.member_openings),
            guest_pushes: rate(config.guest_openings),
        }
    }

    /// Checks that a user of this role may open a room or a conversation.
    ///
    /// # Errors
    /// The time to wait until the network may open another one.
    pub fn check(&self, role: Role, network: ClientNetwork) -> Result<(), Duration> {
        let rate = if role.is_guest() {
            &self.guests
        } else {
            &self.members
        };
        rate.check(network)
    }

    /// Checks that a guest may subscribe a browser to pushes.
    ///
    /// # Errors
    /// The time to wait until the network may subscribe another one.
    pub fn check_guest_push(&self, network: ClientNetwork) -> Result<(), Duration> {
        self.guest_pushes.check(network)
    }

    /// Forgets networks whose allowance is whole again.
    pub fn prune(&self) {
        for rate in [&self.guests, &self.members, &self.guest_pushes] {
            rate.prune();
        }
    }
}

/// Requests the deletion of unused rooms, which [`crate::sweep`] does.
#[derive(Default)]
pub struct Sweep(Notify);

impl Sweep {
    /// Requests a sweep, since there are too many rooms.
    pub fn ask(&self) {
        self.0.notify_one();
    }

    /// Waits for a request.
    pub async fn asked(&self) {
        self.0.notified().await;
    }
}
