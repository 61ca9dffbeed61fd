//! A client: the replica of the page, with a real connection.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use snug_shared::{
    api::Refusal,
    error_code::ErrorCode,
    ids::{Key, Millis, RoomId},
    replica::{Effect, PendingState, Replica},
    text::MessageBody,
    wire::{ClientFrame, CreateRoom, ServerFrame},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// Longer than any step takes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A second room.
pub const DEN: &str = "0190a1b2-2222-7000-8000-000000000000";
/// Messages of [`Peer::wait_for_an_echo`].
pub const ECHOES: usize = 201;

pub struct Peer {
    name: String,
    pub replica: Replica,
    socket: Option<WebSocketStream<TcpStream>>,
    keys: usize,
    /// The acknowledged messages and their positions, which may never change.
    pub acknowledged: BTreeMap<String, u64>,
    rooms: BTreeMap<String, RoomId>,
    pub refusals: Vec<Refusal>,
}

impl Peer {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            replica: Replica::new(RoomId::lobby(), Vec::new()),
            socket: None,
            keys: 0,
            acknowledged: BTreeMap::new(),
            rooms: BTreeMap::new(),
            refusals: Vec::new(),
        }
    }

    /// Connects, unless it is connected, and sends its hello. If the handshake fails, it stays
    /// unconnected: `settle` tries again, as a page does.
    pub async fn connect(&mut self, server: SocketAddr) {
        if self.socket.is_none() {
            self.connect_through(TcpSocket::new_v4().expect("a socket"), server)
                .await;
        }
    }

    pub async fn connect_through(&mut self, socket: TcpSocket, server: SocketAddr) {
        let stream = socket.connect(server).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let shaken = client_async(format!("ws://{server}/ws"), stream).await;
        let Ok((socket, _)) = shaken else { return };
        self.socket = Some(socket);
        self.send(&self.replica.hello(&self.name, None)).await;
    }

    pub fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// The connection breaks. Returns the socket, whose other end is still open.
    pub fn disconnect(&mut self) -> Option<WebSocketStream<TcpStream>> {
        self.replica.disconnected();
        self.socket.take()
    }

    /// The connection breaks in the middle of a frame, with 3 bytes of a text of 100.
    pub async fn disconnect_within_a_frame(&mut self) {
        if let Some(mut socket) = self.disconnect() {
            let begun = [0x81, 0x80 | 100, 1, 2, 3, 4, b'{' ^ 1, b'"' ^ 2, b'c' ^ 3];
            // The server may be gone already.
            let _ = socket.get_mut().write_all(&begun).await;
        }
    }

    pub async fn post(&mut self) {
        self.post_long(0).await;
    }

    /// Creates the den, if there is none, and joins it.
    pub async fn join_the_den(&mut self) {
        self.send(&ClientFrame::CreateRoom(CreateRoom {
            private: false,
            room: DEN.to_owned(),
            name: "den".to_owned(),
            topic: String::new(),
            key: None,
        }))
        .await;
        self.send(&ClientFrame::JoinRoom {
            room: DEN.to_owned(),
            key: None,
        })
        .await;
    }

    pub async fn leave_the_den(&mut self) {
        self.send(&ClientFrame::LeaveRoom {
            room: DEN.to_owned(),
            key: None,
        })
        .await;
    }

    /// Posts in the den. The server refuses it if the client is no room member.
    pub async fn post_in_the_den(&mut self) {
        let den = RoomId::try_from(DEN).expect("an id");
        self.post_in(den, 0).await;
    }

    /// Posts a message of at least this many characters.
    pub async fn post_long(&mut self, length: usize) {
        self.post_in(RoomId::lobby(), length).await;
    }

    async fn post_in(&mut self, room: RoomId, length: usize) {
        self.keys += 1;
        let key = Key::try_from(format!("{}-{}", self.name, self.keys)).expect("a key");
        let text = format!("{:.<length$}", format!("{key} says hello"));
        let text = MessageBody::try_from(text).expect("a text");
        let effects = self.replica.say(key, room, text, Millis(0));
        self.run_effects(effects).await;
    }

    /// Sends an acknowledged message again.
    pub async fn repeat(&mut self) {
        if self.replica.is_live()
            && let Some(key) = self.acknowledged.keys().next_back().cloned()
        {
            let (text, room) = (format!("{key} says hello"), &self.rooms[&key]);
            let again =
                serde_json::json!({"code": "RECEIVE_MESSAGE", "key": key, "text": text, "room": room});
            self.send_text(again.to_string()).await;
        }
    }

    /// Receives all frames that are under way, until the pong.
    pub async fn listen(&mut self) {
        self.send(&ClientFrame::Ping).await;
        let mut delay = None;
        while let Some(frame) = self.receive().await {
            match frame {
                ServerFrame::Pong => break,
                ServerFrame::Error(refusal) if refusal.error == ErrorCode::Overloaded => {
                    delay = refusal.retry_after
                }
                _ => {}
            }
        }
        if let Some(ms) = delay {
            // The server spreads the hellos of many clients that connect at once.
            tokio::time::sleep(Duration::from_millis(ms.into())).await;
            self.send(&self.replica.hello(&self.name, None)).await;
        }
    }

    /// Applies the next frame. `None` if the connection has ended.
    async fn receive(&mut self) -> Option<ServerFrame> {
        let frame = self.next().await?;
        match &frame {
            ServerFrame::MessageReceived(said)
                if self
                    .replica
                    .you()
                    .is_some_and(|it| it.chat_id == said.message.chat_id) =>
            {
                let (key, n) = (said.message.key.to_string(), said.message.n.0);
                self.rooms.insert(key.clone(), said.message.room.clone());
                let first = *self.acknowledged.entry(key).or_insert(n);
                assert_eq!(first, n, "one key, one position");
            }
            ServerFrame::Error(refusal)
                if !matches!(refusal.error, ErrorCode::Overloaded | ErrorCode::Restarting) =>
            {
                self.refusals.push(refusal.clone());
            }
            _ => {}
        }
        let effects = self.replica.apply(frame.clone());
        self.run_effects(effects).await;
        // Read every room that it is in.
        let rooms: Vec<_> = self.replica.rooms().map(|(id, _)| id.clone()).collect();
        for room in rooms {
            let effects = self.replica.open(&room);
            self.run_effects(effects).await;
        }
        Some(frame)
    }

    /// Connects and receives until there is nothing left to send or receive.
    pub async fn settle(&mut self, server: SocketAddr) {
        loop {
            self.connect(server).await;
            let before = self.replica.clone();
            self.listen().await;
            if self.replica.is_live() && self.has_sent_all() && before == self.replica {
                return;
            }
        }
    }

    /// A message that is refused because the author has left the room stays in the outbox.
    fn has_sent_all(&self) -> bool {
        let mut pending = self.replica.outbox().pending().iter();
        pending.all(|it| matches!(it.state, PendingState::Refused(_)))
    }

    /// The median of the time between a post and its echo.
    pub async fn wait_for_an_echo(&mut self) -> Duration {
        let mut waits = Vec::new();
        for _ in 0..ECHOES {
            let begun = Instant::now();
            self.post().await;
            while !self.replica.outbox().pending().is_empty() {
                self.receive().await.expect("the connection stays");
            }
            waits.push(begun.elapsed());
        }
        waits.sort();
        waits[ECHOES / 2]
    }

    async fn next(&mut self) -> Option<ServerFrame> {
        let socket = self.socket.as_mut()?;
        let text = async {
            loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) => return Some(text),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        match timeout(TIMEOUT, text).await.expect("a frame comes") {
            Some(text) => Some(serde_json::from_str(&text).expect("a frame of the protocol")),
            None => {
                self.disconnect();
                None
            }
        }
    }

    async fn run_effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.send(&frame).await,
                // No need to wait: these tests have no rate limits.
                Effect::SendNextIn(_) => {
                    for effect in self.replica.try_what_was_put_off() {
                        if let Effect::Send(frame) = effect {
                            self.send(&frame).await;
                        }
                    }
                }
            }
        }
    }

    async fn send(&mut self, frame: &ClientFrame) {
        self.send_text(serde_json::to_string(frame).expect("JSON")).await;
    }

    async fn send_text(&mut self, text: String) {
        if let Some(socket) = &mut self.socket
            && socket.send(Message::text(text)).await.is_err()
        {
            self.disconnect();
        }
    }
}
