//! The reading half of a connection: what a client says, checked and handed on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::FuturesUnordered};
use governor::clock::{Clock, DefaultClock};
use snug_shared::{
    api::Refusal,
    avatar::Avatar,
    code::{Close, Code},
    ids::{ChatId, Key, Position, RoomId},
    lang::Lang,
    limits::{CURSORS, Limits},
    presence::ChatUser,
    text::{MessageBody, Nickname},
    wire::{ClientFrame, Head, Hello, Said, Say, ServerFrame, Welcome, You},
};
use tokio::{net::TcpStream, sync::OnceCell, time::interval};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, error::CapacityError},
};
use uuid::Uuid;

use super::{
    incoming::{Malformed, decode},
    mailbox::{Letter, Mailbox},
    outbound::Outbound,
    stream::{Stream, websocket},
};
use crate::{
    app::App,
    clock,
    features::{Applied, Command, Entry, Event, messages},
    hub::{Allowance, Frame, Seat, allowance},
};

/// How long a connection may take to say who it is.
const HELLO: Duration = Duration::from_secs(10);
/// How often the server pings, and how long it hears nothing before it gives a client up.
const PING: Duration = Duration::from_secs(8);
const SILENCE: Duration = Duration::from_secs(18);
/// Messages of one connection that may wait for the disk at a time.
const IN_FLIGHT: usize = 32;
/// Refusals for speed in a row after which a connection is closed.
const PATIENCE: u32 = 200;
/// How long a closing connection may take to write its last words and to hear the client's.
const FAREWELL: Duration = Duration::from_secs(2);

/// Who connects, as far as the handshake tells.
pub struct Guest {
    /// The session cookie's person.
    pub session: Option<ChatId>,
    /// The language of refusals.
    pub lang: Lang,
}

/// Serves a connection to its end.
pub async fn serve(app: App, socket: TcpStream, early: Bytes, guest: Guest) {
    let mailbox = Arc::new(Mailbox::default());
    let (read, write) = socket.into_split();
    let socket = websocket(Stream::new(read, early, mailbox.clone())).await;
    let person = OnceCell::new();
    let session = Session {
        frames: allowance(app.config.frames),
        too_fast: 0,
        app: app.clone(),
        mailbox: mailbox.clone(),
        guest,
        seat: None,
        person: &person,
    };
    let outbound = Outbound::new(app, mailbox.clone(), write);
    let read = async {
        session.run(socket).await;
        mailbox.put(Letter::End);
    };
    let written = outbound.run(&person);
    tokio::pin!(read, written);
    tokio::select! {
        _ = &mut written => {}
        () = &mut read => {
            // Whatever was on its way is written, unless the client does not take it.
            let _ = tokio::time::timeout(FAREWELL, written).await;
        }
    }
}

struct Session<'a> {
    app: App,
    mailbox: Arc<Mailbox>,
    guest: Guest,
    frames: Allowance,
    too_fast: u32,
    seat: Option<Seat>,
    person: &'a OnceCell<ChatId>,
}

type Answer = (Option<String>, Result<Applied, Code>);

