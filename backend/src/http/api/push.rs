//! The push subscriptions of browsers.

use snug_shared::{
    api::{PushKey, PushSubscription, PushUnsubscription},
    error_code::ErrorCode,
};

use super::{Answer, RequestContext, json, no_content};
use crate::features::{Command, push};

/// Handles `GET /api/push/key`.
pub(super) fn key(context: &RequestContext) -> Answer {
    let key = context.app.pushes.key().to_owned();
    Ok(json(&PushKey { key }))
}

/// Handles `POST /api/push`.
pub(super) async fn subscribe(context: &RequestContext) -> Answer {
    let identity = context.require_person()?;
    if identity.session.is_none() {
        // A cookie is free to get: a guest who has never joined cannot use up the network's allowance.
        if !context.app.pushes.has_joined(&identity.chat_id) {
            return Err(ErrorCode::HelloRequired);
        }
        let taken = context.app.openings.check_guest_push(context.client.network);
        taken.map_err(|_| ErrorCode::RateLimited)?;
    }
    let mut new = context.body::<PushSubscription>()?;
    let replaces = new.replaces.take();
    let browser = context
        .app
        .pushes
        .validate_subscription(new, identity.session.clone())?;
    let command = Command::SubscribePush(push::SubscribePush { browser, replaces });
    context.submit_as(&identity, command).await?;
    Ok(no_content())
}

/// Handles `DELETE /api/push`.
pub(super) async fn unsubscribe(context: &RequestContext) -> Answer {
    // Also for a user who may not connect any more.
    let person = context.identity().ok_or(ErrorCode::HelloRequired)?.chat_id;
    let PushUnsubscription { endpoint } = context.body()?;
    let command = Command::UnsubscribePush(push::UnsubscribePush { endpoint });
    context.app.submit(person, command).await?;
    Ok(no_content())
}
