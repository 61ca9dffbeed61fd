//! Replicas on a network that loses, doubles and reorders, against a model of the server.

use std::collections::{HashMap, VecDeque};

use proptest::{prelude::*, sample::Index};
use snug_shared::{
    api::Refusal,
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Epoch, Key, Millis, Position, RoomId},
    lang::Lang,
    limits::{Limits, NAMED_TYPING, PAGE_MESSAGES},
    mentions::Mentions,
    messages::{Deleted, Deletion, Logged, Message, Page},
    people::Role,
    replica::{Effect, PendingState, Replica},
    rooms::RoomInfo,
    text::{MessageBody, RoomName},
    typing::Typing,
    wire::{ClientFrame, Hello, MessageReceived, SendMessage, ServerFrame, Welcome, You},
};

const CLIENTS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// A client says so many things.
    Say(usize, u8),
    /// So many frames reach the server.
    ToServer(usize, u8),
    /// So many frames reach the client.
    ToClient(usize, u8),
    /// A frame on its way to the client is lost, doubled, or overtaken by the next.
    Lose(usize, Index),
    Double(usize, Index),
    Overtake(usize, Index),
    Disconnect(usize),
    Connect(usize),
    /// The server refuses for the moment whatever this client says next.
    TooFast(usize),
    /// A client scrolls up.
    Older(usize),
    /// Somebody begins to write, or stops.
    Types(u8),
    /// A client goes to a message, or scrolls down from where it has gone to.
    Around(usize, Index),
    Newer(usize),
    /// A message is deleted, or a client's account with all that it has said.
    Delete(Index),
    DeletePerson(usize),
    /// The server's log is put back to an older state.
    Restore(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS;
    prop_oneof![
        6 => (client.clone(), 1..40u8).prop_map(|(c, k)| Step::Say(c, k)),
        6 => (client.clone(), 1..60u8).prop_map(|(c, k)| Step::ToServer(c, k)),
        6 => (client.clone(), 1..60u8).prop_map(|(c, k)| Step::ToClient(c, k)),
        2 => (client.clone(), any::<Index>()).prop_map(|(c, i)| Step::Lose(c, i)),
        2 => (client.clone(), any::<Index>()).prop_map(|(c, i)| Step::Double(c, i)),
        2 => (client.clone(), any::<Index>()).prop_map(|(c, i)| Step::Overtake(c, i)),
        2 => client.clone().prop_map(Step::Disconnect),
        4 => client.clone().prop_map(Step::Connect),
        1 => client.clone().prop_map(Step::TooFast),
        1 => client.clone().prop_map(Step::Older),
        1 => (client.clone(), any::<Index>()).prop_map(|(c, i)| Step::Around(c, i)),
        1 => client.clone().prop_map(Step::Newer),
        3 => any::<Index>().prop_map(Step::Delete),
        1 => client.prop_map(Step::DeletePerson),
        1 => (0..CLIENTS as u8 + 3).prop_map(Step::Types),
        1 => any::<Index>().prop_map(Step::Restore),
    ]
}

#[derive(Default)]
struct Link {
    connected: bool,
    welcomed: bool,
    to_server: VecDeque<ClientFrame>,
    to_client: VecDeque<ServerFrame>,
    rate_limited: bool,
}

struct World {
    log: Vec<Logged>,
    keys: HashMap<(usize, Key), usize>,
    epoch: u32,
    clients: Vec<Replica>,
    links: Vec<Link>,
    said: Vec<Vec<Key>>,
    writing: Vec<ChatId>,
}

impl World {
    fn new() -> Self {
        Self {
            log: Vec::new(),
            keys: HashMap::new(),
            epoch: 1,
            clients: (0..CLIENTS)
                .map(|_| Replica::new(RoomId::lobby(), Vec::new()))
                .collect(),
            links: (0..CLIENTS).map(|_| Link::default()).collect(),
            said: vec![Vec::new(); CLIENTS],
            writing: Vec::new(),
        }
    }

    fn epoch(&self) -> Epoch {
        format!("e{}", self.epoch).as_str().try_into().expect("an epoch")
    }

    fn page(&self, before: usize) -> Page {
        self.stretch(before.saturating_sub(PAGE_MESSAGES), before)
    }

    fn stretch(&self, after: usize, upto: usize) -> Page {
        let (from, to) = (Position(after as u64), Position(upto as u64));
        Page::of(RoomId::lobby(), from, to, self.log[after..upto].to_vec())
    }

