//! Acknowledgement after sync: while the disk blocks a sync, no client receives the message.

use std::sync::Arc;

use crate::{
    disk::Disk,
    live_server::{lost, serve},
    peer::Peer,
    process::audit,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_client_receives_a_message_before_it_is_synced() {
    let data = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(data.path());
    let server = serve(data.path()).await;
    let (mut ann, mut bob) = (Peer::new("ann"), Peer::new("bob"));
    ann.settle(server.address()).await;
    bob.settle(server.address()).await;
    for n in 0..20 {
        disk.hold_syncs(true);
        ann.post().await;
        wait_for_blocked_sync(&disk).await;
        for peer in [&mut ann, &mut bob] {
            // All frames that were under way arrive before the pong.
            peer.listen().await;
            assert_eq!(received(peer), n);
        }
        // A retry is not answered as a duplicate either.
        ann.disconnect();
        ann.connect(server.address()).await;
        ann.listen().await;
        assert_eq!(ann.acknowledged.len(), n);
        disk.hold_syncs(false);
        ann.settle(server.address()).await;
        bob.settle(server.address()).await;
        assert_eq!((ann.acknowledged.len(), received(&bob)), (n + 1, n + 1));
    }
    server.drain().await;
    let acknowledged = ann.acknowledged.into_iter();
    assert!(lost(&audit(data.path()), acknowledged).is_empty());
}

async fn wait_for_blocked_sync(disk: &Arc<Disk>) {
    let disk = disk.clone();
    let waits = tokio::task::spawn_blocking(move || disk.wait_for_blocked_sync());
    waits.await.expect("one waits");
}

/// The position up to which a peer has received the lobby.
fn received(peer: &Peer) -> usize {
    let lobby = peer.replica.room(&snug_shared::ids::RoomId::lobby());
    let cursor = lobby.expect("the lobby").timeline.cursor();
    usize::try_from(cursor.0).expect("it fits")
}
