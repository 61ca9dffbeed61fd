//! What waits in a room, against a count of everything that was said in it.

use proptest::{prelude::*, sample::Index};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, Position, RoomId},
    limits::{COUNTED, Limits},
    mentions::{Mentioned, Mentions},
    messages::{Deleted, Deletion, Message, Page},
    people::Role,
    replica::Replica,
    rooms::RoomInfo,
    wire::{MessageReceived, ServerFrame, Welcome, You},
};

fn id(id: &str) -> ChatId {
    id.try_into().expect("an id")
}

fn me() -> Mentioned {
    Mentioned {
        chat_id: id("me"),
        name: "Me".try_into().expect("a name"),
    }
}

fn den() -> RoomId {
    "den".try_into().expect("an id")
}

#[derive(Clone, Debug)]
enum Step {
    /// I say something, or somebody else does, and it mentions me or everybody.
    Say { mine: bool, names_me: bool, here: bool },
    /// A message is deleted, perhaps one of mine.
    Delete(Index),
    /// On some device I have read up to somewhere.
    Read(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let say = |(mine, names_me, here)| Step::Say { mine, names_me, here };
    prop_oneof![
        9 => (prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.1)).prop_map(say),
        1 => any::<Index>().prop_map(Step::Delete),
        1 => any::<Index>().prop_map(Step::Read),
    ]
}

/// A server's room.
#[derive(Default)]
struct Den {
    messages: Vec<Message>,
    deleted: Vec<Deleted>,
    read: Option<Position>,
}

impl Den {
    fn count(&self, which: impl Fn(&Message) -> bool) -> u32 {
        let Some(read) = self.read else { return 0 };
        let waiting = self
            .messages
            .iter()
            .filter(|it| it.n > read && it.chat_id != id("me"));
        u32::try_from(waiting.filter(|it| which(it)).count())
            .expect("few")
            .min(COUNTED)
    }

    fn counts(&self) -> (u32, u32) {
        (self.count(|_| true), self.count(|it| it.mentions.mean(&id("me"))))
    }

    fn info(&self) -> RoomInfo {
        let (unread, mentions) = self.counts();
        RoomInfo {
            n: self.head(),
            read: self.read,
            unread,
            mentions,
            ..RoomInfo::open(den(), "den".try_into().expect("a name"))
        }
    }

    fn head(&self) -> Position {
        Position((self.messages.len() + self.deleted.len()) as u64)
    }

    fn page(&self, after: Position) -> Page {
        let messages = self.messages.iter().filter(|it| it.n > after);
        let deleted = self.deleted.iter().filter(|it| it.n > after);
        Page {
            room: den(),
            after,
            upto: self.head(),
            messages: messages.cloned().collect(),
            deleted: deleted.cloned().collect(),
        }
    }

    fn take(&mut self, step: &Step) -> ServerFrame {
        match step {
            Step::Say { mine, names_me, here } => {
                let n = self.head().next();
                let message = Message {
                    room: den(),
                    n,
                    key: Key::try_from(format!("k{}", n.0)).expect("a key"),
                    chat_id: id(if *mine { "me" } else { "bob" }),
                    name: "x".try_into().expect("a name"),
                    avatar: Avatar::Face(0),
                    text: "Hello!".try_into().expect("a text"),
                    mentions: Mentions {
                        people: names_me.then(me).into_iter().collect(),
                        here: *here,
                        room: false,
                    },
                    at: Millis(0),
                };
                self.messages.push(message.clone());
                ServerFrame::MessageReceived(MessageReceived { message, count: 2 })
            }
            Step::Delete(at) => {
                let mut deletion = None;
                if !self.messages.is_empty() {
                    let message = self.messages.remove(at.index(self.messages.len()));
                    let nothing = |n| Deleted {
                        room: den(),
                        n,
                        deletion: None,
                    };
                    self.deleted.push(nothing(message.n));
                    self.deleted.sort_by_key(|it| it.n);
                    deletion = Some(Deletion::Message {
                        of: message.n,
                        chat_id: message.chat_id,
                        mentions: message.mentions,
                    });
                }
                let n = self.head().next();
                let room = den();
                let deleted = Deleted { room, n, deletion };
                self.deleted.push(deleted.clone());
                ServerFrame::Deleted(deleted)
            }
            Step::Read(at) => {
                self.read = Some(Position(at.index(self.head().0 as usize + 1) as u64));
                ServerFrame::Room(self.info())
            }
        }
    }
}

