//! Durability: SIGKILL under load, with every acknowledgement audited against the folder.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{sync::Notify, task::JoinSet};

use crate::{
    peer::Peer,
    process::{Snug, audit, number_of},
};

const WRITERS: usize = 16;

/// Counts acknowledgements, and notifies when there are enough.
struct Received {
    count: AtomicUsize,
    enough: usize,
    are_enough: Notify,
}

/// Posts and receives, a few messages at a time, until the server is gone. The client retries messages in flight
/// with the next server.
async fn post_until_killed(mut peer: Peer, server: std::net::SocketAddr, received: Arc<Received>) -> Peer {
    peer.connect(server).await;
    loop {
        // More would only wait: a replica has one message in flight.
        while peer.replica.outbox().pending().len() < 8 {
            peer.post().await;
        }
        let before = peer.acknowledged.len();
        peer.listen().await;
        let more = peer.acknowledged.len() - before;
        if received.count.fetch_add(more, Ordering::Relaxed) + more >= received.enough {
            received.are_enough.notify_one();
        }
        if !peer.replica.is_live() {
            return peer;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_however_often_the_server_is_killed() {
    let kills = number_of("SNUG_KILLS", 25);
    let most = number_of("SNUG_ACKNOWLEDGEMENTS", 1000);
    let data = tempfile::tempdir().expect("a folder");
    let mut peers: Vec<_> = (0..WRITERS)
        .map(|index| Peer::new(&format!("writer{index}")))
        .collect();
    for kill in 0..kills {
        let snug = Snug::start(data.path());
        // The moment differs each time, and may be anywhere between a read and a sync.
        let received = Arc::new(Received {
            count: AtomicUsize::new(0),
            enough: 1 + kill * 7919 % most,
            are_enough: Notify::new(),
        });
        let mut talking = JoinSet::new();
        for peer in peers {
            talking.spawn(post_until_killed(peer, snug.address, received.clone()));
        }
        received.are_enough.notified().await;
        snug.kill();
        peers = talking.join_all().await;
    }
    let kept = audit(data.path());
    let keys: std::collections::BTreeMap<_, _> = kept.iter().map(|it| (it.key.as_str(), it.n)).collect();
    assert_eq!(keys.len(), kept.len(), "a message is stored twice");
    let mut audited = 0;
    for (key, n) in peers.iter().flat_map(|it| &it.acknowledged) {
        assert_eq!(keys.get(key.as_str()), Some(n), "{key} was acknowledged");
        audited += 1;
    }
    println!(
        "{kills} kills, {audited} acknowledgements audited, {} messages kept",
        kept.len()
    );
}
