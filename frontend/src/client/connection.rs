//! Maintains one connection to the server and reconnects until it is dropped.
//!
//! Owns attempts, heartbeat and delays. It does not know the replica: it emits events, and its owner answers
//! [`Event::Open`] with the first frame. The replica requests again what was lost with a socket.

use std::{cell::RefCell, future::poll_fn, pin::pin, rc::Rc};

use futures_util::{
    FutureExt, SinkExt, StreamExt,
    future::{AbortHandle, Abortable, Either, select},
    stream::{SplitSink, SplitStream},
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use snug_shared::{
    api::{Refusal, Session},
    error_code::ErrorCode,
    wire::{ClientFrame, ServerFrame},
};

use super::{
    backoff::{Backoff, RetryPolicy, retry_policy},
    heartbeat::{Beat, Heartbeat},
    http::{self, Failure},
    notify::Notify,
    obstacle::{Attempts, Obstacle, Outcome},
};
use crate::browser;

/// The time within which an attempt must open its socket, in milliseconds; after that the heartbeat watches.
const ATTEMPT_MS: u32 = 15_000;
/// A connection that has lasted this long resets the backoff.
const STEADY_MS: f64 = 5_000.0;

/// The state of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum ConnectionState {
    /// The connection is not wanted.
    #[default]
    Off,
    /// An attempt is under way.
    Connecting,
    /// The server has sent the welcome.
    Live,
    /// The next attempt is at this time, in milliseconds since the page was loaded.
    Waiting(f64),
    /// There is no further attempt unless the user asks for one.
    Stopped(StopReason),
}

/// The reason why there is no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// The server has refused the user.
    Refused(ErrorCode),
    /// This page and the server are of incompatible versions: one of them is newer.
    Outdated,
}

/// An event of the connection.
#[derive(Debug)]
pub(crate) enum Event {
    /// The state has changed.
    State(ConnectionState),
    /// The obstacle to the last attempts, if anything is known of it.
    Obstacle(Option<Obstacle>),
    /// A socket is open and waits for the first frame, from the session's user.
    Open(Session),
    /// A frame arrived.
    Frame(ServerFrame),
    /// The socket was lost.
    Lost,
}

/// A connection that reconnects by itself; see the module.
pub(crate) struct Connection {
    shared: Rc<Shared>,
    task: AbortHandle,
}

struct Shared {
    sink: RefCell<Option<SplitSink<WebSocket, Message>>>,
    reconnect: Notify,
    on: Box<dyn Fn(Event)>,
}

/// The end of an attempt.
enum End {
    Lost {
        code: Option<u16>,
        steady: bool,
        /// The outcome of an attempt that was never welcomed.
        outcome: Option<Outcome>,
        /// The delay after which the server asks to reconnect, in milliseconds.
        after: Option<u32>,
    },
    Refused {
        code: ErrorCode,
        retry: bool,
        after: Option<u32>,
    },
}

impl Connection {
    /// Starts to connect; `on` is called with every event.
    pub(crate) fn open(on: impl Fn(Event) + 'static) -> Self {
        let shared = Rc::new(Shared {
            sink: RefCell::default(),
            reconnect: Notify::default(),
            on: Box::new(on),
        });
        let (task, registration) = AbortHandle::new_pair();
        let run = Abortable::new(run(shared.clone()), registration);
        wasm_bindgen_futures::spawn_local(run.map(drop));
        Self { shared, task }
    }

    /// Sends a frame if a socket is open. The replica sends again what is lost.
    pub(crate) fn send(&self, frame: &ClientFrame) {
        self.shared.send(frame);
    }

    /// Sends a frame that is encoded already, if a socket is open.
    pub(crate) fn send_text(&self, text: String) {
        self.shared.send_text(text);
    }

    /// Tries again without waiting, or checks with a ping whether the socket still lives.
    pub(crate) fn reconnect_now(&self) {
        self.shared.reconnect.notify();
    }
}

impl Drop for Connection {
    /// Sends the goodbye without awaiting it: the page may be gone by the next tick.
    fn drop(&mut self) {
        self.shared.send(&ClientFrame::Goodbye);
        self.shared.sink.take();
        self.task.abort();
    }
}

impl Shared {
    fn send(&self, frame: &ClientFrame) {
        self.send_text(serde_json::to_string(frame).expect("a frame is plain data"));
    }

