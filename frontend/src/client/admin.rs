//! The HTTP requests about the server's administration: its users, moderation, the audit record, and invitations.

use snug_shared::{
    api::{self, NewInvite, Secret, Storage},
    ids::{InviteId, Position},
    people::{AuditEntry, Invite, ModerationAction, UserRecord},
};

use super::{
    http::{self, Failure, read, settle},
    people::send,
};

/// Lists all users whom the server knows.
pub(crate) async fn people() -> Result<Vec<UserRecord>, Failure> {
    read(http::get(api::USERS).send().await).await
}

/// Carries out an act of moderation.
pub(crate) async fn act(act: ModerationAction) -> Result<(), Failure> {
    settle(send(http::post(api::MODERATION), &act).await).await
}

/// Reads the entries of the audit record before a position; the newest ones, without a position.
pub(crate) async fn record(before: Option<Position>) -> Result<Vec<AuditEntry>, Failure> {
    let before = before.map(|n| format!("?before={}", n.0)).unwrap_or_default();
    read(http::get(&format!("{}{before}", api::AUDIT_LOG)).send().await).await
}

/// Reads how much disk space the data takes, and how much each user has written.
pub(crate) async fn storage() -> Result<Storage, Failure> {
    read(http::get(api::STORAGE).send().await).await
}

/// Reads only the sizes of the data.
pub(crate) async fn storage_sizes() -> Result<Storage, Failure> {
    read(http::get(&format!("{}?only=sizes", api::STORAGE)).send().await).await
}

/// Lists the valid invitations.
pub(crate) async fn invites() -> Result<Vec<Invite>, Failure> {
    read(http::get(api::INVITES).send().await).await
}

/// Creates an invitation. The server sends its secret only in this answer.
pub(crate) async fn invite(invite: NewInvite) -> Result<Secret, Failure> {
    read(send(http::post(api::INVITES), &invite).await).await
}

/// Withdraws an invitation.
pub(crate) async fn withdraw(invite: InviteId) -> Result<(), Failure> {
    settle(http::delete(&format!("{}/{invite}", api::INVITES)).send().await).await
}
