//! Deletes rooms: for an owner, and by the server itself when nobody uses them any more. Their messages are deleted from the
//! tables, and by `log/scrub.rs` from the log.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{Millis, RoomId},
    limits::{QUIET_ROOM_MS, UNANSWERED_MS, UNUSED_ROOM_MS},
    people::Role,
    rooms::Kind,
};

use super::{
    Applied, ApplyError, Entry, Event, access, room_access, room_table, sql::parsed, tables::TABLES,
};

/// Deletes a room that nobody uses. The caller has checked that none of its members are online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveUnusedRoom {
    /// The room to delete.
    pub room: RoomId,
}

/// Deletes a room for an owner. Returns the event and the room's name.
///
/// # Errors
/// [`ErrorCode::LobbyFixed`] for the lobby; [`ErrorCode::NotFound`] for a room that does not exist, or that is not open and the
/// owner is not in; [`ErrorCode::NotAllowed`] for a direct conversation; and the codes of [`access::require_role`].
pub(super) fn delete(
    tables: &Connection,
    entry: &Entry,
    room: &RoomId,
) -> Result<(Event, String), ApplyError> {
    access::require_role(tables, entry, Role::Owner)?;
    if *room == RoomId::lobby() {
        return Err(ErrorCode::LobbyFixed.into());
    }
    let info = room_table::info(tables, room)?.ok_or(ErrorCode::NotFound)?;
    if info.kind != Kind::Open {
        room_access::require_access(tables, &entry.by, room)?;
    }
    if info.kind == Kind::Direct {
        return Err(ErrorCode::NotAllowed.into());
    }
    Ok((remove(tables, room, entry.at)?, info.name.to_string()))
}

/// Deletes a room from the tables, with everything in it. Its id cannot be used again.
fn remove(tables: &Connection, room: &RoomId, at: Millis) -> rusqlite::Result<Event> {
    let entries = tables
        .prepare_cached("SELECT log_position FROM messages WHERE room = ?1 ORDER BY n")?
        .query_map([room.as_str()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for table in TABLES.iter().filter(|it| it.of_room) {
        tables
            .prepare_cached(&format!("DELETE FROM {} WHERE room = ?1", table.name))?
            .execute([room.as_str()])?;
    }
    tables
        .prepare_cached(
            // The id of a conversation depends on its participants, who can open it again.
            "INSERT INTO deleted_rooms (id, at) SELECT id, ?2 FROM rooms WHERE id = ?1 AND kind <> 'direct'",
        )?
        .execute(params![room.as_str(), at.0])?;
    tables
        .prepare_cached("DELETE FROM rooms WHERE id = ?1")?
        .execute([room.as_str()])?;
    let room = room.clone();
    Ok(Event::RoomDeleted { room, entries })
}

/// The SQL expression for the time at which a room last changed its members or received a message.
const SINCE: &str = "max(members_changed_at, coalesce((SELECT at FROM messages WHERE room = rooms.id ORDER BY n DESC LIMIT 1), 0))";

/// Returns the SQL condition of rooms and conversations that nobody uses at this time, see [`UNUSED_ROOM_MS`],
/// [`QUIET_ROOM_MS`] and [`UNANSWERED_MS`]. It does not know which members are online.
fn is_unused() -> String {
    const NO_MEMBERS: &str = "NOT EXISTS (SELECT 1 FROM members JOIN users ON users.id = user
                              WHERE room = rooms.id AND skeleton IS NOT NULL)";
    format!(
        "(kind = 'direct'
          AND (head = 0 AND {SINCE} <= ?1 - {UNUSED_ROOM_MS}
               OR NOT EXISTS (SELECT 1 FROM direct_participants JOIN users ON users.id = user
                              WHERE room = rooms.id AND skeleton IS NOT NULL)
               AND {SINCE} <= ?1 - {QUIET_ROOM_MS}
               OR created_by_guest AND {SINCE} <= ?1 - {UNANSWERED_MS}
               AND NOT EXISTS (SELECT 1 FROM direct_participants WHERE room = rooms.id AND participation = 2))
          OR kind IN ('open', 'private') AND id <> 'lobby'
          AND ((created_by_guest OR head = 0) AND {SINCE} <= ?1 - {UNUSED_ROOM_MS}
              AND NOT EXISTS (SELECT 1 FROM members WHERE room = rooms.id)
              OR created_by_guest AND {SINCE} <= ?1 - {QUIET_ROOM_MS}
              AND {NO_MEMBERS}))"
    )
}

