//! The reading half of a connection: checks a client's frames and submits its commands.

mod join;

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::StreamExt;
use governor::Quota;
use snug_shared::{
    api::Refusal,
    error_code::{Close, ErrorCode},
    ids::{ChatId, Key, RoomId},
    lang::Lang,
    limits::FRAME_BYTES,
    people::Role,
    wire::{ClientFrame, Done, Hello, MessageReceived, ServerFrame},
};
use tokio::{
    sync::{OnceCell, oneshot},
    time::interval,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message},
};

use super::{
    commands,
    connection::{close_gracefully, close_of, run},
    decode::{Malformed, decode, key_of},
    mailbox::{Account, Mailbox, OutboundCommand},
    presence_input::{PresenceInput, spend},
    read_half::Stream,
};
use crate::{
    app::App,
    clock,
    features::{Applied, Command, Entry, Event},
    hub::{Allowance, ConnectionGuard, Frame, allowance},
    identity::Identity,
    net::{admission::AdmissionTicket, socket::Socket},
    network::ClientNetwork,
    rates::{Cost, SlowTurn, Taken},
    storage::TRY_AGAIN,
};

/// Pings in the time of silence after which a client is disconnected: one may be lost.
const PINGS: u32 = 2;
/// Messages of one connection that may wait for the disk at a time.
const IN_FLIGHT: usize = 32;
/// The excess over the allowance of frames that a connection may send: a burst, and a rate a second. A connection that sends more is
/// closed; frames within the allowance do not restore the excess.
const EXCESS: Quota =
    Quota::per_second(NonZeroU32::new(25).unwrap()).allow_burst(NonZeroU32::new(200).unwrap());
/// The number of pings and pongs that a connection may send for each allowed frame.
const CONTROL_FRAMES: u32 = 2;

/// The client's properties that are known from the handshake.
pub struct ClientInfo {
    /// The identity of the session cookie.
    pub session: Option<Identity>,
    /// The network from which the client connects.
    pub network: ClientNetwork,
    /// The language of refusals.
    pub lang: Lang,
}

/// Serves a connection to its end.
pub async fn serve(app: App, socket: Socket, early: Bytes, client: Box<ClientInfo>) {
    let _open = app.metrics.connection();
    let person = OnceCell::new();
    let state = app.clone();
    run(
        &state.metrics,
        state.readers.clone(),
        socket,
        early,
        FRAME_BYTES,
        &person,
        async |socket, mailbox| {
            let mut session = Session {
                frames: allowance(app.config.frames),
                controls: allowance(app.config.frames.times(CONTROL_FRAMES)),
                excess: Allowance::direct(EXCESS),
                reads: allowance(app.config.messages),
                presence_input: PresenceInput::new(app.config.messages),
                guard: None,
                ticket: None,
                hello_deadline: Instant::now() + app.config.request_time,
                person: &person,
                app,
                mailbox,
                client,
            };
            session.run(socket).await;
        },
    )
    .await;
}

struct Session<'a> {
    app: App,
    mailbox: Arc<Mailbox>,
    client: Box<ClientInfo>,
    frames: Allowance,
    /// The allowance of pings and pongs.
    controls: Allowance,
    excess: Allowance,
    /// The allowance of frames that report what was read.
    reads: Allowance,
    presence_input: PresenceInput,
    guard: Option<ConnectionGuard>,
    /// The connection's place in the queue for admission, once it has asked to join.
    ticket: Option<Box<AdmissionTicket>>,
    /// The deadline of the first frame.
    hello_deadline: Instant,
    person: &'a OnceCell<ChatId>,
}

/// A submitted command whose answer from the log is pending.
struct Submitted {
    /// The client's key for the command.
    key: Option<String>,
    /// The frame that answers it.
    answer: AnswerFrame,
    /// A guest's turn in a slow room, which is given back if nothing is posted.
    turn: Option<Box<SlowTurn>>,
}

/// The frame that answers a command that was carried out.
#[derive(Clone, Copy)]
enum AnswerFrame {
    /// The message that was posted.
    Message,
    /// `DONE` with the room that was created, joined or opened.
    DoneWithRoom,
    /// `DONE`.
    Done,
}

impl AnswerFrame {
    fn of(command: &Command) -> Self {
        match command {
            Command::PostMessage(_) => Self::Message,
            Command::CreateRoom(_) | Command::OpenDirect(_) | Command::JoinRoom(_) => Self::DoneWithRoom,
            _ => Self::Done,
        }
    }
}