    fn send_text(&self, text: String) {
        if let Some(sink) = self.sink.borrow_mut().as_mut() {
            // An open socket takes a frame without waiting; a closing one drops it.
            let _ = sink.send(Message::Text(text)).now_or_never();
        }
    }

    fn emit(&self, event: Event) {
        (self.on)(event);
    }
}

async fn run(shared: Rc<Shared>) {
    let mut backoff = Backoff::default();
    let mut attempts = Attempts::default();
    loop {
        shared.emit(Event::State(ConnectionState::Connecting));
        let end = attempt(&shared).await;
        shared.sink.take();
        shared.emit(Event::Lost);
        match end.outcome() {
            Some(outcome) => attempts.failed(outcome),
            None => attempts.succeeded(),
        }
        shared.emit(Event::Obstacle(attempts.obstacle()));
        let delay = match end.next(&mut backoff, js_sys::Math::random()) {
            Next::Attempt(ms) => Ok(ms),
            Next::Stop(why) => Err(why),
            Next::Banned => Err(StopReason::Refused(http::why_not().await)),
        };
        shared.reconnect.reset();
        match delay {
            Ok(ms) => {
                shared.emit(Event::State(ConnectionState::Waiting(
                    browser::elapsed() + f64::from(ms),
                )));
                select(pin!(shared.reconnect.notified()), TimeoutFuture::new(ms)).await;
            }
            Err(why) => {
                shared.emit(Event::State(ConnectionState::Stopped(why)));
                shared.reconnect.notified().await;
            }
        }
    }
}

impl End {
    fn lost(outcome: Outcome) -> Self {
        Self::Lost {
            code: None,
            steady: false,
            outcome: Some(outcome),
            after: None,
        }
    }

    fn of(refusal: &Refusal) -> Self {
        Self::Refused {
            code: refusal.error,
            retry: refusal.retry,
            after: refusal.retry_after,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Lost { outcome, .. } => *outcome,
            Self::Refused { code, .. } => Some(Outcome::Refused(*code)),
        }
    }

    /// Decides what follows. `random` is from 0 to 1: clients that were disconnected at once do not come back at once.
    fn next(&self, backoff: &mut Backoff, random: f64) -> Next {
        match *self {
            Self::Lost {
                code, steady, after, ..
            } => {
                if steady {
                    backoff.reset();
                }
                match retry_policy(code) {
                    RetryPolicy::Backoff => Next::Attempt(backoff.next(random)),
                    RetryPolicy::Now => Next::Attempt(0),
                    RetryPolicy::WithinSecond => Next::Attempt(after.unwrap_or((random * 1_000.0) as u32)),
                    RetryPolicy::NotBefore(ms) => Next::Attempt(ms + backoff.next(random)),
                    RetryPolicy::Never => Next::Stop(StopReason::Outdated),
                    RetryPolicy::Banned => Next::Banned,
                }
            }
            Self::Refused {
                retry: true, after, ..
            } => Next::Attempt(after.unwrap_or(0) + backoff.next(random)),
            Self::Refused { code, .. } => Next::Stop(StopReason::Refused(code)),
        }
    }
}

/// What follows an attempt.
#[derive(Debug, PartialEq)]
enum Next {
    /// Another attempt, after this number of milliseconds.
    Attempt(u32),
    /// Nothing, unless the user asks for it.
    Stop(StopReason),
    /// Nothing: the user is banned, and the server has to be asked until when.
    Banned,
}

/// What a frame means for the connection.
#[derive(Debug, PartialEq)]
enum Meaning {
    /// Nothing: it is for the replica.
    None,
    /// The user has joined.
    Welcome,
    /// The server restarts, and asks for the next attempt after this number of milliseconds.
    Restart(Option<u32>),
    /// Many users join at once: the first frame is to be sent again after this number of milliseconds.
    Queued(u32),
    /// The session is not the cookie's: the socket's request may have had no cookie.
    OtherSession(Refusal),
    /// The user cannot join.
    Refused(Refusal),
}

