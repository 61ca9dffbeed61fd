//! What is asked once: every path under `/api`, and who asks.

mod avatars;
mod house;
mod passkeys;
mod people;
mod push;
mod rooms;
mod storage;

use std::sync::{Arc, OnceLock};

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt, pin_mut};
use serde::{Serialize, de::DeserializeOwned};
use snug_shared::{
    code::Code,
    ids::ChatId,
    limits::{FRAME_BYTES, PICTURE_BYTES},
    people::Role,
};
use tokio::time::{Instant, timeout, timeout_at};
use warp::{
    Filter, Rejection, Reply,
    http::{HeaderMap, Method, StatusCode, header},
    path::FullPath,
    reply::Response,
};

use super::{
    doors::{Client, Doors},
    lang, notices,
    origin::{Asked, asked},
    refuse, refuse_for, refuse_out,
    session::{Jar, identity, of_any_port},
};
use crate::{
    app::App,
    clock,
    features::{Command, Event},
    identity::Identity,
    rates::{Cost, Spender},
};

/// Somebody who asks.
struct Asker {
    app: App,
    doors: Arc<Doors>,
    client: Client,
    headers: HeaderMap,
    /// What follows `?`.
    query: String,
    body: Bytes,
    /// Whom an answer is about who has proved something else than this browser's session.
    about: OnceLock<ChatId>,
}

type Answer = Result<Response, Code>;

/// Everything under `/api`.
pub fn filter(app: App, doors: Arc<Doors>) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::path("api")
        .and(warp::method())
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::get())
        .and(warp::body::stream())
        .then(move |method, path: FullPath, query, headers, client, body| {
            let (app, doors) = (app.clone(), doors.clone());
            async move {
                // The body is left out on its way.
                let method = if method == Method::HEAD {
                    Method::GET
                } else {
                    method
                };
                let lang = lang(&headers);
                let asker = Asker {
                    app,
                    doors,
                    client,
                    headers,
                    query,
                    body: Bytes::new(),
                    about: OnceLock::new(),
                };
                let answer = heard(asker, &method, path.as_str(), body).await;
                let mut response = answer.unwrap_or_else(|code| refuse(status(code), code, lang));
                let no_store = header::HeaderValue::from_static("no-store");
                // But for what says otherwise.
                let caching = response.headers_mut().entry(header::CACHE_CONTROL);
                caching.or_insert(no_store);
                response
            }
        })
}

