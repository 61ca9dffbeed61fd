//! A disk without space: posts are refused, reads work, and all works again when there is space.

use snug_shared::error_code::ErrorCode;

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

#[tokio::test]
async fn a_full_disk_refuses_messages_serves_reads_and_recovers() {
    let data = tempfile::tempdir().expect("a folder");
    let snug = Snug::start_with_little_disk(data.path(), 512 * 1024);
    let mut ann = Peer::new("ann");
    ann.connect(snug.address).await;
    while ann.refusals.is_empty() {
        // One message at a time: on a slow disk she would post thousands before the first is refused.
        if ann.replica.outbox().pending().is_empty() {
            ann.post().await;
        }
        ann.listen().await;
    }
    let refusal = &ann.refusals[0];
    assert_eq!((refusal.error, refusal.retry), (ErrorCode::Unavailable, true));

    let mut bob = Peer::new("bob");
    bob.settle(snug.address).await;
    let lobby = snug_shared::ids::RoomId::lobby();
    let timeline = |peer: &Peer| peer.replica.room(&lobby).expect("it").timeline.cursor();
    assert_eq!(timeline(&bob).0, ann.acknowledged.len() as u64);

    snug.unleash();
    ann.settle(snug.address).await;
    snug.kill();
    assert_eq!(audit(data.path()).len(), ann.acknowledged.len());
}
