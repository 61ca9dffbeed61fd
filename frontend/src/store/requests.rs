//! Tracks the requests that await an answer: changes that the user has asked for, each with a key of its own.
//!
//! A request survives the connection and the page: it is stored, and without an answer it is sent again, with the same key, after
//! the next welcome. Requests are idempotent, so the server may carry one out twice.

use std::collections::BTreeMap;

use snug_shared::{
    api::Refusal,
    error_code::ErrorCode,
    ids::{Key, Position, RoomId},
    levels::NotificationLevel,
    wire::{ClientFrame, ServerFrame},
};

/// The longest delay, in milliseconds, after which an awaited request is sent again by itself. With a longer delay the user sees the
/// refusal.
const MAX_WAIT_MS: u32 = 5_000;
/// The time after which a request that was put off without a time is sent again, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// The progress of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestState {
    /// The server has yet to answer.
    Pending,
    /// The server has carried it out. The room, if the request has created or found one.
    Done(Option<RoomId>),
    /// The server has refused it.
    Refused(ErrorCode),
}

/// The part of a request that the page shows as if it were carried out already.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Preview {
    Level(RoomId, NotificationLevel),
    Deletion(RoomId, Position),
    Settings,
}

/// The beginning of a request's text that sets the settings.
const SETS_SETTINGS: &str = r#"{"code":"SET_SETTINGS""#;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
    /// The frame as it is sent and stored.
    text: String,
    preview: Option<Preview>,
    state: RequestState,
    /// Whether the server has put it off.
    deferred: bool,
    /// Whether a part of the page waits for the answer.
    awaited: bool,
}

/// The texts to send, and the time after which to call [`Requests::retry`], in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ToSend {
    pub(super) texts: Vec<String>,
    pub(super) retry_in: Option<u32>,
}

/// The requests, in the order of their keys, which begin with their time (UUID version 7, RFC 9562).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Requests(BTreeMap<Key, Request>);

impl Requests {
    /// Returns the progress of a request, unless it is unknown or forgotten.
    pub(crate) fn state(&self, key: &Key) -> Option<&RequestState> {
        self.0.get(key).map(|it| &it.state)
    }

    /// Returns why a request was refused.
    pub(crate) fn refused(&self, key: &Key) -> Option<ErrorCode> {
        match self.state(key)? {
            RequestState::Refused(code) => Some(*code),
            RequestState::Pending | RequestState::Done(_) => None,
        }
    }

    /// Returns the notification level of a room that was chosen last, until the server has answered.
    pub(crate) fn level(&self, id: &RoomId) -> Option<NotificationLevel> {
        let levels = self.previews().filter_map(|it| match it {
            Preview::Level(room, level) if room == id => Some(*level),
            _ => None,
        });
        levels.last()
    }

    /// Returns whether a message is to be deleted, until the server has answered.
    pub(crate) fn deletes(&self, id: &RoomId, position: Position) -> bool {
        self.previews()
            .any(|it| matches!(it, Preview::Deletion(room, n) if room == id && *n == position))
    }

    /// Returns whether settings that were chosen here have yet to be answered.
    pub(crate) fn sets_settings(&self) -> bool {
        self.previews().any(|it| *it == Preview::Settings)
    }

    fn previews(&self) -> impl Iterator<Item = &Preview> {
        let pending = self.0.values().filter(|it| it.state == RequestState::Pending);
        pending.filter_map(|it| it.preview.as_ref())
    }

    /// Returns the texts of the requests that the server has yet to answer, oldest first.
    pub(super) fn pending(&self) -> impl Iterator<Item = (&Key, &str)> {
        let pending = self.0.iter().filter(|(_, it)| it.state == RequestState::Pending);
        pending.map(|(key, it)| (key, it.text.as_str()))
    }

    /// Adds a request, whose answer is awaited, and returns its text.
    pub(super) fn start(&mut self, key: Key, frame: &ClientFrame) -> String {
        let room = |id: &String| RoomId::try_from(id.as_str()).ok();
        let preview = match frame {
            ClientFrame::SetLevel { room: id, level, .. } => room(id).map(|id| Preview::Level(id, *level)),
            ClientFrame::DeleteMessage { room: id, n, .. } => room(id).map(|id| Preview::Deletion(id, *n)),
            ClientFrame::SetSettings { .. } => Some(Preview::Settings),
            _ => None,
        };
        let text = serde_json::to_string(frame).expect("a frame is plain data");
        let request = Request {
            text: text.clone(),
            preview,
            state: RequestState::Pending,
            deferred: false,
            awaited: true,
        };
        self.0.insert(key, request);
        text
    }

