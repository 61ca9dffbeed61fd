//! Describes how a client talks to a server: the few points in which the protocols differ.

/// The protocol of a server.
pub struct ProtocolAdapter {
    /// The path of the WebSocket.
    pub path: &'static str,
    /// The subprotocol to request.
    pub protocol: Option<&'static str>,
    /// The steps until a client has joined, in order.
    pub entry: &'static [Step],
    /// Formats a text as a message to everybody.
    pub say: fn(&str) -> String,
    /// Returns the answer to a heartbeat that is a message of the protocol, if the payload is one.
    pub answer: fn(&[u8]) -> Option<String>,
    /// Whether a sender receives its own messages.
    pub echoes: bool,
}

/// One step of joining.
pub struct Step {
    /// What a received message must contain before this step, if anything.
    pub after: Option<&'static [u8]>,
    /// The message that the client with that number then sends, if any.
    pub say: Option<fn(usize) -> String>,
}

/// The server sends each message to all clients, unchanged.
pub const BROADCAST: ProtocolAdapter = ProtocolAdapter {
    path: "/",
    protocol: None,
    entry: &[],
    say: str::to_owned,
    answer: nothing,
    echoes: true,
};

/// The protocol of PROTOCOL.md, as a guest in the lobby.
pub const SNUG: ProtocolAdapter = ProtocolAdapter {
    path: "/ws",
    entry: &[
        Step {
            after: None,
            say: Some(|client| {
                let name = name(client);
                format!(r#"{{"code":"SAVE_USER_INFO","chatId":"c{client}","name":"{name}"}}"#)
            }),
        },
        Step {
            after: Some(br#""WELCOME""#),
            say: None,
        },
    ],
    say: |text| format!(r#"{{"code":"RECEIVE_MESSAGE","text":"{text}"}}"#),
    ..BROADCAST
};

/// The same, for a client that authenticates with a cookie.
pub const SNUG_PROVED: ProtocolAdapter = ProtocolAdapter {
    entry: &[
        Step {
            after: None,
            say: Some(|client| format!(r#"{{"code":"SAVE_USER_INFO","name":"{}"}}"#, name(client))),
        },
        Step {
            after: Some(br#""WELCOME""#),
            say: None,
        },
    ],
    ..SNUG
};

/// A returning client, which has joined once it has the newest page of the room.
pub const SNUG_CATCHING_UP: ProtocolAdapter = ProtocolAdapter {
    entry: &[
        Step {
            after: None,
            say: Some(|client| {
                let name = name(client);
                format!(
                    r#"{{"code":"SAVE_USER_INFO","chatId":"c{client}","name":"{name}","cursors":{{"lobby":0}}}}"#
                )
            }),
        },
        Step {
            after: Some(br#""WELCOME""#),
            say: None,
        },
        Step {
            after: Some(br#""PAGE""#),
            say: None,
        },
    ],
    ..SNUG
};

/// Socket.IO 4 over Engine.IO 4, over a WebSocket without polling.
pub const SOCKET_IO: ProtocolAdapter = ProtocolAdapter {
    path: "/socket.io/?EIO=4&transport=websocket",
    entry: &[
        Step {
            after: Some(b"0{"),
            say: Some(|_| "40".to_owned()),
        },
        Step {
            after: Some(b"40"),
            say: None,
        },
    ],
    say: |text| format!(r#"42["m","{text}"]"#),
    answer: |payload| (payload == b"2").then(|| "3".to_owned()),
    ..BROADCAST
};

/// IRC (RFC 1459) in WebSocket text messages, as specified by IRCv3.
pub const IRC: ProtocolAdapter = ProtocolAdapter {
    protocol: Some("text.ircv3.net"),
    entry: &[
        Step {
            after: None,
            say: Some(|client| format!("NICK n{client}")),
        },
        Step {
            after: None,
            say: Some(|client| format!("USER u{client} 0 * :somebody")),
        },
        Step {
            after: Some(b" 001 "),
            say: Some(|_| "JOIN #lobby".to_owned()),
        },
        Step {
            after: Some(b" 366 "),
            say: None,
        },
    ],
    say: |text| format!("PRIVMSG #lobby :{text}"),
    answer: |payload| {
        let server = payload.strip_prefix(b"PING ")?;
        Some(format!("PONG {}", String::from_utf8_lossy(server)))
    },
    echoes: false,
    ..BROADCAST
};

fn nothing(_: &[u8]) -> Option<String> {
    None
}

/// Returns a name that is not confusable with another client's: Snug appends a number to those that are.
pub fn name(client: usize) -> String {
    const LETTERS: &[u8; 10] = b"abcdefghkp";
    client
        .to_string()
        .bytes()
        .map(|digit| char::from(LETTERS[usize::from(digit - b'0')]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ() {
        assert_eq!((name(0), name(1_907)), ("a".to_owned(), "bpah".to_owned()));
    }

    #[test]
    fn heartbeats_are_answered() {
        assert_eq!((SOCKET_IO.answer)(b"2").as_deref(), Some("3"));
        assert_eq!((IRC.answer)(b"PING :a.b").as_deref(), Some("PONG :a.b"));
        assert_eq!((IRC.answer)(b":a.b PRIVMSG #lobby :PING"), None);
        assert_eq!((SNUG.answer)(b"2"), None);
    }
}
