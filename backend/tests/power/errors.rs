//! Errors of the disk while users chat: posts are refused, reads work, and all works again without a restart.

use serde_json::Value;
use snug_shared::{error_code::ErrorCode, lang::Lang};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    disk::{Disk, Fault},
    live_server::{self, lost, serve, settle},
    peer::Peer,
    process::audit,
    record::Luck,
};

async fn run_with_fault(fault: Fault) {
    let data = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(data.path());
    let server = serve(data.path()).await;
    let address = server.address();
    let (mut ann, mut bob) = (Peer::new("ann"), Peer::new("bob"));
    for times in 1..=10 {
        for peer in [&mut ann, &mut bob] {
            peer.post().await;
            settle(peer, &server, &disk).await;
        }
        disk.set_fault(Some(fault));
        let kept = ann.acknowledged.len() + bob.acknowledged.len();
        for peer in [&mut ann, &mut bob] {
            peer.refusals.clear();
            peer.post().await;
            while peer.refusals.is_empty() {
                peer.listen().await;
            }
            for refusal in &peer.refusals {
                assert_eq!((refusal.error, refusal.retry), (ErrorCode::Unavailable, true));
                assert_eq!(refusal.message, ErrorCode::Unavailable.sentence(Lang::En));
            }
            assert!(!peer.replica.outbox().pending().is_empty());
        }
        assert!(disk.has_failed());
        let mut newcomer = Peer::new("cem");
        newcomer.settle(address).await;
        let lobby = newcomer.replica.room(&snug_shared::ids::RoomId::lobby());
        assert_eq!(lobby.expect("the lobby").timeline.cursor().0, kept as u64);
        let page = history(address).await;
        let last = page["messages"].as_array().and_then(|it| it.last());
        assert_eq!(last.expect("messages")["n"], kept);

        disk.set_fault(None);
        for peer in [&mut ann, &mut bob] {
            settle(peer, &server, &disk).await;
            assert_eq!(peer.acknowledged.len(), 2 * times);
        }
    }
    for peer in [&mut ann, &mut bob] {
        drop(peer.disconnect());
    }
    server.drain().await;
    let record = disk.record();
    let kept = audit(data.path());
    assert_eq!(kept.len(), 40);
    let acknowledged = ann.acknowledged.into_iter().chain(bob.acknowledged);
    assert!(lost(&kept, acknowledged).is_empty());
    // The same if the power had failed at any moment of it.
    for seed in 0..20 {
        let mut luck = Luck(seed);
        let at = luck.below(record.events.len() + 1);
        let kept = live_server::audit(&record.power_lost(at, &mut luck));
        assert_eq!(
            lost(&kept, record.acknowledged(at)),
            Vec::<String>::new(),
            "seed {seed}"
        );
    }
}

/// The newest page of history over HTTP.
async fn history(server: std::net::SocketAddr) -> Value {
    let answer = ask(server, "POST /api/session", "").await;
    let cookie = answer
        .split("set-cookie: ")
        .nth(1)
        .and_then(|it| it.split(';').next());
    let cookie = format!("cookie: {}\r\n", cookie.expect("a cookie"));
    let answer = ask(server, "GET /api/rooms/lobby/messages?before=1000", &cookie).await;
    let body = answer.split_once("\r\n\r\n").expect("a head and a body").1;
    serde_json::from_str(body).expect("a page")
}

async fn ask(server: std::net::SocketAddr, what: &str, headers: &str) -> String {
    let mut socket = TcpStream::connect(server).await.expect("it listens");
    let request = format!(
        "{what} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n{headers}\r\n"
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_writes_lose_or_double_no_message() {
    run_with_fault(Fault::Write).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn torn_writes_lose_or_double_no_message() {
    run_with_fault(Fault::TornWrite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_space_loses_or_doubles_no_message() {
    run_with_fault(Fault::Space).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_syncs_lose_or_double_no_message() {
    run_with_fault(Fault::Sync).await;
}
