//! The browsers that are sent pushes.

use snug_shared::{
    api::{NewPush, OldPush, PushKey},
    code::Code,
};

use super::{Answer, Asker, done, json};
use crate::features::{Command, push};

/// `GET /api/push/key`.
pub(super) fn key(asker: &Asker) -> Answer {
    let key = asker.app.pushes.key().to_owned();
    Ok(json(&PushKey { key }))
}

/// `POST /api/push`.
pub(super) async fn subscribe(asker: &Asker) -> Answer {
    let identity = asker.person()?;
    if identity.session.is_none() {
        // A cookie costs nothing, and so spends nothing.
        if !asker.app.pushes.has_come_in(&identity.chat_id) {
            return Err(Code::NoUserInfo);
        }
        let taken = asker.app.openings.check_guest_push(asker.client.network);
        taken.map_err(|_| Code::TooFast)?;
    }
    let mut new = asker.body::<NewPush>()?;
    let replaces = new.replaces.take();
    let browser = asker.app.pushes.browser(new, identity.session.clone())?;
    let command = Command::Subscribe(push::Subscribe { browser, replaces });
    asker.submit_as(&identity, command).await?;
    Ok(done())
}

/// `DELETE /api/push`.
pub(super) async fn unsubscribe(asker: &Asker) -> Answer {
    // Also somebody who may not be here any more.
    let person = asker.identity().ok_or(Code::NoUserInfo)?.chat_id;
    let OldPush { endpoint } = asker.body()?;
    let command = Command::Unsubscribe(push::Unsubscribe { endpoint });
    asker.app.submit(person, command).await?;
    Ok(done())
}
