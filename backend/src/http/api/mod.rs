//! The request API: every path under `/api`, and the authentication of its requests.

mod avatars;
mod moderation;
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
    error_code::ErrorCode,
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

use super::{lang, refuse_for, refuse_out};
use crate::{
    app::App,
    clock,
    features::{Command, Event},
    identity::Identity,
    net::{
        client::Client,
        client_limits::ClientLimits,
        notices,
        origin::{RequestOrigin, classify},
        refusal::refuse,
        session::{Jar, identity, of_any_port},
    },
    rates::{Cost, Spender},
};

/// A request with what is needed to answer it.
struct RequestContext {
    app: App,
    limits: Arc<ClientLimits>,
    client: Client,
    headers: HeaderMap,
    /// The query string after `?`.
    query: String,
    body: Bytes,
    /// The person that a response is about, if something other than this browser's session authenticated them.
    about: OnceLock<ChatId>,
}

type Answer = Result<Response, ErrorCode>;

/// Matches everything under `/api`.
pub fn filter(
    app: App,
    limits: Arc<ClientLimits>,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::path("api")
        .and(warp::method())
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::get())
        .and(warp::body::stream())
        .then(move |method, path: FullPath, query, headers, client, body| {
            let (app, limits) = (app.clone(), limits.clone());
            async move {
                // The body of the response is left out when it is sent.
                let method = if method == Method::HEAD {
                    Method::GET
                } else {
                    method
                };
                let lang = lang(&headers);
                let context = RequestContext {
                    app,
                    limits,
                    client,
                    headers,
                    query,
                    body: Bytes::new(),
                    about: OnceLock::new(),
                };
                let answer = handle(context, &method, path.as_str(), body).await;
                let mut response = answer.unwrap_or_else(|code| refuse(status(code), code, lang));
                let no_store = header::HeaderValue::from_static("no-store");
                // The default, unless the response has another value.
                let caching = response.headers_mut().entry(header::CACHE_CONTROL);
                caching.or_insert(no_store);
                response
            }
        })
}

