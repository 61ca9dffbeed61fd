//! Pictures that users upload as their avatar. They are stored beside the log, which names them by their hash: the log is
//! permanent, and deleting a picture should not require a read of it. `apply` does not check that a picture exists, or the same
//! log would not apply again; the caller checks that.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, PictureId},
};

use super::{Applied, ApplyError, Entry, Event};

/// How long an uploaded picture is stored without being used as an avatar, in milliseconds.
const UNUSED_PICTURE_TTL_MS: i64 = 3_600_000;

/// Stores an uploaded picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorePicture {
    /// The hash of the picture.
    pub id: PictureId,
    /// The picture's file, in the WebP format.
    pub webp: Vec<u8>,
}

/// Applies a [`StorePicture`], and deletes the author's unused pictures.
pub(super) fn store(tables: &Connection, entry: &Entry, it: &StorePicture) -> Result<Applied, ApplyError> {
    tables
        .prepare_cached(
            "INSERT INTO pictures (hash, webp, uploaded_by, uploaded_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hash) DO UPDATE SET uploaded_by = ?3, uploaded_at = ?4",
        )?
        .execute(params![it.id.to_string(), it.webp, entry.by.as_str(), entry.at.0])?;
    delete_unused(tables, entry)
}

/// Deletes the author's pictures that have been unused for a while.
pub(super) fn delete_unused(tables: &Connection, entry: &Entry) -> Result<Applied, ApplyError> {
    delete_if_unused(tables, &entry.by, entry.at.0 - UNUSED_PICTURE_TTL_MS)?;
    Ok(Applied::AppliedOnly(Event::Nothing))
}

/// Deletes a user's pictures from before a time that no user, message or conversation uses.
pub(super) fn delete_if_unused(tables: &Connection, person: &ChatId, before: i64) -> rusqlite::Result<()> {
    tables
        .prepare_cached(
            "DELETE FROM pictures WHERE uploaded_by = ?1 AND uploaded_at < ?2
             AND NOT EXISTS (SELECT 1 FROM users WHERE avatar = 'picture:' || hash AND avatar >= 'picture:' AND avatar < 'picture;')
             AND NOT EXISTS (SELECT 1 FROM direct_participants WHERE avatar = 'picture:' || hash AND avatar >= 'picture:' AND avatar < 'picture;')
             AND NOT EXISTS (SELECT 1 FROM messages WHERE avatar = 'picture:' || hash AND avatar >= 'picture:' AND avatar < 'picture;')",
        )?
        .execute(params![person.as_str(), before])?;
    Ok(())
}

/// Returns the file of a picture.
pub fn file(tables: &Connection, id: PictureId) -> rusqlite::Result<Option<Vec<u8>>> {
    tables
        .prepare_cached("SELECT webp FROM pictures WHERE hash = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()
}

/// Returns whether an avatar can be shown: any but an unknown picture.
pub fn exists(tables: &Connection, avatar: &Avatar) -> rusqlite::Result<bool> {
    match avatar {
        Avatar::Picture(id) => tables
            .prepare_cached("SELECT 1 FROM pictures WHERE hash = ?1")?
            .exists([id.to_string()]),
        Avatar::Face(_) | Avatar::Emoji { .. } => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use snug_shared::mentions::Mentions;
    use snug_shared::{
        ids::{ChatId, Key, Millis, RoomId},
        people::Role,
        text::{MessageBody, Nickname},
    };

    use super::*;
    use crate::{
        features::{Command, accounts, apply, messages, people, rooms},
        store::folder::migrate,
    };

    struct Fixture(Connection, i64);

    impl Fixture {
        fn new() -> Self {
            let mut tables = Connection::open_in_memory().expect("memory");
            migrate(&mut tables).expect("tables");
            let mut fixture = Self(tables, 0);
            fixture.does(Command::CreateRoom(rooms::CreateRoom::lobby()));
            fixture.does(Command::CreateAccount(accounts::CreateAccount {
                name: name(),
                avatar: Avatar::Face(1),
                role: Role::Member,
                invite_hash: None,
                password: None,
            }));
            fixture
        }

        fn does(&mut self, command: Command) {
            let by = ChatId::try_from("ann").expect("an id");
            let at = Millis(self.1);
            apply(&self.0, &Entry { by, at, command }, 1).expect("it applies");
        }

        fn uploads(&mut self, id: u128) {
            let (id, webp) = (PictureId(id), vec![0]);
            self.does(Command::StorePicture(StorePicture { id, webp }));
        }

        fn shows(&mut self, avatar: Avatar) {
            let name = name();
            self.does(Command::UpdateProfile(accounts::UpdateProfile { name, avatar }));
        }

        fn says(&mut self, text: &str) {
            self.does(Command::PostMessage(messages::PostMessage {
                room: RoomId::lobby(),
                key: Key::try_from(text).expect("a key"),
                name: name().name,
                avatar: Avatar::Face(1),
                mentions: Mentions::default(),
                text: MessageBody::try_from(text).expect("a text"),
            }));
        }

        fn has(&self, id: u128) -> bool {
            file(&self.0, PictureId(id)).expect("rows").is_some()
        }
    }

    fn name() -> people::Name {
        people::Name {
            name: Nickname::try_from("Ann").expect("a name"),
            skeletons: ["Ann".to_owned(), "ann".to_owned()],
        }
    }

    #[test]
    fn a_picture_stays_for_as_long_as_somebody_or_something_shows_it() {
        let mut fixture = Fixture::new();
        let picture = |id| Avatar::Picture(PictureId(id));
        fixture.uploads(1);
        fixture.uploads(2);
        fixture.uploads(3);
        fixture.shows(picture(1));
        fixture.says("hello");
        fixture.shows(picture(2));
        fixture.does(Command::DeleteUnusedPictures);
        assert!(fixture.has(3), "a picture that was just uploaded is kept");
        fixture.1 = UNUSED_PICTURE_TTL_MS + 1;
        fixture.does(Command::DeleteUnusedPictures);
        assert_eq!([1, 2, 3].map(|id| fixture.has(id)), [true, true, false]);
        fixture.shows(Avatar::Face(1));
        fixture.uploads(4);
        assert_eq!([1, 2, 4].map(|id| fixture.has(id)), [true, false, true]);
    }
}