    /// Adds requests that another page of the same user has stored. Returns the texts of those that are new here.
    pub(super) fn take_over(&mut self, stored: Vec<(Key, String)>) -> Vec<String> {
        let mut added = Vec::new();
        for (key, text) in stored {
            self.0.entry(key).or_insert_with(|| {
                added.push(text.clone());
                let preview = text.starts_with(SETS_SETTINGS).then_some(Preview::Settings);
                Request {
                    text,
                    preview,
                    state: RequestState::Pending,
                    deferred: false,
                    awaited: false,
                }
            });
        }
        added
    }

    /// Drops an answer, or the interest in it: a pending request is still carried out.
    pub(super) fn forget(&mut self, key: &Key) {
        if let Some(request) = self.0.get_mut(key) {
            request.awaited = false;
            if request.state != RequestState::Pending {
                self.0.remove(key);
            }
        }
    }

    /// Applies a frame from the server.
    pub(super) fn apply(&mut self, frame: &ServerFrame) -> ToSend {
        let mut to_send = ToSend::default();
        match frame {
            ServerFrame::Welcome(_) => to_send.texts = self.send_again(|_| true),
            ServerFrame::Done(done) => {
                if let Ok(key) = Key::try_from(done.key.as_str()) {
                    self.answer(&key, RequestState::Done(done.room.clone()));
                }
            }
            ServerFrame::Error(refusal) => to_send.retry_in = self.on_refusal(refusal),
            _ => {}
        }
        to_send
    }

    /// Returns the texts of the requests that were put off.
    pub(super) fn retry(&mut self) -> Vec<String> {
        self.send_again(|it| it.deferred)
    }

    fn on_refusal(&mut self, refusal: &Refusal) -> Option<u32> {
        let key = Key::try_from(refusal.key.as_deref()?).ok()?;
        let request = self.0.get_mut(&key)?;
        let wait = refusal.retry_after.unwrap_or(RETRY_MS);
        if refusal.retry && !(request.awaited && wait > MAX_WAIT_MS) {
            request.deferred = true;
            return Some(wait);
        }
        self.answer(&key, RequestState::Refused(refusal.error));
        None
    }

    fn answer(&mut self, key: &Key, state: RequestState) {
        let pending = self.0.get_mut(key).filter(|it| it.state == RequestState::Pending);
        if let Some(request) = pending {
            request.state = state;
            if !request.awaited {
                self.0.remove(key);
            }
        }
    }

