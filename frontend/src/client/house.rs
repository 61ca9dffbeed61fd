//! The house, over HTTP: who is known, what keeps order, the record, and invitations.

use snug_shared::{
    api::{self, NewInvite, Secret, Storage},
    ids::{InviteId, Position},
    people::{Act, AuditEntry, Invite, UserRecord},
};

use super::{
    http::{self, Failure, read, settle},
    people::send,
};

/// Everybody who is known.
pub(crate) async fn people() -> Result<Vec<UserRecord>, Failure> {
    read(http::get(api::PEOPLE).send().await).await
}

/// Does something to keep order.
pub(crate) async fn act(act: Act) -> Result<(), Failure> {
    settle(send(http::post(api::ACTS), &act).await).await
}

/// What was done before a place in the record; the newest, without one.
pub(crate) async fn record(before: Option<Position>) -> Result<Vec<AuditEntry>, Failure> {
    let before = before.map(|n| format!("?before={}", n.0)).unwrap_or_default();
    read(http::get(&format!("{}{before}", api::RECORD)).send().await).await
}

/// What the data takes on the disk, and who has written how much.
pub(crate) async fn storage() -> Result<Storage, Failure> {
    read(http::get(api::STORAGE).send().await).await
}

/// The sizes alone.
pub(crate) async fn storage_sizes() -> Result<Storage, Failure> {
    read(http::get(&format!("{}?only=sizes", api::STORAGE)).send().await).await
}

/// The invitations that are good.
pub(crate) async fn invites() -> Result<Vec<Invite>, Failure> {
    read(http::get(api::INVITES).send().await).await
}

/// Makes an invitation. Its secret is told this once.
pub(crate) async fn invite(invite: NewInvite) -> Result<Secret, Failure> {
    read(send(http::post(api::INVITES), &invite).await).await
}

/// Withdraws one.
pub(crate) async fn withdraw(invite: InviteId) -> Result<(), Failure> {
    settle(http::delete(&format!("{}/{invite}", api::INVITES)).send().await).await
}
