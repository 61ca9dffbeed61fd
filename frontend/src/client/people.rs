//! The HTTP requests about the user's account: the account itself, devices that are signed in, and
//! invitations.

use gloo_net::http::{RequestBuilder, Response};
use serde::Serialize;
use snug_shared::{
    api::{self, LinkSecret, NewAccount, NewPassword, Profile, Proof, Secret, Session, SignIn},
    error_code::ErrorCode,
    ids::SessionId,
    people::{Account, Device},
};

use super::{
    http::{self, Failure, need_cookies, read, session, session_without_cookie, settle},
    storage::{self, Person},
};
use crate::browser;

/// Creates an account.
pub(crate) async fn create_account(account: NewAccount) -> Result<Session, Failure> {
    need_cookies().await?;
    read(send(http::post(api::ACCOUNT), &account).await).await
}

/// Changes the account's name and avatar.
pub(crate) async fn update_profile(profile: Profile) -> Result<Session, Failure> {
    read(send(http::put(api::ACCOUNT), &profile).await).await
}

/// Changes the password. All other sessions end.
pub(crate) async fn set_password(password: NewPassword) -> Result<(), Failure> {
    settle(send(http::put(api::PASSWORD), &password).await).await
}

/// Deletes the account and all its messages.
pub(crate) async fn delete_account(proof: Proof) -> Result<(), Failure> {
    settle(send(http::delete(api::ACCOUNT), &proof).await).await
}

/// Signs in.
pub(crate) async fn sign_in(by: SignIn) -> Result<Session, Failure> {
    need_cookies().await?;
    read(send(http::post(api::SIGN_IN), &by).await).await
}

/// Creates the secret of a sign-in link, valid once and for a short time.
pub(crate) async fn sign_in_link(proof: Proof) -> Result<Secret, Failure> {
    read(send(http::post(api::SIGN_IN_LINK), &proof).await).await
}

/// Reads which account a sign-in link is for.
pub(crate) async fn link_account(secret: String) -> Result<Account, Failure> {
    read(send(http::post(api::LINK_ACCOUNT), &Secret { secret }).await).await
}

/// Ends this browser's session.
pub(crate) async fn sign_out() -> Result<(), Failure> {
    settle(http::post(api::SIGN_OUT).send().await).await
}

/// Lists the devices that are signed in.
pub(crate) async fn devices() -> Result<Vec<Device>, Failure> {
    read(http::get(api::SESSIONS).send().await).await
}

/// Signs a device out.
pub(crate) async fn sign_out_device(session: SessionId) -> Result<(), Failure> {
    let url = format!("{}/{session}", api::SESSIONS);
    settle(http::delete(&url).send().await).await
}

/// Checks that a link is still valid.
pub(crate) async fn check_link(link: &LinkSecret) -> Result<(), Failure> {
    settle(send(http::post(api::CHECK_LINK), link).await).await
}

/// Redeems a guest's invitation.
pub(crate) async fn redeem_invite(secret: String) -> Result<(), Failure> {
    // An invitation admits a user, so there has to be a session.
    session().await?;
    let secret = Secret { secret };
    let taken = async || settle(send(http::post(api::REDEEM_INVITE), &secret).await).await;
    match taken().await {
        // The cookie did not come back.
        Err(Failure::Refused(it)) if it.error == ErrorCode::HelloRequired => {
            session_without_cookie().await?;
            taken().await
        }
        answer => answer,
    }
}

/// Makes the session's user the user of this browser and reloads the page at `path`, so that nothing of the
/// user before stays in it.
pub(crate) fn switch_to(session: &Session, path: &str) {
    if storage::person().is_some_and(|before| before.chat_id != session.chat_id) {
        storage::forget_person();
    }
    save_session(session);
    // Now, and not only after the reloaded page has requested its session.
    if let Some(settings) = &session.settings {
        storage::save_settings(settings);
    }
    let _ = browser::window().location().assign(path);
}

/// Saves the session's user in this browser.
pub(crate) fn save_session(session: &Session) -> Person {
    let person = Person {
        chat_id: session.chat_id.clone(),
        member: session.account.is_some(),
    };
    storage::save_person(&person);
    if let Some(account) = &session.account {
        // The stored credential is a guest's.
        storage::save_credential(None);
        storage::save_profile(&storage::Profile {
            name: account.name.clone(),
            avatar: account.avatar.clone(),
        });
    }
    person
}

pub(super) async fn send(
    request: RequestBuilder,
    body: &impl Serialize,
) -> Result<Response, gloo_net::Error> {
    request.json(body)?.send().await
}
