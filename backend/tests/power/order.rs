//! Sync first, word of it after: with the disk held at the sync, nobody has heard anything.

use std::sync::Arc;

use crate::{
    disk::Disk,
    live_server::{lost, serve},
    peer::Peer,
    process::audit,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_hears_of_a_message_before_it_is_synced() {
    let data = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(data.path());
    let server = serve(data.path()).await;
    let (mut ann, mut bob) = (Peer::new("ann"), Peer::new("bob"));
    ann.settle(server.address()).await;
    bob.settle(server.address()).await;
    for n in 0..20 {
        disk.hold_syncs(true);
        ann.say().await;
        until_a_sync_waits(&disk).await;
        for peer in [&mut ann, &mut bob] {
            // Whatever was on its way has arrived by the pong.
            peer.listen().await;
            assert_eq!(received(peer), n);
        }
        // Who says it again is not told that it is known, either.
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
    let told = ann.acknowledged.into_iter();
    assert!(lost(&audit(data.path()), told).is_empty());
}

async fn until_a_sync_waits(disk: &Arc<Disk>) {
    let disk = disk.clone();
    let waits = tokio::task::spawn_blocking(move || disk.until_a_sync_waits());
    waits.await.expect("one waits");
}

/// How far somebody has read the lobby.
fn received(peer: &Peer) -> usize {
    let lobby = peer.replica.room(&snug_shared::ids::RoomId::lobby());
    let cursor = lobby.expect("the lobby").timeline.cursor();
    usize::try_from(cursor.0).expect("it fits")
}