    fn frame(&self, index: usize) -> ServerFrame {
        match self.log[index].clone() {
            Logged::Said(message) => ServerFrame::MessageReceived(MessageReceived {
                message,
                count: CLIENTS,
            }),
            Logged::Deleted(deleted) => ServerFrame::Deleted(deleted),
        }
    }

    fn messages(&self, after: usize, upto: usize) -> Vec<&Message> {
        self.log[after..upto].iter().filter_map(Logged::message).collect()
    }

    fn delete(&mut self, which: impl Fn(&Message) -> bool, deletion: Deletion) {
        let nothing = |n, deletion| {
            let room = RoomId::lobby();
            Logged::Deleted(Deleted { room, n, deletion })
        };
        for entry in &mut self.log {
            if let Some(n) = entry.message().filter(|it| which(it)).map(|it| it.n) {
                *entry = nothing(n, None);
            }
        }
        let n = Position(self.log.len() as u64 + 1);
        self.log.push(nothing(n, Some(deletion)));
        self.tell_of_the_newest();
    }

    fn tell_of_the_newest(&mut self) {
        let frame = self.frame(self.log.len() - 1);
        for link in self.links.iter_mut().filter(|link| link.welcomed) {
            link.to_client.push_back(frame.clone());
        }
    }

    fn typing(&self) -> Typing {
        Typing {
            room: RoomId::lobby(),
            chat_ids: self.writing.iter().take(NAMED_TYPING).cloned().collect(),
            count: self.writing.len(),
        }
    }

    fn writes(&mut self, person: u8) {
        let person = ChatId::try_from(format!("c{person}")).expect("an id");
        let before = self.writing.len();
        self.writing.retain(|it| *it != person);
        if self.writing.len() == before {
            self.writing.push(person);
        }
        let typing = self.typing();
        for link in self.links.iter_mut().filter(|link| link.welcomed) {
            link.to_client.push_back(ServerFrame::Typing(typing.clone()));
        }
    }

    fn read_on(&mut self, client: usize, after: usize) {
        if after > self.log.len() || self.log.len() - after > PAGE_MESSAGES {
            let page = self.page(self.log.len());
            self.links[client].to_client.push_back(ServerFrame::Page(page));
        } else {
            for index in after..self.log.len() {
                let frame = self.frame(index);
                self.links[client].to_client.push_back(frame);
            }
        }
    }

    fn asks(&mut self, client: usize, asks: Vec<Effect>) {
        for ask in asks {
            match ask {
                Effect::Send(frame) => {
                    if self.links[client].connected {
                        self.links[client].to_server.push_back(frame);
                    }
                }
                // The model's clock runs at once.
                Effect::SendNextIn(_) => {
                    let asks = self.clients[client].try_what_was_put_off();
                    self.asks(client, asks);
                }
            }
        }
    }

    fn serve(&mut self, client: usize, frame: ClientFrame) {
        match frame {
            ClientFrame::Hello(hello) => self.serve_hello(client, &hello),
            ClientFrame::SendMessage(say) => self.serve_say(client, say),
            ClientFrame::SyncRoom { after, .. } => self.read_on(client, after.0 as usize),
            other => panic!("a replica does not ask for {other:?}"),
        }
    }

    fn serve_hello(&mut self, client: usize, hello: &Hello) {
        let welcome = ServerFrame::Welcome(Welcome {
            you: You {
                chat_id: format!("c{client}").as_str().try_into().expect("an id"),
                name: hello.name.as_str().try_into().expect("a name"),
                avatar: Avatar::Face(0),
                role: Role::Guest,
                muted_for: 0,
                token: None,
            },
            rooms: vec![RoomInfo {
                n: Position(self.log.len() as u64),
                ..RoomInfo::open(RoomId::lobby(), RoomName::lobby())
            }],
            epoch: self.epoch(),
            limits: Limits::CURRENT,
            version: "model".to_owned(),
        });
        self.links[client].to_client.push_back(welcome);
        self.links[client].welcomed = true;
        // A connection begins with nobody.
        if !self.writing.is_empty() {
            let typing = ServerFrame::Typing(self.typing());
            self.links[client].to_client.push_back(typing);
        }
        let stale = hello
            .epoch
            .as_ref()
            .is_some_and(|it| *it != self.epoch().to_string());
        let cursor = if stale {
            0
        } else {
            hello.cursors["lobby"].0 as usize
        };
        self.read_on(client, cursor);
    }

