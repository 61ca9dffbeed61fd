//! How a client speaks to a server: the little in which the peers differ.

/// The protocol of a server.
pub struct ProtocolAdapter {
    /// The WebSocket's path.
    pub path: &'static str,
    /// The subprotocol that is asked for.
    pub protocol: Option<&'static str>,
    /// What it takes to be in, in order.
    pub entry: &'static [Step],
    /// Words as a message to everybody.
    pub say: fn(&str) -> String,
    /// The answer to a sign of life that is a message of its own.
    pub answer: fn(&[u8]) -> Option<String>,
    /// Whether a sender hears what they say.
    pub echoes: bool,
}

/// One step on the way in.
pub struct Step {
    /// What has to be in a message first, if anything.
    pub after: Option<&'static [u8]>,
    /// What the client of that number then says, if anything.
    pub say: Option<fn(usize) -> String>,
}

/// What is sent to the server is sent to all, as it is.
pub const BROADCAST: ProtocolAdapter = ProtocolAdapter {
    path: "/",
    protocol: None,
    entry: &[],
    say: str::to_owned,
    answer: nothing,
    echoes: true,
};

/// PROTOCOL.md, as a guest in the lobby.
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

/// The same as whoever a cookie proves.
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

/// Somebody who comes back, and is in once they have the room's newest page.
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

/// Socket.IO 4 over Engine.IO 4, straight over a WebSocket.
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

/// IRC (RFC 1459) in the text messages that IRCv3 gives WebSockets.
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

/// A name that looks like no other client's: Snug gives a number to those that do.
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
    fn signs_of_life_are_answered() {
        assert_eq!((SOCKET_IO.answer)(b"2").as_deref(), Some("3"));
        assert_eq!((IRC.answer)(b"PING :a.b").as_deref(), Some("PONG :a.b"));
        assert_eq!((IRC.answer)(b":a.b PRIVMSG #lobby :PING"), None);
        assert_eq!((SNUG.answer)(b"2"), None);
    }
}
