//! Applies entries to the real tables through the log's own commit, and compares them with a model: a list of
//! messages for each room. There are few rooms, users, keys and texts, so that entries repeat and
//! contradict each other.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use arbitrary::{Arbitrary, Unstructured};
use rusqlite::Connection;
use snug::{
    features::{
        Applied, Command, Entry, Event, levels, members,
        messages::{self, ReadOn},
        moderation, room_access, rooms,
    },
    log::{commit, rebuild, tables},
    store::folder::migrate,
};
use snug_shared::{
    api::HistoryQuery,
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Key, Millis, Position, RoomId},
    levels::NotificationLevel,
    limits::{COUNTED, PAGE_MESSAGES},
    mentions::{Mentioned, Mentions},
    messages::{Deleted, Deletion, Logged, Message, Page},
    people::ModerationAction,
    rooms::{ReadState, RoomInfo},
    text::{MessageBody, Nickname, RoomName, Topic},
};

use crate::Target;

/// The fuzz target.
pub const TARGET: Target = Target {
    name: "apply",
    run,
    words: &[],
};

/// The maximum number of entries in a run: some more than a page.
const ENTRIES: usize = 2 * PAGE_MESSAGES;

#[derive(Arbitrary, Debug)]
enum Request {
    Open { name: u8 },
    Join,
    Leave,
    Read { n: u8 },
    SetLevel { level: u8 },
    Post { key: u8, text: Text },
    Delete { n: u8 },
}

#[derive(Arbitrary, Debug)]
enum Text {
    Few(u8),
    /// Any text, if it is a valid message.
    Any(String),
}

#[derive(Arbitrary, Debug)]
struct Action {
    by: u8,
    at: i64,
    room: u8,
    what: Request,
    /// Ends a transaction.
    ends: bool,
}

thread_local! {
    /// Emptied before each run: creating the tables would take longer than most runs.
    static TABLES: RefCell<Connection> = RefCell::new({
        let mut connection = Connection::open_in_memory().expect("memory");
        connection.pragma_update(None, "foreign_keys", true).expect("set");
        migrate(&mut connection).expect("the tables are made");
        connection
    });
}

/// Applies the entries that the bytes encode.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    TABLES.with_borrow_mut(|connection| {
        connection
            .execute_batch("DELETE FROM mentions; DELETE FROM messages; DELETE FROM tombstones; DELETE FROM audit_log; DELETE FROM members; DELETE FROM left_rooms; DELETE FROM last_posts; DELETE FROM direct_participants; DELETE FROM blocks; DELETE FROM personal_entries; DELETE FROM deleted_rooms; DELETE FROM rooms; DELETE FROM read_positions; DELETE FROM notification_levels; DELETE FROM log;")
            .expect("it is emptied");
        let mut model = Model::default();
        let mut batch = Vec::new();
        for _ in 0..ENTRIES {
            if bytes.is_empty() {
                break;
            }
            // An incomplete entry at the end is ignored.
            let Ok(action) = Action::arbitrary(&mut bytes) else {
                break;
            };
            batch.push(entry(&action));
            if action.ends {
                submit(connection, &mut model, &batch);
                batch.clear();
            }
        }
        submit(connection, &mut model, &batch);
        check_history(connection, &model);
        check_read_states(connection, &model);
        check_rebuild(connection, &model);
    });
}

fn entry(action: &Action) -> Entry {
    let one = |of: u8| ["lobby", "den", "attic"][usize::from(of) % 3];
    let room = RoomId::try_from(one(action.room)).expect("an id");
    // One user has two names.
    let (by, name) = [("ann", "Ann"), ("ann", "Anna"), ("bob", "Bob")][usize::from(action.by) % 3];
    let command = match &action.what {
        Request::Open { name } => Command::CreateRoom(rooms::CreateRoom {
            name: (room != RoomId::lobby()).then(|| RoomName::try_from(one(*name)).expect("a name")),
            room,
            skeleton: None,
            topic: Topic::default(),
            private: false,
        }),
        Request::Join => Command::JoinRoom(members::JoinRoom { room }),
        Request::Read { n } => Command::MarkRead(members::MarkRead {
            room,
            n: Position((*n).into()),
        }),
        Request::SetLevel { level } => Command::SetLevel(levels::SetLevel {
            room,
            level: NotificationLevel::ALL[usize::from(*level) % 3],
        }),
        Request::Leave => Command::LeaveRoom(members::LeaveRoom { room }),
        Request::Post { key, text } => Command::PostMessage(messages::PostMessage {
            room,
            key: Key::try_from(format!("k{}", key % 16)).expect("a key"),
            name: Nickname::try_from(name).expect("a name"),
            avatar: Avatar::of_seed(by),
            mentions: Mentions::find(text.body().as_str(), &people()),
            text: text.body(),
        }),
        Request::Delete { n } => Command::Moderate(moderation::Moderate {
            action: ModerationAction::DeleteMessage {
                room,
                n: Position((*n).into()),
            },
            guest: None,
            networks: Vec::new(),
        }),
    };
    Entry {
        by: ChatId::try_from(by).expect("an id"),
        at: Millis(action.at),
        command,
    }
}