    fn serve_say(&mut self, client: usize, say: SendMessage) {
        let key = Key::try_from(say.key.expect("a replica gives keys")).expect("a key");
        if self.links[client].rate_limited {
            self.links[client].rate_limited = false;
            let refusal = Refusal {
                error: ErrorCode::RateLimited,
                message: ErrorCode::RateLimited.sentence(Lang::En),
                retry: true,
                retry_after: Some(100),
                key: Some(key.to_string()),
                room: None,
            };
            self.links[client]
                .to_client
                .push_back(ServerFrame::Error(refusal));
            return;
        }
        if let Some(&index) = self.keys.get(&(client, key.clone())) {
            let answer = match &self.log[index] {
                Logged::Said(_) => self.frame(index),
                Logged::Deleted(_) => ServerFrame::Error(Refusal {
                    error: ErrorCode::MessageDeleted,
                    message: ErrorCode::MessageDeleted.sentence(Lang::En),
                    retry: false,
                    retry_after: None,
                    key: Some(key.to_string()),
                    room: None,
                }),
            };
            self.links[client].to_client.push_back(answer);
            return;
        }
        let index = self.log.len();
        self.keys.insert((client, key.clone()), index);
        self.log.push(Logged::Said(Message {
            room: RoomId::lobby(),
            n: Position(index as u64 + 1),
            key,
            chat_id: format!("c{client}").as_str().try_into().expect("an id"),
            name: "x".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            text: say.text.as_str().try_into().expect("a text"),
            mentions: Mentions::default(),
            at: Millis(0),
        }));
        self.tell_of_the_newest();
    }

    fn connect(&mut self, client: usize) {
        if !self.links[client].connected {
            self.links[client].connected = true;
            let hello = self.clients[client].hello("x", None);
            self.links[client].to_server.push_back(hello);
        }
    }

    fn disconnect(&mut self, client: usize) {
        self.links[client] = Link::default();
        self.clients[client].disconnected();
    }

    fn reach_server(&mut self, client: usize) -> bool {
        let Some(frame) = self.links[client].to_server.pop_front() else {
            return false;
        };
        self.serve(client, frame);
        true
    }

