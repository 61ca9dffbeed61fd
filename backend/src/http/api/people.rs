//! Accounts: guests, registered names, and signed-in devices.

use std::time::Instant;

use snug_shared::{
    api::{LinkSecret, NewAccount, NewPassword, NewSession, Profile, Proof, Secret, Session, SignIn},
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, SessionId},
    people::{Account, Password, Role},
    text::Nickname,
};
use uuid::Uuid;
use warp::{http::header, reply::Response};

use super::{Answer, RequestContext, avatars, json, no_content, unavailable};
use crate::{
    authentication::session_credential,
    clock, emoji,
    features::{
        Command,
        accounts::CreateAccount,
        accounts::RedeemInvite,
        accounts::UpdateProfile,
        blocks, invites,
        people::{self, Name, Person},
        sessions, settings,
    },
    hub::names::skeletons,
    identity::Identity,
    net::guesses::Guess,
    password::Asks,
    rates::Cost,
    secret,
};

/// Handles `POST /api/session`.
pub(super) async fn session(context: &RequestContext) -> Answer {
    let known = context.identity();
    let cookies = context.jar().sessions();
    // Another tab of a browser whose new cookie is in transit: a cookie in this response could arrive after it, and would sign out
    // the user who registers or signs in at this moment.
    let on_its_way = (cookies.iter())
        .any(|it| context.app.identities.was_guest_credential(it) || context.app.replaced.has(it));
    let (known, is_new) = match known {
        None if on_its_way => return Err(ErrorCode::SessionReplaced),
        None => (Identity::new_guest(), true),
        Some(known) => (known, false),
    };
    // Only for a new guest: the credential in a cookie is not sent to the page, whose scripts cannot read the cookie either.
    let NewSession { token } = context.body().unwrap_or_default();
    let token = (token && is_new).then(|| context.app.identities.token(&known));
    let credential = match &known {
        _ if on_its_way => None,
        // The secret of a session is in its cookie only. A program that sends it as a bearer token has no cookie.
        Identity { session: Some(_), .. } => (context.jar().identity(&context.app.identities))
            .filter(|(it, _)| *it == known)
            .map(|(_, credential)| credential.to_owned()),
        guest => Some(context.app.identities.credential(guest)),
    };
    let reply = as_session(context, known.chat_id, token).await?;
    Ok(match credential {
        Some(credential) => with_cookie(context, &reply, &credential),
        None => json(&reply),
    })
}

/// Handles `POST /api/account`.
pub(super) async fn create_account(context: &RequestContext) -> Answer {
    let NewAccount {
        name,
        avatar,
        password,
        invite,
        owner,
    } = context.body()?;
    let name = Nickname::try_from(name)?;
    let avatar = avatar.as_deref().map(emoji::wanted).transpose()?;
    if let Some(avatar) = &avatar {
        avatars::may_show(context, avatar).await?;
    }
    let password = Password::chosen(password.reveal())?;
    let identity = context.identity();
    let identity = identity.unwrap_or_else(Identity::new_guest);
    let person = identity.chat_id.clone();
    is_not_out(context, &person)?;
    let role = match owner {
        None => Role::Member,
        Some(secret) if context.app.access.is_owner_secret(&secret) => Role::Owner,
        Some(_) => return Err(ErrorCode::LinkExpired),
    };
    if context.app.access.is_registered(&person) {
        return Err(ErrorCode::NotAllowed);
    }
    if context.app.hub.is_name_of_another(&person, &name) {
        return Err(ErrorCode::NameTaken);
    }
    context.limits.register(context.client)?;
    let asks = Asks::Stranger(context.client.network);
    let hash = context.app.passwords.hash(password, asks).await?;
    let proof = sessions::Proof::Password(hash.clone());
    let keep = CreateAccount {
        avatar: avatar.unwrap_or_else(|| Avatar::of_seed(person.as_str())),
        name: named(name),
        role,
        invite_hash: invite.map(|secret| secret::hash(&secret)),
        password: Some(hash),
    };
    context.submit_as(&identity, Command::CreateAccount(keep)).await?;
    begin_session(context, person, proof).await
}

