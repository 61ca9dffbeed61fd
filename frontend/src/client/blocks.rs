//! Whom one has blocked, over HTTP.

use snug_shared::{
    api::{self, NewBlock},
    ids::ChatId,
};

use super::{
    http::{self, Failure, read, settle},
    people::send,
};

/// All of them.
pub(crate) async fn of() -> Result<Vec<ChatId>, Failure> {
    read(http::get(api::BLOCKS).send().await).await
}

/// Blocks somebody, or ends it.
pub(crate) async fn set(chat_id: ChatId, blocked: bool) -> Result<(), Failure> {
    settle(send(http::post(api::BLOCKS), &NewBlock { chat_id, blocked }).await).await
}