    fn reach_client(&mut self, client: usize) -> bool {
        let Some(frame) = self.links[client].to_client.pop_front() else {
            return false;
        };
        let asks = self.clients[client].apply(frame);
        self.asks(client, asks);
        true
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Say(client, times) => {
                for _ in 0..times {
                    let count = self.said[client].len();
                    let key = Key::try_from(format!("c{client}-{count}")).expect("a key");
                    let text = MessageBody::try_from(key.as_str()).expect("a text");
                    self.said[client].push(key.clone());
                    let asks = self.clients[client].say(key, RoomId::lobby(), text, Millis(0));
                    self.asks(client, asks);
                }
            }
            Step::ToServer(client, times) => {
                for _ in 0..times {
                    self.reach_server(client);
                }
            }
            Step::ToClient(client, times) => {
                for _ in 0..times {
                    self.reach_client(client);
                }
            }
            Step::Lose(client, at) => self.on_the_way(client, at, |queue, index| {
                queue.remove(index);
            }),
            Step::Double(client, at) => self.on_the_way(client, at, |queue, index| {
                let twin = queue[index].clone();
                queue.insert(index, twin);
            }),
            Step::Overtake(client, at) => self.on_the_way(client, at, |queue, index| {
                if index + 1 < queue.len() {
                    queue.swap(index, index + 1);
                }
            }),
            Step::Disconnect(client) => self.disconnect(client),
            Step::Connect(client) => self.connect(client),
            Step::TooFast(client) => self.links[client].rate_limited = true,
            Step::Older(client) => {
                let room = self.clients[client].room(&RoomId::lobby()).expect("the lobby");
                let before = room.shown().after().0 as usize;
                // A page of an older epoch is not asked for: the replica starts anew at its welcome.
                if self.clients[client].is_live() && self.links[client].welcomed {
                    let page = self.page(before.min(self.log.len()));
                    self.clients[client].older(page);
                }
            }
            Step::Types(person) => self.writes(person),
            Step::Around(client, at) => {
                let n = at.index(self.log.len() + 1);
                let upto = self.log.len().min((n + 24).max(PAGE_MESSAGES));
                if self.clients[client].is_live() && self.links[client].welcomed {
                    let page = self.page(upto);
                    self.clients[client].around(page);
                }
            }
            Step::Newer(client) => {
                let room = self.clients[client].room(&RoomId::lobby()).expect("the lobby");
                let after = self.log.len().min(room.shown().cursor().0 as usize);
                let upto = self.log.len().min(after + PAGE_MESSAGES);
                if self.clients[client].is_live() && self.links[client].welcomed {
                    let page = self.stretch(after, upto);
                    self.clients[client].newer(page);
                }
            }
            Step::Delete(at) => {
                let messages = self.messages(0, self.log.len());
                if !messages.is_empty() {
                    let Message { n, chat_id, .. } = messages[at.index(messages.len())].clone();
                    let mentions = Mentions::default();
                    let deletion = Deletion::Message {
                        of: n,
                        chat_id,
                        mentions,
                    };
                    self.delete(|it| it.n == n, deletion);
                }
            }
            Step::DeletePerson(client) => {
                let chat_id = ChatId::try_from(format!("c{client}")).expect("an id");
                let theirs = chat_id.clone();
                self.delete(|it| it.chat_id == theirs, Deletion::Person { chat_id });
            }
            Step::Restore(at) => {
                let keep = at.index(self.log.len() + 1);
                self.log.truncate(keep);
                self.keys.retain(|_, index| *index < keep);
                self.epoch += 1;
                for client in 0..CLIENTS {
                    self.disconnect(client);
                }
            }
        }
    }

    /// Meddles with a frame on its way to a client. The welcome is the one that is always first.
    fn on_the_way(&mut self, client: usize, at: Index, meddle: impl Fn(&mut VecDeque<ServerFrame>, usize)) {
        let queue = &mut self.links[client].to_client;
        if queue.is_empty() || matches!(queue[0], ServerFrame::Welcome(_)) {
            return;
        }
        let index = at.index(queue.len());
        meddle(queue, index);
    }

    fn come_to_rest(&mut self) {
        for client in 0..CLIENTS {
            self.disconnect(client);
            self.connect(client);
        }
        loop {
            let mut moved = false;
            for client in 0..CLIENTS {
                moved |= self.reach_server(client);
                moved |= self.reach_client(client);
            }
            if !moved {
                return;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn replicas_converge_to_the_log(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        let changed = |step: &Step| matches!(step, Step::Restore(_) | Step::Delete(_) | Step::DeletePerson(_));
        let changed = steps.iter().any(changed);
        for step in steps {
            world.take(step);
        }
        world.come_to_rest();

        for (client, replica) in world.clients.iter().enumerate() {
            let room = replica.room(&RoomId::lobby()).expect("the lobby");
            let has: Vec<&Message> = room.timeline.messages().map(AsRef::as_ref).collect();
            let after = room.timeline.after().0 as usize;
            prop_assert_eq!(has, world.messages(after, world.log.len()), "client {} has what the server has", client);
            prop_assert_eq!(room.timeline.cursor(), Position(world.log.len() as u64));
            let shown: Vec<&Message> = room.shown().messages().map(AsRef::as_ref).collect();
            let (after, upto) = (room.shown().after().0 as usize, room.shown().cursor().0 as usize);
            let same = shown == world.messages(after, upto);
            prop_assert!(room.stale || same, "client {} looks at what the server has", client);
            prop_assert!(upto == world.log.len() || room.elsewhere.is_some());
            prop_assert!(replica.outbox().pending().is_empty(), "everything was said");
            let mut others = World::new();
            others.writing = world.writing.clone();
            others.connect(client);
            while others.reach_server(client) | others.reach_client(client) {}
            let fresh = others.clients[client].room(&RoomId::lobby()).expect("the lobby");
            prop_assert_eq!(&room.typing, &fresh.typing, "who is writing is known");

            let heard: Vec<&Key> = world.messages(0, world.log.len()).into_iter()
                .filter(|message| message.chat_id.as_str() == format!("c{client}"))
                .map(|message| &message.key)
                .collect();
            let said: Vec<&Key> = world.said[client].iter().collect();
            if !changed {
                prop_assert_eq!(heard, said, "each once, in the order in which they were written");
            }
        }
    }
}

#[test]
fn nobody_is_seen_writing_while_there_is_no_connection() {
    let mut world = World::new();
    world.take(Step::Types(1));
    world.connect(0);
    while world.reach_server(0) | world.reach_client(0) {}
    let writing = |world: &World| {
        world.clients[0]
            .room(&RoomId::lobby())
            .map(|it| it.typing.count())
    };
    assert_eq!(writing(&world), Some(1));
    world.take(Step::Disconnect(0));
    assert_eq!(writing(&world), Some(0));
}

#[test]
fn a_refused_message_waits_for_its_author_and_holds_nobody_up() {
    let mut world = World::new();
    world.connect(0);
    world.reach_server(0);
    world.reach_client(0);
    world.take(Step::Say(0, 2));
    let key = world.said[0][0].clone();
    let refusal = Refusal {
        error: ErrorCode::TextTooLong,
        message: String::new(),
        retry: false,
        retry_after: None,
        key: Some(key.to_string()),
        room: None,
    };
    world.links[0].to_server.clear();
    let asks = world.clients[0].apply(ServerFrame::Error(refusal));
    assert!(matches!(&asks[..], [Effect::Send(ClientFrame::SendMessage(next))] if next.text == "c0-1"));
    assert_eq!(
        world.clients[0].outbox().pending()[0].state,
        PendingState::Refused(ErrorCode::TextTooLong)
    );

    assert!(
        world.clients[0].try_again(&key).is_empty(),
        "after the one that is under way"
    );
    world.asks(0, asks);
    world.come_to_rest();
    let messages = world.messages(0, world.log.len());
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["c0-0", "c0-1"]);
}

#[test]
fn only_what_the_server_has_refused_can_be_discarded() {
    let mut world = World::new();
    world.take(Step::Say(0, 1));
    let key = world.said[0][0].clone();
    world.clients[0].discard(&key);
    assert_eq!(
        world.clients[0].outbox().pending().len(),
        1,
        "it may have been said already"
    );
}

#[test]
fn what_is_under_way_is_said_again_after_a_page_that_may_stand_in_for_its_echo() {
    let mut world = World::new();
    world.connect(0);
    world.reach_server(0);
    world.reach_client(0);
    world.take(Step::Say(0, 1));
    let key = world.said[0][0].to_string();
    let page = Page {
        room: RoomId::lobby(),
        after: Position(10),
        upto: Position(10),
        messages: Vec::new(),
        deleted: Vec::new(),
    };
    let asks = world.clients[0].apply(ServerFrame::Page(page));
    assert!(
        matches!(&asks[..], [Effect::Send(ClientFrame::SendMessage(again))] if again.key.as_ref() == Some(&key)),
        "{asks:?}"
    );
}

#[test]
fn a_page_that_does_not_hold_together_changes_nothing() {
    let mut world = World::new();
    world.connect(0);
    world.take(Step::Say(0, 3));
    while world.reach_server(0) | world.reach_client(0) {}
    let mut before = world.clients[0].clone();
    let whole = world.page(3);
    let nothing = |n| Deleted {
        room: RoomId::lobby(),
        n: Position(n),
        deletion: None,
    };
    type Spoil<'a> = &'a dyn Fn(&mut Page);
    let spoils: [Spoil<'_>; 7] = [
        &|page| page.after = Position(4),
        &|page| page.after = Position(1),
        &|page| page.upto = Position(u64::MAX),
        &|page| drop(page.messages.remove(1)),
        &|page| page.messages[1].room = "den".try_into().expect("an id"),
        &|page| page.deleted.push(nothing(2)),
        &|page| page.deleted.push(nothing(5)),
    ];
    for spoil in spoils {
        let mut page = whole.clone();
        spoil(&mut page);
        before.older(page.clone());
        before.apply(ServerFrame::Page(page));
        assert_eq!(before, world.clients[0]);
    }
}

#[test]
fn nothing_comes_after_the_last_position() {
    let mut world = World::new();
    let end = Position(u64::MAX);
    world.clients[0].apply(ServerFrame::Page(Page {
        room: RoomId::lobby(),
        after: end,
        upto: end,
        messages: Vec::new(),
        deleted: Vec::new(),
    }));
    world.take(Step::Connect(1));
    world.take(Step::Say(1, 1));
    while world.reach_server(1) | world.reach_client(1) {}
    let frame = world.frame(0);
    world.clients[0].apply(frame);
    let room = world.clients[0].room(&RoomId::lobby()).expect("the lobby");
    assert_eq!(room.timeline.cursor(), end);
}

#[test]
fn trying_again_what_is_under_way_or_putting_off_what_was_refused_sends_nothing() {
    let mut world = World::new();
    world.connect(0);
    world.reach_server(0);
    world.reach_client(0);
    world.take(Step::Say(0, 1));
    let key = world.said[0][0].clone();
    assert_eq!(world.clients[0].try_again(&key), [], "it is under way");

    let refusal = |error: ErrorCode| {
        ServerFrame::Error(Refusal {
            error,
            message: String::new(),
            retry: error.retry(),
            retry_after: None,
            key: Some(key.to_string()),
            room: None,
        })
    };
    world.clients[0].apply(refusal(ErrorCode::TextTooLong));
    world.clients[0].apply(refusal(ErrorCode::RateLimited));
    assert_eq!(world.clients[0].send_next(), [], "its author has not said so");
}