fn people() -> [Mentioned; 2] {
    ["ann", "bob"].map(|it| Mentioned {
        chat_id: ChatId::try_from(it).expect("an id"),
        name: Nickname::try_from(it).expect("a name"),
    })
}

impl Text {
    fn body(&self) -> MessageBody {
        match self {
            Self::Few(word) => {
                MessageBody::try_from(["a", "b", "@Ann", "@bob @ann", "@room"][usize::from(*word) % 5])
            }
            Self::Any(text) => MessageBody::try_from(text.as_str()),
        }
        .unwrap_or_else(|_| MessageBody::try_from("?").expect("a text"))
    }
}

/// The expected content of the tables.
#[derive(Default)]
struct Model {
    rooms: BTreeMap<RoomId, ModelRoom>,
    /// Read positions, also of users who have left the room.
    reads: BTreeMap<(ChatId, RoomId), Position>,
    levels: BTreeMap<(ChatId, RoomId), NotificationLevel>,
    /// The log's entry of each message.
    said: BTreeMap<(RoomId, Position), i64>,
    deleted: BTreeSet<(ChatId, Key)>,
    /// The authors of deleted messages.
    deleted_at: BTreeMap<(RoomId, Position), ChatId>,
    entries: u64,
}

struct ModelRoom {
    name: RoomName,
    created_by: ChatId,
    /// Each member with the head of the room at the time of joining.
    members: BTreeMap<ChatId, Position>,
    log: Vec<Logged>,
}

impl ModelRoom {
    fn info(&self, room: &RoomId) -> RoomInfo {
        RoomInfo {
            created_by: (*room != RoomId::lobby()).then(|| self.created_by.clone()),
            n: Position(self.log.len() as u64),
            ..RoomInfo::open(room.clone(), self.name.clone())
        }
    }

    fn has(&self, room: &RoomId, person: &ChatId) -> bool {
        *room == RoomId::lobby() || self.members.contains_key(person)
    }
}

impl Model {
    fn read_state(&self, person: &ChatId, id: &RoomId) -> ReadState {
        let ModelRoom { log, members, .. } = &self.rooms[id];
        let n = Position(log.len() as u64);
        let whose = (person.clone(), id.clone());
        let level = self.levels.get(&whose).copied().unwrap_or_default();
        let Some(read) = self.reads.get(&whose).or_else(|| members.get(person)) else {
            return ReadState {
                n,
                level,
                ..ReadState::default()
            };
        };
        let waiting = |it: &&Message| it.n > *read && it.chat_id != *person;
        let naming = |it: &&Message| waiting(it) && it.mentions.mean(person);
        let count = |count: usize| u32::try_from(count).expect("few").min(COUNTED);
        ReadState {
            n,
            read: Some(*read),
            unread: count(log.iter().filter_map(Logged::message).filter(waiting).count()),
            mentions: count(log.iter().filter_map(Logged::message).filter(naming).count()),
            level,
        }
    }

