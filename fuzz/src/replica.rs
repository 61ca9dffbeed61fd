//! A replica that receives any frames in any order, from a server that may be wrong. There are few
//! rooms, users and keys, so that they coincide.

use arbitrary::{Arbitrary, Unstructured};
use snug_shared::{
    api::Refusal,
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Epoch, Key, Millis, Position, RoomId},
    limits::{COUNTED, Limits},
    mentions::Mentions,
    messages::{Deleted, Deletion, Message, Page},
    people::Role,
    presence::{ChatUser, Joined, Left},
    replica::{Effect, Pending, PendingState, Replica, Timeline},
    rooms::RoomInfo,
    text::{MessageBody, Nickname, RoomName},
    typing::Typing,
    wire::{ClientFrame, MessageReceived, ServerFrame, Welcome, You},
};

use crate::Target;

/// The fuzz target.
pub const TARGET: Target = Target {
    name: "replica",
    run,
    words: &[],
};

/// The maximum number of steps in a run.
const STEPS: usize = 200;
const ROOMS: [&str; 2] = ["lobby", "den"];

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Room {
    Mine,
    Other,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Person {
    Ann,
    Bob,
}

/// One of eight keys.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct KeyIndex(u8);

#[derive(Arbitrary, Clone, Copy, Debug)]
enum PositionSpec {
    /// At this distance from the replica's cursor.
    Near(i8),
    At(u8),
    /// At this distance from the highest position.
    Last(u8),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Post {
    by: Person,
    key: KeyIndex,
}

#[derive(Arbitrary, Debug)]
struct PageSpec {
    room: Room,
    upto: PositionSpec,
    messages: Vec<Post>,
    /// A page that is not consistent: its positions exceed its messages by this number, or a message is of another room.
    broken: Option<(i8, Option<Room>)>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Welcome {
        you: Person,
        epoch: bool,
    },
    Said {
        room: Room,
        n: PositionSpec,
        post: Post,
    },
    /// At one position, the deletion of the message at another one, or of all messages of a user.
    Deleted {
        room: Room,
        n: PositionSpec,
        of: Option<PositionSpec>,
        whose: Person,
    },
    Page(PageSpec),
    Older(PageSpec),
    Around(PageSpec),
    Newer(PageSpec),
    Newest,
    Refused {
        key: Option<KeyIndex>,
        retry: bool,
        after: Option<u32>,
    },
    Joined {
        room: Room,
        all: Option<Vec<Person>>,
        some: Option<Vec<Person>>,
    },
    Left {
        room: Room,
        all: Option<Vec<Person>>,
        some: Option<Vec<Person>>,
    },
    Typing {
        room: Room,
        named: Vec<Person>,
        count: u8,
    },
    Pong,
    Disconnected,
    Hello,
    Post {
        key: KeyIndex,
        room: Room,
    },
    SendNext,
    TryAgain(KeyIndex),
    Discard(KeyIndex),
    /// The other room is joined, opened and left.
    Room(PositionSpec),
    Open,
    LeftRoom,
    Read(Room, PositionSpec),
    TellWhatWasRead,
    /// The page is closed, and opened again with the state that the browser had saved.
    Reload,
}

/// Runs the steps that the bytes encode.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    let mut deleted = false;
    for _ in 0..STEPS {
        // An incomplete step at the end is ignored.
        if bytes.is_empty() {
            return;
        }
        let Ok(step) = Step::arbitrary(&mut bytes) else {
            return;
        };
        deleted |= matches!(step, Step::Deleted { .. });
        run_step(&mut replica, step, deleted);
    }
}

/// The expected content of an outbox after a step, without states.
type Unsent = Vec<(Key, RoomId)>;

fn unsent(replica: &Replica) -> Unsent {
    let pending = replica.outbox().pending().iter();
    pending.map(|it| (it.key.clone(), it.room.clone())).collect()
}

fn in_flight(replica: &Replica) -> Option<&Pending> {
    let mut sent = replica
        .outbox()
        .pending()
        .iter()
        .filter(|it| it.state == PendingState::Sent);
    let first = sent.next();
    assert!(sent.next().is_none(), "one message in flight");
    first
}

fn refused(replica: &Replica) -> Vec<Key> {
    let pending = replica.outbox().pending().iter();
    pending
        .filter(|it| matches!(it.state, PendingState::Refused(_)))
        .map(|it| it.key.clone())
        .collect()
}

/// After a deletion (`deleted`) some positions have no message.
fn run_step(replica: &mut Replica, step: Step, deleted: bool) {
    let cursor = cursor(replica);
    let mut should = unsent(replica);
    let busy = in_flight(replica).is_some();
    let refused_before = refused(replica);
    // Whether this step can acknowledge the message in flight, void the cursor, or retry a refused message.
    let mut settles = true;
    let mut begins = false;
    let mut woken = None;

    let effects = match step {
        Step::Welcome { you, epoch } => {
            let welcome = welcome(you, epoch);
            // Another log has other positions.
            begins = match replica.hello("Ann", None) {
                ClientFrame::Hello(hello) => hello.epoch != Some(welcome.epoch.to_string()),
                other => panic!("{other:?} is not a hello"),
            };
            replica.apply(ServerFrame::Welcome(welcome))
        }
        Step::Said { room, n, post } => {
            let message = message(room.id(), position(n, cursor), post);
            if is_me(replica, post.by) {
                should.retain(|(key, _)| *key != message.key);
            }
            replica.apply(ServerFrame::MessageReceived(MessageReceived {
                message,
                count: 1,
            }))
        }
        Step::Deleted { room, n, of, whose } => {
            let chat_id = whose.id();
            let deletion = match of {
                Some(of) => Deletion::Message {
                    of: position(of, cursor),
                    chat_id,
                    mentions: Mentions::default(),
                },
                None => Deletion::Person { chat_id },
            };
            let (room, n, deletion) = (room.id(), position(n, cursor), Some(deletion));
            replica.apply(ServerFrame::Deleted(Deleted { room, n, deletion }))
        }
        Step::Page(spec) => {
            let page = page(&spec, cursor);
            if page.is_contiguous() {
                let mine = |it: &&Message| replica.you().is_some_and(|you| you.chat_id == it.chat_id);
                let received: Vec<_> = page
                    .messages
                    .iter()
                    .filter(mine)
                    .map(|it| it.key.clone())
                    .collect();
                should.retain(|(key, _)| !received.contains(key));
            }
            replica.apply(ServerFrame::Page(page))
        }
        Step::Older(spec) => {
            let after = shown(replica).after();
            let mut page = page(&spec, after);
            if let (PositionSpec::Near(0), None) = (spec.upto, spec.broken) {
                assert_eq!(page.upto, after);
                page.room = RoomId::lobby();
            }
            replica.older(page);
            Vec::new()
        }
        Step::Around(spec) => {
            replica.around(page(&spec, cursor));
            Vec::new()
        }
        Step::Newer(spec) => {
            // The messages after the cursor, as a page that begins there.
            let length = spec.messages.len() as u64;
            let after = shown(replica).cursor();
            replica.newer(page(&spec, Position(after.0.saturating_add(length))));
            Vec::new()
        }
        Step::Newest => {
            replica.newest(&RoomId::lobby());
            Vec::new()
        }
        Step::Refused { key, retry, after } => replica.apply(ServerFrame::Error(Refusal {
            error: if retry {
                ErrorCode::RateLimited
            } else {
                ErrorCode::TextTooLong
            },
            message: String::new(),
            retry,
            retry_after: after,
            key: key.map(|it| it.key().to_string()),
            room: None,
        })),
        Step::Joined { room, all, some } => replica.apply(ServerFrame::UsersJoined(Joined {
            room: room.id(),
            count: some.iter().len(),
            chat_users: all.map(|it| it.into_iter().map(Person::user).collect()),
            joined: some.map(|it| it.into_iter().map(Person::user).collect()),
        })),
        Step::Left { room, all, some } => replica.apply(ServerFrame::UsersLeft(Left {
            room: room.id(),
            count: some.iter().len(),
            chat_users: all.map(|it| it.into_iter().map(Person::user).collect()),
            left: some.map(|it| it.into_iter().map(Person::id).collect()),
        })),
        Step::Typing { room, named, count } => {
            let received = named.iter().filter(|it| !is_me(replica, **it)).count();
            let (room, count) = (room.id(), usize::from(count));
            let chat_ids = named.iter().map(|it| it.id()).collect();
            let typing = Typing {
                room: room.clone(),
                chat_ids,
                count,
            };
            let effects = replica.apply(ServerFrame::Typing(typing));
            if let Some(room) = replica.room(&room) {
                let others = count.saturating_sub(named.len() - received).max(received);
                assert_eq!(room.typing.count(), others);
                let me = |it: &ChatUser| replica.you().is_some_and(|you| you.chat_id == it.chat_id);
                assert!(!room.typing.known(&room.roster).any(me), "not the user");
            }
            effects
        }
        Step::Pong => replica.apply(ServerFrame::Pong),
        Step::Disconnected => {
            replica.disconnected();
            assert!(replica.rooms().all(|(_, room)| room.typing.count() == 0));
            Vec::new()
        }
        Step::Hello => {
            match replica.hello("Ann", None) {
                ClientFrame::Hello(hello) => assert_eq!(hello.cursors["lobby"], cursor),
                other => panic!("{other:?} is not a hello"),
            }
            Vec::new()
        }
        // A client never uses a key twice.
        Step::Post { key, .. } if should.iter().any(|it| it.0 == key.key()) => return,
        Step::Post { key, room } => {
            settles = false;
            should.push((key.key(), room.id()));
            let text = MessageBody::try_from("Hello!").expect("a text");
            replica.say(key.key(), room.id(), text, Millis(0))
        }
        Step::SendNext => {
            settles = false;
            replica.send_next()
        }
        Step::TryAgain(key) => {
            settles = false;
            woken = Some(key.key());
            replica.try_again(&key.key())
        }
        Step::Discard(key) => {
            settles = false;
            let pending = replica.outbox().pending().iter().find(|it| it.key == key.key());
            let declined = pending.is_some_and(|it| {
                matches!(
                    it.state,
                    PendingState::Refused(_) | PendingState::Waiting(Some(_))
                )
            });
            should.retain(|(it, _)| !(declined && *it == key.key()));
            replica.discard(&key.key())
        }
        Step::Room(n) => replica.apply(ServerFrame::Room(info(Room::Other, position(n, cursor)))),
        Step::Open => {
            let effects = replica.open(&Room::Other.id());
            assert!(replica.open(&Room::Other.id()).is_empty(), "once");
            effects
        }
        Step::LeftRoom => replica.apply(ServerFrame::LeftRoom {
            room: Room::Other.id(),
            removed_by_other: false,
        }),
        Step::Read(room, n) => {
            replica.read(&room.id(), position(n, cursor));
            Vec::new()
        }
        Step::TellWhatWasRead => replica.flush_read_positions(),
        Step::Reload => {
            begins = true;
            *replica = Replica::new(RoomId::lobby(), replica.outbox().pending().to_vec());
            Vec::new()
        }
    };

    assert_eq!(unsent(replica), should, "in order, without acknowledged messages");
    check_consistency(replica, deleted);
    let now = self::cursor(replica);
    assert!(begins || now >= cursor, "a cursor never goes back in its log");
    let sent: Vec<_> = effects.iter().filter_map(said).collect();
    match (&sent[..], in_flight(replica)) {
        ([], None) => {}
        ([], Some(_)) => assert!(busy, "the message in flight was sent"),
        ([key], Some(sent)) => {
            assert_eq!(*key, sent.key.as_str());
            assert!(settles || !busy, "one message in flight");
        }
        other => panic!("{other:?}"),
    }
    assert!(replica.is_live() || in_flight(replica).is_none(), "no connection");
    for key in refused_before {
        let waits = replica
            .outbox()
            .pending()
            .iter()
            .any(|it| it.key == key && !matches!(it.state, PendingState::Refused(_)));
        assert!(!waits || woken == Some(key), "refused until the author retries");
    }
    for effect in effects {
        if let Effect::Send(ClientFrame::SyncRoom { room, after }) = effect {
            let room = RoomId::try_from(room).expect("an id");
            let room = replica.room(&room).expect("it is in it");
            assert_eq!(after, room.timeline.cursor());
        }
    }
}

fn said(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::Send(ClientFrame::SendMessage(say)) => say.key.as_deref(),
        _ => None,
    }
}

