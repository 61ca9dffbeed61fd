//! One push to one browser: whether it may be sent now, its content, and the answer of the push service.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, http::response::Parts};
use serde::Serialize;
use sha2::{Digest, Sha256};
use snug_shared::{
    ids::{ChatId, Position, RoomId},
    messages::Message,
    rooms::{Kind, RoomInfo},
    text::{Nickname, RoomName},
};
use warp::http::{StatusCode, header};

use super::{
    Services,
    encrypt::{Keys, PLAIN_BYTES, encrypt},
    endpoint::Endpoint,
    keys,
    policy::Urgency,
    quiet::is_quiet,
};
use crate::{clock, features::push, identity::Identity};

/// How long a push service stores a message for a device that is off, in seconds: a day.
const TTL: u32 = 24 * 60 * 60;
/// Characters of a message that a notification shows.
const SHOWN: usize = 200;

/// A push to be sent.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) person: ChatId,
    pub(super) endpoint: String,
    /// Scheme, host and port of the endpoint.
    pub(super) service: String,
    /// Whether its user is a guest.
    pub(super) guest: bool,
    pub(super) message: Arc<Message>,
    pub(super) urgency: Urgency,
    /// The number of tries so far.
    pub(super) tries: u32,
}

/// The outcome of a try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The push service has accepted the push.
    Sent,
    /// The push need not be sent any more: its user has read the message, for example.
    Skipped,
    /// The browser's subscription has ended.
    Gone,
    /// The push service does not accept the push now, but after a time, if it reports one.
    RetryAfter(Option<Duration>),
    /// The push service refused the push for good.
    Refused,
}

/// The content of a notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    room: &'a RoomId,
    room_name: &'a RoomName,
    n: Position,
    name: &'a Nickname,
    text: String,
    /// Whether the message is in a direct conversation, which has no name of its own.
    direct: bool,
    /// The room's address, relative to the service worker.
    url: String,
}

/// The result of one try.
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    /// Whether the push service answered at all.
    pub(super) answered: bool,
    /// The number of failed tries in a row before this one.
    pub(super) failures: u32,
}

/// Tries to send a push once.
pub(super) async fn deliver(services: &Services, push: &Push) -> Tried {
    let Some((endpoint, keys, failures)) = addressee(services, push).await else {
        return Tried {
            outcome: Outcome::Skipped,
            answered: false,
            failures: 0,
        };
    };
    let answer = match services.hub.room(&push.message.room) {
        Some(room) => send(services, push, &endpoint, &keys, &room.info()).await,
        None => Ok(Outcome::Skipped),
    };
    Tried {
        answered: answer.is_ok(),
        outcome: answer.unwrap_or_else(|outcome| outcome),
        failures,
    }
}

/// Sends a push. An error is the outcome for a push service that does not answer.
async fn send(
    services: &Services,
    push: &Push,
    endpoint: &Endpoint,
    keys: &Keys,
    room: &RoomInfo,
) -> Result<Outcome, Outcome> {
    let plain = payload(&push.message, room);
    let Ok(encrypted) = encrypt(keys, plain.as_bytes()) else {
        return Err(Outcome::Gone);
    };
    let request = Request::post(endpoint.uri().clone())
        .header("ttl", TTL)
        .header("urgency", urgency_header(push.urgency))
        .header("topic", topic(keys, &push.message.room))
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(
            header::AUTHORIZATION,
            services.pushes.vapid.authorization(endpoint, clock::now()),
        )
        .body(Full::new(Bytes::from(encrypted)))
        .expect("each header is plain");
    let answer = services.pushes.egress.send(request).await;
    let outcome = match &answer {
        Ok(answer) => Ok(classify(answer)),
        Err(error) if error.is_final() => Err(Outcome::Refused),
        Err(_) => Err(Outcome::RetryAfter(None)),
    };
    if !matches!(outcome, Ok(Outcome::Sent | Outcome::Gone)) {
        let why = match answer {
            Ok(answer) => answer.status.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::info!(service = ?endpoint, why, "a push service rejected a notification");
    }
    outcome
}

/// Returns the recipient, if its user may be notified of the message there now: they are in the room, have not read the
/// message, see no page and are not banned, the browser's session has not ended, and the browser is not in its quiet hours.
async fn addressee(services: &Services, push: &Push) -> Option<(Endpoint, Keys, u32)> {
    let Push {
        person,
        endpoint,
        message,
        ..
    } = push.clone();
    if services.hub.is_active(&person) {
        return None;
    }
    let whom = person.clone();
    let read = services
        .readers
        .read(move |tables| push::ready(tables, &whom, &endpoint, (&message.room, message.n)));
    let (browser, failures) = read.await.unwrap_or_else(|error| {
        tracing::error!(%error, "the store could not be read");
        None
    })?;
    let now = clock::now();
    let zone = browser.time_zone.as_deref();
    if browser
        .quiet_hours
        .is_some_and(|quiet| is_quiet(quiet, zone, now))
    {
        return None;
    }
    let identity = Identity {
        session: browser.session,
        ..Identity::guest(person)
    };
    services.access.may_receive(&identity, now).then_some(())?;
    let endpoint = Endpoint::try_from(browser.endpoint).ok()?;
    Some((endpoint, keys(&browser.key, &browser.auth)?, failures))
}

fn payload(message: &Message, room: &RoomInfo) -> String {
    let words = message.text.as_str();
    let text = match words.char_indices().nth(SHOWN) {
        None => words.to_owned(),
        Some((end, _)) => format!("{}…", &words[..end]),
    };
    // Another room may have the name of one that not everybody can find.
    let address = if room.kind.is_open() {
        room.name.as_str()
    } else {
        room.room.as_str()
    };
    let address: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    let payload = serde_json::to_string(&Payload {
        room: &message.room,
        room_name: &room.name,
        n: message.n,
        name: &message.name,
        text,
        direct: room.kind == Kind::Direct,
        url: format!("rooms/{address}"),
    });
    let payload = payload.expect("it is plain data");
    debug_assert!(payload.len() <= PLAIN_BYTES, "each part of it is bounded");
    payload
}

/// Returns the topic of a room for a browser: messages of one topic replace each other while a device is off (RFC 8030, section
/// 5.4). The hash includes the browser's secret, so that a push service cannot tell who is in the same room.
fn topic(keys: &Keys, room: &RoomId) -> String {
    let hash = Sha256::new().chain_update(keys.auth).chain_update(room.as_str());
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..24])
}