    fn apply(&mut self, entry: &Entry) -> Result<Applied, ErrorCode> {
        let by = entry.by.clone();
        let recorded = match &entry.command {
            Command::CreateRoom(open) => {
                let name = open.name.clone().unwrap_or_else(RoomName::lobby);
                if let Some(room) = self.rooms.get(&open.room) {
                    let info = room.info(&open.room);
                    return if room.created_by == by && room.has(&open.room, &by) {
                        Ok(Applied::Duplicate(Event::RoomCreated { info, by }))
                    } else {
                        Err(ErrorCode::RoomNameTaken)
                    };
                }
                if self.rooms.values().any(|it| it.name == name) {
                    return Err(ErrorCode::RoomNameTaken);
                }
                let room = ModelRoom {
                    name,
                    created_by: by.clone(),
                    members: (open.room != RoomId::lobby())
                        .then(|| (by.clone(), Position::START))
                        .into_iter()
                        .collect(),
                    log: Vec::new(),
                };
                let mut info = room.info(&open.room);
                if open.room != RoomId::lobby() {
                    info = info.with_read_state(ReadState::NEW);
                }
                self.rooms.insert(open.room.clone(), room);
                Event::RoomCreated { info, by }
            }
            Command::JoinRoom(join) => {
                let room = self.rooms.get_mut(&join.room).ok_or(ErrorCode::NotFound)?;
                let (info, person) = (room.info(&join.room), by.clone());
                if room.has(&join.room, &by) {
                    return Ok(Applied::Duplicate(Event::MemberJoined { info, person }));
                }
                room.members.insert(by, info.n);
                let info = info.with_read_state(self.read_state(&person, &join.room));
                Event::MemberJoined { info, person }
            }
            Command::MarkRead(read) => {
                let room = (self.rooms.get(&read.room)).filter(|it| it.has(&read.room, &by));
                let head = room.ok_or(ErrorCode::NotFound)?.info(&read.room).n;
                let whose = (by.clone(), read.room.clone());
                self.reads.insert(whose, read.n.min(head));
                return Ok(Applied::AppliedOnly(Event::ReadStateChanged {
                    room: read.room.clone(),
                    standing: self.read_state(&by, &read.room),
                    person: by,
                }));
            }
            Command::SetLevel(set) => {
                let room = (self.rooms.get(&set.room)).filter(|it| it.has(&set.room, &by));
                room.ok_or(ErrorCode::NotFound)?;
                self.levels.insert((by.clone(), set.room.clone()), set.level);
                return Ok(Applied::AppliedOnly(Event::LevelChanged {
                    room: set.room.clone(),
                    person: by,
                    level: set.level,
                }));
            }
            Command::LeaveRoom(leave) if leave.room == RoomId::lobby() => return Err(ErrorCode::LobbyFixed),
            Command::LeaveRoom(leave) => {
                let room = self.rooms.get_mut(&leave.room);
                let was_in = room.is_some_and(|room| room.members.remove(&by).is_some());
                let left = Event::MemberLeft {
                    room: leave.room.clone(),
                    person: by,
                    removed_by_other: false,
                };
                if !was_in {
                    return Ok(Applied::Duplicate(left));
                }
                left
            }
            Command::PostMessage(say) => {
                if !(self.rooms.get(&say.room)).is_some_and(|it| it.has(&say.room, &by)) {
                    return Err(ErrorCode::NotFound);
                }
                let mut all = (self.rooms.values().flat_map(|it| &it.log)).filter_map(Logged::message);
                if let Some(known) = all.find(|it| it.chat_id == entry.by && it.key == say.key) {
                    return if known.room == say.room && known.text == say.text {
                        Ok(Applied::Duplicate(Event::MessagePosted(known.clone())))
                    } else {
                        Err(ErrorCode::KeyConflict)
                    };
                }
                if self.deleted.contains(&(entry.by.clone(), say.key.clone())) {
                    return Err(ErrorCode::MessageDeleted);
                }
                let log = &mut self.rooms.get_mut(&say.room).expect("it was found").log;
                let n = Position(log.len() as u64 + 1);
                let message = Message {
                    room: say.room.clone(),
                    n,
                    key: say.key.clone(),
                    chat_id: entry.by.clone(),
                    name: say.name.clone(),
                    avatar: say.avatar.clone(),
                    text: say.text.clone(),
                    mentions: say.mentions.clone(),
                    at: entry.at,
                };
                log.push(Logged::Said(message.clone()));
                let place = i64::try_from(self.entries + 1).expect("few");
                self.said.insert((say.room.clone(), n), place);
                Event::MessagePosted(message)
            }
            Command::Moderate(moderation::Moderate {
                action: ModerationAction::DeleteMessage { room, n },
                ..
            }) => {
                let kept = (self.rooms.get_mut(room)).filter(|it| it.has(room, &by));
                let log = &mut kept.ok_or(ErrorCode::NotFound)?.log;
                let index = (n.0 as usize).checked_sub(1).ok_or(ErrorCode::NotFound)?;
                let Some(message) = log.get(index).and_then(Logged::message) else {
                    // A repeated deletion changes nothing.
                    return match self.deleted_at.get(&(room.clone(), *n)) {
                        Some(author) if *author == by => Ok(Applied::Duplicate(Event::Nothing)),
                        Some(_) => Err(ErrorCode::NotAllowed),
                        None => Err(ErrorCode::NotFound),
                    };
                };
                if message.chat_id != by {
                    return Err(ErrorCode::NotAllowed);
                }
                let nothing = |n, deletion| Deleted {
                    room: room.clone(),
                    n,
                    deletion,
                };
                let deletion = |mentions| {
                    let (of, chat_id) = (*n, by.clone());
                    Some(Deletion::Message {
                        of,
                        chat_id,
                        mentions,
                    })
                };
                let (key, mentions) = (message.key.clone(), message.mentions.clone());
                self.deleted.insert((by.clone(), key));
                self.deleted_at.insert((room.clone(), *n), by.clone());
                log[index] = Logged::Deleted(nothing(*n, None));
                let last = Position(log.len() as u64 + 1);
                // The event has the mentions of the deleted message; the log has not.
                log.push(Logged::Deleted(nothing(last, deletion(Mentions::default()))));
                Event::MessageDeleted {
                    deleted: nothing(last, deletion(mentions)),
                    entry: self.said.get(&(room.clone(), *n)).copied(),
                }
            }
            other => unreachable!("no entry for {other:?}"),
        };
        self.entries += 1;
        Ok(Applied::Logged(recorded))
    }
}