fn cursor(replica: &Replica) -> Position {
    replica
        .room(&RoomId::lobby())
        .expect("it has one")
        .timeline
        .cursor()
}

fn shown(replica: &Replica) -> &Timeline {
    replica.room(&RoomId::lobby()).expect("it has one").shown()
}

fn check_consistency(replica: &Replica, deleted: bool) {
    for (id, room) in replica.rooms() {
        assert!(room.unread() <= COUNTED && room.mentions() <= COUNTED);
        assert!(
            room.timeline.cursor() <= room.head(),
            "the cursor is not beyond the head"
        );
        for timeline in [&room.timeline, room.shown()] {
            is_gapless(id, timeline, deleted);
        }
        if let Some(elsewhere) = room.elsewhere.as_ref().filter(|_| !room.stale) {
            let (end, live) = (elsewhere.cursor(), &room.timeline);
            assert!(
                end < live.after() || end > live.cursor(),
                "adjacent windows are merged"
            );
        }
    }
}

fn is_gapless(id: &RoomId, timeline: &Timeline, deleted: bool) {
    assert!(timeline.after() <= timeline.cursor());
    let mut n = timeline.after();
    for message in timeline.messages() {
        let step = message.n.since(n);
        assert!(step == 1 || (deleted && step > 1), "no gap after {n:?}");
        assert_eq!(message.room, *id);
        n = message.n;
    }
    let all = n == timeline.cursor() || (deleted && n < timeline.cursor());
    assert!(all, "the timeline is complete up to the cursor");
}