/// Hears somebody out, and answers.
async fn heard(
    mut asker: Asker,
    method: &Method,
    path: &str,
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> Answer {
    let admit = |asker: &Asker| {
        asker.is_ours(method)?;
        let upload = avatars::is_upload(method, path).then(|| avatars::Upload::admit(asker));
        upload.transpose()
    };
    let mut upload = match admit(&asker) {
        Ok(upload) => upload,
        Err(code) => {
            // Read, and not kept: a browser or a proxy that is cut off while it sends does not read why.
            let _ = timeout(asker.app.config.request_time, whole(body, 0, |_| Ok(None))).await;
            return Err(code);
        }
    };
    let most = upload.as_ref().map_or(FRAME_BYTES, |_| PICTURE_BYTES);
    let received = |bytes| (upload.as_mut()).map_or(Ok(None), |it| it.received(&asker, bytes));
    // Whoever does not send what they announced is not waited for.
    let body = timeout(asker.app.config.request_time, whole(body, most, received)).await;
    asker.body = body.unwrap_or(Err(Code::BadFrame))?;
    match upload {
        Some(upload) => avatars::upload(&asker, upload).await,
        None => {
            let identity = asker.identity();
            if let Some(Identity {
                chat_id,
                session: Some(session),
                ..
            }) = &identity
            {
                asker.app.note_session(chat_id.clone(), session.clone()).await;
            }
            let answer = answer(&asker, method, path).await;
            // Another claim of the id may have been bound meanwhile: then what was read is not this one's.
            if identity.is_some_and(|it| asker.app.access.claims.have_another(&it)) {
                return Err(Code::ChatIdTaken);
            }
            match answer {
                Err(Code::PutOut) => Ok(asker.refuse_out()),
                answer => answer,
            }
        }
    }
}

async fn answer(asker: &Asker, method: &Method, path: &str) -> Answer {
    let path: Vec<&str> = path.split('/').skip(2).collect();
    match (method.as_str(), path.as_slice()) {
        ("POST", ["session"]) => people::session(asker).await,
        ("GET", ["place"]) => rooms::place(asker),
        ("GET", ["rooms"]) => rooms::directory(asker).await,
        ("GET", ["room"]) => rooms::at_address(asker).await,
        ("GET", ["rooms", room, "messages"]) => rooms::history(asker, room).await,
        ("GET", ["rooms", room, "members"]) => rooms::members(asker, room).await,
        ("GET", ["rooms", room, "online"]) => rooms::online(asker, room).await,
        ("POST", ["rooms", room, "members"]) => rooms::bring_in(asker, room).await,
        ("DELETE", ["rooms", room, "members", person]) => rooms::take_out(asker, room, person).await,
        ("GET", ["pictures", id]) => avatars::picture(asker, id).await,
        ("POST", ["account"]) => people::keep(asker).await,
        ("PUT", ["account"]) => people::show(asker).await,
        ("DELETE", ["account"]) => people::erase(asker).await,
        ("PUT", ["account", "password"]) => people::set_password(asker).await,
        ("POST", ["sign-in"]) => people::sign_in(asker).await,
        ("POST", ["sign-in-link"]) => people::sign_in_link(asker).await,
        ("POST", ["sign-in-link", "account"]) => people::link_account(asker),
        ("PUT", ["settings"]) => people::set_settings(asker).await,
        ("POST", ["sign-out"]) => people::sign_out(asker).await,
        ("GET", ["sessions"]) => people::sessions(asker).await,
        ("DELETE", ["sessions", session]) => people::end_session(asker, session).await,
        ("GET", ["passkeys"]) => passkeys::list(asker).await,
        ("POST", ["passkeys"]) => passkeys::add(asker).await,
        ("POST", ["passkeys", "options"]) => passkeys::options(asker).await,
        ("DELETE", ["passkeys", passkey]) => passkeys::remove(asker, passkey).await,
        ("POST", ["sign-in", "passkey", "options"]) => passkeys::sign_in_options(asker),
        ("POST", ["sign-in", "passkey"]) => passkeys::sign_in(asker).await,
        ("POST", ["invited"]) => people::invited(asker).await,
        ("POST", ["link"]) => people::check_link(asker).await,
        ("GET", ["invites"]) => house::invites(asker).await,
        ("POST", ["invites"]) => house::invite(asker).await,
        ("DELETE", ["invites", invite]) => house::withdraw(asker, invite).await,
        ("GET", ["blocks"]) => people::blocks(asker).await,
        ("POST", ["blocks"]) => people::block(asker).await,
        ("GET", ["people"]) => house::people(asker),
        ("POST", ["acts"]) => house::act(asker).await,
        ("GET", ["record"]) => house::record(asker).await,
        ("GET", ["storage"]) => storage::storage(asker).await,
        ("GET", ["push", "key"]) => push::key(asker),
        ("POST", ["push"]) => push::subscribe(asker).await,
        ("DELETE", ["push"]) => push::unsubscribe(asker).await,
        _ => Err(Code::NotFound),
    }
}

impl Asker {
    /// A page of another site must not change anything in the name of who looks at it. Who has a cookie and does not say
    /// where they are from is no browser.
    fn is_ours(&self, method: &Method) -> Result<(), Code> {
        match self.origin() {
            _ if *method == Method::GET => Ok(()),
            Asked::Here => Ok(()),
            Asked::Nowhere if of_any_port(&self.headers).next().is_none() => Ok(()),
            _ => Err(self.forbidden_origin()),
        }
    }

    /// The refusal of a page of another site, which the operator reads of.
    fn forbidden_origin(&self) -> Code {
        notices::forbidden_origin(&self.headers, &self.client);
        Code::ForbiddenOrigin
    }

    /// Whether this is a program, which keeps what proves it by itself.
    fn is_program(&self) -> bool {
        self.origin() == Asked::Nowhere
    }

    /// Where the page that asks is from.
    fn origin(&self) -> Asked {
        asked(&self.headers, self.client.secure, &self.app.config.allow_origin)
    }

    /// The cookies of this server.
    fn jar(&self) -> Jar<'_> {
        Jar::of(&self.app, &self.headers, &self.client)
    }

    /// Who asks, if that is proved. A claim of an id under which somebody is online with another one proves nothing.
    fn identity(&self) -> Option<Identity> {
        let identity = identity(&self.app, &self.headers, &self.client);
        identity.filter(|it| !self.app.hub.has_another(it))
    }

    /// On whose account they ask.
    fn spender(&self, person: &ChatId) -> Spender {
        self.app.spender(person, self.client.network)
    }

    /// Takes one of what is counted by person; a refusal, if there is none.
    fn too_often(&self, cost: Cost, person: &ChatId) -> Option<Response> {
        let spent = self.app.rates.spend(cost, person);
        spent.err().map(|wait| self.too_fast(wait))
    }

    /// They may ask again after so many milliseconds.
    fn too_fast(&self, after: u32) -> Response {
        let code = Code::TooFast;
        refuse_for(status(code), code, lang(&self.headers), after)
    }

    /// Refuses somebody who was put out, and says until when.
    fn refuse_out(&self) -> Response {
        let asks = self.identity().map(|it| it.chat_id);
        let person = self.about.get().or(asks.as_ref());
        let address = self.client.network.address();
        let until = self.app.access.out_until(person, address, clock::now());
        refuse_out(lang(&self.headers), until)
    }

    /// Who asks, if they may be here.
    fn person(&self) -> Result<Identity, Code> {
        let identity = self.identity().ok_or(Code::NoUserInfo)?;
        let address = self.client.network.address();
        self.app.access.may_connect(&identity, address, clock::now())?;
        Ok(identity)
    }

    /// Who asks, if they are at least that.
    fn require_role(&self, role: Role) -> Result<Identity, Code> {
        let identity = self.person()?;
        if self.app.access.role(&identity.chat_id) >= role {
            Ok(identity)
        } else {
            Err(Code::NotAllowed)
        }
    }

    /// Submits what somebody wants which adds to the data, if they may write so much.
    async fn submit(&self, by: ChatId, command: Command) -> Result<Event, Code> {
        self.spend(&by, &command)?;
        self.app.submit(by, command).await
    }

    /// The same of what gives the id of whoever asks something to keep.
    async fn submit_as(&self, identity: &Identity, command: Command) -> Result<Event, Code> {
        self.spend(&identity.chat_id, &command)?;
        self.app.submit_as(identity, command).await
    }

    fn spend(&self, by: &ChatId, command: &Command) -> Result<(), Code> {
        let (role, from) = (self.app.access.role(by), self.client.network);
        let spent = (self.app).spend_bytes(by, role, from, command.adds_bytes());
        spent.map_err(|_| Code::TooFast)
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, Code> {
        serde_json::from_slice(&self.body).map_err(|_| Code::BadFrame)
    }

    fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }

    /// A value of the query.
    fn asks(&self, name: &str) -> Option<String> {
        let mut query = self.query().into_iter();
        query.find_map(|(key, value)| (key == name).then_some(value))
    }
}