/// The code of a refusal, and the milliseconds after which the request may be repeated.
struct Refused {
    code: ErrorCode,
    after: Option<u32>,
}

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self { code, after: None }
    }
}

impl Refused {
    /// Builds the refusal of a request above a rate, which may be repeated after this number of milliseconds.
    fn until(wait: u32) -> Self {
        Self {
            code: ErrorCode::RateLimited,
            after: Some(wait),
        }
    }
}

/// The commands whose answers from the log are pending, in the order of submission.
type InFlight = VecDeque<(Submitted, oneshot::Receiver<Result<Applied, ErrorCode>>)>;
type Answer = (Submitted, Result<Applied, ErrorCode>);

async fn next(in_flight: &mut InFlight) -> Option<Answer> {
    let (_, answer) = in_flight.front_mut()?;
    let outcome = answer.await.unwrap_or(Err(ErrorCode::Unavailable));
    let (submitted, _) = in_flight.pop_front()?;
    if in_flight.is_empty() {
        in_flight.shrink_to_fit();
    }
    Some((submitted, outcome))
}

impl Session<'_> {
    async fn run(&mut self, socket: &mut WebSocketStream<Stream>) {
        let draining = self.app.tasks.draining();
        tokio::pin!(draining);
        let silence = self.app.config.silence;
        // A little sooner, so that the answer to the last ping arrives in time.
        let period = silence * 9 / (10 * PINGS);
        let mut ticks = interval(period);
        ticks.tick().await;
        ticks.reset_at(self.next_check(period).into());
        let mut in_flight = InFlight::new();
        let mailbox = self.mailbox.clone();
        let close = loop {
            // Nothing is awaited inside the branches: a connection does not reserve memory for what it has just read.
            let next = tokio::select! {
                Some(answer) = next(&mut in_flight), if !in_flight.is_empty() => {
                    self.answer(answer);
                    Flow::Continue
                }
                // Nothing more is read from a client that does not read its frames, or that is faster than the disk.
                message = async { mailbox.wait_for_capacity().await; socket.next().await }, if in_flight.len() < IN_FLIGHT => {
                    socket.get_mut().message_read();
                    self.message(message)
                }
                _ = ticks.tick() => {
                    if self.guard.is_none() {
                        ticks.reset_at(self.next_check(period).into());
                    }
                    self.tick(socket.get_ref().last_read.elapsed() > silence)
                }
                () = &mut draining => {
                    self.refuse_for(ErrorCode::Restarting, None, Some(self.app.reconnects.next_delay()));
                    Flow::Close(Some(Close::Restart))
                }
            };
            // Boxed, since these futures are as large as all the rest.
            match next {
                Flow::Continue => {}
                Flow::Submit(submitted, entry) => match self.app.holds(&entry, None) {
                    Ok(holds) => {
                        let answered = Box::pin(self.app.log.submit_holding(*entry, holds)).await;
                        in_flight.push_back((submitted, answered));
                    }
                    Err(code) => self.answer((submitted, Err(code))),
                },
                Flow::Enter(hello) => {
                    let entered = Box::pin(self.enter(*hello)).await;
                    if entered.is_ok() {
                        self.ticket = None;
                    }
                    if let Err(Refused { code, after }) = entered {
                        self.refuse_for(code, None, after);
                        if code == ErrorCode::Banned {
                            break Some(Close::Banned);
                        }
                    }
                }
                Flow::Close(close) => break close,
            }
        };
        // Submitted commands are answered before the end.
        while let Some(answer) = next(&mut in_flight).await {
            self.answer(answer);
        }
        // The roster is updated now, not after the closing handshake.
        self.guard = None;
        if let Some(close) = close {
            close_gracefully(socket, &mailbox, close).await;
        }
    }

    /// Returns the time of the next check: no later than the deadline of the first frame, before the connection has joined.
    fn next_check(&self, period: Duration) -> Instant {
        let now = Instant::now();
        let due = Some(self.hello_deadline).filter(|it| *it > now);
        due.map_or(now + period, |it| it.min(now + period))
    }

    fn tick(&self, silent: bool) -> Flow {
        if self.guard.is_none() && Instant::now() >= self.hello_deadline {
            self.refuse(ErrorCode::HelloRequired, None);
            return Flow::Close(Some(Close::HelloRequired));
        }
        if silent {
            return Flow::Close(Some(Close::Silent));
        }
        self.mailbox.put(OutboundCommand::Frame(Frame::ping()));
        Flow::Continue
    }

    fn message(&mut self, message: Option<Result<Message, Error>>) -> Flow {
        let allowance = match message {
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => &self.controls,
            _ => &self.frames,
        };
        let rate_limited = allowance.check().is_err();
        if rate_limited && self.excess.check().is_err() {
            self.app.admission.flooded(self.client.network, Instant::now());
            self.refuse(ErrorCode::RateLimited, None);
            return Flow::Close(Some(Close::Flood));
        }
        match message {
            Some(Ok(Message::Text(text))) if rate_limited => {
                self.refuse_for(ErrorCode::RateLimited, key_of(&text), Some(1_000));
                Flow::Continue
            }
            Some(Ok(Message::Text(text))) => self.text(&text),
            Some(Ok(Message::Binary(_))) => {
                self.refuse(ErrorCode::NotText, None);
                Flow::Close(Some(Close::NotText))
            }
            // tungstenite has answered pings and closes.
            Some(Ok(_)) => Flow::Continue,
            Some(Err(error)) => {
                tracing::debug!(%error, "a client broke the WebSocket protocol, or is gone");
                let close = close_of(&error);
                match close {
                    Some(Close::TooLarge) => self.refuse(ErrorCode::TooLarge, None),
                    Some(Close::Flood) => self.refuse(ErrorCode::RateLimited, None),
                    _ => {}
                }
                Flow::Close(close)
            }
            None => Flow::Close(None),
        }
    }

    fn text(&mut self, text: &str) -> Flow {
        let frame = match decode(text) {
            Ok(frame) => frame,
            Err(Malformed::Protocol) => {
                self.refuse(ErrorCode::BadFrame, None);
                return Flow::Close(Some(Close::BadFrame));
            }
            Err(Malformed::Frame(code, key)) => {
                self.refuse(code, key);
                return Flow::Continue;
            }
        };
        match (frame, &self.guard) {
            (ClientFrame::Goodbye, _) => return Flow::Close(Some(Close::Left)),
            (ClientFrame::Ping, _) => self.send(&ServerFrame::Pong),
            (ClientFrame::Hello(hello), None) => match self.poll_admission(&hello) {
                Ok(()) => return Flow::Enter(Box::new(hello)),
                Err(wait) => self.refuse_for(ErrorCode::Overloaded, None, Some(wait)),
            },
            // The identity is constant for the life of the connection.
            (ClientFrame::Hello(_), Some(_)) => self.refuse(ErrorCode::BadFrame, None),
            (_, None) => {
                self.refuse(ErrorCode::HelloRequired, None);
                return Flow::Close(Some(Close::HelloRequired));
            }
            (ClientFrame::SyncRoom { room, after }, Some(guard)) => match RoomId::try_from(room) {
                Ok(room) => self.mailbox.put(OutboundCommand::ResumeFrom(
                    room,
                    after,
                    self.account(&guard.user.chat_id),
                )),
                Err(code) => self.refuse(code, None),
            },
            (frame, Some(guard)) => {
                let mut key = frame.key().map(str::to_owned);
                match self.change(guard, frame, &mut key) {
                    Ok(next) => return next,
                    Err(Refused { code, after }) => self.refuse_for(code, key, after),
                }
            }
        }
        Flow::Continue
    }

    /// Handles a frame that reports the user's presence or asks for a change.
    fn change(
        &self,
        guard: &ConnectionGuard,
        frame: ClientFrame,
        key: &mut Option<String>,
    ) -> Result<Flow, Refused> {
        // A message's key is checked with the message.
        if let (Some(key), false) = (&*key, matches!(frame, ClientFrame::SendMessage(_))) {
            Key::try_from(key.as_str())?;
        }
        // A muted user is not shown as typing, and cannot post by changing the status either.
        match frame {
            ClientFrame::Typing { .. } if self.is_muted(guard) => return Ok(Flow::Continue),
            ClientFrame::SetStatus { .. } => {
                if self.is_muted(guard) {
                    return Err(ErrorCode::Muted.into());
                }
                let spent = self.app.rates.spend(Cost::Status, &guard.user.chat_id);
                spent.map_err(Refused::until)?;
            }
            _ => {}
        }
        if let Some(handled) = self.presence_input.handle(guard, &frame) {
            handled.map_err(|(code, after)| Refused { code, after })?;
            self.done(key.take(), None);
        } else if let Some(command) = commands::parse(&self.app, guard, frame) {
            return self.submit(guard, command, key);
        }
        Ok(Flow::Continue)
    }

    /// Returns the account to which this connection's reading of history is charged.
    fn account(&self, person: &ChatId) -> Account {
        Account {
            app: self.app.clone(),
            spender: self.app.spender(person, self.network()),
            lang: self.client.lang,
        }
    }

    fn network(&self) -> ClientNetwork {
        self.client.network
    }

    fn is_muted(&self, guard: &ConnectionGuard) -> bool {
        let person = self.app.access.person(&guard.user.chat_id);
        person.is_some_and(|it| it.is_muted(clock::now()))
    }

    /// Checks a command against the limits of its user, and submits it to the log.
    fn submit(
        &self,
        guard: &ConnectionGuard,
        command: Result<Command, ErrorCode>,
        key: &mut Option<String>,
    ) -> Result<Flow, Refused> {
        // Marking messages as read is no message, and does not use up the allowance of messages.
        let allowance = match command {
            Ok(Command::MarkRead(_) | Command::SetLevel(_) | Command::SetSettings(_)) => &self.reads,
            _ => &*guard.allowance,
        };
        spend(allowance).map_err(Refused::until)?;
        let opens = matches!(command, Ok(Command::CreateRoom(_) | Command::OpenDirect(_)));
        if opens && !is_open(guard, &command) {
            let role = self.app.access.role(&guard.user.chat_id);
            let wait = self.app.openings.check(role, self.client.network);
            wait.map_err(|wait| Refused::until(u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1)))?;
        }
        let command = command?;
        let bytes = command.counted_bytes();
        let (user, from) = (&guard.user, self.client.network);
        let spent = self.app.spend_bytes(&user.chat_id, user.role, from, bytes);
        spent.map_err(Refused::until)?;
        let taken = self.app.storage.take(command.adds_bytes());
        taken.map_err(|code| Refused {
            code,
            after: Some(TRY_AGAIN),
        })?;
        let turn = self.may_submit(guard, &command)?;
        let (by, at) = (user.chat_id.clone(), clock::now());
        let answer = AnswerFrame::of(&command);
        let key = key.take();
        let submitted = Submitted { key, answer, turn };
        Ok(Flow::Submit(submitted, Box::new(Entry { by, at, command })))
    }

    /// Charges the cost of an entry besides that of its frame, because the entry stays in the log and is delivered to others. Returns
    /// the turn that a guest takes in a slow room.
    fn may_submit(
        &self,
        guard: &ConnectionGuard,
        command: &Command,
    ) -> Result<Option<Box<SlowTurn>>, Refused> {
        let rates = &self.app.rates;
        match command {
            Command::PostMessage(say) if guard.user.role == Role::Guest => {
                rates.say(self.network()).map_err(Refused::until)?;
                let slow = guard.memberships.room(&say.room).map_or(0, |it| it.room.slow());
                if slow == 0 {
                    return Ok(None);
                }
                let turn = SlowTurn {
                    room: say.room.clone(),
                    person: guard.user.chat_id.clone(),
                    network: self.network(),
                };
                match rates.take_turn(&turn, slow) {
                    Ok(Taken::Now) => Ok(Some(Box::new(turn))),
                    Ok(Taken::Before) => Ok(None),
                    // No time to wait: a moderator may change the room's pace at any time.
                    Err(_) => Err(ErrorCode::SlowMode.into()),
                }
            }
            Command::CreateRoom(_)
            | Command::OpenDirect(_)
            | Command::EditRoom(_)
            | Command::JoinRoom(_)
            | Command::LeaveRoom(_)
            | Command::AddMember(_)
            | Command::RemoveMember(_) => {
                let spent = rates.spend(Cost::Change, &guard.user.chat_id);
                spent.map_err(Refused::until)?;
                Ok(None)
            }
            Command::Moderate(_) => {
                let spent = rates.spend(Cost::Moderation, &guard.user.chat_id);
                spent.map_err(Refused::until)?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Requests admission. A connection that has to wait stays in the queue.
    ///
    /// # Errors
    /// The number of milliseconds to wait.
    fn poll_admission(&mut self, hello: &Hello) -> Result<(), u32> {
        let now = Instant::now();
        let ticket = match &mut self.ticket {
            Some(ticket) => ticket,
            None => {
                let ticket = match self.member(hello) {
                    Some(person) => self.app.admission.member(&person, now),
                    None => match self.app.admission.guest(self.client.network, now) {
                        Ok(ticket) => ticket,
                        Err(wait) => return Err(self.defer_hello(now, wait)),
                    },
                };
                self.ticket.insert(Box::new(ticket))
            }
        };
        match ticket.take(now) {
            Ok(()) => Ok(()),
            Err(wait) => Err(self.defer_hello(now, wait)),
        }
    }

    /// Extends the deadline of the first frame by the time to wait, which is returned in milliseconds.
    fn defer_hello(&mut self, now: Instant, wait: Duration) -> u32 {
        self.hello_deadline = now + wait + self.app.config.request_time;
        u32::try_from(wait.as_millis()).map_or(u32::MAX, |wait| wait + 1)
    }

    /// Returns the member that is signed in, by the cookie or the first frame.
    fn member(&self, hello: &Hello) -> Option<ChatId> {
        let by_token = || self.app.identities.verify_credential(hello.token.as_deref()?);
        let session = |it: &Identity| it.session.is_some();
        let identity = self.client.session.clone().filter(session);
        let identity = identity.or_else(|| by_token().filter(session))?;
        Some(identity.chat_id)
    }

    /// Answers the client once the log has answered.
    fn answer(&self, (Submitted { key, answer, turn }, applied): Answer) {
        if let Some(turn) = turn
            && !matches!(applied, Ok(Applied::Logged(_)))
        {
            self.app.rates.give_back(&turn);
        }
        match (applied, answer) {
            (Ok(Applied::Duplicate(Event::MessagePosted(message))), _) => {
                let count = self.app.hub.room(&message.room).map_or(0, |room| room.count());
                self.send(&ServerFrame::MessageReceived(MessageReceived { message, count }));
            }
            (Ok(applied), AnswerFrame::Message) => {
                if let (Some(_), Some(it)) = (key, applied.into_event().into_message()) {
                    self.mailbox.put(OutboundCommand::Posted(it.room, it.n, it.key));
                }
            }
            (Ok(applied), AnswerFrame::DoneWithRoom) => self.done(key, applied.into_event().into_opened()),
            (Ok(_), AnswerFrame::Done) => self.done(key, None),
            (Err(code), _) => {
                if code == ErrorCode::TooManyRooms {
                    self.app.sweep.ask();
                }
                self.refuse(code, key);
            }
        }
    }

    /// Answers a request that was carried out, if it has a key.
    fn done(&self, key: Option<String>, room: Option<RoomId>) {
        if let Some(key) = key {
            self.mailbox.put(OutboundCommand::Done(Done { key, room }));
        }
    }

    fn refuse(&self, error: ErrorCode, key: Option<String>) {
        self.refuse_for(error, key, None);
    }

    fn refuse_for(&self, error: ErrorCode, key: Option<String>, after: Option<u32>) {
        self.app.metrics.refused(error);
        self.send(&ServerFrame::Error(Refusal {
            error,
            message: error.sentence(self.client.lang),
            retry: error.retry(),
            retry_after: after,
            key,
            room: None,
        }));
    }

    fn send(&self, frame: &ServerFrame) {
        self.mailbox.put(OutboundCommand::Frame(Frame::of(frame)));
    }
}

/// Whether a command opens a room that the user is in already: to repeat it costs nothing.
fn is_open(guard: &ConnectionGuard, command: &Result<Command, ErrorCode>) -> bool {
    let room = match command {
        Ok(Command::CreateRoom(it)) => Some(&it.room),
        Ok(Command::OpenDirect(it)) => Some(&it.room),
        _ => None,
    };
    room.is_some_and(|room| guard.memberships.room(room).is_some())
}

/// The action of the session after a frame or a tick.
enum Flow {
    Continue,
    Enter(Box<Hello>),
    Submit(Submitted, Box<Entry>),
    /// Closes the connection, with a close frame unless the client's own was answered or the client has disconnected.
    Close(Option<Close>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<A, B, C, D, Running>(_: fn(A, B, C, D) -> Running) -> usize {
        size_of::<Running>()
    }

    /// A future that is awaited once in a connection's life is boxed, or every idle connection reserves memory for it.
    #[test]
    fn a_connection_holds_little_while_it_waits() {
        let bytes = size(serve);
        assert!(bytes <= 2_000, "{bytes} bytes");
    }
}
