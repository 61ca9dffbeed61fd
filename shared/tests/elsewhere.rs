//! A room of which one looks at another stretch than the newest, against the log that it is a stretch of.

use proptest::{prelude::*, sample::Index};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, Position, RoomId},
    limits::{Limits, PAGE_MESSAGES},
    mentions::Mentions,
    messages::{Message, Page},
    people::Role,
    replica::{Replica, Room, Timeline},
    rooms::RoomInfo,
    text::RoomName,
    wire::{MessageReceived, ServerFrame, Welcome, You},
};

fn message(n: u64) -> Message {
    Message {
        room: RoomId::lobby(),
        n: Position(n),
        key: Key::try_from(format!("k{n}")).expect("a key"),
        chat_id: ChatId::try_from("bob").expect("an id"),
        name: "Bob".try_into().expect("a name"),
        avatar: Avatar::Face(0),
        text: "Hello!".try_into().expect("a text"),
        mentions: Mentions::default(),
        at: Millis(0),
    }
}

fn page(after: u64, upto: u64) -> Page {
    Page {
        room: RoomId::lobby(),
        after: Position(after),
        upto: Position(upto),
        messages: (after + 1..=upto).map(message).collect(),
        deleted: Vec::new(),
    }
}

fn said(n: u64) -> ServerFrame {
    let (message, count) = (message(n), 1);
    ServerFrame::MessageReceived(MessageReceived { message, count })
}

fn welcome(epoch: &str, head: u64) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        you: You {
            chat_id: ChatId::try_from("ann").expect("an id"),
            name: "Ann".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            role: Role::Guest,
            muted_for: 0,
            token: None,
        },
        rooms: vec![RoomInfo {
            n: Position(head),
            ..RoomInfo::open(RoomId::lobby(), RoomName::lobby())
        }],
        epoch: epoch.try_into().expect("an epoch"),
        limits: Limits::CURRENT,
        version: String::new(),
    })
}

fn lobby(replica: &Replica) -> &Room {
    replica.room(&RoomId::lobby()).expect("the lobby")
}

fn places(timeline: &Timeline) -> Vec<u64> {
    timeline.messages().map(|message| message.n.0).collect()
}

/// Somebody who has read the newest page of a lobby with so many messages.
fn reader(head: u64) -> Replica {
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    replica.apply(welcome("e", head));
    replica.apply(ServerFrame::Page(page(head.saturating_sub(50), head)));
    replica
}

#[derive(Clone, Debug)]
enum Step {
    /// So much is said, and so much of it is heard.
    Said(u64, u64),
    /// So much was said and not heard; a fresh page stands in for it.
    Missed(u64),
    Around(Index),
    Older,
    Newer,
    /// A page that was asked for from another place, and arrives now.
    Late(Index),
    Newest,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..80u64, 0..80u64).prop_map(|(said, heard)| Step::Said(said, heard)),
        1 => (51..200u64).prop_map(Step::Missed),
        3 => any::<Index>().prop_map(Step::Around),
        4 => Just(Step::Older),
        4 => Just(Step::Newer),
        1 => any::<Index>().prop_map(Step::Late),
        1 => Just(Step::Newest),
    ]
}

/// The log, of which nothing but its length matters.
struct Log(u64);

impl Log {
    const PAGE: u64 = PAGE_MESSAGES as u64;

    fn before(&self, n: u64) -> Page {
        let upto = self.0.min(n.saturating_sub(1));
        page(upto.saturating_sub(Self::PAGE), upto)
    }

    fn around(&self, n: u64) -> Page {
        let upto = self.0.min((n + 24).max(Self::PAGE));
        page(upto.saturating_sub(Self::PAGE), upto)
    }

    fn after(&self, n: u64) -> Page {
        let after = self.0.min(n);
        page(after, self.0.min(after + Self::PAGE))
    }

    fn take(&mut self, replica: &mut Replica, step: &Step) {
        let shown = lobby(replica).shown().clone();
        match step {
            Step::Said(said, heard) => {
                self.0 += said;
                let first = lobby(replica).timeline.cursor().0 + 1;
                for n in first..=self.0.min(first + heard) {
                    replica.apply(self::said(n));
                }
            }
            Step::Missed(said) => {
                self.0 += said;
                replica.apply(ServerFrame::Page(self.before(self.0 + 1)));
            }
            Step::Around(at) => replica.around(self.around(at.index(self.0 as usize + 1) as u64)),
            Step::Older => replica.older(self.before(shown.after().0 + 1)),
            Step::Newer => replica.newer(self.after(shown.cursor().0)),
            Step::Late(at) => {
                let n = at.index(self.0 as usize + 1) as u64;
                replica.older(self.before(n));
                replica.newer(self.after(n));
            }
            Step::Newest => replica.newest(&RoomId::lobby()),
        }
    }
}

