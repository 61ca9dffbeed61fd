//! Slow readers: they cost a bounded amount, and nobody else anything.

use tokio::net::TcpSocket;

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

const SLOW: usize = 200;
/// What the talk may add to the server for each of them: a batch of 16 KiB and what holds it.
const BYTES: usize = 32 * 1024;
/// What it may add in any case: the lane's hot end, the database's cache, the allocator's slack.
const BESIDES: usize = 16 << 20;

#[tokio::test]
async fn who_reads_nothing_costs_a_bounded_amount_and_converges_in_the_end() {
    let data = tempfile::tempdir().expect("a folder");
    let snug = Snug::start(data.path());
    let mut slow = Vec::new();
    for index in 0..SLOW {
        let mut peer = Peer::new(&format!("slow{index}"));
        peer.connect_through(little_socket(), snug.address).await;
        peer.listen().await;
        slow.push(peer);
    }
    let mut ann = Peer::new("ann");
    ann.connect(snug.address).await;
    ann.listen().await;

    let before = snug.resident_bytes();
    for _ in 0..40 {
        for _ in 0..50 {
            ann.say_at_length(4_000).await;
        }
        ann.settle(snug.address).await;
    }
    let added = snug.resident_bytes().saturating_sub(before);
    println!(
        "{SLOW} slow readers, 8 MB each behind: {} KiB resident more",
        added / 1024
    );
    assert!(added <= BESIDES + SLOW * BYTES, "{added} bytes");

    for peer in &mut slow {
        peer.settle(snug.address).await;
        let room = peer.replica.room(&snug_shared::ids::RoomId::lobby());
        assert_eq!(room.expect("the lobby").timeline.cursor().0, 2_000);
    }
    snug.kill();
    assert_eq!(audit(data.path()).len(), 2_000);
}

/// The system takes little for it, so that what is not read stays with the server.
fn little_socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(32 * 1024).expect("set");
    socket
}
