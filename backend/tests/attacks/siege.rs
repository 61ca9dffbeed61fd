//! A siege: guests of many networks do everything, at their limits and above, while members talk.
//!
//! The guests are a process of their own at the lowest priority. On a small machine they still use processor time that real
//! guests would not use, so members are also timed beside a process that only computes: the ratio shows the server's part.
//! The ordinary test run takes seconds and checks that all users are served; with `SNUG_SIEGE_SECONDS` (`cargo xtask soak`)
//! it also checks how fast.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::support::{Client, FRIEND, Snug, attacker};

/// The variable that gives the guests' process the server's address.
const TARGET: &str = "SNUG_SIEGE_TARGET";
/// Seconds of the long run.
const SECONDS: &str = "SNUG_SIEGE_SECONDS";

/// Threads of each process beside the server.
const THREADS: usize = 2;

/// The long run's numbers, and the ordinary one's.
const LONG: Numbers = Numbers {
    guests: 200,
    networks: 30,
    members: 20,
};
const SHORT: Numbers = Numbers {
    guests: 40,
    networks: 10,
    members: 5,
};

#[derive(Clone, Copy)]
struct Numbers {
    guests: u16,
    networks: u16,
    members: u8,
}

/// Measurements of the members.
#[derive(Default)]
struct Noticed {
    /// The latency of each echo.
    echoes: Vec<Duration>,
    /// The time of each newcomer from the handshake to `WELCOME`.
    newcomers: Vec<Duration>,
    /// Refused messages of members.
    refused: Vec<Value>,
}

impl Noticed {
    fn add(&mut self, other: Self) {
        self.echoes.extend(other.echoes);
        self.newcomers.extend(other.newcomers);
        self.refused.extend(other.refused);
    }

    fn p99(&self) -> Duration {
        let mut echoes = self.echoes.clone();
        echoes.sort_unstable();
        echoes[echoes.len() * 99 / 100]
    }

    fn longest_wait(&self) -> Duration {
        self.newcomers.iter().max().copied().unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_can_talk_while_guests_do_everything_at_their_limits() {
    let long = std::env::var(SECONDS)
        .ok()
        .map(|it| it.parse().expect("a number"));
    let (numbers, time) = match long {
        Some(seconds) => (LONG, Duration::from_secs(seconds)),
        None => (SHORT, Duration::from_secs(6)),
    };
    let snug = Arc::new(Snug::start(&[]));
    let owner = snug.owner().await;
    let mut members = Vec::new();
    for number in 0..numbers.members {
        let token = snug
            .member(member_address(number), &format!("Member {number}"))
            .await;
        members.push(token);
    }
    let idle = snug.resident_bytes();
    let minute = time.min(Duration::from_secs(60));
    let quiet = post_as_members(&snug, &members, minute).await;
    let computing = Neighbours::compute();
    let busy = post_as_members(&snug, &members, minute).await;
    drop(computing);
    let disk = snug.folder_bytes();

    let guests = Neighbours::attack(snug.address, numbers);
    let besieged = post_as_members(&snug, &members, time).await;
    let (resident, grown) = (snug.resident_bytes(), snug.folder_bytes() - disk);
    drop(guests);

    let (calm, loud) = (busy.p99(), besieged.p99());
    println!(
        "{} echoes, p99 {:?} in quiet, {calm:?} beside a process that computes, {loud:?} besieged; newcomers waited {:?} at most; {} MiB resident ({} before), {} MiB on disk",
        besieged.echoes.len(),
        quiet.p99(),
        besieged.longest_wait(),
        resident >> 20,
        idle >> 20,
        grown >> 20,
    );
    assert_eq!(besieged.refused, Vec::<Value>::new(), "members are served");
    assert!(resident < 512 << 20, "{resident} bytes");
    // The quota of thirty networks, twice (for the log and for the tables), and SQLite's overhead.
    let allowed = (2 * u64::from(numbers.networks) * (32 << 10) * time.as_secs() + (64 << 20)) * 2;
    assert!(grown < allowed, "{grown} bytes, and {allowed} are allowed");
    if long.is_some() {
        assert!(loud <= 2 * calm, "{loud:?} and {calm:?}");
        assert!(besieged.longest_wait() <= Duration::from_secs(2));
    }
    assert_usable_again(&snug, &owner, &members).await;
}

/// The address of the member with this number.
fn member_address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 2, 0, number + 1)
}