fn is_me(replica: &Replica, person: Person) -> bool {
    replica.you().is_some_and(|you| you.chat_id == person.id())
}

impl Room {
    fn id(self) -> RoomId {
        RoomId::try_from(ROOMS[self as usize]).expect("an id")
    }
}

impl Person {
    fn id(self) -> ChatId {
        ChatId::try_from(format!("{self:?}")).expect("an id")
    }

    fn name(self) -> Nickname {
        Nickname::try_from(format!("{self:?}")).expect("a name")
    }

    fn user(self) -> ChatUser {
        ChatUser {
            avatar: Avatar::Face(0),
            ..ChatUser::guest(self.id(), self.name())
        }
    }
}

impl KeyIndex {
    fn key(self) -> Key {
        Key::try_from(format!("k{}", self.0 % 8)).expect("a key")
    }
}

fn position(spec: PositionSpec, here: Position) -> Position {
    match spec {
        PositionSpec::Near(by) => Position(here.0.saturating_add_signed(by.into())),
        PositionSpec::At(n) => Position(n.into()),
        PositionSpec::Last(by) => Position(u64::MAX - u64::from(by)),
    }
}

fn message(room: RoomId, n: Position, post: Post) -> Message {
    Message {
        room,
        n,
        key: post.key.key(),
        chat_id: post.by.id(),
        name: post.by.name(),
        avatar: Avatar::Face(0),
        text: MessageBody::try_from("Hello!").expect("a text"),
        mentions: Mentions {
            here: post.key.0.is_multiple_of(3),
            ..Mentions::default()
        },
        at: Millis(0),
    }
}