/// Handles `PUT /api/account`.
pub(super) async fn update_profile(context: &RequestContext) -> Answer {
    let person = context.require_role(Role::Member)?.chat_id;
    let Profile { name, avatar } = context.body()?;
    let name = Nickname::try_from(name)?;
    if context.app.hub.is_name_of_another(&person, &name) {
        return Err(ErrorCode::NameTaken);
    }
    let avatar = emoji::wanted(&avatar)?;
    avatars::may_show(context, &avatar).await?;
    if let Some(refused) = context.too_often(Cost::Rename, &person) {
        return Ok(refused);
    }
    let show = UpdateProfile {
        name: named(name),
        avatar,
    };
    context
        .submit(person.clone(), Command::UpdateProfile(show))
        .await?;
    avatars::delete_unused(context, person.clone()).await;
    Ok(json(&as_session(context, person, None).await?))
}

/// Handles `DELETE /api/account`.
pub(super) async fn delete_account(context: &RequestContext) -> Answer {
    let person = context.require_role(Role::Member)?.chat_id;
    let Proof { password } = context.body()?;
    is_password(context, &person, password).await?;
    context.app.submit(person, Command::DeleteAccount).await?;
    Ok(without_cookies(context))
}

/// Handles `PUT /api/account/password`.
pub(super) async fn set_password(context: &RequestContext) -> Answer {
    let identity = context.require_role(Role::Member)?;
    let NewPassword { old, new } = context.body()?;
    let new = Password::chosen(new.reveal())?;
    let only = identity.session.ok_or(ErrorCode::NotAllowed)?;
    let old = is_password(context, &identity.chat_id, old).await?;
    let hash = context.app.passwords.hash(new, Asks::Known).await?;
    let command = Command::SetPassword(sessions::SetPassword { hash, old, only });
    context.app.submit(identity.chat_id, command).await?;
    Ok(no_content())
}

/// Handles `POST /api/sign-in`.
pub(super) async fn sign_in(context: &RequestContext) -> Answer {
    let (person, proof) = match context.body()? {
        SignIn::Link { secret } => {
            let guess = context.limits.guesses.at_secret(context.client.network)?;
            let link = context.app.access.redeem_sign_in_link(&secret, Instant::now());
            let (person, session) = link.ok_or(ErrorCode::LinkExpired)?;
            guess.give_back();
            (person, sessions::Proof::Link(session))
        }
        SignIn::Password { name, password } => {
            // A text that cannot be a name belongs to no account.
            let name = named(Nickname::try_from(name).map_err(|_| ErrorCode::WrongPassword)?);
            let looks = name.skeletons[1].clone();
            let found = (context.app.readers)
                .read(move |tables| {
                    let Some(person) = people::by_name(tables, &name)? else {
                        return Ok(None);
                    };
                    let hash = sessions::password(tables, &person.known.chat_id)?;
                    Ok(Some((person.known.chat_id, hash)))
                })
                .await
                .map_err(unavailable)?;
            let (person, hash) = found.map_or((None, None), |(person, hash)| (Some(person), hash));
            let device = person.as_ref().and_then(|it| device_of(context, it));
            let network = context.client.network;
            let guess = context
                .limits
                .guesses
                .at_name(network, &looks, device.as_deref())?;
            let hash = is_right(context, guess, password, hash).await?;
            let person = person.ok_or(ErrorCode::WrongPassword)?;
            (person, sessions::Proof::Password(hash))
        }
    };
    is_not_out(context, &person)?;
    begin_session(context, person, proof).await
}

/// Handles `POST /api/sign-in-link`.
pub(super) async fn sign_in_link(context: &RequestContext) -> Answer {
    let identity = context.require_role(Role::Member)?;
    let session = identity.session.ok_or(ErrorCode::NotAllowed)?;
    let Proof { password } = context.body()?;
    is_password(context, &identity.chat_id, password).await?;
    let secret = context.app.access.create_sign_in_link(session, Instant::now())?;
    Ok(json(&Secret { secret }))
}

