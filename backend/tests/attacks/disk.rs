//! Attacks on the disk, and on the memory that holds messages.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, FRIEND, Snug, TIMEOUT, attacker};

/// The longest text that is allowed, with four bytes for each character.
fn longest_text() -> String {
    "🐌".repeat(4_000)
}

/// Limits so high that they do not affect the test.
const PLENTY: [&str; 14] = [
    "--frames-per-second",
    "1000000",
    "--frames-burst",
    "1000000",
    "--messages-burst",
    "1000000",
    "--guest-bytes-burst",
    "1GiB",
    "--guest-bytes-per-day",
    "1GiB",
    "--network-bytes-burst",
    "1GiB",
    "--network-bytes-per-day",
    "1GiB",
];

/// Opens a private room. Returns its id.
async fn own_room(client: &mut Client, number: u16) -> String {
    let room = format!("00000000-0000-4000-8000-00000000{number:04x}");
    let name = format!("den-{number}");
    client
        .send(json!({"code": "CREATE_ROOM", "room": room, "name": name, "private": true}))
        .await;
    let opened = client.until_one_of(&["ROOM", "ERROR"]).await;
    assert_eq!(opened["code"], "ROOM", "{opened}");
    room
}

/// Sends a message. Returns the message as posted, or the error.
async fn post(client: &mut Client, room: &str, key: &str, text: &str) -> Value {
    client.post(room, key, text).await;
    loop {
        let frame = client.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await;
        if frame["key"] == key {
            return frame;
        }
    }
}

/// A8: many guests of one address together fill the disk no faster than the quota of one address. Others can still post.
#[tokio::test]
async fn guests_of_one_address_share_the_quota_of_one_address() {
    const GUESTS: u16 = 60;
    let snug = Snug::start(&[]);
    let mut friend = snug.guest(FRIEND, "friend").await;
    let mut guests = Vec::new();
    for number in 0..GUESTS {
        guests.push(snug.guest(attacker(1), &format!("eve{number}")).await);
    }
    let (before, begun) = (snug.folder_bytes(), Instant::now());
    for turn in 0..4 {
        for guest in &mut guests {
            guest.post("lobby", &format!("k{turn}"), &longest_text()).await;
        }
    }
    let mut taken = 0;
    for guest in &mut guests {
        for frame in guest.drain().await {
            taken += u64::from(frame["code"] == "RECEIVE_MESSAGE" && frame["chatId"] == guest.id());
        }
    }
    let allowed = (512 << 10) + (32 << 10) * (begun.elapsed().as_secs() + 1);
    assert!(
        taken > 0,
        "the server accepts messages within the quota of an address"
    );
    assert!(taken * 16_000 <= allowed, "{taken} messages, {allowed} bytes");
    // Each message is in the log and in its table, and before that in the write-ahead log.
    let grown = snug.folder_bytes() - before;
    assert!(grown <= 5 * allowed, "{grown} bytes");
    let received = post(&mut friend, "lobby", "f", "I have nothing to do with it").await;
    assert_eq!(received["code"], "RECEIVE_MESSAGE", "{received}");
}

