//! Direct conversations: one room for a few people, the same whichever participant opens it. No one else can ever join it.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, RoomId},
    limits::{
        DIRECT_PEOPLE, DIRECTS_OF_PERSON, GUEST_DIRECTS, PENDING_FROM_GUESTS, UNANSWERED_BY_GUEST,
        UNANSWERED_BY_MEMBER,
    },
    people::Role,
    rooms::{Kind, ReadState, RoomInfo},
    text::{DIRECT, DIRECT_DIGITS, Nickname, RoomName},
};

use super::{
    Applied, ApplyError, Entry, Event, access, blocks, members, people,
    room_access::{self, RoomAccess},
    room_table,
    rooms::opened,
    sql::{parsed, to_column},
    unread,
};

/// Opens a direct conversation, or reopens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDirect {
    /// The id of its room: a keyed hash of its participants, which no outsider can compute.
    pub room: RoomId,
    /// All participants, the author included, each once.
    pub participants: Vec<Participant>,
}

/// A participant, with their name and avatar at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The participant's id.
    pub user: ChatId,
    /// The participant's name.
    pub name: Nickname,
    /// The participant's avatar.
    pub avatar: Avatar,
}

/// Returns the text that a conversation's id is a hash of: its participants in the order of their ids, one per line. No id
/// contains a line break.
#[must_use]
pub fn who<'a>(people: impl Iterator<Item = &'a ChatId>) -> String {
    let mut people: Vec<&str> = people.map(ChatId::as_str).collect();
    people.sort_unstable();
    people.join("\n")
}

