//! Attacks on the edge: guesses, first frames, heads, floods. Nobody has to be known for any of them.

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
/// What 2 hashes have, and something around them.
const HASHES: usize = 2 * 19 * MIB + 24 * MIB;

/// Behind a proxy on this machine that tells whom it passes on.
const PROXIED: [&str; 2] = ["--trusted-proxy", "127.0.0.0/8"];

/// A guess at a name, through the proxy from an address.
async fn guess(snug: &Snug, from: IpAddr, name: &str, password: &str) -> u16 {
    let (header, value) = forwarded(from);
    let headers = format!("{header}: {value}\r\n");
    let body = json!({"name": name, "password": password});
    let answer = snug.request(FRIEND, "POST", "/api/sign-in", &headers, body).await;
    answer.status
}

/// Waits until the process is small again.
async fn shrinks_to(snug: &Snug, bytes: usize) {
    let begun = Instant::now();
    while snug.resident_bytes() > bytes {
        assert!(begun.elapsed() < TIMEOUT, "{} MiB", snug.resident_bytes() / MIB);
        sleep(Duration::from_millis(200)).await;
    }
}

/// A1 (and B15): guesses at the same time, from anywhere, have the memory of two hashes, and only while they last.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_everywhere_take_the_memory_of_two_hashes() {
    let snug = Snug::start(&PROXIED);
    let idle = snug.resident_bytes();
    let botnet = (0..200_u8).map(|n| IpAddr::from([198, 51, 100, n]));
    let subscriber = (0..240_u16).map(|n| Ipv6Addr::new(0x2001, 0xdb8, 1, n % 24, 0, 0, 0, n).into());
    for addresses in [botnet.collect::<Vec<_>>(), subscriber.collect()] {
        let mut most = 0;
        for some in addresses.chunks(60) {
            let names: Vec<_> = some.iter().map(|it| format!("x{it}")).collect();
            let guesses = some.iter().zip(&names);
            join_all(guesses.map(|(from, name)| guess(&snug, *from, name, "guess1234"))).await;
            most = most.max(snug.resident_bytes());
        }
        assert!(most < idle + HASHES, "{} MiB", most / MIB);
    }
    shrinks_to(&snug, idle + 12 * MIB).await;
}

/// B15: guesses from many networks of one subscriber are those of one.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_networks_of_one_subscriber_have_an_end() {
    let snug = Snug::start(&PROXIED);
    let mut looked_at = 0;
    for n in 0..60 {
        let from = Ipv6Addr::new(0x2001, 0xdb8, 1, n, 0, 0, 0, 1).into();
        looked_at += usize::from(guess(&snug, from, "Nobody", "guess1234").await == 403);
    }
    // Of one /56: 16, and what came back meanwhile.
    assert!((10..30).contains(&looked_at), "{looked_at}");
}

/// A2: thirty addresses that ask to come in and leave, again and again, make nobody else wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_asks_and_leaves_keeps_nobody_out() {
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
    // Nobody is in the queue who has gone; those of the last moment may be going.
    let after = told().await;
    assert!(after <= 200, "{after} ms");
}

/// A2: connections that hold all the turns of their network, and never use them, are one network among others.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_one_network_is_not_everybodys() {
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

/// A9: heads without an end have little memory, which is given back, and a large one is refused.
#[tokio::test(flavor = "multi_thread")]
async fn heads_without_an_end_take_little() {
    let snug = Snug::start(&[]);
    let idle = snug.resident_bytes();
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}", "a".repeat(400_000));
    let mut open = Vec::new();
    for n in 0..1_500 {
        let mut socket = snug.socket(attacker(n % 6)).await;
        // It is closed before all of it is written.
        let _ = timeout(Duration::from_millis(20), socket.write_all(head.as_bytes())).await;
        open.push(socket);
    }
    // Others that stay below what is refused, and wait.
    for n in 0..1_000 {
        let mut socket = snug.socket(attacker(6 + n % 4)).await;
        let _ = socket.write_all(&head.as_bytes()[..15_000]).await;
        open.push(socket);
    }
    let most = snug.resident_bytes();
    assert!(most < idle + 64 * MIB, "{} MiB", most / MIB);
    // One that is finished is answered, and a cookie or two have room.
    for (bytes, status) in [(300_000, 431), (12_000, 200)] {
        let headers = format!("x: {}\r\n", "a".repeat(bytes));
        let answer = snug
            .request(FRIEND, "GET", "/api/server", &headers, Value::Null)
            .await;
        assert_eq!(answer.status, status, "{bytes} bytes");
    }
    drop(open);
    shrinks_to(&snug, idle + 12 * MIB).await;
}

/// A10: whoever guesses at a name keeps its owner out neither where they are nor elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_a_name_do_not_keep_its_owner_out() {
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
        join_all(some.iter().map(|from| guess(&snug, *from, "Ann", "guess1234"))).await;
    }
    for _ in 0..12 {
        assert_eq!(sign_in("192.0.2.2", "").await.status, 200, "elsewhere");
    }
    let mut refused = 0;
    for _ in 0..20 {
        refused += usize::from(guess(&snug, [192, 0, 2, 3].into(), "Ann", "guess1234").await == 429);
    }
    assert!(refused > 0, "a network's guesses have an end");
    assert_eq!(sign_in("192.0.2.3", "").await.status, 429);
    assert_eq!(
        sign_in("192.0.2.3", &device).await.status,
        200,
        "a browser that is known"
    );
    let forged = device.replace("device=", "device=x");
    assert_eq!(sign_in("192.0.2.3", &forged).await.status, 429);
}

/// A10: a class registers behind one address.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_people_register_behind_one_address_at_once() {
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
    assert!(refused > 0, "and a limit there is");
}

/// Sends these for as long as the server takes them: the code with which it closes.
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
            () = sending => unreachable!("it goes on until the server closes"),
            code = closed => code,
        }
    };
    timeout(Duration::from_secs(5), code).await.expect("it is closed")
}

/// B8: thousands of frames a second are a flood, also if one in 60 is within the limit, and so are pings and pongs.
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

/// B9: a WebSocket that does not say who it is is closed when its time is over, not at the next ping.
#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_without_a_first_frame_is_closed_in_time() {
    let snug = Snug::start(&["--request-seconds", "1", "--silence-seconds", "3600"]);
    let mut silent = snug.connect(attacker(1), &[]).await.expect("it shakes hands");
    let refusal = silent.until_one_of(&["ERROR"]).await;
    assert_eq!(refusal["error"], "hello_required");
    assert_eq!(silent.next().await, None::<Value>);
}
