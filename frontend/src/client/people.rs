//! Who one is, over HTTP: a name that is kept, devices that are signed in, invitations.

use gloo_net::http::{RequestBuilder, Response};
use serde::Serialize;
use snug_shared::{
    api::{self, LinkSecret, NewAccount, NewPassword, Profile, Proof, Secret, Session, SignIn},
    code::Code,
    ids::SessionId,
    people::{Account, Device},
    settings::Settings,
};

use super::{
    http::{self, Failure, need_cookies, read, session, session_without_cookie, settle},
    storage::{self, Person},
};
use crate::browser;

/// Keeps a name.
pub(crate) async fn keep(account: NewAccount) -> Result<Session, Failure> {
    need_cookies().await?;
    read(send(http::post(api::ACCOUNT), &account).await).await
}

/// Shows oneself otherwise.
pub(crate) async fn show(profile: Profile) -> Result<Session, Failure> {
    read(send(http::put(api::ACCOUNT), &profile).await).await
}

/// Another password. One is signed out everywhere else.
pub(crate) async fn set_password(password: NewPassword) -> Result<(), Failure> {
    settle(send(http::put(api::PASSWORD), &password).await).await
}

/// Deletes the account, with all that one has said.
pub(crate) async fn erase(proof: Proof) -> Result<(), Failure> {
    settle(send(http::delete(api::ACCOUNT), &proof).await).await
}

/// Prefers these on all devices.
pub(crate) async fn set_settings(settings: Settings) -> Result<(), Failure> {
    settle(send(http::put(api::SETTINGS), &settings).await).await
}

/// Signs in.
pub(crate) async fn sign_in(by: SignIn) -> Result<Session, Failure> {
    need_cookies().await?;
    read(send(http::post(api::SIGN_IN), &by).await).await
}

/// What signs another device in, once and soon.
pub(crate) async fn sign_in_link(proof: Proof) -> Result<Secret, Failure> {
    read(send(http::post(api::SIGN_IN_LINK), &proof).await).await
}

/// Whom a link signs in.
pub(crate) async fn link_account(secret: String) -> Result<Account, Failure> {
    read(send(http::post(api::LINK_ACCOUNT), &Secret { secret }).await).await
}

/// Ends this browser's session.
pub(crate) async fn sign_out() -> Result<(), Failure> {
    settle(http::post(api::SIGN_OUT).send().await).await
}

/// The devices that are signed in.
pub(crate) async fn devices() -> Result<Vec<Device>, Failure> {
    read(http::get(api::SESSIONS).send().await).await
}

/// Signs a device out.
pub(crate) async fn sign_out_device(session: SessionId) -> Result<(), Failure> {
    let url = format!("{}/{session}", api::SESSIONS);
    settle(http::delete(&url).send().await).await
}

/// Whether a link is still good.
pub(crate) async fn check_link(link: &LinkSecret) -> Result<(), Failure> {
    settle(send(http::post(api::LINK), link).await).await
}

/// A guest takes up an invitation.
pub(crate) async fn take_up(secret: String) -> Result<(), Failure> {
    // It lets a person in, so there has to be one.
    session().await?;
    let secret = Secret { secret };
    let taken = async || settle(send(http::post(api::INVITED), &secret).await).await;
    match taken().await {
        // The cookie did not come back.
        Err(Failure::Refused(it)) if it.error == Code::NoUserInfo => {
            session_without_cookie().await?;
            taken().await
        }
        answer => answer,
    }
}

/// From now on this browser is this person's, and the page begins anew at that address: nothing stays in it of whoever
/// it was before.
pub(crate) fn arrive(session: &Session, path: &str) {
    if storage::person().is_some_and(|before| before.chat_id != session.chat_id) {
        storage::forget_person();
    }
    remember(session);
    // At once, and not only when the page has asked for its session again.
    if let Some(settings) = &session.settings {
        storage::save_settings(settings);
    }
    let _ = browser::window().location().assign(path);
}

/// Keeps who one is by this session.
pub(crate) fn remember(session: &Session) -> Person {
    let person = Person {
        chat_id: session.chat_id.clone(),
        member: session.account.is_some(),
    };
    storage::save_person(&person);
    if let Some(account) = &session.account {
        // It is a guest's.
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