/// Returns the first bytes of a hash as the id of a conversation.
#[must_use]
pub fn digits(hash: &[u8]) -> String {
    hash.iter()
        .take(DIRECT_DIGITS / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Applies an [`OpenDirect`]. A conversation that exists already is reopened.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the author is not a participant or the number of participants is not valid,
/// [`ErrorCode::NotAllowed`] if a participant has blocked the author, [`ErrorCode::TooManyRooms`] above the limits of
/// conversations, and the codes of [`access::may_be_seen`].
pub(super) fn open(tables: &Connection, entry: &Entry, open: &OpenDirect) -> Result<Applied, ApplyError> {
    let mine = open.participants.iter().any(|it| it.user == entry.by);
    if !mine || !(2..=DIRECT_PEOPLE).contains(&open.participants.len()) {
        return Err(ErrorCode::NotFound.into());
    }
    let room = &open.room;
    if let Some(known) = room_table::info(tables, room)? {
        return reopen(tables, entry, known);
    }
    access::may_be_seen(tables, entry)?;
    let others = || {
        open.participants
            .iter()
            .map(|it| &it.user)
            .filter(|it| **it != entry.by)
    };
    for other in others() {
        if blocks::is_blocked(tables, other, &entry.by)? {
            return Err(ErrorCode::NotAllowed.into());
        }
    }
    let role = people::person(tables, &entry.by)?.map_or(Role::Guest, |it| it.known.role);
    check_opening_limit(tables, &entry.by, role)?;
    for other in others() {
        check_pending_limit(tables, other, role)?;
    }
    let name = RoomName::try_from(format!("{DIRECT}{room}"))?;
    tables
        .prepare_cached(
            "INSERT INTO rooms (id, head, name, skeleton, created_by, kind, created_by_guest, members_changed_at)
             VALUES (?1, 0, ?2, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            room.as_str(),
            name.as_str(),
            entry.by.as_str(),
            to_column(&Kind::Direct),
            role.is_guest(),
            entry.at.0,
        ])?;
    for Participant {
        user: person,
        name,
        avatar,
    } in &open.participants
    {
        tables
            .prepare_cached(
                "INSERT INTO direct_participants (room, user, name, avatar, participation) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                room.as_str(),
                person.as_str(),
                name.as_str(),
                avatar.to_string(),
                i32::from(*person == entry.by)
            ])?;
        members::insert(tables, person, room)?;
    }
    let info = room_table::info(tables, room)?
        .ok_or(ErrorCode::NotFound)?
        .with_read_state(ReadState::NEW);
    Ok(Applied::Logged(opened(info, entry)))
}

/// Reopens an existing conversation, and unhides it for the author.
fn reopen(tables: &Connection, entry: &Entry, known: RoomInfo) -> Result<Applied, ApplyError> {
    if room_access::require_access(tables, &entry.by, &known.room).is_ok() {
        return Ok(Applied::Duplicate(opened(known, entry)));
    }
    if !unhide(tables, &known.room, &entry.by)? {
        return Err(ErrorCode::NotFound.into());
    }
    let (room, person) = (known.room.clone(), entry.by.clone());
    let standing = unread::read_state(tables, &room_access::require_access(tables, &person, &room)?)?;
    let info = known.with_read_state(standing);
    Ok(Applied::Logged(Event::MemberJoined { info, person }))
}

/// Checks that a user of this role may open one more conversation. It counts as unanswered until another participant answers.
///
/// # Errors
/// [`ErrorCode::TooManyRooms`] above the limit.
fn check_opening_limit(tables: &Connection, person: &ChatId, role: Role) -> Result<(), ApplyError> {
    let (own, unanswered): (usize, usize) = tables
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE participation > 0 AND NOT hidden), count(*) FILTER (WHERE participation = 1)
             FROM direct_participants WHERE user = ?1",
        )?
        .query_row([person.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let most = match role {
        Role::Guest => UNANSWERED_BY_GUEST,
        Role::Member => UNANSWERED_BY_MEMBER,
        Role::Moderator | Role::Owner => DIRECTS_OF_PERSON,
    };
    let of_guests: usize = tables
        .prepare_cached("SELECT count(*) FROM rooms WHERE kind = 'direct' AND created_by_guest")?
        .query_row([], |row| row.get(0))?;
    let full = role.is_guest() && of_guests >= GUEST_DIRECTS;
    if full || own >= DIRECTS_OF_PERSON || unanswered >= most {
        return Err(ErrorCode::TooManyRooms.into());
    }
    Ok(())
}

/// Checks that one more conversation, opened by a user of this role, may wait for a user's answer. Moderators and owners can
/// always write to everybody.
///
/// # Errors
/// [`ErrorCode::TooManyRooms`] above the limit.
fn check_pending_limit(tables: &Connection, person: &ChatId, role: Role) -> Result<(), ApplyError> {
    let (all, from_guests) = pending(tables, person)?;
    let full = match role {
        Role::Guest => from_guests >= PENDING_FROM_GUESTS,
        Role::Member => all - from_guests >= DIRECTS_OF_PERSON,
        Role::Moderator | Role::Owner => false,
    };
    if full {
        Err(ErrorCode::TooManyRooms.into())
    } else {
        Ok(())
    }
}

/// Returns how many conversations wait for a user's answer, and how many of them guests opened.
fn pending(tables: &Connection, person: &ChatId) -> rusqlite::Result<(usize, usize)> {
    tables
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE created_by_guest) FROM direct_participants JOIN rooms ON rooms.id = room
             WHERE user = ?1 AND participation = 0 AND NOT hidden",
        )?
        .query_row([person.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Unhides a conversation for a user. Returns whether it was hidden.
fn unhide(tables: &Connection, room: &RoomId, person: &ChatId) -> rusqlite::Result<bool> {
    let shown = tables
        .prepare_cached("UPDATE direct_participants SET hidden = 0 WHERE room = ?1 AND user = ?2 AND hidden")?
        .execute([room.as_str(), person.as_str()])?;
    if shown == 1 {
        members::insert(tables, person, room)?;
    }
    Ok(shown == 1)
}

/// Checks that a user may post in a conversation: not in one of two people if the other one has blocked them.
///
/// # Errors
/// [`ErrorCode::NotAllowed`] if the other one has blocked the user.
pub(super) fn may_speak(tables: &Connection, access: &RoomAccess<'_>) -> Result<(), ApplyError> {
    let blocked = tables
        .prepare_cached(
            "SELECT 1 FROM direct_participants JOIN blocks ON blocks.user = direct_participants.user AND blocked = ?2
             WHERE room = ?1 AND direct_participants.user <> ?2
             AND (SELECT count(*) FROM direct_participants WHERE room = ?1) = 2",
        )?
        .exists([access.room().as_str(), access.person().as_str()])?;
    if blocked {
        return Err(ErrorCode::NotAllowed.into());
    }
    Ok(())
}

/// Unhides a conversation for its other participants when a user posts in it, and marks it as answered. Returns those
/// participants with their read states. It stays hidden for participants who have blocked the author, or who have too many
/// conversations with guests to answer.
pub(super) fn unhide_for_others(
    tables: &Connection,
    access: &RoomAccess<'_>,
) -> Result<Vec<(ChatId, ReadState)>, ApplyError> {
    let place = [access.room().as_str(), access.person().as_str()];
    let answered = tables
        .prepare_cached("UPDATE direct_participants SET participation = 2 WHERE room = ?1 AND user = ?2 AND participation = 0")?
        .execute(place)?;
    if answered == 1 {
        tables
            .prepare_cached(
                "UPDATE direct_participants SET participation = 2 WHERE room = ?1 AND participation = 1",
            )?
            .execute([place[0]])?;
    }
    let hidden = tables
        .prepare_cached(
            "SELECT direct_participants.user, participation = 0 AND created_by_guest FROM direct_participants JOIN rooms ON rooms.id = room
             WHERE room = ?1 AND hidden AND NOT EXISTS
             (SELECT 1 FROM blocks WHERE blocks.user = direct_participants.user AND blocked = ?2) ORDER BY direct_participants.user",
        )?
        .query_map(place, |row| Ok((parsed(row, 0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(ChatId, bool)>>>()?;
    let mut back = Vec::new();
    for (person, of_a_guest) in hidden {
        if of_a_guest && pending(tables, &person)?.1 >= PENDING_FROM_GUESTS {
            continue;
        }
        unhide(tables, access.room(), &person)?;
        let standing = unread::read_state(
            tables,
            &room_access::require_access(tables, &person, access.room())?,
        )?;
        back.push((person, standing));
    }
    Ok(back)
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        ids::{Key, Millis},
        mentions::Mentions,
        text::MessageBody,
    };

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{
        features::{
            ApplyError, Command, accounts::CreateAccount, apply, blocks::Block, members::LeaveRoom,
            messages::PostMessage, people::Name, removals,
        },
        store::folder::migrate,
    };

    const DAY: i64 = 86_400_000;

    fn id(id: &str) -> ChatId {
        ChatId::try_from(id).expect("an id")
    }

    fn name(name: &str) -> Nickname {
        Nickname::try_from(name).expect("a name")
    }

    fn tables() -> Connection {
        let mut tables = Connection::open_in_memory().expect("memory");
        tables.pragma_update(None, "foreign_keys", true).expect("set");
        migrate(&mut tables).expect("tables");
        for who in ["ann", "bob"] {
            let keep = CreateAccount {
                name: Name {
                    name: name(who),
                    skeletons: [format!("={who}"), format!("~{who}")],
                },
                avatar: Avatar::of_seed(who),
                role: Role::Member,
                invite_hash: None,
                password: None,
            };
            does(&tables, who, 0, Command::CreateAccount(keep)).expect("registered");
        }
        tables
    }

    fn does(tables: &Connection, by: &str, at: i64, command: Command) -> Result<Applied, ErrorCode> {
        let (by, at) = (id(by), Millis(at));
        match apply(tables, &Entry { by, at, command }, 1) {
            Ok(applied) => Ok(applied),
            Err(ApplyError::Refused(code)) => Err(code),
            Err(ApplyError::Database(error)) => panic!("{error}"),
        }
    }

    fn begin(tables: &Connection, by: &str, with: &str) -> Result<Applied, ErrorCode> {
        let people = [by, with].map(|who| Participant {
            user: id(who),
            name: name(who),
            avatar: Avatar::of_seed(who),
        });
        let open = OpenDirect {
            room: room(by, with),
            participants: people.into(),
        };
        does(tables, by, 0, Command::OpenDirect(open))
    }

    fn room(one: &str, other: &str) -> RoomId {
        let hash = Sha256::digest(who([&id(one), &id(other)].into_iter()));
        RoomId::try_from(digits(&hash)).expect("an id")
    }

    fn say(tables: &Connection, by: &str, to: &str, key: &str, at: i64) -> Result<Applied, ErrorCode> {
        let say = PostMessage {
            room: room(by, to),
            key: Key::try_from(key).expect("a key"),
            name: name(by),
            avatar: Avatar::of_seed(by),
            text: MessageBody::try_from("hello").expect("a text"),
            mentions: Mentions::default(),
        };
        does(tables, by, at, Command::PostMessage(say))
    }

    const FULL: Result<Applied, ErrorCode> = Err(ErrorCode::TooManyRooms);

    #[test]
    fn one_counts_for_who_begins_it_until_somebody_answers() {
        let tables = tables();
        for n in 0..UNANSWERED_BY_GUEST {
            begin(&tables, "eve", &format!("p{n}")).expect("begun");
            say(&tables, "eve", &format!("p{n}"), &format!("{n}"), 0).expect("said");
        }
        assert_eq!(begin(&tables, "eve", "ann"), FULL, "speaking is no answer");
        say(&tables, "p0", "eve", "a", 0).expect("answered");
        begin(&tables, "eve", "ann").expect("there is one again");
        assert_eq!(begin(&tables, "eve", "bob"), FULL);
    }

    #[test]
    fn guests_fill_their_share_of_what_waits_for_somebody_and_members_write_to_them_all_the_same() {
        let tables = tables();
        for n in 0..PENDING_FROM_GUESTS {
            begin(&tables, &format!("g{n}"), "ann").expect("begun");
        }
        assert_eq!(begin(&tables, "eve", "ann"), FULL);
        begin(&tables, "bob", "ann").expect("a member's");
        begin(&tables, "ann", "eve").expect("her own");
        let room = room("g0", "ann");
        does(&tables, "ann", 0, Command::LeaveRoom(LeaveRoom { room })).expect("hidden");
        begin(&tables, "mallory", "ann").expect("there is room again");
        // Nor does the hidden one come back now.
        let said = say(&tables, "g0", "ann", "1", 0);
        assert!(
            matches!(said, Ok(Applied::Logged(Event::MessagePosted(_)))),
            "{said:?}"
        );
    }

    #[test]
    fn who_is_blocked_begins_nothing_and_says_nothing_to_one_alone() {
        let tables = tables();
        begin(&tables, "eve", "ann").expect("begun");
        let block = |person: &str, blocked| {
            let person = id(person);
            does(
                &tables,
                "ann",
                0,
                Command::Block(Block {
                    user: person,
                    blocked,
                }),
            )
            .expect("done");
        };
        block("eve", true);
        block("mallory", true);
        assert_eq!(say(&tables, "eve", "ann", "1", 0), Err(ErrorCode::NotAllowed));
        assert_eq!(begin(&tables, "mallory", "ann"), Err(ErrorCode::NotAllowed));
        say(&tables, "ann", "eve", "2", 0).expect("said");
        block("eve", false);
        say(&tables, "eve", "ann", "3", 0).expect("said");
        assert_eq!(blocks::of(&tables, &id("ann")), Ok(vec![id("mallory")]));
    }

    #[test]
    fn what_nobody_answers_or_says_anything_in_is_let_go_of() {
        let tables = tables();
        begin(&tables, "ann", "bob").expect("begun");
        for (by, to) in [("eve", "ann"), ("eve", "guest"), ("eve", "bob")] {
            begin(&tables, by, to).expect("begun");
            say(&tables, by, to, to, 0).expect("said");
        }
        say(&tables, "bob", "eve", "answer", 0).expect("said");
        let unused = |at| {
            let rooms = removals::unused(&tables, Millis(at)).expect("rooms");
            ["bob", "guest"].map(|it| rooms.contains(&room(if it == "bob" { "ann" } else { "eve" }, it)))
        };
        assert_eq!(unused(DAY - 1), [false, false]);
        assert_eq!(unused(DAY), [true, false], "nothing was said");
        assert_eq!(unused(7 * DAY), [true, true], "there are only guests in it");
        let all = removals::unused(&tables, Millis(30 * DAY)).expect("rooms");
        assert!(all.contains(&room("eve", "ann")) && !all.contains(&room("eve", "bob")));
        let let_go = removals::RemoveUnusedRoom {
            room: room("ann", "bob"),
        };
        does(&tables, "snug", DAY, Command::RemoveUnusedRoom(let_go)).expect("nobody uses it");
        begin(&tables, "ann", "bob").expect("it is begun again");
    }
}