/// Handles `POST /api/sign-in-link/account`.
pub(super) fn link_account(context: &RequestContext) -> Answer {
    let Secret { secret } = context.body()?;
    let guess = context.limits.guesses.at_secret(context.client.network)?;
    let person = context.app.access.sign_in_link_person(&secret, Instant::now());
    let person = person.and_then(|it| context.app.access.person(&it));
    let account = person.map(account).ok_or(ErrorCode::LinkExpired)?;
    guess.give_back();
    Ok(json(&account))
}

/// Handles `POST /api/sign-out`.
pub(super) async fn sign_out(context: &RequestContext) -> Answer {
    let cookies = context.jar().sessions();
    let by_cookies = cookies
        .iter()
        .filter_map(|it| context.app.identities.verify_credential(it));
    let mut ended = Vec::new();
    for identity in context.identity().into_iter().chain(by_cookies) {
        let Some(session) = identity.session else { continue };
        if ended.contains(&session) {
            continue;
        }
        ended.push(session.clone());
        let command = Command::EndSession(sessions::EndSession { session });
        context.app.submit(identity.chat_id, command).await?;
    }
    Ok(without_cookies(context))
}

/// Handles `GET /api/sessions`.
pub(super) async fn sessions(context: &RequestContext) -> Answer {
    let identity = context.require_role(Role::Member)?;
    let read = context
        .app
        .readers
        .read(move |tables| sessions::devices(tables, &identity.chat_id, identity.session.as_ref()));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// Handles `DELETE /api/sessions/{session}`.
pub(super) async fn end_session(context: &RequestContext, session: &str) -> Answer {
    let person = context.require_role(Role::Member)?.chat_id;
    let session = SessionId::try_from(session)?;
    context
        .app
        .submit(person, Command::EndSession(sessions::EndSession { session }))
        .await?;
    Ok(no_content())
}

/// Handles `POST /api/invites/redeem`.
pub(super) async fn redeem_invite(context: &RequestContext) -> Answer {
    let identity = context.identity().ok_or(ErrorCode::HelloRequired)?;
    let Secret { secret } = context.body()?;
    let guess = context.limits.guesses.at_secret(context.client.network)?;
    is_not_out(context, &identity.chat_id)?;
    let invite = secret::hash(&secret);
    context
        .submit_as(
            &identity,
            Command::RedeemInvite(RedeemInvite { invite_hash: invite }),
        )
        .await?;
    guess.give_back();
    Ok(json(&as_session(context, identity.chat_id, None).await?))
}

/// Handles `POST /api/check-link`. A wrong link counts as a guess, since a right one can be redeemed.
pub(super) async fn check_link(context: &RequestContext) -> Answer {
    let guess = context.limits.guesses.at_secret(context.client.network)?;
    let good = match context.body()? {
        LinkSecret::Owner(secret) => context.app.access.is_owner_secret(&secret),
        LinkSecret::Invite(secret) => {
            let hash = secret::hash(&secret);
            let read = context
                .app
                .readers
                .read(move |tables| invites::is_active(tables, &hash, clock::now()));
            read.await.map_err(unavailable)?
        }
    };
    if !good {
        return Err(ErrorCode::LinkExpired);
    }
    guess.give_back();
    Ok(no_content())
}

/// Checks that neither the person nor the client's network is banned.
pub(super) fn is_not_out(context: &RequestContext, person: &ChatId) -> Result<(), ErrorCode> {
    let identity = Identity::guest(person.clone());
    match context
        .app
        .access
        .may_connect(&identity, context.client.network.address(), clock::now())
    {
        Err(ErrorCode::Banned) => {
            // The client has authenticated as this person, or is signed in as them.
            let _ = context.about.set(person.clone());
            Err(ErrorCode::Banned)
        }
        _ => Ok(()),
    }
}

/// Checks a member's password again. Returns the hash that it was compared with.
pub(super) async fn is_password(
    context: &RequestContext,
    person: &ChatId,
    password: Password,
) -> Result<String, ErrorCode> {
    let guess = context.limits.guesses.at_own(person)?;
    let id = person.clone();
    let hash = context
        .app
        .readers
        .read(move |tables| sessions::password(tables, &id));
    let hash = hash.await.map_err(unavailable)?;
    is_right(context, guess, password, hash).await
}

/// Compares a password with a hash, and returns the hash. The guess counts only if it was compared and wrong.
async fn is_right(
    context: &RequestContext,
    guess: Guess,
    password: Password,
    hash: Option<String>,
) -> Result<String, ErrorCode> {
    let asks = match guess.is_of_a_known_one() {
        true => Asks::Known,
        false => Asks::Stranger(context.client.network),
    };
    match context.app.passwords.matches(password, hash.clone(), asks).await {
        Ok(matches) => {
            let hash = hash.filter(|_| matches).ok_or(ErrorCode::WrongPassword)?;
            guess.give_back();
            Ok(hash)
        }
        Err(code) => {
            guess.give_back();
            Err(code)
        }
    }
}

/// Returns the device id of the requesting browser, if this person has signed in with it before.
fn device_of(context: &RequestContext, person: &ChatId) -> Option<String> {
    known_device(context, person).map(|(_, id)| id)
}

/// Returns the device cookie of the requesting browser, and its id.
fn known_device<'a>(context: &'a RequestContext, person: &ChatId) -> Option<(&'a str, String)> {
    let mut cookies = context.jar().devices().into_iter();
    cookies.find_map(|it| Some((it, context.app.identities.device(it, person)?)))
}

