//! The HTTP requests about the users whom the user has blocked.

use snug_shared::{api, ids::ChatId};

use super::http::{self, Failure, read};

/// Lists the users whom the user has blocked.
pub(crate) async fn of() -> Result<Vec<ChatId>, Failure> {
    read(http::get(api::BLOCKS).send().await).await
}