fn is_gapless(timeline: &Timeline) -> bool {
    places(timeline) == (timeline.after().0 + 1..=timeline.cursor().0).collect::<Vec<_>>()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn both_stretches_are_always_gapless_and_one_as_soon_as_they_meet(
        head in 0..300u64,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut log = Log(head);
        let mut replica = reader(head);
        for step in steps {
            let before = lobby(&replica).clone();
            log.take(&mut replica, &step);
            let after = lobby(&replica);
            let live = &after.timeline;
            prop_assert!(is_gapless(live) && is_gapless(after.shown()), "{step:?}");
            prop_assert!(live.cursor() >= before.timeline.cursor(), "nothing live is lost: {step:?}");
            if let Some(elsewhere) = after.elsewhere.as_ref().filter(|_| !after.stale) {
                let end = elsewhere.cursor();
                prop_assert!(end < live.after() || end > live.cursor(), "they have met: {step:?}");
            }
            let goes_away = matches!(step, Step::Around(_) | Step::Newest);
            // The fresh page that stands in for what was missed may take the place of all that is shown.
            let replaced = before.elsewhere.is_none() && matches!(step, Step::Missed(_));
            if !goes_away && !replaced {
                let (then, now) = (before.shown(), after.shown());
                prop_assert!(
                    now.after() <= then.after() && now.cursor() >= then.cursor(),
                    "what is shown stays: {step:?}"
                );
            }
        }

        // And one comes to the newest from wherever one is.
        if lobby(&replica).stale {
            let shown = lobby(&replica).shown().cursor();
            replica.around(log.around(shown.0));
        }
        for _ in 0..=log.0 / Log::PAGE {
            log.take(&mut replica, &Step::Newer);
        }
        log.take(&mut replica, &Step::Said(0, log.0));
        prop_assert!(lobby(&replica).elsewhere.is_none());
        prop_assert_eq!(lobby(&replica).timeline.cursor(), Position(log.0));
    }
}

#[test]
fn what_is_said_meanwhile_is_there_when_one_comes_back() {
    let mut replica = reader(130);
    replica.around(page(14, 64));
    replica.apply(said(131));
    assert_eq!(places(lobby(&replica).shown()), (15..=64).collect::<Vec<_>>());
    let mut scrolled = replica.clone();
    scrolled.newer(page(64, 114));
    assert_eq!(places(lobby(&scrolled).shown()), (15..=131).collect::<Vec<_>>());
    assert!(lobby(&scrolled).elsewhere.is_none());
    replica.newest(&RoomId::lobby());
    assert_eq!(places(lobby(&replica).shown()), (81..=131).collect::<Vec<_>>());
}

#[test]
fn stretches_that_only_touch_are_one_and_a_single_missing_message_keeps_them_apart() {
    let mut replica = reader(130);
    replica.around(page(30, 79));
    assert!(lobby(&replica).elsewhere.is_some());
    replica.around(page(30, 80));
    assert_eq!(places(lobby(&replica).shown()), (31..=130).collect::<Vec<_>>());
}

#[test]
fn what_a_page_has_before_the_connection_brings_it_waits_for_the_connection() {
    let mut replica = reader(60);
    replica.around(page(12, 62));
    assert_eq!(
        lobby(&replica).timeline.cursor(),
        Position(60),
        "it reads on from here"
    );
    assert_eq!(lobby(&replica).shown().cursor(), Position(62));
    for n in 61..=62 {
        replica.apply(said(n));
    }
    assert!(lobby(&replica).elsewhere.is_none());
    assert_eq!(places(lobby(&replica).shown()), (11..=62).collect::<Vec<_>>());
}

#[test]
fn another_log_or_leaving_the_room_ends_it_and_another_connection_does_not() {
    let mut replica = reader(130);
    replica.around(page(14, 64));
    replica.disconnected();
    replica.apply(welcome("e", 130));
    assert!(lobby(&replica).elsewhere.is_some());
    let mut left = replica.clone();
    left.apply(ServerFrame::LeftRoom {
        room: RoomId::lobby(),
        removed_by_other: true,
    });
    assert!(left.room(&RoomId::lobby()).is_none());
    replica.apply(welcome("another", 130));
    assert!(lobby(&replica).elsewhere.is_none());
}

#[test]
fn a_page_that_does_not_hold_together_leads_nowhere() {
    let before = reader(130);
    let mut replica = before.clone();
    let mut broken = page(14, 64);
    broken.messages.remove(20);
    replica.around(broken.clone());
    assert_eq!(replica, before);
    replica.around(page(4, 14));
    let before = replica.clone();
    replica.newer(broken);
    assert_eq!(replica, before);
}

#[test]
fn what_was_let_go_of_comes_back_when_it_is_asked_for() {
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    replica.apply(welcome("one", 100));
    replica.apply(ServerFrame::Page(page(0, 100)));
    let lobby = RoomId::lobby();
    replica.let_go(&lobby, Position(60));
    let timeline = &replica.room(&lobby).expect("the lobby").timeline;
    assert_eq!(
        (timeline.after(), timeline.cursor()),
        (Position(60), Position(100))
    );
    assert_eq!(timeline.messages().len(), 40);
    // What is not here, or not here any more, changes nothing.
    replica.let_go(&lobby, Position(50));
    replica.let_go(&lobby, Position(101));
    // An answer to what was asked before has come too late: it does not end where this stretch begins now.
    replica.older(page(20, 50));
    replica.older(page(30, 60));
    replica.older(page(0, 30));
    let timeline = &replica.room(&lobby).expect("the lobby").timeline;
    assert_eq!(
        (timeline.after(), timeline.messages().len()),
        (Position::START, 100)
    );
}