    fn send_again(&mut self, which: impl Fn(&Request) -> bool) -> Vec<String> {
        let pending = self.0.values_mut().filter(|it| it.state == RequestState::Pending);
        let chosen = pending.filter(|it| which(it)).map(|it| {
            it.deferred = false;
            it.text.clone()
        });
        chosen.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::welcome;
    use snug_shared::{settings::Settings, wire::Done};

    fn key(raw: &str) -> Key {
        Key::try_from(raw).expect("a key")
    }

    fn den() -> RoomId {
        "den".try_into().expect("an id")
    }

    fn level(raw: &str, level: NotificationLevel) -> ClientFrame {
        ClientFrame::SetLevel {
            room: den().to_string(),
            level,
            key: Some(raw.to_owned()),
        }
    }

    fn join(raw: &str) -> ClientFrame {
        ClientFrame::JoinRoom {
            room: den().to_string(),
            key: Some(raw.to_owned()),
        }
    }

    fn done(raw: &str, room: Option<RoomId>) -> ServerFrame {
        ServerFrame::Done(Done {
            key: raw.to_owned(),
            room,
        })
    }

    fn refusal(raw: &str, retry: bool, after: Option<u32>) -> ServerFrame {
        ServerFrame::Error(Refusal {
            error: ErrorCode::TooManyRooms,
            message: String::new(),
            retry,
            retry_after: after,
            key: Some(raw.to_owned()),
            room: None,
        })
    }

    #[test]
    fn an_answer_is_kept_for_who_waits_for_it_and_for_nobody_else() {
        for awaited in [true, false] {
            let mut requests = Requests::default();
            requests.start(key("a"), &join("a"));
            if !awaited {
                requests.forget(&key("a"));
            }
            requests.apply(&done("b", None));
            assert_eq!(requests.state(&key("a")), Some(&RequestState::Pending));
            requests.apply(&done("a", Some(den())));
            let done = RequestState::Done(Some(den()));
            assert_eq!(requests.state(&key("a")), awaited.then_some(&done));
            requests.forget(&key("a"));
            assert_eq!(requests, Requests::default());
        }
    }

    #[test]
    fn a_request_without_an_answer_is_sent_again_on_the_next_connection_in_order() {
        let mut requests = Requests::default();
        let texts = [
            requests.start(key("a"), &level("a", NotificationLevel::Nothing)),
            requests.start(key("b"), &join("b")),
        ];
        requests.forget(&key("b"));
        assert_eq!(requests.apply(&welcome(&[])).texts, texts);
        assert_eq!(
            requests.apply(&welcome(&[])).texts,
            texts,
            "that connection broke too"
        );
        let mut after_a_reload = Requests::default();
        let stored = requests
            .pending()
            .map(|(key, text)| (key.clone(), text.to_owned()));
        after_a_reload.take_over(stored.collect());
        assert_eq!(after_a_reload.apply(&welcome(&[])).texts, texts);
        for raw in ["a", "b"] {
            after_a_reload.apply(&done(raw, None));
        }
        assert_eq!(after_a_reload, Requests::default());
    }

    #[test]
    fn a_refusal_is_for_the_request_with_its_key_and_ends_it() {
        let mut requests = Requests::default();
        requests.start(key("a"), &join("a"));
        requests.apply(&refusal("b", false, None));
        assert_eq!(requests.refused(&key("a")), None);
        requests.apply(&refusal("a", false, None));
        assert_eq!(requests.refused(&key("a")), Some(ErrorCode::TooManyRooms));
        assert!(requests.apply(&welcome(&[])).texts.is_empty());
    }

    #[test]
    fn what_is_put_off_is_sent_again_in_time_unless_somebody_would_wait_too_long() {
        let mut requests = Requests::default();
        let text = requests.start(key("a"), &join("a"));
        assert_eq!(requests.apply(&refusal("a", true, Some(100))).retry_in, Some(100));
        assert_eq!(requests.retry(), std::slice::from_ref(&text));
        assert!(requests.retry().is_empty());
        let late = refusal("a", true, Some(MAX_WAIT_MS + 1));
        assert_eq!(requests.apply(&late).retry_in, None);
        assert_eq!(requests.refused(&key("a")), Some(ErrorCode::TooManyRooms));

        let mut requests = Requests::default();
        requests.start(key("a"), &join("a"));
        requests.forget(&key("a"));
        assert_eq!(requests.apply(&late).retry_in, Some(MAX_WAIT_MS + 1));
        assert_eq!(requests.retry(), [text]);
    }

    #[test]
    fn what_was_chosen_last_is_shown_until_the_server_has_answered() {
        let mut requests = Requests::default();
        requests.start(key("a"), &level("a", NotificationLevel::Nothing));
        requests.start(key("b"), &level("b", NotificationLevel::Mentions));
        assert_eq!(requests.level(&den()), Some(NotificationLevel::Mentions));
        requests.apply(&done("b", None));
        assert_eq!(requests.level(&den()), Some(NotificationLevel::Nothing));
        requests.apply(&refusal("a", false, None));
        assert_eq!(requests.level(&den()), None);

        let deletion = ClientFrame::DeleteMessage {
            room: den().to_string(),
            n: Position(7),
            key: Some("c".to_owned()),
        };
        requests.start(key("c"), &deletion);
        assert!(requests.deletes(&den(), Position(7)) && !requests.deletes(&den(), Position(8)));
        requests.apply(&done("c", None));
        assert!(!requests.deletes(&den(), Position(7)));
    }

    #[test]
    fn settings_that_were_chosen_before_a_reload_are_known_to_be_on_their_way() {
        let frame = ClientFrame::SetSettings {
            settings: Settings::default(),
            key: Some("a".to_owned()),
        };
        let mut requests = Requests::default();
        let text = requests.start(key("a"), &frame);
        let mut reloaded = Requests::default();
        reloaded.take_over(vec![(key("a"), text), (key("b"), "{}".to_owned())]);
        for requests in [&mut requests, &mut reloaded] {
            assert!(requests.sets_settings());
            requests.apply(&done("a", None));
            assert!(!requests.sets_settings());
        }
    }
}