fn json<T: Serialize>(value: &T) -> Response {
    warp::reply::json(value).into_response()
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A body of so many bytes at most. One that is longer is read to its end, or for as long as there is patience, and not kept: a
/// browser that is cut off while it sends does not read why. `received` is told how many there are, and may say by when more have to come.
async fn whole(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
    most: usize,
    mut received: impl FnMut(usize) -> Result<Option<Instant>, Code>,
) -> Result<Bytes, Code> {
    let mut whole = Vec::new();
    let mut too_large = false;
    let mut by = None;
    pin_mut!(body);
    loop {
        let part = match by {
            None => body.next().await,
            Some(by) => timeout_at(by, body.next()).await.map_err(|_| Code::BadFrame)?,
        };
        let Some(part) = part else { break };
        let mut part = part.map_err(|_| Code::BadFrame)?;
        if too_large || whole.len() + part.remaining() > most {
            too_large = true;
            whole = Vec::new();
            continue;
        }
        while part.has_remaining() {
            let chunk = part.chunk();
            whole.extend_from_slice(chunk);
            let read = chunk.len();
            part.advance(read);
        }
        by = received(whole.len())?;
    }
    if too_large {
        Err(Code::TooLarge)
    } else {
        Ok(whole.into())
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::NoUserInfo => StatusCode::UNAUTHORIZED,
        Code::ForbiddenOrigin
        | Code::WrongPassword
        | Code::WrongPasskey
        | Code::PasskeyCopied
        | Code::NotAllowed
        | Code::NotInvited
        | Code::MembersOnly
        | Code::PutOut => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::NameKept | Code::PasskeyKept | Code::LastOwner | Code::SharedNetwork | Code::ChatIdTaken => {
            StatusCode::CONFLICT
        }
        Code::LinkSpent | Code::ChallengeSpent => StatusCode::GONE,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::TooFast => StatusCode::TOO_MANY_REQUESTS,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::TooMany | Code::Unavailable | Code::Restarting => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}