/// Handles a request: checks it, reads its body and answers.
async fn handle(
    mut context: RequestContext,
    method: &Method,
    path: &str,
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> Answer {
    let admit = |context: &RequestContext| {
        context.check_origin(method)?;
        let upload = avatars::is_upload(method, path).then(|| avatars::Upload::admit(context));
        upload.transpose()
    };
    let mut upload = match admit(&context) {
        Ok(upload) => upload,
        Err(code) => {
            // The body is read and dropped: a browser or a proxy that is cut off while it sends does not read the reason.
            let _ = timeout(context.app.config.request_time, read_body(body, 0, |_| Ok(None))).await;
            return Err(code);
        }
    };
    let most = upload.as_ref().map_or(FRAME_BYTES, |_| PICTURE_BYTES);
    let received = |bytes| (upload.as_mut()).map_or(Ok(None), |it| it.received(&context, bytes));
    // A client that does not send the announced body is not waited for.
    let body = timeout(context.app.config.request_time, read_body(body, most, received)).await;
    context.body = body.unwrap_or(Err(ErrorCode::BadFrame))?;
    match upload {
        Some(upload) => avatars::upload(&context, upload).await,
        None => {
            let identity = context.identity();
            if let Some(Identity {
                chat_id,
                session: Some(session),
                ..
            }) = &identity
            {
                context.app.note_session(chat_id.clone(), session.clone()).await;
            }
            let answer = answer(&context, method, path).await;
            // Another claim of the id may have been bound meanwhile: then the response does not belong to this claim's holder.
            if identity.is_some_and(|it| context.app.access.claims.have_another(&it)) {
                return Err(ErrorCode::ChatIdTaken);
            }
            match answer {
                Err(ErrorCode::Banned) => Ok(context.refuse_out()),
                answer => answer,
            }
        }
    }
}

async fn answer(context: &RequestContext, method: &Method, path: &str) -> Answer {
    let path: Vec<&str> = path.split('/').skip(2).collect();
    match (method.as_str(), path.as_slice()) {
        ("POST", ["session"]) => people::session(context).await,
        ("GET", ["server"]) => rooms::server_info(context),
        ("GET", ["rooms"]) => rooms::directory(context).await,
        ("GET", ["room"]) => rooms::at_address(context).await,
        ("GET", ["rooms", room, "messages"]) => rooms::history(context, room).await,
        ("GET", ["rooms", room, "members"]) => rooms::members(context, room).await,
        ("GET", ["rooms", room, "online"]) => rooms::online(context, room).await,
        ("GET", ["pictures", id]) => avatars::picture(context, id).await,
        ("POST", ["account"]) => people::create_account(context).await,
        ("PUT", ["account"]) => people::update_profile(context).await,
        ("DELETE", ["account"]) => people::delete_account(context).await,
        ("PUT", ["account", "password"]) => people::set_password(context).await,
        ("POST", ["sign-in"]) => people::sign_in(context).await,
        ("POST", ["sign-in-link"]) => people::sign_in_link(context).await,
        ("POST", ["sign-in-link", "account"]) => people::link_account(context),
        ("POST", ["sign-out"]) => people::sign_out(context).await,
        ("GET", ["sessions"]) => people::sessions(context).await,
        ("DELETE", ["sessions", session]) => people::end_session(context, session).await,
        ("GET", ["passkeys"]) => passkeys::list(context).await,
        ("POST", ["passkeys"]) => passkeys::add(context).await,
        ("POST", ["passkeys", "options"]) => passkeys::options(context).await,
        ("DELETE", ["passkeys", passkey]) => passkeys::remove(context, passkey).await,
        ("POST", ["sign-in", "passkey", "options"]) => passkeys::sign_in_options(context),
        ("POST", ["sign-in", "passkey"]) => passkeys::sign_in(context).await,
        ("POST", ["invites", "redeem"]) => people::redeem_invite(context).await,
        ("POST", ["check-link"]) => people::check_link(context).await,
        ("GET", ["invites"]) => moderation::invites(context).await,
        ("POST", ["invites"]) => moderation::create_invite(context).await,
        ("DELETE", ["invites", invite]) => moderation::revoke_invite(context, invite).await,
        ("GET", ["blocks"]) => people::blocks(context).await,
        ("GET", ["users"]) => moderation::users(context),
        ("POST", ["moderation"]) => moderation::moderate(context).await,
        ("GET", ["audit-log"]) => moderation::audit_log(context).await,
        ("GET", ["storage"]) => storage::storage(context).await,
        ("GET", ["push", "key"]) => push::key(context),
        ("POST", ["push"]) => push::subscribe(context).await,
        ("DELETE", ["push"]) => push::unsubscribe(context).await,
        _ => Err(ErrorCode::NotFound),
    }
}

impl RequestContext {
    /// Checks the origin of a request that changes something. A request with a cookie and without an origin is not a browser's.
    ///
    /// # Errors
    /// [`ErrorCode::ForbiddenOrigin`] for a page of another site.
    fn check_origin(&self, method: &Method) -> Result<(), ErrorCode> {
        match self.origin() {
            _ if *method == Method::GET => Ok(()),
            RequestOrigin::Same => Ok(()),
            RequestOrigin::Missing if of_any_port(&self.headers).next().is_none() => Ok(()),
            _ => Err(self.forbidden_origin()),
        }
    }

    /// Returns the refusal of a page of another site, and logs a warning for the operator.
    fn forbidden_origin(&self) -> ErrorCode {
        notices::forbidden_origin(&self.headers, &self.client);
        ErrorCode::ForbiddenOrigin
    }

    /// Whether the client is a program, which stores its credential by itself.
    fn is_program(&self) -> bool {
        self.origin() == RequestOrigin::Missing
    }

    /// Returns the origin of the request.
    fn origin(&self) -> RequestOrigin {
        classify(&self.headers, self.client.secure, &self.app.config.allow_origin)
    }

    /// Returns the cookies of this server.
    fn jar(&self) -> Jar<'_> {
        Jar::of(&self.app.config.base, &self.headers, &self.client)
    }

    /// Returns the authenticated identity, if any. A claim of an id is not valid while a user is online with another claim of it.
    fn identity(&self) -> Option<Identity> {
        let identity = identity(&self.app.identities, &self.jar());
        identity.filter(|it| !self.app.hub.has_another(it))
    }

    /// Returns the account to which the person's request is charged.
    fn spender(&self, person: &ChatId) -> Spender {
        self.app.spender(person, self.client.network)
    }

    /// Takes one from the person's allowance. Returns the refusal if none is left.
    fn too_often(&self, cost: Cost, person: &ChatId) -> Option<Response> {
        let spent = self.app.rates.spend(cost, person);
        spent.err().map(|wait| self.rate_limited(wait))
    }

    /// Builds the refusal of a request that may be repeated after so many milliseconds.
    fn rate_limited(&self, after: u32) -> Response {
        let code = ErrorCode::RateLimited;
        refuse_for(status(code), code, lang(&self.headers), after)
    }

    /// Builds the refusal of a banned user, with the end of the ban.
    fn refuse_out(&self) -> Response {
        let asks = self.identity().map(|it| it.chat_id);
        let person = self.about.get().or(asks.as_ref());
        let address = self.client.network.address();
        let until = self.app.access.banned_until(person, address, clock::now());
        refuse_out(lang(&self.headers), until)
    }

    /// Returns the authenticated identity, if it may connect.
    ///
    /// # Errors
    /// [`ErrorCode::HelloRequired`] if there is none, or the code of the access check.
    fn require_person(&self) -> Result<Identity, ErrorCode> {
        let identity = self.identity().ok_or(ErrorCode::HelloRequired)?;
        let address = self.client.network.address();
        self.app.access.may_connect(&identity, address, clock::now())?;
        Ok(identity)
    }

    /// Returns the authenticated identity, if it has at least a role.
    ///
    /// # Errors
    /// [`ErrorCode::NotAllowed`] for a lower role.
    fn require_role(&self, role: Role) -> Result<Identity, ErrorCode> {
        let identity = self.require_person()?;
        if self.app.access.role(&identity.chat_id) >= role {
            Ok(identity)
        } else {
            Err(ErrorCode::NotAllowed)
        }
    }

    /// Submits a command that adds to the data, if the user may write so many bytes.
    async fn submit(&self, by: ChatId, command: Command) -> Result<Event, ErrorCode> {
        self.spend(&by, &command)?;
        self.app.submit(by, command).await
    }

    /// Submits a command that stores something for the user's id, if the user may write so many bytes.
    async fn submit_as(&self, identity: &Identity, command: Command) -> Result<Event, ErrorCode> {
        self.spend(&identity.chat_id, &command)?;
        self.app.submit_as(identity, command).await
    }

    fn spend(&self, by: &ChatId, command: &Command) -> Result<(), ErrorCode> {
        let (role, from) = (self.app.access.role(by), self.client.network);
        let spent = (self.app).spend_bytes(by, role, from, command.adds_bytes());
        spent.map_err(|_| ErrorCode::RateLimited)
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, ErrorCode> {
        serde_json::from_slice(&self.body).map_err(|_| ErrorCode::BadFrame)
    }

    fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }

    /// Returns a value of the query.
    fn query_value(&self, name: &str) -> Option<String> {
        let mut query = self.query().into_iter();
        query.find_map(|(key, value)| (key == name).then_some(value))
    }
}

