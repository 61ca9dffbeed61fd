//! Passkeys: adding them, and signing in with them.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use snug_shared::{
    api::Proof,
    code::Code,
    ids::{PasskeyId, SessionId},
    people::Role,
};
use uuid::Uuid;
use warp::http::header;

use super::{
    Answer, Asker, done, json,
    people::{begin_session, device, is_not_out, is_password, unavailable},
};
use crate::{
    features::{
        Command,
        passkeys::{self, Add, Remove, Use},
        sessions,
    },
    http::origin::Asked,
    identity::Identity,
    webauthn::{
        Assertion, Refused, Registration, Site,
        challenges::{GOOD, Purpose},
        key::ALGORITHMS,
    },
};

/// What authenticators call this place.
const PLACE: &str = "Snug";

/// `POST /api/passkeys/options`.
pub(super) async fn options(asker: &Asker) -> Answer {
    let (identity, session) = member(asker)?;
    let site = site(asker)?;
    let Proof { password } = asker.body()?;
    is_password(asker, &identity.chat_id, password).await?;
    let id = identity.chat_id.clone();
    let read = asker
        .app
        .readers
        .read(move |tables| passkeys::credentials(tables, &id));
    let kept = read.await.map_err(unavailable)?;
    let person = asker
        .app
        .access
        .person(&identity.chat_id)
        .ok_or(Code::NotAllowed)?;
    let name = person.known.name.as_str();
    let handle = asker.app.identities.user_handle(&identity.chat_id);
    let algorithms = ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg}));
    let kept: Vec<_> = kept
        .iter()
        .map(|id| json!({"type": "public-key", "id": id}))
        .collect();
    Ok(json(&json!({
        "rp": {"id": site.id, "name": PLACE},
        "user": {"id": URL_SAFE_NO_PAD.encode(handle), "name": name, "displayName": name},
        "challenge": challenge(asker, Purpose::Add(session)),
        "pubKeyCredParams": algorithms,
        "timeout": GOOD.as_millis(),
        "excludeCredentials": kept,
        "authenticatorSelection": {
            // One that the authenticator finds by itself: nobody types a name to sign in.
            "residentKey": "required", "requireResidentKey": true, "userVerification": "preferred",
        },
        "attestation": "none",
    })))
}

/// `POST /api/passkeys`.
pub(super) async fn add(asker: &Asker) -> Answer {
    let (identity, session) = member(asker)?;
    let site = site(asker)?;
    let answer: Registration = asker.body()?;
    let challenge = spend(asker, answer.challenge(), &Purpose::Add(session.clone()))?;
    let credential = answer.verified(&site, &challenge).map_err(refused)?;
    let add = Add {
        passkey: PasskeyId::try_from(Uuid::now_v7().to_string())?,
        session,
        credential,
        name: device(asker),
    };
    asker.submit(identity.chat_id, Command::AddPasskey(add)).await?;
    Ok(done())
}

/// `GET /api/passkeys`.
pub(super) async fn list(asker: &Asker) -> Answer {
    let person = asker.require_role(Role::Member)?.chat_id;
    let read = asker
        .app
        .readers
        .read(move |tables| passkeys::of(tables, &person));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// `DELETE /api/passkeys/{passkey}`.
pub(super) async fn remove(asker: &Asker, passkey: &str) -> Answer {
    let (identity, session) = member(asker)?;
    let passkey = PasskeyId::try_from(passkey)?;
    let remove = Command::RemovePasskey(Remove { passkey, session });
    asker.app.submit(identity.chat_id, remove).await?;
    Ok(done())
}

/// `POST /api/sign-in/passkey/options`. The same for everybody: it tells nothing of who is known here.
pub(super) fn sign_in_options(asker: &Asker) -> Answer {
    let site = site(asker)?;
    Ok(json(&json!({
        "challenge": challenge(asker, Purpose::SignIn),
        "timeout": GOOD.as_millis(),
        "rpId": site.id,
        "allowCredentials": [],
        "userVerification": "preferred",
    })))
}

/// `POST /api/sign-in/passkey`.
pub(super) async fn sign_in(asker: &Asker) -> Answer {
    let site = site(asker)?;
    let answer: Assertion = asker.body()?;
    let guess = asker.doors.guesses.at_secret(asker.client.network)?;
    let challenge = spend(asker, answer.challenge(), &Purpose::SignIn)?;
    let id = answer.id();
    let read = asker
        .app
        .readers
        .read(move |tables| passkeys::by_credential(tables, &id));
    let kept = read.await.map_err(unavailable)?.ok_or(Code::WrongPasskey)?;
    let person = kept.person;
    let handle = asker.app.identities.user_handle(&person);
    let verified = answer.verified(&site, &challenge, &kept.credential, &handle);
    let count = verified.map_err(refused)?;
    guess.give_back();
    is_not_out(asker, &person)?;
    let passkey = kept.passkey;
    let used = Use {
        passkey: passkey.clone(),
        count,
    };
    asker
        .app
        .submit(person.clone(), Command::UsePasskey(used))
        .await?;
    begin_session(asker, person, sessions::Proof::Passkey(passkey)).await
}

/// A member, and the session that asks.
fn member(asker: &Asker) -> Result<(Identity, SessionId), Code> {
    let identity = asker.require_role(Role::Member)?;
    let session = identity.session.clone().ok_or(Code::NotAllowed)?;
    Ok((identity, session))
}

/// The site of the page that asks: its `Origin`, which is of the name that the request was admitted under, or is allowed.
fn site(asker: &Asker) -> Result<Site, Code> {
    if asker.origin() != Asked::Here {
        return Err(asker.forbidden_origin());
    }
    let origin = asker.headers.get(header::ORIGIN).and_then(|it| it.to_str().ok());
    origin.and_then(Site::of).ok_or(Code::NoPasskeysHere)
}

fn challenge(asker: &Asker, purpose: Purpose) -> String {
    asker
        .app
        .challenges
        .make(purpose, asker.client.network, Instant::now())
}

/// The challenge of an answer is spent by it, whatever becomes of the answer.
fn spend(asker: &Asker, challenge: Result<String, Refused>, purpose: &Purpose) -> Result<String, Code> {
    let challenge = challenge.map_err(refused)?;
    if asker.app.challenges.spend(&challenge, purpose, Instant::now()) {
        Ok(challenge)
    } else {
        Err(Code::ChallengeSpent)
    }
}

fn refused(why: Refused) -> Code {
    tracing::debug!(%why, "a passkey was refused");
    why.code()
}