fn submit(connection: &mut Connection, model: &mut Model, batch: &[Entry]) {
    let before = tables(connection).expect("they are readable");
    let outcomes = commit(connection, batch.iter()).expect("it is written");
    let should: Vec<_> = batch.iter().map(|entry| model.apply(entry)).collect();
    assert_eq!(outcomes, should);
    if !outcomes.iter().any(|it| matches!(it, Ok(Applied::Logged(_)))) {
        let after = tables(connection).expect("they are readable");
        assert_eq!(after, before, "a refusal changes nothing");
    }
    let entries: u64 = connection
        .query_row("SELECT count(*) FROM log", [], |row| row.get(0))
        .expect("it is readable");
    assert_eq!(entries, model.entries, "the log has exactly the accepted entries");
}

/// A user who joins gets the read state of all their rooms.
fn check_read_states(connection: &Connection, model: &Model) {
    for person in people().map(|it| it.chat_id) {
        let rooms = model.rooms.iter().filter(|(id, room)| room.has(id, &person));
        let should: BTreeMap<_, _> = rooms
            .map(|(id, _)| (id.clone(), model.read_state(&person, id)))
            .collect();
        let mut found: BTreeMap<_, _> = members::memberships_of(connection, &person)
            .expect("readable")
            .into_iter()
            .collect();
        found.retain(|id, _| model.rooms.contains_key(id));
        assert_eq!(found, should);
    }
}

/// A reader who resumes at any position gets all entries after it, in order and without gaps.
fn check_history(connection: &Connection, model: &Model) {
    let stranger = ChatId::try_from("stranger").expect("an id");
    for (room, ModelRoom { members, log, .. }) in &model.rooms {
        let lobby = *room == RoomId::lobby();
        assert_eq!(
            room_access::require_access(connection, &stranger, room).is_ok(),
            lobby
        );
        let Some(reader) = members.keys().next().or(lobby.then_some(&stranger)) else {
            continue;
        };
        let member = room_access::require_access(connection, reader, room).expect("they are in it");
        let head = log.len();
        let whole = |page: &Page, after: usize, upto: usize| {
            let entries = log[after..upto].to_vec();
            *page
                == Page::of(
                    room.clone(),
                    Position(after as u64),
                    Position(upto as u64),
                    entries,
                )
        };
        for after in [0, 1, head.saturating_sub(PAGE_MESSAGES), head, head + 1] {
            let last = Position(head as u64);
            let should = if after <= head && head - after <= PAGE_MESSAGES {
                ReadOn::Entries(log[after..].to_vec())
            } else {
                let newest = HistoryQuery::Before(last.next());
                let page = messages::excerpt(connection, &member, newest).expect("it is readable");
                assert!(whole(&page, head.saturating_sub(PAGE_MESSAGES), head) && page.is_contiguous());
                ReadOn::Page(page)
            };
            let found = messages::read_on(connection, &member, Position(after as u64));
            assert_eq!(found.expect("it is readable"), should);
            for n in [after, usize::MAX].map(|n| Position(n as u64)) {
                for excerpt in
                    [HistoryQuery::Before, HistoryQuery::Around, HistoryQuery::After].map(|it| it(n))
                {
                    let page = messages::excerpt(connection, &member, excerpt).expect("it is readable");
                    assert!(page.is_contiguous(), "{excerpt}");
                    let (after, upto) = (page.after.0 as usize, page.upto.0 as usize);
                    assert!(upto - after <= PAGE_MESSAGES, "{excerpt}");
                    assert!(whole(&page, after, upto), "{excerpt}");
                }
            }
        }
    }
}

fn check_rebuild(connection: &mut Connection, model: &Model) {
    let before = tables(connection).expect("they are readable");
    let transaction = connection.transaction().expect("one is free");
    assert_eq!(rebuild(&transaction).expect("the log applies"), model.entries);
    transaction.commit().expect("it is written");
    assert_eq!(
        tables(connection).expect("they are readable"),
        before,
        "the rebuilt tables differ"
    );
}