fn json<T: Serialize>(value: &T) -> Response {
    warp::reply::json(value).into_response()
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Reads a body of at most so many bytes. A longer one is read to its end and dropped, within the caller's time limit: a browser that
/// is cut off while it sends does not read the response. `received` is called with the number of bytes so far, and may return a
/// deadline for more.
async fn read_body(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
    most: usize,
    mut received: impl FnMut(usize) -> Result<Option<Instant>, ErrorCode>,
) -> Result<Bytes, ErrorCode> {
    let mut whole = Vec::new();
    let mut too_large = false;
    let mut by = None;
    pin_mut!(body);
    loop {
        let part = match by {
            None => body.next().await,
            Some(by) => timeout_at(by, body.next())
                .await
                .map_err(|_| ErrorCode::BadFrame)?,
        };
        let Some(part) = part else { break };
        let mut part = part.map_err(|_| ErrorCode::BadFrame)?;
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
        Err(ErrorCode::TooLarge)
    } else {
        Ok(whole.into())
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::HelloRequired | ErrorCode::SessionEnded | ErrorCode::SessionReplaced => {
            StatusCode::UNAUTHORIZED
        }
        ErrorCode::ForbiddenOrigin
        | ErrorCode::WrongPassword
        | ErrorCode::WrongPasskey
        | ErrorCode::PasskeyCopied
        | ErrorCode::NotAllowed
        | ErrorCode::InviteRequired
        | ErrorCode::MembersOnly
        | ErrorCode::Banned => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::NameTaken
        | ErrorCode::PasskeyExists
        | ErrorCode::LastOwner
        | ErrorCode::SharedNetwork
        | ErrorCode::LimitReached
        | ErrorCode::ChatIdTaken => StatusCode::CONFLICT,
        ErrorCode::LinkExpired | ErrorCode::ChallengeExpired => StatusCode::GONE,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::Overloaded | ErrorCode::Unavailable | ErrorCode::Restarting => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Logs why the store could not be read. Returns the refusal for the client.
fn unavailable(error: crate::store::read::ReadError) -> ErrorCode {
    tracing::error!(%error, "the store could not be read");
    ErrorCode::Unavailable
}