fn page(spec: &PageSpec, here: Position) -> Page {
    let upto = position(spec.upto, here);
    let room = spec.room.id();
    let length = spec.messages.len() as u64;
    let first = upto.0.saturating_sub(length);
    let said = spec.messages.iter().zip(1..=upto.0 - first);
    let mut messages: Vec<_> = said
        .map(|(post, nth)| message(room.clone(), Position(first + nth), *post))
        .collect();
    let mut after = Position(first);
    if let Some((more, other)) = spec.broken {
        after = Position(first.saturating_add_signed(more.into()));
        if let (Some(room), Some(message)) = (other, messages.first_mut()) {
            message.room = room.id();
        }
    }
    Page {
        room,
        after,
        upto,
        messages,
        deleted: Vec::new(),
    }
}

fn info(room: Room, n: Position) -> RoomInfo {
    RoomInfo {
        n,
        ..RoomInfo::open(
            room.id(),
            RoomName::try_from(ROOMS[room as usize]).expect("a name"),
        )
    }
}

fn welcome(you: Person, epoch: bool) -> Welcome {
    Welcome {
        you: You {
            chat_id: you.id(),
            name: you.name(),
            avatar: Avatar::Face(0),
            role: Role::Guest,
            muted_for: 0,
            token: None,
        },
        rooms: vec![info(Room::Mine, Position::START)],
        epoch: Epoch::try_from(if epoch { "one" } else { "two" }).expect("an epoch"),
        limits: Limits::CURRENT,
        version: String::new(),
    }
}
