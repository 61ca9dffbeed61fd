//! The size of the data on the disk, in all and by user.

use snug_shared::{
    api::{Storage, StorageBreakdown},
    error_code::ErrorCode,
    people::Role,
};

use super::{Answer, RequestContext, json, unavailable};
use crate::storage::Sizes;

/// Handles `GET /api/storage`, or `GET /api/storage?only=sizes`.
pub(super) async fn storage(context: &RequestContext) -> Answer {
    context.require_role(Role::Owner)?;
    let app = &context.app;
    let sizes = app.storage.sizes().await.map_err(|error| {
        tracing::error!(%error, "the size of the data could not be read");
        ErrorCode::Unavailable
    })?;
    let written = if context.query_value("only").as_deref() == Some("sizes") {
        None
    } else {
        let sums = app.storage.sums.get(&app.readers, &app.access).await;
        Some(StorageBreakdown::clone(&*sums.map_err(unavailable)?))
    };
    let Sizes {
        database,
        reusable,
        log,
        free,
    } = sizes;
    let (max_data, min_free) = app.storage.limits();
    Ok(json(&Storage {
        database,
        reusable,
        log,
        free,
        max_data,
        min_free,
        full: app.storage.is_full(),
        recent: app.hub.recent_bytes() as u64,
        max_recent: app.config.recent_bytes as u64,
        breakdown: written,
    }))
}
