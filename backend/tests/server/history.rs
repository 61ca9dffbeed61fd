//! Pages of history over HTTP.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Client, TestServer, start_server};

/// The server's answer to a user or to a stranger.
async fn ask(server: &TestServer, person: Option<&Client>, room: &str, query: &str) -> (u16, Value) {
    let bearer = person.map(|client| {
        let you = &client.welcome["you"];
        let (id, token) = (you["chatId"].as_str(), you["token"].as_str());
        format!(
            "authorization: Bearer {}.{}\r\n",
            id.expect("an id"),
            token.expect("a token")
        )
    });
    let mut socket = TcpStream::connect(server.inner.address())
        .await
        .expect("it listens");
    let request = format!(
        "GET /api/rooms/{room}/messages{query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{}\r\n",
        bearer.unwrap_or_default()
    );
    socket.write_all(request.as_bytes()).await.expect("open");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok());
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    (
        status.expect("a status"),
        serde_json::from_str(body).expect("JSON"),
    )
}

/// A lobby with this many messages, and their author.
async fn lobby_with_messages(count: u64) -> (TestServer, Client) {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for n in 1..=count {
        ann.post(&n.to_string(), &n.to_string()).await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    (server, ann)
}

#[tokio::test]
async fn a_page_is_before_around_or_after_a_message() {
    let (server, ann) = lobby_with_messages(130).await;
    for (query, after, upto) in [
        ("?before=131", 80, 130),
        ("?before=41", 0, 40),
        ("?before=1", 0, 0),
        ("?around=70", 44, 94),
        ("?around=1", 0, 50),
        ("?around=0", 0, 50),
        ("?around=120", 80, 130),
        ("?around=131", 80, 130),
        ("?around=9223372036854775807", 80, 130),
        ("?after=0", 0, 50),
        ("?after=94", 94, 130),
        ("?after=130", 130, 130),
        ("?after=9223372036854775807", 130, 130),
    ] {
        let (status, page) = ask(&server, Some(&ann), "lobby", query).await;
        assert_eq!(
            (status, &page["after"], &page["upto"]),
            (200, &json!(after), &json!(upto)),
            "{query}"
        );
        let messages = page["messages"].as_array().expect("a list").iter();
        let said: Vec<_> = messages.filter_map(|it| it["n"].as_u64()).collect();
        assert_eq!(said, (after + 1..=upto).collect::<Vec<u64>>(), "{query}");
    }
}

#[tokio::test]
async fn a_history_request_has_one_position() {
    let (server, ann) = lobby_with_messages(1).await;
    for query in [
        "",
        "?",
        "?n=1",
        "?before=x",
        "?around=-1",
        "?after=9223372036854775808",
        "?around=18446744073709551615",
        "?before=18446744073709551616",
        "?before=1&after=1",
        "?around=1&around=1",
    ] {
        let (status, refusal) = ask(&server, Some(&ann), "lobby", query).await;
        assert_eq!((status, &refusal["error"]), (400, &json!("bad_frame")), "{query}");
    }
}

#[tokio::test]
async fn the_history_of_a_room_is_for_its_members_and_for_others_the_room_does_not_exist() {
    let (server, mut ann) = lobby_with_messages(1).await;
    let den = "0190a1b2-2222-7000-8000-000000000000";
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den"}))
        .await;
    ann.until("ROOM").await;
    let bob = server.guest("bob").await;
    for query in ["?before=1", "?around=1", "?after=0"] {
        let (status, page) = ask(&server, Some(&ann), den, query).await;
        assert_eq!((status, &page["upto"]), (200, &json!(0)), "{query}");
        let outside = ask(&server, Some(&bob), den, query).await;
        assert_eq!((outside.0, &outside.1["error"]), (404, &json!("not_found")));
        assert_eq!(outside, ask(&server, Some(&bob), "attic", query).await, "{query}");
        let (status, refusal) = ask(&server, None, "lobby", query).await;
        assert_eq!((status, &refusal["error"]), (401, &json!("hello_required")));
    }
}
