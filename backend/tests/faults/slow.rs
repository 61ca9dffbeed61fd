//! Slow readers: they cost a bounded amount, and nobody else anything.

use tokio::net::TcpSocket;

use crate::{
    peer::{ECHOES, Peer},
    process::{Snug, audit, number_of},
};

/// What the talk may add to the server for each of them: a batch of 16 KiB and what holds it.
const BYTES: usize = 32 * 1024;
/// What it may add in any case: the lane's hot end, the database's cache, the allocator's slack.
const BESIDES: usize = 16 << 20;

#[tokio::test]
async fn who_reads_nothing_costs_a_bounded_amount_and_converges_in_the_end() {
    let crowd = number_of("SNUG_CROWD", 500);
    let data = tempfile::tempdir().expect("a folder");
    let snug = Snug::start(data.path());
    let mut ann = Peer::new("ann");
    ann.settle(snug.address).await;
    let alone = ann.wait_for_an_echo().await;
    let mut slow = Vec::new();
    for index in 0..crowd {
        let mut peer = Peer::new(&format!("slow{index}"));
        peer.connect_through(little_socket(), snug.address).await;
        peer.listen().await;
        slow.push(peer);
    }

    let before = snug.resident_bytes();
    for _ in 0..40 {
        for _ in 0..50 {
            ann.say_at_length(4_000).await;
        }
        ann.settle(snug.address).await;
    }
    let added = snug.resident_bytes().saturating_sub(before);
    let among_them = ann.wait_for_an_echo().await;
    println!(
        "{crowd} slow readers, 8 MB each behind: {} KiB resident more; an echo takes {:.2} times as long among them",
        added / 1024,
        among_them.as_secs_f64() / alone.as_secs_f64()
    );
    assert!(added <= BESIDES + crowd * BYTES, "{added} bytes");

    let said = 2_000 + 2 * ECHOES;
    for peer in &mut slow {
        peer.settle(snug.address).await;
        let room = peer.replica.room(&snug_shared::ids::RoomId::lobby());
        assert_eq!(room.expect("the lobby").timeline.cursor().0, said as u64);
    }
    snug.kill();
    assert_eq!(audit(data.path()).len(), said);
}

/// The system takes little for it, so that what is not read stays with the server.
fn little_socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(32 * 1024).expect("set");
    socket
}
