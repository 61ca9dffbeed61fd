//! Attacks without an account: password attempts, first frames, request heads, floods.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt, future::join_all};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    time::{sleep, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Answer, Client, FRIEND, Snug, TIMEOUT, attacker, forwarded};

const MIB: usize = 1 << 20;
/// The memory of 2 hashes, with a margin.
const HASHES: usize = 2 * 19 * MIB + 24 * MIB;

/// Behind a proxy on this machine that sends the client's address.
const PROXIED: [&str; 2] = ["--trusted-proxy", "127.0.0.0/8"];

/// Attempts a password for a name, from an address behind the proxy.
async fn attempt_password(snug: &Snug, from: IpAddr, name: &str, password: &str) -> u16 {
    let (header, value) = forwarded(from);
    let headers = format!("{header}: {value}\r\n");
    let body = json!({"name": name, "password": password});
    let answer = snug.request(FRIEND, "POST", "/api/sign-in", &headers, body).await;
    answer.status
}

/// Waits until the process uses no more memory than this.
async fn wait_for_memory_below(snug: &Snug, bytes: usize) {
    let begun = Instant::now();
    while snug.resident_bytes() > bytes {
        assert!(begun.elapsed() < TIMEOUT, "{} MiB", snug.resident_bytes() / MIB);
        sleep(Duration::from_millis(200)).await;
    }
}

/// A1 (and B15): concurrent password attempts from many addresses use the memory of two hashes, and free it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn password_attempts_from_everywhere_use_the_memory_of_two_hashes() {
    let snug = Snug::start(&PROXIED);
    let idle = snug.resident_bytes();
    let botnet = (0..200_u8).map(|n| IpAddr::from([198, 51, 100, n]));
    let subscriber = (0..240_u16).map(|n| Ipv6Addr::new(0x2001, 0xdb8, 1, n % 24, 0, 0, 0, n).into());
    for addresses in [botnet.collect::<Vec<_>>(), subscriber.collect()] {
        let mut most = 0;
        for some in addresses.chunks(60) {
            let names: Vec<_> = some.iter().map(|it| format!("x{it}")).collect();
            let guesses = some.iter().zip(&names);
            join_all(guesses.map(|(from, name)| attempt_password(&snug, *from, name, "guess1234"))).await;
            most = most.max(snug.resident_bytes());
        }
        assert!(most < idle + HASHES, "{} MiB", most / MIB);
    }
    wait_for_memory_below(&snug, idle + 12 * MIB).await;
}

/// B15: many networks of one subscriber share one rate limit of password attempts.
#[tokio::test(flavor = "multi_thread")]
async fn password_attempts_from_many_networks_of_one_subscriber_are_rate_limited() {
    let snug = Snug::start(&PROXIED);
    let mut looked_at = 0;
    for n in 0..60 {
        let from = Ipv6Addr::new(0x2001, 0xdb8, 1, n, 0, 0, 0, 1).into();
        looked_at += usize::from(attempt_password(&snug, from, "Nobody", "guess1234").await == 403);
    }
    // One /56 has 16 attempts, and those that the rate has added meanwhile.
    assert!((10..30).contains(&looked_at), "{looked_at}");
}

/// A2: thirty addresses that ask to join and disconnect, again and again, delay nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_connects_and_disconnects_keeps_nobody_out() {
    let snug = Snug::start(&[]);
    let told = async || {
        let mut client = snug.connect(FRIEND, &[]).await.expect("it shakes hands");
        client.hello(json!({"name": "Ann"})).await;
        let frame = client.until_one_of(&["WELCOME", "ERROR"]).await;
        frame["retryAfter"].as_u64().unwrap_or(0)
    };
    let until = Instant::now() + Duration::from_secs(5);
    let attack = join_all((0..30).map(async |n| {
        while Instant::now() < until {
            let Ok(mut client) = snug.connect(attacker(n), &[]).await else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            let hello = json!({"code": "SAVE_USER_INFO", "name": "Eve"}).to_string();
            let _ = client.socket.send(Message::text(hello)).await;
        }
    }));
    let newcomers = async {
        let mut longest = 0;
        while Instant::now() < until {
            longest = longest.max(told().await);
            sleep(Duration::from_millis(200)).await;
        }
        longest
    };
    let (_, longest) = tokio::join!(attack, newcomers);
    assert!(longest <= 2_000, "{longest} ms");
    // The queue has no closed connections; the newest may still be closing.
    let after = told().await;
    assert!(after <= 200, "{after} ms");
}

/// A2: connections that hold all turns of their network without using them delay only their own network.
#[tokio::test(flavor = "multi_thread")]
async fn the_queue_of_one_network_does_not_delay_others() {
    let snug = Snug::start(&["--admissions-per-second", "5", "--admissions-burst", "1"]);
    let mut crowd = Vec::new();
    for n in 0..200 {
        let mut client = snug.connect(attacker(n % 4), &[]).await.expect("it shakes hands");
        client.hello(json!({"name": "Eve"})).await;
        crowd.push(client);
    }
    let begun = Instant::now();
    snug.guest(FRIEND, "ann").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "a round is 5 turns");
}

