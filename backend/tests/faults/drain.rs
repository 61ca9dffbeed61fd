//! The shutdown of a server takes a bounded time with any clients, and loses no acknowledged message.

use std::time::Duration;

use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

/// Connections and log have ten seconds each, and a loaded machine needs some more.
const BOUND: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_shuts_down_within_its_bound_whatever_its_clients_do() {
    let data = tempfile::tempdir().expect("a folder");
    let snug = Snug::start(data.path());
    let mut ann = Peer::new("ann");
    ann.settle(snug.address).await;

    // One client reads nothing, one is in the middle of a request, two have only a socket.
    let mut deaf = Peer::new("deaf");
    let little = TcpSocket::new_v4().expect("a socket");
    little.set_recv_buffer_size(4096).expect("set");
    deaf.connect_through(little, snug.address).await;
    let mut vanished = Peer::new("vanished");
    vanished.settle(snug.address).await;
    let _vanished = vanished.disconnect();
    let _silent = TcpStream::connect(snug.address).await.expect("it listens");
    let mut half = TcpStream::connect(snug.address).await.expect("it listens");
    half.write_all(b"GET / HTTP/1.1\r\nhost: l").await.expect("open");
    for _ in 0..200 {
        ann.post_long(4_000).await;
    }
    ann.settle(snug.address).await;

    // And one posts until the end.
    let ended = tokio::task::spawn_blocking(|| snug.stop());
    while ann.is_connected() {
        ann.post().await;
        ann.listen().await;
    }
    timeout(BOUND, ended).await.expect("in time").expect("and well");
    let kept = audit(data.path());
    for (key, n) in &ann.acknowledged {
        assert!(kept.iter().any(|it| it.key == *key && it.n == *n), "{key}");
    }
}