impl Session<'_> {
    async fn run(mut self, mut socket: WebSocketStream<Stream>) {
        let draining = self.app.tasks.draining();
        tokio::pin!(draining);
        let mut ticks = interval(PING);
        ticks.tick().await;
        let hello_by = Instant::now() + HELLO;
        let mut in_flight = FuturesUnordered::new();
        let mailbox = self.mailbox.clone();
        let close = loop {
            tokio::select! {
                Some(answer) = in_flight.next(), if !in_flight.is_empty() => self.answer(answer),
                // Nothing more is read from who does not read the answers, or outruns the disk.
                message = async { mailbox.has_room().await; socket.next().await }, if in_flight.len() < IN_FLIGHT => {
                    socket.get_mut().message_read();
                    match self.message(message) {
                        Next::Go => {}
                        Next::Submit(key, entry) => {
                            let answered = self.app.log.submit(entry).await;
                            in_flight.push(async move {
                                (key, answered.await.unwrap_or(Err(Code::Unavailable)))
                            });
                        }
                        Next::Close(close) => break close,
                    }
                }
                _ = ticks.tick() => {
                    if self.seat.is_none() && Instant::now() >= hello_by {
                        self.refuse(Code::NoUserInfo, None);
                        break Some(Close::NoUserInfo);
                    }
                    if socket.get_ref().heard.elapsed() > SILENCE {
                        break Some(Close::Silent);
                    }
                    self.mailbox.put(Letter::Frame(Frame::ping()));
                }
                () = &mut draining => break Some(Close::Restart),
            }
        };
        // What was taken is answered before the end.
        while let Some(answer) = in_flight.next().await {
            self.answer(answer);
        }
        // The roster learns of it now, not after the farewell.
        self.seat = None;
        if let Some(close) = close {
            mailbox.put(Letter::Close(close));
            // Read what is still coming, so that the close is not overtaken by a reset (RFC 6455, 7.1.1).
            let _ = tokio::time::timeout(FAREWELL, async {
                while let Some(Ok(_)) = socket.next().await {
                    socket.get_mut().message_read();
                }
            })
            .await;
        }
    }

    fn message(&mut self, message: Option<Result<Message, Error>>) -> Next {
        let too_fast = self.frames.check().is_err();
        self.too_fast = if too_fast { self.too_fast + 1 } else { 0 };
        if self.too_fast > PATIENCE {
            self.refuse(Code::TooFast, None);
            return Next::Close(Some(Close::Flood));
        }
        match message {
            Some(Ok(Message::Text(_))) if too_fast => {
                self.refuse_for(Code::TooFast, None, Some(1_000));
                Next::Go
            }
            Some(Ok(Message::Text(text))) => self.text(&text),
            Some(Ok(Message::Binary(_))) => {
                self.refuse(Code::NotText, None);
                Next::Close(Some(Close::NotText))
            }
            // tungstenite has answered these.
            Some(Ok(_)) => Next::Go,
            Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. }))) => {
                self.refuse(Code::TooLarge, None);
                Next::Close(Some(Close::TooLarge))
            }
            Some(Err(Error::Io(error))) if error.kind() == std::io::ErrorKind::QuotaExceeded => {
                self.refuse(Code::TooFast, None);
                Next::Close(Some(Close::Flood))
            }
            Some(Err(Error::Utf8(_))) => Next::Close(Some(Close::BadText)),
            Some(Err(Error::Protocol(error))) => {
                tracing::debug!(%error, "a client broke the WebSocket protocol");
                Next::Close(Some(Close::Protocol))
            }
            None | Some(Err(_)) => Next::Close(None),
        }
    }

    fn text(&mut self, text: &str) -> Next {
        let frame = match decode(text) {
            Ok(frame) => frame,
            Err(Malformed::Protocol) => {
                self.refuse(Code::BadFrame, None);
                return Next::Close(Some(Close::BadFrame));
            }
            Err(Malformed::Frame(code, key)) => {
                self.refuse(code, key);
                return Next::Go;
            }
        };
        match (frame, &self.seat) {
            (ClientFrame::CloseConnection, _) => return Next::Close(Some(Close::Left)),
            (ClientFrame::Ping, _) => self.send(&ServerFrame::Pong),
            (ClientFrame::SaveUserInfo(hello), None) => {
                if let Err(code) = self.enter(hello) {
                    self.refuse(code, None);
                }
            }
            // Who one is stays for as long as the connection does.
            (ClientFrame::SaveUserInfo(_), Some(_)) => self.refuse(Code::BadFrame, None),
            (_, None) => {
                self.refuse(Code::NoUserInfo, None);
                return Next::Close(Some(Close::NoUserInfo));
            }
            (ClientFrame::ReadOn { room, after }, Some(_)) => match RoomId::try_from(room) {
                Ok(room) => self.mailbox.put(Letter::ReadOn(room, after)),
                Err(code) => self.refuse(code, None),
            },
            (ClientFrame::ReceiveMessage(say), Some(seat)) => {
                let key = say.key.clone();
                if let Err(wait) = seat.allowance.check() {
                    let wait = wait.wait_time_from(DefaultClock::default().now());
                    let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1);
                    self.refuse_for(Code::TooFast, key, Some(wait));
                    return Next::Go;
                }
                match entry(&seat.user, say) {
                    Ok(entry) => return Next::Submit(key, entry),
                    Err(code) => self.refuse(code, key),
                }
            }
        }
        Next::Go
    }

    fn enter(&mut self, hello: Hello) -> Result<(), Code> {
        let Hello {
            chat_id,
            name,
            avatar,
            token,
            epoch,
            cursors,
        } = hello;
        let name = Nickname::try_from(name)?;
        let avatar = avatar.map(Avatar::try_from).transpose()?;
        if cursors.len() > CURSORS {
            return Err(Code::BadFrame);
        }
        let identities = &self.app.identities;
        let identity = identities.authenticate(self.guest.session.as_ref(), chat_id, token.as_deref())?;
        let user = ChatUser {
            avatar: avatar.unwrap_or_else(|| Avatar::of_seed(identity.chat_id.as_str())),
            chat_id: identity.chat_id.clone(),
            name,
        };
        let mut rooms = vec![RoomId::lobby()];
        for room in cursors.keys() {
            let room = RoomId::try_from(room.as_str())?;
            if !rooms.contains(&room) {
                rooms.push(room);
            }
        }
        let seat = self
            .app
            .hub
            .enter(&identity, user, &rooms, self.mailbox.bell.clone())?;
        let user = &seat.user;
        // Cursors of another log would miss what this one has.
        let stale = epoch.is_some_and(|epoch| epoch != self.app.epoch.as_str());
        let reading: Vec<_> = seat
            .rooms
            .iter()
            .map(|room| {
                let after = match cursors.get(room.id().as_str()) {
                    None => room.head(),
                    Some(_) if stale => Position::START,
                    Some(cursor) => *cursor,
                };
                (room.clone(), after)
            })
            .collect();
        let proved_by_cookie = self.guest.session.as_ref() == Some(&user.chat_id);
        self.send(&ServerFrame::Welcome(Welcome {
            you: You {
                token: (!proved_by_cookie).then(|| identities.token(&user.chat_id)),
                chat_id: user.chat_id.clone(),
                name: user.name.clone(),
                avatar: user.avatar.clone(),
            },
            rooms: seat
                .rooms
                .iter()
                .map(|room| Head {
                    room: room.id().clone(),
                    n: room.head(),
                })
                .collect(),
            epoch: self.app.epoch.clone(),
            limits: Limits::HERE,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }));
        // Set once: only a session without a seat enters.
        let _ = self.person.set(user.chat_id.clone());
        self.mailbox.put(Letter::Read(reading));
        self.seat = Some(seat);
        Ok(())
    }

    /// What the log made of a message. One that was recorded is on its way through the room's lane.
    fn answer(&self, (key, answer): Answer) {
        match answer {
            Ok(Applied::Recorded(_) | Applied::Known(Event::Opened(_))) => {}
            Ok(Applied::Known(Event::Said(message))) => {
                let count = self.app.hub.room(&message.room).map_or(0, |room| room.count());
                self.send(&ServerFrame::ReceiveMessage(Said { message, count }));
            }
            Err(code) => self.refuse(code, key),
        }
    }

    fn refuse(&self, error: Code, key: Option<String>) {
        self.refuse_for(error, key, None);
    }

    fn refuse_for(&self, error: Code, key: Option<String>, after: Option<u32>) {
        self.send(&ServerFrame::Error(Refusal {
            error,
            message: error.sentence(self.guest.lang),
            retry: error.retry(),
            after,
            key,
        }));
    }

    fn send(&self, frame: &ServerFrame) {
        self.mailbox.put(Letter::Frame(Frame::of(frame)));
    }
}

enum Next {
    Go,
    Submit(Option<String>, Entry),
    /// With a close frame of ours, unless the client's own was answered or it is gone.
    Close(Option<Close>),
}

fn entry(user: &ChatUser, say: Say) -> Result<Entry, Code> {
    let key = match say.key {
        Some(key) => Key::try_from(key)?,
        None => Key::try_from(Uuid::now_v7().to_string())?,
    };
    Ok(Entry {
        by: user.chat_id.clone(),
        at: clock::now(),
        command: Command::Say(messages::Say {
            room: say.room.map_or_else(|| Ok(RoomId::lobby()), RoomId::try_from)?,
            key,
            name: user.name.clone(),
            avatar: user.avatar.clone(),
            text: MessageBody::try_from(say.text)?,
        }),
    })
}