fn urgency_header(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Normal => "normal",
        Urgency::High => "high",
    }
}

fn classify(answer: &Parts) -> Outcome {
    match answer.status {
        status if status.is_success() => Outcome::Sent,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            let seconds = answer.headers.get(header::RETRY_AFTER);
            let seconds = seconds.and_then(|it| it.to_str().ok()?.parse().ok());
            Outcome::RetryAfter(seconds.map(Duration::from_secs))
        }
        _ => Outcome::Refused,
    }
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{Key, Millis},
        limits::{NAME_CHARS, ROOM_NAME_CHARS, TEXT_CHARS},
        text::MessageBody,
    };

    use snug_shared::mentions::Mentions;

    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Parts {
        let mut answer = hyper::Response::builder().status(status);
        if let Some(after) = retry_after {
            answer = answer.header(header::RETRY_AFTER, after);
        }
        answer.body(()).expect("an answer").into_parts().0
    }

    #[test]
    fn what_a_push_service_says_is_what_comes_of_it() {
        let outcome = |status, after| classify(&answer(status, after));
        assert_eq!(outcome(201, None), Outcome::Sent);
        assert_eq!(outcome(404, None), Outcome::Gone);
        assert_eq!(outcome(410, None), Outcome::Gone);
        assert_eq!(outcome(503, None), Outcome::RetryAfter(None));
        let minute = Some(Duration::from_secs(60));
        assert_eq!(outcome(429, Some("60")), Outcome::RetryAfter(minute));
        // A date is not compared with this server's clock: the default delay applies.
        assert_eq!(
            outcome(429, Some("Fri, 31 Dec 1999 23:59:59 GMT")),
            Outcome::RetryAfter(None)
        );
        for other in [301, 307, 400, 403, 413] {
            assert_eq!(outcome(other, Some("60")), Outcome::Refused, "{other}");
        }
    }

    #[test]
    fn the_longest_message_fits() {
        // Letters of four bytes, each byte of which takes three characters in an address; and text that is twice as long in
        // JSON.
        let name = RoomName::try_from("𐐨".repeat(ROOM_NAME_CHARS)).expect("a name");
        let room = RoomInfo::open(RoomId::lobby(), name);
        for words in ["😀", "\""] {
            let message = Message {
                room: RoomId::try_from("r".repeat(64)).expect("an id"),
                n: Position(u64::MAX),
                key: Key::try_from("1").expect("a key"),
                chat_id: ChatId::try_from("ann").expect("an id"),
                name: Nickname::try_from("😀".repeat(NAME_CHARS)).expect("a name"),
                avatar: Avatar::of_seed("ann"),
                text: MessageBody::try_from(words.repeat(TEXT_CHARS)).expect("a text"),
                mentions: Mentions::default(),
                at: Millis(0),
            };
            let payload = payload(&message, &room);
            assert!(payload.len() <= PLAIN_BYTES, "{}", payload.len());
        }
    }

    #[test]
    fn a_room_has_one_topic_in_a_browser_and_another_one_elsewhere() {
        let topic = |auth, room: &str| {
            let key = [4; super::super::encrypt::KEY_BYTES];
            topic(&Keys { key, auth }, &RoomId::try_from(room).expect("an id"))
        };
        assert_eq!(topic([1; 16], "den"), topic([1; 16], "den"));
        assert_ne!(topic([1; 16], "den"), topic([1; 16], "lobby"));
        assert_ne!(topic([1; 16], "den"), topic([2; 16], "den"));
        assert_eq!(
            topic([1; 16], "den").len(),
            32,
            "it is the most that there may be"
        );
    }

    #[test]
    fn what_is_said_to_somebody_wakes_their_device() {
        assert_eq!(urgency_header(Urgency::High), "high");
        assert_eq!(urgency_header(Urgency::Normal), "normal");
    }
}