/// Members post four times a second in the lobby for a while, and now and then a newcomer joins.
async fn post_as_members(snug: &Arc<Snug>, members: &[String], time: Duration) -> Noticed {
    let end = Instant::now() + time;
    let mut tasks = JoinSet::new();
    for (number, token) in (0..).zip(members) {
        let (snug, token) = (snug.clone(), token.clone());
        tasks.spawn(async move {
            let mut client = snug
                .join(member_address(number), json!({"name": "?", "token": token}))
                .await;
            let mut noticed = Noticed::default();
            while Instant::now() < end {
                let key = uuid();
                let begun = Instant::now();
                let echo = post(&mut client, &key, "how do you do").await;
                if echo["code"] == "ERROR" {
                    noticed.refused.push(echo);
                }
                noticed.echoes.push(begun.elapsed());
                read_for(&mut client, Duration::from_millis(250)).await;
            }
            noticed
        });
    }
    let snug = snug.clone();
    tasks.spawn(async move {
        let mut noticed = Noticed::default();
        for number in 0.. {
            if Instant::now() >= end {
                break;
            }
            let begun = Instant::now();
            let from = Ipv4Addr::new(127, 3, (number / 200) as u8, (number % 200) as u8 + 1);
            snug.join(from, json!({"name": "newcomer"})).await;
            noticed.newcomers.push(begun.elapsed());
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        noticed
    });
    let mut noticed = Noticed::default();
    while let Some(done) = tasks.join_next().await {
        noticed.add(done.expect("it ends well"));
    }
    noticed
}

/// Posts in the lobby. Returns the echo or the refusal. Messages of others are not parsed: on a small machine that
/// would take processor time from the server.
async fn post(client: &mut Client, key: &str, text: &str) -> Value {
    client.post("lobby", key, text).await;
    loop {
        let frame = client.next_with(&[key, r#""code":"PAGE""#]).await;
        if frame["code"] == "PAGE" {
            // A page of messages may have replaced the echo; after a retry the echo comes alone.
            client.post("lobby", key, text).await;
        } else if frame["key"] == key {
            return frame;
        }
    }
}

/// Reads frames, as a page does.
async fn read_for(client: &mut Client, time: Duration) {
    let _ = timeout(time, async { while client.socket.next().await.is_some() {} }).await;
}

fn uuid() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Everything works within a minute after the guests have gone.
async fn assert_usable_again(snug: &Snug, owner: &str, members: &[String]) {
    let end = Instant::now() + Duration::from_secs(60);
    let mut olga = snug.join(FRIEND, json!({"name": "?", "token": owner})).await;
    let room = uuid();
    let open = json!({"code": "CREATE_ROOM", "room": room, "name": "after-the-siege"});
    olga.request(open).await.expect("a room");
    let member = snug
        .join(member_address(0), json!({"name": "?", "token": members[0]}))
        .await;
    let begin = json!({"code": "OPEN_DIRECT", "chatIds": [member.id()]});
    olga.request(begin).await.expect("a conversation");
    // From an address that an attacker has used.
    loop {
        let mut guest = snug.join(attacker(0), json!({"name": "reformed"})).await;
        let key = uuid();
        let answer = post(&mut guest, &key, "sorry").await;
        if answer["code"] == "RECEIVE_MESSAGE" {
            break;
        }
        assert!(Instant::now() < end, "a minute later: {answer}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// A process beside the server at the lowest priority, until it is dropped.
struct Neighbours(Child);

impl Neighbours {
    fn attack(target: SocketAddr, numbers: Numbers) -> Self {
        let target = format!("{target} {} {}", numbers.guests, numbers.networks);
        Self::begin("siege::the_guests", &target)
    }

    /// As many threads as the guests have, which only compute.
    fn compute() -> Self {
        Self::begin("siege::the_computing", "nobody")
    }

    fn begin(test: &str, target: &str) -> Self {
        let child = Command::new("nice")
            .args(["-n", "19"])
            .arg(std::env::current_exe().expect("this program"))
            .args(["--exact", test, "--ignored", "--quiet"])
            .env(TARGET, target)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("it runs"))
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process that only computes, until it is killed or its parent has ended.
#[test]
#[ignore = "it is another process of the test above"]
fn the_computing() {
    std::env::var(TARGET).expect("who began this");
    let begun_by = std::os::unix::process::parent_id();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while std::os::unix::process::parent_id() == begun_by {
                    std::hint::black_box((0..1_000_000_u64).fold(0, u64::wrapping_add));
                }
            });
        }
    });
}

/// The process of the guests, until it or its server is killed.
#[test]
#[ignore = "it is another process of the test above"]
fn the_guests() {
    let target = std::env::var(TARGET).expect("a target");
    let mut parts = target.split(' ');
    let mut next = || parts.next().expect("three parts");
    let target: SocketAddr = next().parse().expect("an address");
    let [guests, networks]: [u16; 2] = [next(), next()].map(|it| it.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let alive = Arc::new(AtomicBool::new(true));
        let mut tasks = JoinSet::new();
        for number in 0..guests {
            let from = attacker(number % networks);
            let guest = Guest {
                target,
                from,
                number,
                alive: alive.clone(),
            };
            match number % 8 {
                0..=4 => drop(tasks.spawn(async move { guest.flood_websocket().await })),
                5 | 6 => drop(tasks.spawn(async move { guest.flood_http().await })),
                _ => drop(tasks.spawn(async move { guest.flood_handshakes().await })),
            }
        }
        while tasks.join_next().await.is_some() {}
    });
}

struct Guest {
    target: SocketAddr,
    from: Ipv4Addr,
    number: u16,
    /// False once the server is gone.
    alive: Arc<AtomicBool>,
}

impl Guest {
    async fn socket(&self) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().ok()?;
        socket.bind((self.from, 0).into()).ok()?;
        match socket.connect(self.target).await {
            Ok(socket) => Some(socket),
            Err(error) => {
                if error.kind() == std::io::ErrorKind::ConnectionRefused {
                    self.alive.store(false, Ordering::Relaxed);
                }
                None
            }
        }
    }

    async fn web_socket(&self) -> Option<WebSocketStream<TcpStream>> {
        let (socket, _) = client_async(format!("ws://{}/ws", self.target), self.socket().await?)
            .await
            .ok()?;
        Some(socket)
    }

    fn server_is_up(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    /// Sends all kinds of frames, and reads the answers.
    async fn flood_websocket(&self) {
        while self.server_is_up() {
            let Some(socket) = self.web_socket().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (mut write, mut read) = socket.split();
            let hello = json!({"code": "SAVE_USER_INFO", "name": format!("guest {}", self.number)});
            if write.send(Message::text(hello.to_string())).await.is_err() {
                continue;
            }
            let reading = async { while let Some(Ok(_)) = read.next().await {} };
            let writing = async {
                for turn in 0_u64.. {
                    if write
                        .send(Message::text(self.frame(turn).to_string()))
                        .await
                        .is_err()
                    {
                        return;
                    }
                    // Twenty times the rate of one connection, with bursts of four hundred.
                    if turn.is_multiple_of(64) {
                        tokio::time::sleep(Duration::from_millis(60)).await;
                    }
                }
            };
            tokio::select! {
                () = reading => {}
                () = writing => {}
            }
        }
    }

    fn frame(&self, turn: u64) -> Value {
        let room = uuid();
        let mut frame = match turn % 20 {
            0 => {
                json!({"code": "CREATE_ROOM", "room": room, "name": format!("r-{room}"), "private": turn.is_multiple_of(3)})
            }
            1 => json!({"code": "OPEN_DIRECT", "chatIds": [format!("guest-{}", turn % 200)]}),
            2 => json!({"code": "SYNC_ROOM", "room": "lobby", "after": 0}),
            3 => json!({"code": "SET_STATUS", "status": format!("status {turn}")}),
            4 => json!({"code": "AWAY", "away": turn.is_multiple_of(2)}),
            5 => json!({"code": "TYPING", "room": "lobby", "typing": true}),
            6 => json!({"code": "MARK_READ", "room": "lobby", "n": turn}),
            7 => json!({"code": "JOIN_ROOM", "room": room}),
            8 => json!({"code": "LEAVE_ROOM", "room": room}),
            9 => json!({"code": "EDIT_ROOM", "room": "lobby", "topic": "mine"}),
            10 => json!({"code": "RECEIVE_MESSAGE", "text": "@あ".repeat(1_999)}),
            11 => json!({"code": "DANCE"}),
            12 => json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": turn}),
            13 => json!({"code": "ADD_MEMBER", "room": "lobby", "chatId": format!("guest-{}", turn % 200)}),
            14 => {
                json!({"code": "REMOVE_MEMBER", "room": "lobby", "chatId": format!("guest-{}", turn % 200)})
            }
            15 => {
                json!({"code": "BLOCK", "chatId": format!("guest-{}", turn % 200), "blocked": turn.is_multiple_of(3)})
            }
            _ => json!({"code": "RECEIVE_MESSAGE", "text": "x".repeat(4_000)}),
        };
        frame["key"] = uuid().into();
        frame
    }

    /// Sends all kinds of HTTP requests.
    async fn flood_http(&self) {
        for turn in 0_u64.. {
            if !self.server_is_up() {
                return;
            }
            let (method, path, body) = match turn % 8 {
                0 => ("POST", "/api/session".to_owned(), Value::Null),
                1 => (
                    "POST",
                    "/api/sign-in".to_owned(),
                    json!({"name": format!("Member {}", turn % 20), "password": "guess1234"}),
                ),
                2 => (
                    "POST",
                    "/api/account".to_owned(),
                    json!({"name": format!("g{}x{turn}", self.number), "password": "correct horse"}),
                ),
                3 => ("GET", format!("/api/rooms?search={}", turn % 10), Value::Null),
                4 => (
                    "GET",
                    "/api/rooms/lobby/messages?before=99999".to_owned(),
                    Value::Null,
                ),
                5 => (
                    "POST",
                    "/api/moderation".to_owned(),
                    json!({"action": "set_slow_mode", "room": "lobby", "seconds": turn % 10}),
                ),
                6 => ("GET", "/api/rooms/lobby/online?search=g".to_owned(), Value::Null),
                _ => ("GET", "/".to_owned(), Value::Null),
            };
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                self.target,
                body.len()
            );
            let Some(mut socket) = self.socket().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            if socket.write_all(request.as_bytes()).await.is_ok() {
                let mut answer = Vec::new();
                let _ = timeout(Duration::from_secs(5), socket.read_to_end(&mut answer)).await;
            }
        }
    }

    /// Joins and leaves, or leaves half a request behind.
    async fn flood_handshakes(&self) {
        let mut left_behind = Vec::new();
        for turn in 0_u64.. {
            if !self.server_is_up() {
                return;
            }
            if turn.is_multiple_of(4) {
                if let Some(mut socket) = self.socket().await {
                    let head = format!(
                        "GET / HTTP/1.1\r\nhost: {}\r\nx: {}",
                        self.target,
                        "a".repeat(8_000)
                    );
                    let _ = socket.write_all(head.as_bytes()).await;
                    left_behind.push(socket);
                    if left_behind.len() > 30 {
                        left_behind.clear();
                    }
                }
            } else if let Some(mut socket) = self.web_socket().await {
                let hello = json!({"code": "SAVE_USER_INFO", "name": "in and out"});
                let _ = socket.send(Message::text(hello.to_string())).await;
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
