//! Convergence: random plans of messages and faults, after which each replica has the same as the folder.
//! A failing plan is shrunk, its seed saved in `tests/proptest-regressions`, and tried first from then on.

use std::path::Path;

use proptest::prelude::*;
use snug_shared::replica::Replica;

use crate::{
    peer::{DEN, Peer},
    process::{Snug, StoredMessage, audit, members, number_of},
};

const PEERS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Connect(usize),
    Post(usize, u8),
    JoinTheDen(usize),
    PostInTheDen(usize, u8),
    LeaveTheDen(usize),
    Repeat(usize),
    Listen(usize),
    /// The connection breaks, and the server notices.
    Break(usize),
    BreakWithinAFrame(usize),
    /// The connection breaks, and the server does not notice.
    Vanish(usize),
    /// The browser saves the replica.
    Save(usize),
    /// The browser restores the replica that it has saved.
    GoBack(usize),
    Restart,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let peer = 0..PEERS;
    prop_oneof![
        6 => peer.clone().prop_map(Step::Connect),
        8 => (peer.clone(), 1..70u8).prop_map(|(who, times)| Step::Post(who, times)),
        3 => peer.clone().prop_map(Step::JoinTheDen),
        4 => (peer.clone(), 1..70u8).prop_map(|(who, times)| Step::PostInTheDen(who, times)),
        1 => peer.clone().prop_map(Step::LeaveTheDen),
        2 => peer.clone().prop_map(Step::Repeat),
        4 => peer.clone().prop_map(Step::Listen),
        2 => peer.clone().prop_map(Step::Break),
        1 => peer.clone().prop_map(Step::BreakWithinAFrame),
        1 => peer.clone().prop_map(Step::Vanish),
        1 => peer.clone().prop_map(Step::Save),
        1 => peer.prop_map(Step::GoBack),
        1 => Just(Step::Restart),
        2 => Just(Step::Kill),
    ]
}

async fn run_plan(plan: &[Step], data: &Path) -> Vec<Peer> {
    let mut snug = Snug::start(data);
    let mut peers: Vec<_> = ["ann", "bob", "cem"].map(Peer::new).into();
    let mut saved: [Option<Replica>; PEERS] = Default::default();
    let mut vanished = Vec::new();
    for step in plan {
        match *step {
            Step::Connect(who) => peers[who].connect(snug.address).await,
            Step::Post(who, times) => {
                for _ in 0..times {
                    peers[who].post().await;
                }
            }
            Step::JoinTheDen(who) => peers[who].join_the_den().await,
            Step::PostInTheDen(who, times) => {
                for _ in 0..times {
                    peers[who].post_in_the_den().await;
                }
            }
            Step::LeaveTheDen(who) => peers[who].leave_the_den().await,
            Step::Repeat(who) => peers[who].repeat().await,
            Step::Listen(who) => peers[who].listen().await,
            Step::Break(who) => drop(peers[who].disconnect()),
            Step::BreakWithinAFrame(who) => peers[who].disconnect_within_a_frame().await,
            Step::Vanish(who) => vanished.push(peers[who].disconnect()),
            // The identity is not restored: the page has it in a cookie.
            Step::Save(who) if peers[who].replica.you().is_some() => {
                saved[who] = Some(peers[who].replica.clone());
            }
            Step::Save(_) => {}
            Step::GoBack(who) => {
                if let Some(replica) = saved[who].clone() {
                    drop(peers[who].disconnect());
                    peers[who].replica = replica;
                    peers[who].replica.disconnected();
                }
            }
            Step::Restart => {
                let stopped = tokio::task::spawn_blocking(|| snug.stop());
                // A client that reads learns of the restart and does not delay the server; a vanished one delays it for a while.
                for peer in &mut peers {
                    while peer.is_connected() {
                        peer.listen().await;
                    }
                }
                stopped.await.expect("it stops");
                snug = Snug::start(data);
            }
            Step::Kill => {
                snug.kill();
                snug = Snug::start(data);
            }
        }
    }
    // Twice: the first peer has to receive the last peer's messages.
    for _ in 0..2 {
        for peer in &mut peers {
            peer.settle(snug.address).await;
        }
    }
    snug.kill();
    peers
}

fn converged(peer: &Peer, kept: &[StoredMessage]) {
    for (id, room) in peer.replica.rooms() {
        let after = usize::try_from(room.timeline.after().0).expect("it fits");
        let known: Vec<_> = room
            .timeline
            .messages()
            .map(|it| (it.n.0, it.key.to_string(), it.text.to_string()))
            .collect();
        let there: Vec<_> = kept
            .iter()
            .filter(|it| it.room == id.as_str())
            .skip(after)
            .map(|it| (it.n, it.key.clone(), it.text.clone()))
            .collect();
        assert_eq!(known, there, "{id}");
    }
    for (key, n) in &peer.acknowledged {
        let positions: Vec<_> = kept.iter().filter(|it| it.key == *key).map(|it| it.n).collect();
        assert_eq!(positions, [*n], "{key} was acknowledged");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(
        u32::try_from(number_of("SNUG_PLANS", 200)).expect("not so many")
    ) })]

    #[test]
    fn all_replicas_end_with_the_content_of_the_folder(plan in prop::collection::vec(step(), 1..40)) {
        let data = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let peers = runtime.expect("a runtime").block_on(run_plan(&plan, data.path()));
        let kept = audit(data.path());
        let members = members(data.path());
        for peer in &peers {
            converged(peer, &kept);
            let you = peer.replica.you().expect("it was welcomed").chat_id.to_string();
            let knows_of_den = peer.replica.rooms().any(|(id, _)| id.as_str() == DEN);
            assert_eq!(knows_of_den, members.contains(&(you, DEN.to_owned())));
        }
    }
}
