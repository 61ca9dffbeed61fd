//! The HTTP requests about the users whom the user has blocked.

use snug_shared::{
    api::{self, NewBlock},
    ids::ChatId,
};

use super::{
    http::{self, Failure, read, settle},
    people::send,
};

/// Lists the users whom the user has blocked.
pub(crate) async fn of() -> Result<Vec<ChatId>, Failure> {
    read(http::get(api::BLOCKS).send().await).await
}

/// Blocks or unblocks a user.
pub(crate) async fn set(chat_id: ChatId, blocked: bool) -> Result<(), Failure> {
    settle(send(http::post(api::BLOCKS), &NewBlock { chat_id, blocked }).await).await
}
