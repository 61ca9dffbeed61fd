//! A replica with several rooms.

use snug_shared::{
    api::Refusal,
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Key, Millis, Position, RoomId},
    limits::Limits,
    mentions::Mentions,
    messages::{Message, Page},
    people::Role,
    replica::{Effect, Pending, PendingState, Replica},
    rooms::RoomInfo,
    wire::{ClientFrame, MessageReceived, ServerFrame, Welcome, You},
};

fn id(room: &str) -> RoomId {
    room.try_into().expect("an id")
}

fn info(room: &str, n: u64) -> RoomInfo {
    RoomInfo {
        n: Position(n),
        ..RoomInfo::open(id(room), room.try_into().expect("a name"))
    }
}

fn welcome(rooms: Vec<RoomInfo>) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        you: You {
            chat_id: ChatId::try_from("ann").expect("an id"),
            name: "Ann".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            role: Role::Guest,
            muted_for: 0,
            token: None,
        },
        rooms,
        epoch: "e".try_into().expect("an epoch"),
        limits: Limits::CURRENT,
        version: String::new(),
    })
}

fn message(room: &str, n: u64) -> Message {
    Message {
        room: id(room),
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

fn said(room: &str, n: u64) -> ServerFrame {
    let (message, count) = (message(room, n), 2);
    ServerFrame::MessageReceived(MessageReceived { message, count })
}

fn read_on(room: &str, after: u64) -> Vec<Effect> {
    vec![Effect::Send(ClientFrame::SyncRoom {
        room: room.to_owned(),
        after: Position(after),
    })]
}

fn cursors(replica: &Replica) -> Vec<(String, u64)> {
    match replica.hello("Ann", None) {
        ClientFrame::Hello(hello) => hello.cursors.into_iter().map(|(room, n)| (room, n.0)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_room_that_is_not_opened_is_counted_and_not_read() {
    let mut replica = Replica::new(id("lobby"), Vec::new());
    replica.apply(welcome(vec![info("lobby", 0), info("den", 7)]));
    assert_eq!(replica.apply(said("den", 8)), []);
    let den = replica.room(&id("den")).expect("it is told of");
    assert_eq!((den.head().0, den.timeline.messages().len()), (8, 0));
    assert_eq!(cursors(&replica), [("lobby".to_owned(), 0)]);

    assert_eq!(replica.open(&id("den")), read_on("den", 0));
    assert_eq!(replica.open(&id("den")), [], "it is asked for once");
    assert_eq!(
        replica.apply(said("den", 9)),
        [],
        "what comes before the page is in it"
    );
    let messages = (1..=9).map(|n| message("den", n)).collect();
    let (after, upto) = (Position(0), Position(9));
    let room = id("den");
    replica.apply(ServerFrame::Page(Page {
        room,
        after,
        upto,
        messages,
        deleted: Vec::new(),
    }));
    replica.apply(said("den", 10));
    let den = replica.room(&id("den")).expect("it is told of");
    assert_eq!((den.head().0, den.timeline.messages().len()), (10, 10));
    assert_eq!(
        cursors(&replica),
        [("den".to_owned(), 10), ("lobby".to_owned(), 0)]
    );
}

#[test]
fn a_room_is_joined_and_left_also_from_another_tab() {
    let mut replica = Replica::new(id("lobby"), Vec::new());
    replica.apply(welcome(vec![info("lobby", 0)]));
    replica.apply(ServerFrame::Room(info("den", 3)));
    assert_eq!(replica.rooms().count(), 2);
    replica.apply(ServerFrame::LeftRoom {
        room: id("den"),
        removed_by_other: false,
    });
    assert!(replica.room(&id("den")).is_none());

    replica.apply(ServerFrame::Room(info("den", 3)));
    replica.disconnected();
    // Opened without a server, it is asked for in the next first frame.
    assert_eq!(replica.open(&id("den")), []);
    assert_eq!(
        cursors(&replica),
        [("den".to_owned(), 0), ("lobby".to_owned(), 0)]
    );
    // And left elsewhere meanwhile.
    replica.apply(welcome(vec![info("lobby", 0)]));
    assert!(replica.room(&id("den")).is_none());
}

fn read(room: &str, n: u64) -> Effect {
    let (room, n) = (room.to_owned(), Position(n));
    Effect::Send(ClientFrame::MarkRead { room, n, key: None })
}

#[test]
fn what_was_read_is_told_once_and_without_a_server_as_soon_as_there_is_one() {
    let mut replica = Replica::new(id("lobby"), Vec::new());
    let at = |n, read: Option<u64>| RoomInfo {
        read: read.map(Position),
        ..info("lobby", n)
    };
    replica.apply(welcome(vec![at(5, Some(2))]));
    let known = |replica: &Replica| replica.room(&id("lobby")).and_then(|it| it.read);
    assert_eq!(known(&replica), Some(Position(2)));
    replica.read(&id("lobby"), Position(5));
    assert!(replica.has_unsent_reads());
    assert_eq!(replica.flush_read_positions(), [read("lobby", 5)]);
    replica.read(&id("lobby"), Position(5));
    assert_eq!(replica.flush_read_positions(), []);

    replica.disconnected();
    // Read again from there.
    replica.read(&id("lobby"), Position(3));
    assert_eq!(replica.flush_read_positions(), []);
    assert_eq!(replica.apply(welcome(vec![at(5, Some(5))])), [read("lobby", 3)]);
    assert_eq!(known(&replica), Some(Position(3)));
    // Another device has read on.
    replica.apply(ServerFrame::Room(at(5, Some(5))));
    assert_eq!(known(&replica), Some(Position(5)));
}

#[test]
fn a_room_that_is_not_read_on_now_is_asked_for_again() {
    let mut replica = Replica::new(id("lobby"), Vec::new());
    replica.apply(welcome(vec![info("lobby", 0), info("den", 7)]));
    let asked = |after: u64| {
        let (room, after) = ("den".to_owned(), Position(after));
        Effect::Send(ClientFrame::SyncRoom { room, after })
    };
    let refuse = |replica: &mut Replica, room: Option<&str>| {
        replica.apply(ServerFrame::Error(Refusal {
            error: ErrorCode::RateLimited,
            message: String::new(),
            retry: true,
            retry_after: Some(700),
            key: None,
            room: room.map(id),
        }))
    };
    assert_eq!(replica.open(&id("den")), [asked(0)]);
    assert_eq!(replica.try_what_was_put_off(), [], "it is asked for");
    // With the room, or of a server that has not read the frame.
    for room in [Some("den"), None] {
        assert_eq!(refuse(&mut replica, room), [Effect::SendNextIn(700)]);
        assert_eq!(replica.try_what_was_put_off(), [asked(0)]);
        assert_eq!(replica.try_what_was_put_off(), [], "once");
    }
    refuse(&mut replica, Some("den"));
    replica.disconnected();
    assert_eq!(replica.try_what_was_put_off(), [], "the next hello asks");
}

#[test]
fn what_waits_in_slow_rooms_holds_nothing_up_elsewhere_and_each_has_its_turn() {
    let mut replica = Replica::new(id("lobby"), Vec::new());
    let rooms = [("lobby", 0), ("den", 60), ("zoo", 3_600)].map(|(room, slow)| RoomInfo {
        slow_mode: slow,
        ..info(room, 0)
    });
    replica.apply(welcome(rooms.to_vec()));
    let sent = |asks: Vec<Effect>| match &asks[..] {
        [] => None,
        [Effect::Send(ClientFrame::SendMessage(say))] => say.key.clone(),
        other => panic!("{other:?}"),
    };
    let say = |replica: &mut Replica, key: &str, room: &str| {
        let key = Key::try_from(key).expect("a key");
        let text = "Hello!".try_into().expect("a text");
        sent(replica.say(key, id(room), text, Millis(0)))
    };
    let slow = |replica: &mut Replica, key: &str, ms: u32| {
        let refusal = ServerFrame::Error(Refusal {
            error: ErrorCode::SlowMode,
            message: String::new(),
            retry: true,
            retry_after: None,
            key: Some(key.to_owned()),
            room: None,
        });
        assert_eq!(replica.apply(refusal), [Effect::SendNextIn(ms)]);
    };
    assert_eq!(say(&mut replica, "d1", "den").as_deref(), Some("d1"));
    assert_eq!(say(&mut replica, "d2", "den"), None, "one at a time");
    slow(&mut replica, "d1", 6_000);
    assert_eq!(say(&mut replica, "l1", "lobby").as_deref(), Some("l1"));
    assert_eq!(say(&mut replica, "z1", "zoo"), None);
    let heard = Message {
        key: Key::try_from("l1").expect("a key"),
        chat_id: ChatId::try_from("ann").expect("an id"),
        ..message("lobby", 1)
    };
    let heard = ServerFrame::MessageReceived(MessageReceived {
        message: heard,
        count: 1,
    });
    assert_eq!(sent(replica.apply(heard)).as_deref(), Some("z1"));
    slow(&mut replica, "z1", 30_000);
    // Never the second one of a room before its first.
    for (turn, ms) in [("d1", 6_000), ("z1", 30_000), ("d1", 6_000)] {
        assert_eq!(sent(replica.send_next()).as_deref(), Some(turn));
        slow(&mut replica, turn, ms);
    }
    let slower = |slow| {
        ServerFrame::Room(RoomInfo {
            slow_mode: slow,
            ..info("zoo", 0)
        })
    };
    assert_eq!(replica.apply(slower(3_600)), [], "as it was");
    assert_eq!(sent(replica.apply(slower(0))).as_deref(), Some("z1"));
}

fn pending(key: &str, state: PendingState) -> Pending {
    Pending {
        key: Key::try_from(key).expect("a key"),
        room: id("lobby"),
        text: key.try_into().expect("a text"),
        at: Millis(0),
        state,
    }
}

#[test]
fn what_another_page_could_not_send_is_taken_over_once_and_in_its_order() {
    let mut replica = Replica::new(id("lobby"), vec![pending("k2", PendingState::Waiting(None))]);
    let others = || {
        vec![
            pending("k1", PendingState::Sent),
            pending("k2", PendingState::Sent),
            pending("k3", PendingState::Refused(ErrorCode::Muted)),
        ]
    };
    assert_eq!(replica.take_over(others()), [], "there is no connection");
    replica.take_over(others());
    let pending = replica.outbox().pending().iter();
    let pending: Vec<_> = pending.map(|it| (it.key.as_str(), it.state)).collect();
    let waits = PendingState::Waiting(None);
    let refused = PendingState::Refused(ErrorCode::Muted);
    assert_eq!(pending, [("k1", waits), ("k2", waits), ("k3", refused)]);
}

#[test]
fn what_a_muted_person_wrote_is_sent_again_only_by_hand() {
    let mut replica = Replica::new(id("lobby"), vec![pending("k1", PendingState::Waiting(None))]);
    let sent = replica.apply(welcome(vec![info("lobby", 0)]));
    let refusal = ServerFrame::Error(Refusal {
        error: ErrorCode::Muted,
        message: String::new(),
        retry: ErrorCode::Muted.retry(),
        retry_after: None,
        key: Some("k1".to_owned()),
        room: None,
    });
    assert_eq!(replica.apply(refusal), []);
    assert_eq!(replica.apply(ServerFrame::Muted { ms: 0 }), []);
    assert_eq!(replica.try_what_was_put_off(), []);
    replica.disconnected();
    assert_eq!(
        replica.apply(welcome(vec![info("lobby", 0)])),
        [],
        "nor on the next connection"
    );
    assert_eq!(replica.try_again(&Key::try_from("k1").expect("a key")), sent);
}

#[test]
fn what_was_put_off_can_be_discarded_and_what_waits_behind_it_has_its_turn() {
    let waits = PendingState::Waiting(None);
    let mut replica = Replica::new(id("lobby"), vec![pending("k1", waits), pending("k2", waits)]);
    replica.apply(welcome(vec![info("lobby", 0)]));
    replica.discard(&Key::try_from("k1").expect("a key"));
    assert_eq!(replica.outbox().pending().len(), 2, "it is under way");
    replica.apply(ServerFrame::Error(Refusal {
        error: ErrorCode::SlowMode,
        message: String::new(),
        retry: true,
        retry_after: None,
        key: Some("k1".to_owned()),
        room: None,
    }));
    let asks = replica.discard(&Key::try_from("k1").expect("a key"));
    assert!(matches!(&asks[..], [Effect::Send(ClientFrame::SendMessage(it))] if it.text == "k2"));
    assert_eq!(replica.outbox().pending().len(), 1);
}
