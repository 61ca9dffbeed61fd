//! Slow readers cost a bounded amount of memory and do not delay others.

use tokio::net::TcpSocket;

use crate::{
    peer::{ECHOES, Peer},
    process::{Snug, audit, number_of},
};

/// Memory that the messages may add for each slow reader: a batch of 16 KiB and its overhead.
const BYTES: usize = 32 * 1024;
/// Memory that they may add in any case: the lane's newest frames, the database's cache, the allocator's overhead.
const BESIDES: usize = 16 << 20;

#[tokio::test]
async fn a_client_that_reads_nothing_costs_bounded_memory_and_converges_later() {
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
            ann.post_long(4_000).await;
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

/// A small receive buffer, so that unread frames stay with the server.
fn little_socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(32 * 1024).expect("set");
    socket
}