/// Returns the rooms that nobody uses at this time, unless one of their members is online.
pub fn unused(tables: &Connection, at: Millis) -> rusqlite::Result<Vec<RoomId>> {
    tables
        .prepare(&format!("SELECT id FROM rooms WHERE {} ORDER BY id", is_unused()))?
        .query_map([at.0], |row| parsed(row, 0))?
        .collect()
}

/// Applies a [`RemoveUnusedRoom`].
///
/// # Errors
/// [`ErrorCode::NotAllowed`] if the room does not exist or is in use.
pub(super) fn remove_unused(
    tables: &Connection,
    entry: &Entry,
    it: &RemoveUnusedRoom,
) -> Result<Applied, ApplyError> {
    let unused = tables
        .prepare_cached(&format!("SELECT 1 FROM rooms WHERE {} AND id = ?2", is_unused()))?
        .exists(params![entry.at.0, it.room.as_str()])?;
    if !unused {
        return Err(ErrorCode::NotAllowed.into());
    }
    Ok(Applied::Logged(remove(tables, &it.room, entry.at)?))
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{ChatId, Key},
        limits::{GUEST_ROOMS, RESERVED_ROOMS, ROOMS, ROOMS_BY_GUEST, ROOMS_BY_MEMBER},
        mentions::Mentions,
        people::ModerationAction,
        text::{MessageBody, Nickname, RoomName, Topic},
    };

    use super::*;
    use crate::{
        features::{
            Command, accounts, apply, members::LeaveRoom, messages::PostMessage, moderation::Moderate,
            people, rooms::CreateRoom,
        },
        store::folder::migrate,
    };

    const DAY: i64 = UNUSED_ROOM_MS;

    struct Fixture(Connection);

    impl Fixture {
        fn new() -> Self {
            let mut tables = Connection::open_in_memory().expect("memory");
            tables.pragma_update(None, "foreign_keys", true).expect("set");
            migrate(&mut tables).expect("tables");
            let fixture = Self(tables);
            fixture
                .does("snug", 0, Command::CreateRoom(CreateRoom::lobby()))
                .expect("opened");
            fixture.registers("olga", Role::Owner);
            fixture
        }

        fn does(&self, by: &str, at: i64, command: Command) -> Result<Applied, ErrorCode> {
            let (by, at) = (ChatId::try_from(by).expect("an id"), Millis(at));
            match apply(&self.0, &Entry { by, at, command }, 1) {
                Ok(applied) => Ok(applied),
                Err(ApplyError::Refused(code)) => Err(code),
                Err(ApplyError::Database(error)) => panic!("{error}"),
            }
        }

        fn registers(&self, who: &str, role: Role) {
            let keep = accounts::CreateAccount {
                name: people::Name {
                    name: Nickname::try_from(who).expect("a name"),
                    skeletons: [format!("={who}"), format!("~{who}")],
                },
                avatar: Avatar::of_seed(who),
                role,
                invite_hash: None,
                password: None,
            };
            self.does(who, 0, Command::CreateAccount(keep))
                .expect("registered");
        }

        fn opens(&self, by: &str, room: &str) -> Result<Applied, ErrorCode> {
            let open = CreateRoom {
                room: RoomId::try_from(room).expect("an id"),
                name: Some(RoomName::try_from(room).expect("a name")),
                skeleton: None,
                topic: Topic::default(),
                private: false,
            };
            self.does(by, 0, Command::CreateRoom(open))
        }

        fn leaves(&self, by: &str, room: &str, at: i64) {
            let room = RoomId::try_from(room).expect("an id");
            self.does(by, at, Command::LeaveRoom(LeaveRoom { room }))
                .expect("left");
        }

        fn says(&self, by: &str, room: &str, at: i64) {
            let say = PostMessage {
                room: RoomId::try_from(room).expect("an id"),
                key: Key::try_from(format!("{room}-{at}")).expect("a key"),
                name: Nickname::try_from(by).expect("a name"),
                avatar: Avatar::of_seed(by),
                text: MessageBody::try_from("hello").expect("a text"),
                mentions: Mentions::default(),
            };
            self.does(by, at, Command::PostMessage(say)).expect("said");
        }

        fn unused(&self, at: i64) -> Vec<String> {
            let rooms = unused(&self.0, Millis(at)).expect("rooms");
            rooms.iter().map(ToString::to_string).collect()
        }

        fn fill(&self, name: &str, guest: bool, count: usize) {
            let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                        INSERT INTO rooms (id, head, name, skeleton, created_by, created_by_guest)
                        SELECT ?2 || n, 0, ?2 || n, ?2 || n, ?2 || n, ?3 FROM n";
            let filled = self.0.execute(fill, params![count, name, guest]);
            filled.expect("filled");
        }
    }

    #[test]
    fn guests_have_a_share_of_all_rooms_and_members_do_not_take_the_last_ones() {
        let fixture = Fixture::new();
        fixture.registers("ann", Role::Member);
        for n in 0..ROOMS_BY_GUEST {
            fixture.opens("eve", &format!("eve-{n}")).expect("opened");
        }
        assert_eq!(fixture.opens("eve", "eve-x"), Err(ErrorCode::TooManyRooms));
        fixture.fill("guest", true, GUEST_ROOMS - ROOMS_BY_GUEST);
        assert_eq!(fixture.opens("bob", "bob"), Err(ErrorCode::TooManyRooms));
        for n in 0..ROOMS_BY_MEMBER.min(60) {
            fixture.opens("ann", &format!("ann-{n}")).expect("opened");
        }
        let here = GUEST_ROOMS + ROOMS_BY_MEMBER.min(60) + 1;
        fixture.fill("member", false, ROOMS - RESERVED_ROOMS - here);
        assert_eq!(fixture.opens("ann", "ann-x"), Err(ErrorCode::TooManyRooms));
        fixture.opens("olga", "olga").expect("there is a reserve");
        fixture.fill("reserve", false, RESERVED_ROOMS - 1);
        assert_eq!(fixture.opens("olga", "olga-2"), Err(ErrorCode::TooManyRooms));
        let room = RoomId::try_from("eve-0").expect("an id");
        let (act, guest, networks) = (ModerationAction::DeleteRoom { room }, None, Vec::new());
        fixture
            .does(
                "olga",
                1,
                Command::Moderate(Moderate {
                    action: act,
                    guest,
                    networks,
                }),
            )
            .expect("deleted");
        fixture.opens("olga", "olga-2").expect("there is room again");
        assert_eq!(
            fixture.opens("eve", "eve-0"),
            Err(ErrorCode::RoomNameTaken),
            "its id stays used"
        );
    }

    #[test]
    fn what_nobody_uses_lets_go_of_its_place_and_nothing_else_does() {
        let fixture = Fixture::new();
        fixture.registers("ann", Role::Member);
        for (by, room) in [
            ("eve", "left-by-guest"),
            ("ann", "left-and-silent"),
            ("ann", "left-with-words"),
            ("eve", "guests-only"),
            ("ann", "of-a-member"),
        ] {
            fixture.opens(by, room).expect("opened");
        }
        fixture.says("eve", "left-by-guest", 1);
        fixture.says("ann", "left-with-words", 1);
        fixture.says("eve", "guests-only", DAY);
        for (by, room) in [
            ("eve", "left-by-guest"),
            ("ann", "left-and-silent"),
            ("ann", "left-with-words"),
        ] {
            fixture.leaves(by, room, DAY);
        }
        assert_eq!(fixture.unused(2 * DAY - 1), [""; 0]);
        assert_eq!(fixture.unused(2 * DAY), ["left-and-silent", "left-by-guest"]);
        let all = ["guests-only", "left-and-silent", "left-by-guest"];
        assert_eq!(fixture.unused(DAY + QUIET_ROOM_MS), all);
        let let_go = |room: &str, at| {
            let room = RoomId::try_from(room).expect("an id");
            fixture.does("snug", at, Command::RemoveUnusedRoom(RemoveUnusedRoom { room }))
        };
        assert_eq!(let_go("left-by-guest", DAY), Err(ErrorCode::NotAllowed));
        assert_eq!(let_go("left-with-words", 90 * DAY), Err(ErrorCode::NotAllowed));
        assert_eq!(let_go("lobby", 90 * DAY), Err(ErrorCode::NotAllowed));
        for room in all {
            let_go(room, 90 * DAY).expect("nobody uses it");
        }
        assert_eq!(fixture.unused(90 * DAY), [""; 0]);
        let words = fixture
            .0
            .query_row("SELECT count(*) FROM messages", [], |row| row.get(0));
        assert_eq!(words, Ok(1));
    }

    #[test]
    fn a_guest_who_registers_keeps_their_rooms_as_a_member() {
        let fixture = Fixture::new();
        fixture.opens("eve", "den").expect("opened");
        fixture.registers("eve", Role::Member);
        assert_eq!(fixture.unused(90 * DAY), [""; 0]);
    }
}