impl Meaning {
    fn of(frame: &ServerFrame, joined: bool) -> Self {
        match frame {
            ServerFrame::Welcome(_) => Self::Welcome,
            ServerFrame::Error(it) if it.error == ErrorCode::Restarting => Self::Restart(it.retry_after),
            ServerFrame::Error(_) if joined => Self::None,
            ServerFrame::Error(Refusal {
                error: ErrorCode::Overloaded,
                retry_after: Some(ms),
                ..
            }) => Self::Queued(*ms),
            ServerFrame::Error(it) if it.error == ErrorCode::ChatIdTaken => Self::OtherSession(it.clone()),
            ServerFrame::Error(it) if it.key.is_none() => Self::Refused(it.clone()),
            _ => Self::None,
        }
    }
}

async fn attempt(shared: &Shared) -> End {
    let time = TimeoutFuture::new(ATTEMPT_MS);
    let (session, time) = match select(pin!(http::session()), time).await {
        Either::Left((Ok(session), time)) => (session, time),
        Either::Left((Err(Failure::Refused(it)), _)) => return End::of(&it),
        Either::Left((Err(Failure::Strange(outcome)), _)) => return End::lost(outcome),
        Either::Left((Err(Failure::Lost | Failure::NoCookies), _)) | Either::Right(_) => {
            return End::lost(Outcome::NoAnswer);
        }
    };
    let socket = match select(pin!(opened()), time).await {
        Either::Left((Some(socket), _)) => socket,
        Either::Left((None, _)) => return End::lost(Outcome::NoSocket),
        Either::Right(_) => return End::lost(Outcome::SilentSocket),
    };
    let (sink, stream) = socket.split();
    shared.sink.replace(Some(sink));
    shared.emit(Event::Open(session.clone()));
    run_socket(shared, stream, session).await
}

/// Waits for a socket that is open, and returns it.
async fn opened() -> Option<WebSocket> {
    let mut socket = WebSocket::open(&address()).ok()?;
    poll_fn(|context| socket.poll_ready_unpin(context)).await.ok()?;
    Some(socket)
}

fn address() -> String {
    let location = browser::window().location();
    let scheme = if location.protocol().as_deref() == Ok("https:") {
        "wss"
    } else {
        "ws"
    };
    format!(
        "{scheme}://{}{}/ws",
        location.host().unwrap_or_default(),
        browser::base()
    )
}

