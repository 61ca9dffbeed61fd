//! Passkeys: adding them, and signing in with them.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use snug_shared::{
    api::Proof,
    error_code::ErrorCode,
    ids::{PasskeyId, SessionId},
    people::Role,
};
use uuid::Uuid;
use warp::http::header;

use super::{
    Answer, RequestContext, json, no_content,
    people::{begin_session, device, is_not_out, is_password},
    unavailable,
};
use crate::{
    features::{
        Command,
        passkeys::{self, AddPasskey, RemovePasskey, UsePasskey},
        sessions,
    },
    identity::Identity,
    net::origin::RequestOrigin,
    webauthn::{
        Assertion, Refused, Registration, Site,
        challenges::{GOOD, Purpose},
        key::ALGORITHMS,
    },
};

/// The name of this server in authenticators.
const PLACE: &str = "Snug";

/// Handles `POST /api/passkeys/options`.
pub(super) async fn options(context: &RequestContext) -> Answer {
    let (identity, session) = member(context)?;
    let site = site(context)?;
    let Proof { password } = context.body()?;
    is_password(context, &identity.chat_id, password).await?;
    let id = identity.chat_id.clone();
    let read = context
        .app
        .readers
        .read(move |tables| passkeys::credentials(tables, &id));
    let kept = read.await.map_err(unavailable)?;
    let person = context
        .app
        .access
        .person(&identity.chat_id)
        .ok_or(ErrorCode::NotAllowed)?;
    let name = person.known.name.as_str();
    let handle = context.app.identities.user_handle(&identity.chat_id);
    let algorithms = ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg}));
    let kept: Vec<_> = kept
        .iter()
        .map(|id| json!({"type": "public-key", "id": id}))
        .collect();
    Ok(json(&json!({
        "rp": {"id": site.id, "name": PLACE},
        "user": {"id": URL_SAFE_NO_PAD.encode(handle), "name": name, "displayName": name},
        "challenge": challenge(context, Purpose::Add(session)),
        "pubKeyCredParams": algorithms,
        "timeout": GOOD.as_millis(),
        "excludeCredentials": kept,
        "authenticatorSelection": {
            // A discoverable credential: no name is typed to sign in.
            "residentKey": "required", "requireResidentKey": true, "userVerification": "preferred",
        },
        "attestation": "none",
    })))
}

/// Handles `POST /api/passkeys`.
pub(super) async fn add(context: &RequestContext) -> Answer {
    let (identity, session) = member(context)?;
    let site = site(context)?;
    let answer: Registration = context.body()?;
    let challenge = spend(context, answer.challenge(), &Purpose::Add(session.clone()))?;
    let credential = answer.verified(&site, &challenge).map_err(refused)?;
    let add = AddPasskey {
        passkey: PasskeyId::try_from(Uuid::now_v7().to_string())?,
        session,
        credential,
        name: device(context),
    };
    context.submit(identity.chat_id, Command::AddPasskey(add)).await?;
    Ok(no_content())
}

/// Handles `GET /api/passkeys`.
pub(super) async fn list(context: &RequestContext) -> Answer {
    let person = context.require_role(Role::Member)?.chat_id;
    let read = context
        .app
        .readers
        .read(move |tables| passkeys::of(tables, &person));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// Handles `DELETE /api/passkeys/{passkey}`.
pub(super) async fn remove(context: &RequestContext, passkey: &str) -> Answer {
    let (identity, session) = member(context)?;
    let passkey = PasskeyId::try_from(passkey)?;
    let remove = Command::RemovePasskey(RemovePasskey { passkey, session });
    context.app.submit(identity.chat_id, remove).await?;
    Ok(no_content())
}

/// Handles `POST /api/sign-in/passkey/options`. The response is the same for all clients: it does not reveal who has an account.
pub(super) fn sign_in_options(context: &RequestContext) -> Answer {
    let site = site(context)?;
    Ok(json(&json!({
        "challenge": challenge(context, Purpose::SignIn),
        "timeout": GOOD.as_millis(),
        "rpId": site.id,
        "allowCredentials": [],
        "userVerification": "preferred",
    })))
}

/// Handles `POST /api/sign-in/passkey`.
pub(super) async fn sign_in(context: &RequestContext) -> Answer {
    let site = site(context)?;
    let answer: Assertion = context.body()?;
    let guess = context.limits.guesses.at_secret(context.client.network)?;
    let challenge = spend(context, answer.challenge(), &Purpose::SignIn)?;
    let id = answer.id();
    let read = context
        .app
        .readers
        .read(move |tables| passkeys::by_credential(tables, &id));
    let kept = read.await.map_err(unavailable)?.ok_or(ErrorCode::WrongPasskey)?;
    let person = kept.person;
    let handle = context.app.identities.user_handle(&person);
    let verified = answer.verified(&site, &challenge, &kept.credential, &handle);
    let count = verified.map_err(refused)?;
    guess.give_back();
    is_not_out(context, &person)?;
    let passkey = kept.passkey;
    let used = UsePasskey {
        passkey: passkey.clone(),
        sign_count: count,
    };
    context
        .app
        .submit(person.clone(), Command::UsePasskey(used))
        .await?;
    begin_session(context, person, sessions::Proof::Passkey(passkey)).await
}

/// Returns the member and the session that authenticated the request.
fn member(context: &RequestContext) -> Result<(Identity, SessionId), ErrorCode> {
    let identity = context.require_role(Role::Member)?;
    let session = identity.session.clone().ok_or(ErrorCode::NotAllowed)?;
    Ok((identity, session))
}

/// Returns the site of the requesting page: its `Origin`, which has the host name that the request was admitted under, or is allowed.
fn site(context: &RequestContext) -> Result<Site, ErrorCode> {
    if context.origin() != RequestOrigin::Same {
        return Err(context.forbidden_origin());
    }
    let origin = context
        .headers
        .get(header::ORIGIN)
        .and_then(|it| it.to_str().ok());
    origin.and_then(Site::of).ok_or(ErrorCode::PasskeysUnavailable)
}

fn challenge(context: &RequestContext, purpose: Purpose) -> String {
    context
        .app
        .challenges
        .make(purpose, context.client.network, Instant::now())
}

/// Redeems the challenge of a response, whether the response is then accepted or not.
fn spend(
    context: &RequestContext,
    challenge: Result<String, Refused>,
    purpose: &Purpose,
) -> Result<String, ErrorCode> {
    let challenge = challenge.map_err(refused)?;
    if context.app.challenges.spend(&challenge, purpose, Instant::now()) {
        Ok(challenge)
    } else {
        Err(ErrorCode::ChallengeExpired)
    }
}

fn refused(why: Refused) -> ErrorCode {
    tracing::debug!(%why, "a passkey was refused");
    why.code()
}