/// A8: the newest messages of all rooms together use no more memory than the setting allows, and none when all have left.
#[tokio::test]
async fn rooms_use_bounded_memory_for_messages_and_free_it() {
    const ROOMS: u16 = 20;
    let mut settings = PLENTY.to_vec();
    settings.extend(["--recent-memory", "2MiB"]);
    let snug = Snug::start(&settings);
    let owner = snug.owner().await;
    let recent = async || {
        let told = snug
            .ask(FRIEND, "GET", "/api/storage", Some(&owner), Value::Null)
            .await;
        told.body["recent"].as_u64().expect("bytes")
    };
    let (mut guests, mut filled) = (Vec::new(), 0);
    for number in 0..ROOMS {
        // The rate of new rooms is limited by user and by address.
        let mut guest = snug.guest(attacker(number), &format!("eve{number}")).await;
        let room = own_room(&mut guest, number).await;
        for turn in 0..20 {
            let key = format!("{turn}");
            let frame = post(&mut guest, &room, &key, &longest_text()).await;
            assert_eq!(frame["code"], "RECEIVE_MESSAGE", "{frame}");
        }
        filled = recent().await;
        assert!(filled <= 2 << 20, "{filled} bytes after {number} rooms");
        guests.push((guest, room));
    }
    assert!(
        filled > 1 << 20,
        "{filled} bytes: messages are held up to the limit"
    );
    let resident = snug.resident_bytes();
    assert!(resident < 128 << 20, "{resident} bytes");
    // The server reads freed messages from the database.
    let (old, room) = &mut guests[0];
    old.send(json!({"code": "SYNC_ROOM", "room": room, "after": 0}))
        .await;
    let page = old
        .drain()
        .await
        .iter()
        .filter(|it| it["code"] == "RECEIVE_MESSAGE")
        .count();
    assert_eq!(page, 20);
    drop(guests);
    let end = Instant::now() + TIMEOUT;
    while recent().await > 0 {
        assert!(Instant::now() < end, "the memory is not freed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A8: when all have left, the server returns the memory of the rooms to the system, although it is below the setting.
#[tokio::test]
async fn the_process_returns_memory_when_the_rooms_are_empty() {
    const ROOMS: u16 = 40;
    const MESSAGES: usize = 40;
    let snug = Snug::start(&PLENTY);
    let fill = async |guest: &mut Client, room: &str, count: usize| {
        for index in 0..count {
            let key = format!("{room}-{index}");
            // The server closes a connection that reads nothing for a long time.
            if index % 20 == 0 {
                post(guest, room, &key, &longest_text()).await;
            } else {
                guest.post(room, &key, &longest_text()).await;
            }
        }
        post(guest, room, &format!("{room}-end"), "that was all").await;
    };
    // Fill SQLite's cache before the first measurement.
    let mut first = snug.guest(FRIEND, "first").await;
    fill(&mut first, "lobby", 800).await;
    let before = snug.resident_bytes();
    let mut guests = Vec::new();
    for number in 0..ROOMS {
        let mut guest = snug.guest(attacker(number), &format!("eve{number}")).await;
        let room = own_room(&mut guest, number).await;
        fill(&mut guest, &room, MESSAGES).await;
        guests.push(guest);
    }
    let during = snug.resident_bytes();
    assert!(during > before + (14 << 20), "{before} bytes, then {during}");
    drop(guests);
    let end = Instant::now() + TIMEOUT;
    // Most of it: other threads use some MiB meanwhile.
    while snug.resident_bytes() > before.midpoint(during) {
        let now = snug.resident_bytes();
        assert!(
            Instant::now() < end,
            "{before} bytes, then {during}, and now {now}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A8: when the database has reached its limit, the server refuses messages and does all else; with more space it accepts them.
#[tokio::test]
async fn a_full_database_refuses_messages_and_accepts_them_again_when_there_is_space() {
    let mut settings = PLENTY.to_vec();
    settings.extend(["--max-data", "8MiB"]);
    let mut snug = Snug::start(&settings);
    let mut eve = snug.guest(attacker(1), "eve").await;
    let mut count = 0;
    let error = loop {
        let frame = post(&mut eve, "lobby", &format!("e{count}"), &longest_text()).await;
        if frame["code"] == "ERROR" {
            break frame;
        }
        count += 1;
        assert!(count < 2_000, "the database never becomes full");
    };
    assert_eq!(error["error"], "storage_full", "{error}");
    assert_eq!(error["retry"], true);
    assert!(error["retryAfter"].as_u64() > Some(0), "{error}");
    assert!(count > 10, "{count} messages");
    let folder = snug.folder_bytes();
    assert!(folder < 9 << 20, "{folder} bytes");

    let mut ann = snug.guest(FRIEND, "ann").await;
    let bearer = ann.bearer();
    let path = format!("/api/rooms/lobby/messages?before={count}");
    let page = snug.ask(FRIEND, "GET", &path, Some(&bearer), Value::Null).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.body["messages"].as_array().map(Vec::len),
        Some(50.min(count - 1))
    );
    let delete = json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": 1});
    eve.request(delete).await.expect("it is hers");
    ann.until_one_of(&["DELETED"]).await;

    let folder = std::mem::replace(&mut snug.folder, tempfile::tempdir().expect("a folder"));
    drop(snug);
    let snug = Snug::start_in(folder, &["--max-data", "64MiB"]);
    let mut ann = snug.guest(FRIEND, "ann").await;
    let received = post(&mut ann, "lobby", "a", "there is space again").await;
    assert_eq!(received["code"], "RECEIVE_MESSAGE", "{received}");
}