/// A9: endless request heads use little memory, which is freed, and a large head is refused.
#[tokio::test(flavor = "multi_thread")]
async fn endless_request_heads_use_little_memory() {
    let snug = Snug::start(&[]);
    let idle = snug.resident_bytes();
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}", "a".repeat(400_000));
    let mut open = Vec::new();
    for n in 0..1_500 {
        let mut socket = snug.socket(attacker(n % 6)).await;
        // The server closes the connection before the client has written all of it.
        let _ = timeout(Duration::from_millis(20), socket.write_all(head.as_bytes())).await;
        open.push(socket);
    }
    // More heads, below the limit, that are left unfinished.
    for n in 0..1_000 {
        let mut socket = snug.socket(attacker(6 + n % 4)).await;
        let _ = socket.write_all(&head.as_bytes()[..15_000]).await;
        open.push(socket);
    }
    let most = snug.resident_bytes();
    assert!(most < idle + 64 * MIB, "{} MiB", most / MIB);
    // A finished head is answered, and has room for a cookie or two.
    for (bytes, status) in [(300_000, 431), (12_000, 200)] {
        let headers = format!("x: {}\r\n", "a".repeat(bytes));
        let answer = snug
            .request(FRIEND, "GET", "/api/server", &headers, Value::Null)
            .await;
        assert_eq!(answer.status, status, "{bytes} bytes");
    }
    drop(open);
    wait_for_memory_below(&snug, idle + 12 * MIB).await;
}

/// A10: wrong passwords for a name do not lock out its owner, on a signed-in device or on another one.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_for_a_name_do_not_lock_out_its_owner() {
    let snug = Snug::start(&PROXIED);
    snug.member(FRIEND, "Ann").await;
    let origin = format!("origin: http://{}\r\n", snug.address);
    let sign_in = async |from: &str, cookie: &str| -> Answer {
        let headers = format!("{origin}x-forwarded-for: {from}\r\n{cookie}");
        let body = json!({"name": "Ann", "password": "correct horse"});
        snug.request(FRIEND, "POST", "/api/sign-in", &headers, body).await
    };
    let first = sign_in("192.0.2.1", "").await;
    let device = first.head.lines().find_map(|line| {
        let cookie = line.strip_prefix("set-cookie: ")?;
        let cookie = cookie.split(';').next()?;
        cookie.contains("device").then(|| format!("cookie: {cookie}\r\n"))
    });
    let device = device.expect("the browser is known from now on");
    let guesses = (0..240_u8).map(|n| IpAddr::from([198, 51, 100, n % 60]));
    for some in guesses.collect::<Vec<_>>().chunks(30) {
        join_all(
            some.iter()
                .map(|from| attempt_password(&snug, *from, "Ann", "guess1234")),
        )
        .await;
    }
    for _ in 0..12 {
        assert_eq!(sign_in("192.0.2.2", "").await.status, 200, "elsewhere");
    }
    let mut refused = 0;
    for _ in 0..20 {
        refused +=
            usize::from(attempt_password(&snug, [192, 0, 2, 3].into(), "Ann", "guess1234").await == 429);
    }
    assert!(refused > 0, "the password attempts of a network are limited");
    assert_eq!(sign_in("192.0.2.3", "").await.status, 429);
    assert_eq!(
        sign_in("192.0.2.3", &device).await.status,
        200,
        "a signed-in browser"
    );
    let forged = device.replace("device=", "device=x");
    assert_eq!(sign_in("192.0.2.3", &forged).await.status, 429);
}

/// A10: thirty users register behind one address.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_users_behind_one_address_can_register_at_once() {
    let snug = Snug::start(&[]);
    let names: Vec<_> = (0..30).map(|n| format!("Pupil {n}")).collect();
    let all = join_all(names.iter().map(|name| snug.member(FRIEND, name)));
    assert_eq!(all.await.len(), 30);
    let mut refused = 0;
    for n in 0..40 {
        let account = json!({"name": format!("More {n}"), "password": "correct horse"});
        let answer = snug.ask(FRIEND, "POST", "/api/account", None, account).await;
        refused += usize::from(answer.status == 429);
    }
    assert!(refused > 0, "there is a limit");
}

/// Sends messages until the server closes. Returns the close code.
async fn flood(client: &mut Client, messages: impl Fn(usize) -> Message) -> u16 {
    let (mut sink, mut stream) = (&mut client.socket).split();
    let sending = async {
        let mut sent = 0;
        loop {
            for _ in 0..40 {
                if sink.feed(messages(sent)).await.is_err() {
                    return std::future::pending().await;
                }
                sent += 1;
            }
            if sink.flush().await.is_err() {
                return std::future::pending().await;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let closed = async {
        loop {
            match stream.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map_or(1005, |it| it.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return 1006,
            }
        }
    };
    let code = async {
        tokio::select! {
            () = sending => unreachable!("the flood continues until the server closes"),
            code = closed => code,
        }
    };
    timeout(Duration::from_secs(5), code).await.expect("it is closed")
}

/// B8: thousands of frames a second are a flood, also if one in 60 is within the rate, and so are pings and pongs.
#[tokio::test(flavor = "multi_thread")]
async fn floods_of_any_frames_are_closed() {
    let snug = Snug::start(&[]);
    let frames: [fn(usize) -> Message; 4] = [
        |_| Message::text(json!({"code": "PING"}).to_string()),
        |_| Message::Ping(Vec::new().into()),
        |_| Message::Pong(Vec::new().into()),
        |n| match n % 2 {
            0 => Message::text(json!({"code": "PING"}).to_string()),
            _ => Message::Ping(Vec::new().into()),
        },
    ];
    for (n, frame) in frames.into_iter().enumerate() {
        let mut eve = snug.guest(attacker(1), &format!("eve{n}")).await;
        assert_eq!(flood(&mut eve, frame).await, 4003, "{n}");
    }
}

/// B9: the server closes a WebSocket without a hello at its deadline, not at the next ping.
#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_without_a_first_frame_is_closed_in_time() {
    let snug = Snug::start(&["--request-seconds", "1", "--silence-seconds", "3600"]);
    let mut silent = snug.connect(attacker(1), &[]).await.expect("it shakes hands");
    let refusal = silent.until_one_of(&["ERROR"]).await;
    assert_eq!(refusal["error"], "hello_required");
    assert_eq!(silent.next().await, None::<Value>);
}
