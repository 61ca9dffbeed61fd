//! Many users in the lobby, who read. All of them are in one thread, so that none of their work counts as the server's.

use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

pub struct Crowd {
    people: Vec<WebSocket<TcpStream>>,
    said: usize,
}

impl Crowd {
    /// Connects this many users, until all of them have received all frames.
    pub fn connect(server: SocketAddr, many: usize) -> Self {
        let people = (0..many).map(|_| {
            let socket = TcpStream::connect(server).expect("it listens");
            socket.set_nodelay(true).expect("a socket");
            let (mut socket, _) = client(format!("ws://{server}/ws"), socket).expect("it shakes hands");
            send(
                &mut socket,
                &json!({"code": "SAVE_USER_INFO", "name": "somebody"}),
            );
            receive(&mut socket, "WELCOME");
            socket
        });
        let mut crowd = Self {
            people: people.collect(),
            said: 0,
        };
        // All frames that were under way arrive before the pong.
        for socket in &mut crowd.people {
            send(socket, &json!({"code": "PING"}));
            receive(socket, "PONG");
        }
        // The first messages allocate a lane, a batch and the statements.
        crowd.post_in_turn(10);
        crowd
    }

    /// One user posts messages, each when all users have received the one before.
    pub fn post_in_turn(&mut self, messages: usize) {
        for _ in 0..messages {
            self.post(0);
            self.receive(1);
        }
    }

    /// Each user posts this many messages at once; then all receive them.
    pub fn post_at_once(&mut self, messages: usize) {
        let everybody = self.people.len();
        for _ in 0..messages {
            (0..everybody).for_each(|one| self.post(one));
        }
        self.receive(messages * everybody);
    }

    fn post(&mut self, one: usize) {
        self.said += 1;
        let key = format!("00000000-0000-7000-8000-{:012}", self.said);
        let text = format!("{:.<40}", self.said);
        send(
            &mut self.people[one],
            &json!({"code": "RECEIVE_MESSAGE", "key": key, "text": text}),
        );
    }

    fn receive(&mut self, messages: usize) {
        for socket in &mut self.people {
            (0..messages).for_each(|_| receive(socket, "RECEIVE_MESSAGE"));
        }
    }
}

fn send(socket: &mut WebSocket<TcpStream>, frame: &Value) {
    socket.send(Message::text(frame.to_string())).expect("it is open");
}

/// Reads until a frame with this code.
fn receive(socket: &mut WebSocket<TcpStream>, code: &str) {
    loop {
        if let Message::Text(text) = socket.read().expect("it is open") {
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            assert_ne!(frame["code"], "ERROR", "{frame}");
            if frame["code"] == code {
                return;
            }
        }
    }
}