/// Starts a session, always a new one with a fresh secret (OWASP: session fixation).
pub(super) async fn begin_session(
    context: &RequestContext,
    person: ChatId,
    proof: sessions::Proof,
) -> Answer {
    let (secret, hash) = secret::generate();
    let session = SessionId::try_from(Uuid::now_v7().to_string())?;
    let credential = session_credential(&session, &secret);
    let name = device(context);
    let begin = sessions::StartSession {
        session,
        hash,
        name,
        proof,
    };
    context
        .app
        .submit(person.clone(), Command::StartSession(begin))
        .await?;
    let token = context.is_program().then(|| credential.clone());
    let reply = as_session(context, person.clone(), token).await?;
    for old in context.jar().sessions() {
        context.app.replaced.note(old);
    }
    let mut response = with_cookie(context, &reply, &credential);
    if !context.is_program() {
        // The cookie survives the sign-out: the browser is recognised the next time, regardless of others' wrong guesses meanwhile.
        let device = match known_device(context, &person) {
            Some((cookie, _)) => cookie.to_owned(),
            None => context.app.identities.new_device(&person),
        };
        context.jar().set_device(&mut response, &device);
    }
    Ok(response)
}

async fn as_session(
    context: &RequestContext,
    chat_id: ChatId,
    token: Option<String>,
) -> Result<Session, ErrorCode> {
    let person = context.app.access.person(&chat_id).filter(Person::is_registered);
    let settings = match &person {
        Some(_) => {
            let id = chat_id.clone();
            let read = context.app.readers.read(move |tables| settings::of(tables, &id));
            read.await.map_err(unavailable)?
        }
        None => None,
    };
    Ok(Session {
        settings,
        account: person.map(account),
        chat_id,
        token,
    })
}

fn account(Person { known, .. }: Person) -> Account {
    Account {
        name: known.name,
        avatar: known.avatar,
        role: known.role,
    }
}

fn with_cookie(context: &RequestContext, reply: &Session, credential: &str) -> Response {
    let mut response = json(reply);
    context.jar().set_session(&mut response, credential);
    response
}

fn without_cookies(context: &RequestContext) -> Response {
    let mut response = no_content();
    context.jar().clear_sessions(&mut response);
    response
}

fn named(name: Nickname) -> Name {
    Name {
        skeletons: skeletons(&name),
        name,
    }
}

/// Returns a short description of the device from its `User-Agent`, so that its owner recognises it.
pub(super) fn device(context: &RequestContext) -> String {
    let agent = context.headers.get(header::USER_AGENT);
    let agent = agent.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let first = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(sign, _)| agent.contains(sign));
        found.map(|(_, name)| *name)
    };
    // Each browser also names those before it in its `User-Agent`.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

/// Handles `GET /api/blocks`.
pub(super) async fn blocks(context: &RequestContext) -> Answer {
    let person = context.require_person()?.chat_id;
    let read = context
        .app
        .readers
        .read(move |tables| blocks::of(tables, &person));
    Ok(json(&read.await.map_err(unavailable)?))
}