fn welcomed(info: RoomInfo) -> Replica {
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    replica.apply(welcome(info));
    replica
}

fn welcome(info: RoomInfo) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        you: You {
            chat_id: id("me"),
            name: "Me".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            role: Role::Guest,
            muted_for: 0,
            token: None,
        },
        rooms: vec![info],
        epoch: "e".try_into().expect("an epoch"),
        limits: Limits::CURRENT,
        version: String::new(),
    })
}

/// Where only the server can count, it is asked to.
fn counted(replica: &mut Replica, room: &Den) -> (u32, u32) {
    if replica.has_unsent_reads() {
        replica.flush_read_positions();
        replica.apply(ServerFrame::Room(room.info()));
    }
    counts(replica)
}

fn counts(replica: &Replica) -> (u32, u32) {
    let den = replica.room(&den()).expect("it is told of");
    (den.unread(), den.mentions())
}

proptest! {
    #[test]
    fn what_waits_is_known_at_every_moment(
        before in prop::collection::vec(step(), 0..150),
        steps in prop::collection::vec(step(), 1..250),
        opened: bool,
    ) {
        let mut room = Den { read: Some(Position(0)), ..Den::default() };
        for step in &before {
            room.take(step);
        }
        let mut replica = welcomed(room.info());
        if opened {
            replica.open(&den());
            replica.apply(ServerFrame::Page(room.page(Position(0))));
        }
        for step in &steps {
            replica.apply(room.take(step));
            prop_assert_eq!(counted(&mut replica, &room), room.counts());
        }
        // And on a device that comes now.
        prop_assert_eq!(counts(&welcomed(room.info())), room.counts());
    }

    #[test]
    fn in_whatever_order_it_is_told_the_end_is_the_same(
        steps in prop::collection::vec(step(), 1..250),
        order in prop::collection::vec(any::<Index>(), 250),
    ) {
        let mut room = Den { read: Some(Position(0)), ..Den::default() };
        let mut replica = welcomed(room.info());
        // Counted at the same position, the later one is right, and only its place in the order says so.
        let steps = steps.windows(2).filter(|two| !matches!(two, [Step::Read(_), Step::Read(_)]));
        let mut frames: Vec<_> = steps.map(|two| room.take(&two[0])).collect();
        for (from, to) in order.iter().enumerate().take(frames.len()) {
            let to = to.index(frames.len());
            frames.swap(from, to);
            frames.push(frames[to].clone());
        }
        for frame in frames {
            replica.apply(frame);
        }
        prop_assert_eq!(counted(&mut replica, &room), room.counts());
    }

    #[test]
    fn reading_counts_at_once_and_as_the_server_will(
        steps in prop::collection::vec(step(), 0..120),
        read in any::<Index>(),
    ) {
        let mut room = Den { read: Some(Position(0)), ..Den::default() };
        let mut replica = welcomed(room.info());
        replica.open(&den());
        for step in &steps {
            replica.apply(room.take(step));
        }
        let n = Position(read.index(room.head().0 as usize + 1) as u64);
        replica.read(&den(), n);
        room.read = Some(n);
        prop_assert_eq!(counts(&replica), room.counts(), "before the server knows");
        prop_assert!(replica.has_unsent_reads() || replica.flush_read_positions().is_empty());
        replica.flush_read_positions();
        replica.apply(ServerFrame::Room(room.info()));
        prop_assert_eq!(counts(&replica), room.counts());
        replica.disconnected();
        replica.apply(welcome(room.info()));
        prop_assert_eq!(counts(&replica), room.counts());
    }
}

#[test]
fn where_nothing_was_ever_read_only_what_comes_waits() {
    let mut room = Den::default();
    let say = Step::Say {
        mine: false,
        names_me: true,
        here: false,
    };
    room.take(&say);
    let mut replica = welcomed(room.info());
    assert_eq!(counts(&replica), (0, 0));
    replica.apply(room.take(&say));
    assert_eq!(counts(&replica), (1, 1));
}

#[test]
fn what_a_page_stands_in_for_may_all_wait() {
    let mut room = Den {
        read: Some(Position(0)),
        ..Den::default()
    };
    let mut replica = welcomed(room.info());
    for _ in 0..60 {
        room.take(&Step::Say {
            mine: false,
            names_me: false,
            here: false,
        });
    }
    replica.apply(ServerFrame::Page(room.page(Position(10))));
    assert_eq!(counts(&replica), room.counts());
}
