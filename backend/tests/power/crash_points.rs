//! Power failures at any point of random workloads. A failing plan is shrunk and its seed saved; it is tried
//! first from then on.

use proptest::prelude::*;
use snug::store::folder::Folder;

use crate::{
    disk::{Disk, Fault},
    live_server::{audit, lost, serve, settle},
    peer::Peer,
    record::{self, Files, Luck},
    workload::{Life, Step, Workload, life},
};

/// The number of plans, and of power failures in the test with sockets.
fn cuts() -> u32 {
    std::env::var("SNUG_POWER_CUTS").map_or(48, |it| it.parse().expect("a number of cuts"))
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(cuts()) })]

    #[test]
    fn nothing_acknowledged_is_lost_or_doubled_however_often_the_power_goes(
        lives in prop::collection::vec(life(), 1..4)
    ) {
        let mut workload = Workload::default();
        let mut files = Files::new();
        for life in &lives {
            let data = tempfile::tempdir().expect("a folder");
            record::write(&files, data.path());
            let before = workload.acknowledged.clone();
            let record = workload.live(life, data.path());
            prop_assert!(record.is_synced_before_acknowledged());
            for (at, seed) in &life.cuts {
                let at = at.index(record.events.len() + 1);
                files = record.power_lost(at, &mut Luck(*seed));
                workload.acknowledged.clone_from(&before);
                for (key, n) in record.acknowledged(at) {
                    prop_assert_eq!(*workload.acknowledged.entry(key).or_insert(n), n, "one key, one position");
                }
                prop_assert_eq!(lost(&audit(&files), workload.acknowledged.clone()), Vec::<String>::new());
            }
            workload.retry_unacknowledged();
        }
    }
}

/// The order of events in which a failed sync could lose later messages.
#[test]
fn a_batch_whose_sync_failed_does_not_lose_messages_of_after_a_restart() {
    let life = Life {
        steps: vec![
            Step::Post(vec![10]),
            Step::Fault(Some(Fault::Sync)),
            Step::Post(vec![2_000]),
            Step::Restart,
            Step::Post(vec![10]),
        ],
        checkpoint: 1_000,
        synchronous: "full",
        cuts: Vec::new(),
    };
    let data = tempfile::tempdir().expect("a folder");
    let record = Workload::default().live(&life, data.path());
    let at = record.last_acknowledgement().expect("somebody was told") + 1;
    assert_eq!(record.acknowledged(at).count(), 3);
    for seed in 0..50 {
        let kept = audit(&record.power_lost(at, &mut Luck(seed)));
        assert_eq!(
            lost(&kept, record.acknowledged(at)),
            Vec::<String>::new(),
            "seed {seed}"
        );
    }
}

#[test]
fn a_folder_opens_wherever_its_creation_was_interrupted() {
    let data = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(data.path());
    drop(Folder::open(data.path()).expect("a new one"));
    let record = disk.record();
    for at in 0..=record.events.len() {
        for seed in 0..10 {
            assert_eq!(audit(&record.power_lost(at, &mut Luck(seed))), [], "{at}, {seed}");
        }
    }
}

#[test]
fn without_a_sync_at_each_commit_the_same_audit_finds_lost_messages() {
    for synchronous in ["normal", "off"] {
        let life = Life {
            steps: vec![Step::Post(vec![10]); 20],
            checkpoint: 1_000,
            synchronous,
            cuts: Vec::new(),
        };
        let data = tempfile::tempdir().expect("a folder");
        let record = Workload::default().live(&life, data.path());
        assert!(!record.is_synced_before_acknowledged());
        // Only up to the last acknowledgement: at its end the server copies its log into the database.
        let upto = record.last_acknowledgement().expect("somebody was told") + 1;
        let caught = (0..100).filter(|seed| {
            let mut luck = Luck(*seed);
            let at = luck.below(upto + 1);
            !lost(&audit(&record.power_lost(at, &mut luck)), record.acknowledged(at)).is_empty()
        });
        let caught = caught.count();
        println!("synchronous={synchronous}: 100 losses of power, {caught} of them lost a message");
        assert!(caught > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_a_client_received_survives_a_power_failure() {
    let data = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(data.path());
    let server = serve(data.path()).await;
    let mut peers = ["ann", "bob", "cem"].map(Peer::new);
    for round in 0..120 {
        for peer in &mut peers {
            for turn in 0..3 {
                peer.post_long(round * turn * 16).await;
            }
            settle(peer, &server, &disk).await;
        }
    }
    // Close the connections, so that the drain does not wait for them.
    drop(peers);
    server.drain().await;
    let record = disk.record();
    assert!(record.is_synced_before_acknowledged());
    let checkpoints = record.checkpoints_between_acknowledgements();
    assert!(checkpoints > 0, "there was a checkpoint between the posts");
    let mut audited = 0;
    for seed in 0..cuts() {
        let mut luck = Luck(seed.into());
        let at = luck.below(record.events.len() + 1);
        let kept = audit(&record.power_lost(at, &mut luck));
        assert_eq!(
            lost(&kept, record.acknowledged(at)),
            Vec::<String>::new(),
            "seed {seed}"
        );
        audited += record.acknowledged(at).count();
    }
    println!(
        "{} losses of power, {audited} acknowledgements audited, {checkpoints} checkpoints",
        cuts()
    );
}