/// Runs an open socket until it ends.
async fn run_socket(shared: &Shared, mut stream: SplitStream<WebSocket>, mut session: Session) -> End {
    let mut heart = Heartbeat::new(browser::elapsed());
    let mut live_since = None;
    let mut come_back = None;
    let mut by_cookie = true;
    let ended = |code, live_since: Option<f64>, after| End::Lost {
        code,
        steady: live_since.is_some_and(|since| browser::elapsed() - since > STEADY_MS),
        outcome: live_since.is_none().then(|| Outcome::of_close(code)),
        after,
    };
    loop {
        let beat = match heart.due(browser::elapsed()) {
            Beat::Wait(ms) => TimeoutFuture::new(ms.ceil() as u32),
            Beat::Ping => {
                shared.send(&ClientFrame::Ping);
                heart.on_ping(browser::elapsed());
                continue;
            }
            Beat::Dead if live_since.is_none() => return End::lost(Outcome::SilentSocket),
            Beat::Dead => return ended(None, live_since, come_back),
        };
        let notified = pin!(shared.reconnect.notified());
        let arrived = match select(stream.next(), select(notified, beat)).await {
            Either::Left((arrived, _)) => arrived,
            Either::Right((Either::Left(_), _)) => {
                shared.send(&ClientFrame::Ping);
                heart.on_urgent_ping(browser::elapsed());
                continue;
            }
            Either::Right((Either::Right(_), _)) => continue,
        };
        heart.on_received(browser::elapsed());
        let text = match arrived {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Bytes(_))) => continue,
            Some(Err(WebSocketError::ConnectionClose(close))) => {
                return ended(Some(close.code), live_since, come_back);
            }
            // A close event follows an error.
            Some(Err(_)) => continue,
            None => return ended(None, live_since, come_back),
        };
        // An unknown frame comes from a newer server; it is ignored.
        let Ok(frame) = serde_json::from_str(&text) else {
            continue;
        };
        let meaning = Meaning::of(&frame, live_since.is_some());
        let welcomed = meaning == Meaning::Welcome;
        match meaning {
            Meaning::None => {}
            Meaning::Welcome => live_since = Some(browser::elapsed()),
            Meaning::Restart(after) => come_back = after,
            Meaning::Queued(ms) => {
                TimeoutFuture::new(ms).await;
                heart.on_received(browser::elapsed());
                shared.emit(Event::Open(session.clone()));
                continue;
            }
            // If no request has a cookie, the page goes on without.
            Meaning::OtherSession(it) if by_cookie => {
                by_cookie = false;
                if let Ok(Some(other)) = http::session_without_cookie().await {
                    session = other;
                    heart.on_received(browser::elapsed());
                    shared.emit(Event::Open(session.clone()));
                    continue;
                }
                return End::of(&it);
            }
            Meaning::OtherSession(it) | Meaning::Refused(it) => return End::of(&it),
        }
        shared.emit(Event::Frame(frame));
        if welcomed {
            shared.emit(Event::State(ConnectionState::Live));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::welcome;
    use snug_shared::error_code::Close;

    fn lost(code: Option<u16>, steady: bool, after: Option<u32>) -> End {
        End::Lost {
            code,
            steady,
            outcome: None,
            after,
        }
    }

    fn refusal(error: ErrorCode, retry_after: Option<u32>, key: Option<&str>) -> Refusal {
        Refusal {
            error,
            message: String::new(),
            retry: error.retry(),
            retry_after,
            key: key.map(str::to_owned),
            room: None,
        }
    }

    fn waits(end: &End, backoff: &mut Backoff) -> u32 {
        match end.next(backoff, 0.5) {
            Next::Attempt(ms) => ms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn attempts_that_fail_get_rarer_until_a_connection_has_lasted() {
        let mut backoff = Backoff::default();
        let [first, second, third] = [(); 3].map(|()| waits(&lost(None, false, None), &mut backoff));
        assert!(first < second && second < third, "{first} {second} {third}");
        assert_eq!(waits(&lost(None, true, None), &mut backoff), first);
    }

    #[test]
    fn a_server_that_restarts_says_when_to_come_back() {
        let mut backoff = Backoff::default();
        let restart = Some(Close::Restart as u16);
        assert_eq!(waits(&lost(restart, true, Some(700)), &mut backoff), 700);
        assert!(waits(&lost(restart, true, None), &mut backoff) <= 1_000);
    }

    #[test]
    fn a_refusal_that_time_heals_is_tried_again_not_before_its_time_and_no_other_is() {
        let mut backoff = Backoff::default();
        let busy = End::of(&refusal(ErrorCode::Overloaded, Some(9_000), None));
        assert!(waits(&busy, &mut backoff) >= 9_000);
        let closed = End::of(&refusal(ErrorCode::MembersOnly, None, None));
        let stop = Next::Stop(StopReason::Refused(ErrorCode::MembersOnly));
        assert_eq!(closed.next(&mut backoff, 0.5), stop);
        assert_eq!(
            lost(Some(Close::Banned as u16), true, None).next(&mut backoff, 0.5),
            Next::Banned
        );
    }

    #[test]
    fn before_the_welcome_a_refusal_is_about_the_connection_and_afterwards_about_a_frame() {
        let of = |error, after, key, joined| {
            let refusal = refusal(error, after, key);
            (Meaning::of(&ServerFrame::Error(refusal.clone()), joined), refusal)
        };
        assert_eq!(Meaning::of(&welcome(&["lobby"]), false), Meaning::Welcome);
        let (queued, _) = of(ErrorCode::Overloaded, Some(300), None, false);
        assert_eq!(queued, Meaning::Queued(300));
        let (taken, why) = of(ErrorCode::ChatIdTaken, None, None, false);
        assert_eq!(taken, Meaning::OtherSession(why));
        let (refused, why) = of(ErrorCode::SessionEnded, None, None, false);
        assert_eq!(refused, Meaning::Refused(why));
        for error in [ErrorCode::Overloaded, ErrorCode::ChatIdTaken, ErrorCode::Muted] {
            assert_eq!(of(error, Some(300), None, true).0, Meaning::None);
        }
        for joined in [false, true] {
            let (restart, _) = of(ErrorCode::Restarting, Some(80), None, joined);
            assert_eq!(restart, Meaning::Restart(Some(80)));
        }
    }
}
