//! Somebody's client: the replica that the page has, behind a real socket.

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

/// Nothing here takes so long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A second room.
pub const DEN: &str = "0190a1b2-2222-7000-8000-000000000000";
/// Words of [`Peer::wait_for_an_echo`].
pub const ECHOES: usize = 201;

pub struct Peer {
    name: String,
    pub replica: Replica,
    socket: Option<WebSocketStream<TcpStream>>,
    keys: usize,
    /// What the server has acknowledged, and in which room: it must stay true for ever.
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

    /// Connects, if it is not connected, and says who it is. A handshake that is cut off leaves it
    /// unconnected: who settles comes back, as a page does.
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

    /// The network breaks. What it leaves is the other end of the socket.
    pub fn disconnect(&mut self) -> Option<WebSocketStream<TcpStream>> {
        self.replica.disconnected();
        self.socket.take()
    }

    /// It breaks in the middle of a frame: a text of 100 bytes is announced, and 3 come.
    pub async fn disconnect_within_a_frame(&mut self) {
        if let Some(mut socket) = self.disconnect() {
            let begun = [0x81, 0x80 | 100, 1, 2, 3, 4, b'{' ^ 1, b'"' ^ 2, b'c' ^ 3];
            // The server may be gone already.
            let _ = socket.get_mut().write_all(&begun).await;
        }
    }

    pub async fn say(&mut self) {
        self.say_at_length(0).await;
    }

    /// Sees to it that the den is there, and this one in it.
    pub async fn enter_the_den(&mut self) {
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

    /// Says something in the den. Who is not in it is refused.
    pub async fn say_in_the_den(&mut self) {
        let den = RoomId::try_from(DEN).expect("an id");
        self.say_in(den, 0).await;
    }

    /// Says something of at least so many characters.
    pub async fn say_at_length(&mut self, length: usize) {
        self.say_in(RoomId::lobby(), length).await;
    }

    async fn say_in(&mut self, room: RoomId, length: usize) {
        self.keys += 1;
        let key = Key::try_from(format!("{}-{}", self.name, self.keys)).expect("a key");
        let text = format!("{:.<length$}", format!("{key} says hello"));
        let text = MessageBody::try_from(text).expect("a text");
        let asks = self.replica.say(key, room, text, Millis(0));
        self.attend(asks).await;
    }

    /// Sends something that was acknowledged before once more.
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

    /// Hears everything that was on its way, until the pong.
    pub async fn listen(&mut self) {
        self.send(&ClientFrame::Ping).await;
        let mut comes_in = None;
        while let Some(frame) = self.receive().await {
            match frame {
                ServerFrame::Pong => break,
                ServerFrame::Error(refusal) if refusal.error == ErrorCode::Overloaded => {
                    comes_in = refusal.retry_after
                }
                _ => {}
            }
        }
        if let Some(ms) = comes_in {
            // As the server asks of whoever comes in with many others.
            tokio::time::sleep(Duration::from_millis(ms.into())).await;
            self.send(&self.replica.hello(&self.name, None)).await;
        }
    }

    /// Takes in the next frame. None: the connection is gone.
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
        let asks = self.replica.apply(frame.clone());
        self.attend(asks).await;
        // What one is in, one reads.
        let rooms: Vec<_> = self.replica.rooms().map(|(id, _)| id.clone()).collect();
        for room in rooms {
            let asks = self.replica.open(&room);
            self.attend(asks).await;
        }
        Some(frame)
    }

    /// Connects and listens until it has nothing more to send and nothing more to hear.
    pub async fn settle(&mut self, server: SocketAddr) {
        loop {
            self.connect(server).await;
            let before = self.replica.clone();
            self.listen().await;
            if self.replica.is_live() && self.has_said_all() && before == self.replica {
                return;
            }
        }
    }

    /// What was refused for good, since one had left the room, stays with its author.
    fn has_said_all(&self) -> bool {
        let mut pending = self.replica.outbox().pending().iter();
        pending.all(|it| matches!(it.state, PendingState::Refused(_)))
    }

    /// How long the echo of a word takes, at the median of some.
    pub async fn wait_for_an_echo(&mut self) -> Duration {
        let mut waits = Vec::new();
        for _ in 0..ECHOES {
            let begun = Instant::now();
            self.say().await;
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

    async fn attend(&mut self, asks: Vec<Effect>) {
        for ask in asks {
            match ask {
                Effect::Send(frame) => self.send(&frame).await,
                // No need to wait: here nobody is too fast.
                Effect::SendNextIn(_) => {
                    for ask in self.replica.try_what_was_put_off() {
                        if let Effect::Send(frame) = ask {
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
