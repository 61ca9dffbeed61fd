//! Storms: all clients lose the server at once and connect at once, and thousands of idle sockets do not
//! delay the others.

use std::time::Instant;

use snug_shared::ids::RoomId;
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet};

use crate::{
    peer::{ECHOES, Peer},
    process::{Snug, audit, number_of},
};

async fn settle_all(peers: Vec<Peer>, server: std::net::SocketAddr) -> Vec<Peer> {
    let mut settling = JoinSet::new();
    for mut peer in peers {
        settling.spawn(async move {
            peer.settle(server).await;
            peer
        });
    }
    settling.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_clients_of_a_lost_server_are_connected_again() {
    let crowd = number_of("SNUG_CROWD", 500);
    let data = tempfile::tempdir().expect("a folder");
    let snug = Snug::start(data.path());
    let begun = Instant::now();
    let mut peers: Vec<_> = (0..crowd).map(|index| Peer::new(&format!("p{index}"))).collect();
    peers = settle_all(peers, snug.address).await;
    println!("{crowd} came in within {:?}", begun.elapsed());
    snug.kill();

    // Each has a message to send, and nobody waits before connecting again.
    for peer in &mut peers {
        peer.disconnect();
        peer.post().await;
    }
    let snug = Snug::start(data.path());
    let begun = Instant::now();
    peers = settle_all(peers, snug.address).await;
    println!(
        "{crowd} were back, and had said their words, within {:?}",
        begun.elapsed()
    );
    // Messages that were posted after the first had settled arrive with the next `settle`.
    peers = settle_all(peers, snug.address).await;
    for peer in &peers {
        assert!(peer.replica.outbox().pending().is_empty());
        assert!(peer.refusals.is_empty(), "{:?}", peer.refusals);
        let room = peer.replica.room(&RoomId::lobby()).expect("the lobby");
        assert_eq!(room.timeline.cursor().0, crowd as u64);
    }
    snug.kill();
    assert_eq!(audit(data.path()).len(), crowd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_half_requests_do_not_delay_the_others() {
    let data = tempfile::tempdir().expect("a folder");
    let snug = Snug::start(data.path());
    let mut ann = Peer::new("ann");
    ann.settle(snug.address).await;
    let quiet = ann.wait_for_an_echo().await;
    let mut silent = Vec::new();
    for index in 0..5_000 {
        let mut socket = TcpStream::connect(snug.address).await.expect("it listens");
        if index % 2 == 0 {
            socket
                .write_all(b"GET / HTTP/1.1\r\nhost: l")
                .await
                .expect("open");
        }
        silent.push(socket);
    }
    let among_them = ann.wait_for_an_echo().await;
    println!(
        "an echo takes {:.2} times as long among 5,000 half requests ({quiet:?}, {among_them:?})",
        among_them.as_secs_f64() / quiet.as_secs_f64()
    );
    ann.settle(snug.address).await;
    assert_eq!(ann.acknowledged.len(), 2 * ECHOES);
    snug.stop();
}
