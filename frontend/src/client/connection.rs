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
        let text = serde_json::to_string(frame).expect("a frame is plain data");
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
        let random = js_sys::Math::random();
        let delay = match end {
            End::Lost {
                code,
                steady,
                after: back,
                ..
            } => {
                if steady {
                    backoff.reset();
                }
                match retry_policy(code) {
                    RetryPolicy::Backoff => Ok(backoff.next(random)),
                    RetryPolicy::Now => Ok(0),
                    RetryPolicy::WithinSecond => Ok(back.unwrap_or((random * 1_000.0) as u32)),
                    RetryPolicy::NotBefore(ms) => Ok(ms + backoff.next(random)),
                    RetryPolicy::Never => Err(StopReason::Outdated),
                    RetryPolicy::Banned => Err(StopReason::Refused(http::why_not().await)),
                }
            }
            End::Refused {
                retry: true, after, ..
            } => Ok(after.unwrap_or(0) + backoff.next(random)),
            // The next attempt begins with the session that this browser has by now.
            End::Refused {
                code: ErrorCode::SessionEnded,
                ..
            } => Ok(backoff.next(random)),
            End::Refused { code, .. } => Err(StopReason::Refused(code)),
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

    fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Lost { outcome, .. } => *outcome,
            Self::Refused { code, .. } => Some(Outcome::Refused(*code)),
        }
    }
}

async fn attempt(shared: &Shared) -> End {
    let time = TimeoutFuture::new(ATTEMPT_MS);
    let (session, time) = match select(pin!(http::session()), time).await {
        Either::Left((Ok(session), time)) => (session, time),
        Either::Left((Err(Failure::Refused(it)), _)) => return refused(&it),
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

fn refused(refusal: &Refusal) -> End {
    End::Refused {
        code: refusal.error,
        retry: refusal.retry,
        after: refusal.retry_after,
    }
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
        match &frame {
            ServerFrame::Welcome(_) => live_since = Some(browser::elapsed()),
            ServerFrame::Error(it) if it.error == ErrorCode::Restarting => come_back = it.retry_after,
            // Many clients connect at once, and the server has queued this socket.
            ServerFrame::Error(Refusal {
                error: ErrorCode::Overloaded,
                retry_after: Some(ms),
                ..
            }) if live_since.is_none() => {
                TimeoutFuture::new(*ms).await;
                heart.on_received(browser::elapsed());
                shared.emit(Event::Open(session.clone()));
                continue;
            }
            // The socket's request had no cookie. If no request has one, the page goes on without.
            ServerFrame::Error(it)
                if it.error == ErrorCode::ChatIdTaken && live_since.is_none() && by_cookie =>
            {
                by_cookie = false;
                if let Ok(Some(other)) = http::session_without_cookie().await {
                    session = other;
                    heart.on_received(browser::elapsed());
                    shared.emit(Event::Open(session.clone()));
                    continue;
                }
                return refused(it);
            }
            ServerFrame::Error(it) if live_since.is_none() && it.key.is_none() => {
                return refused(it);
            }
            _ => {}
        }
        let welcomed = matches!(frame, ServerFrame::Welcome(_));
        shared.emit(Event::Frame(frame));
        if welcomed {
            shared.emit(Event::State(ConnectionState::Live));
        }
    }
}
