//! Sums of the bytes that users have written. They are computed when an owner asks, at most once a minute and for two seconds,
//! on a reading connection: stored counts would cost a page with each message.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use snug_shared::{
    api::{RoomUsage, StorageBreakdown, Usage, UserUsage},
    ids::{ChatId, RoomId},
    rooms::Kind,
};
use tokio::sync::Mutex;

use crate::{
    access_cache::AccessCache,
    features::{room_table, sql::parsed},
    store::read::{ReadError, Readers},
};

/// The time for which the sums are cached.
const GOOD: Duration = Duration::from_secs(60);
/// The time limit for computing the sums.
const LONGEST: Duration = Duration::from_secs(2);
/// Rows that are read between two checks of the clock.
const ROWS: u32 = 1_024;
/// Users and rooms that are listed by name.
const NAMED: usize = 20;
/// Users who are counted one by one.
const PEOPLE: usize = 100_000;
/// Bytes of a message besides its text, which is stored in the log and in its table.
const MESSAGE: u64 = 600;

/// Caches the sums of the bytes that were written, by user and by room.
#[derive(Default)]
pub struct Sums(Mutex<Option<(Instant, Arc<StorageBreakdown>)>>);

impl Sums {
    /// Returns the sums, at most a minute old.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn get(
        &self,
        readers: &Readers,
        access: &Arc<AccessCache>,
    ) -> Result<Arc<StorageBreakdown>, ReadError> {
        // Locked during the computation: concurrent requests receive the same sums.
        let mut known = self.0.lock().await;
        if let Some((at, sums)) = &*known
            && at.elapsed() < GOOD
        {
            return Ok(sums.clone());
        }
        let access = access.clone();
        let is_member = move |person: &ChatId| access.is_registered(person);
        let sums = readers.read(move |tables| add_up(tables, &is_member, LONGEST));
        let sums = Arc::new(sums.await?);
        *known = Some((Instant::now(), sums.clone()));
        Ok(sums)
    }
}

fn add_up(
    tables: &Connection,
    is_member: &dyn Fn(&ChatId) -> bool,
    longest: Duration,
) -> rusqlite::Result<StorageBreakdown> {
    let end = Instant::now() + longest;
    // One snapshot: all listed users were counted.
    let tables = &tables.unchecked_transaction()?;
    let mut written = StorageBreakdown::default();
    let mut people: HashMap<String, Usage> = HashMap::new();
    // The sum of the users who are too many to be counted one by one.
    let mut others = Usage::default();
    let mut in_rooms: Vec<(String, Usage)> = Vec::new();
    {
        // In the order of the table. The length of a text is in its row's header, so that long texts are not read.
        let mut messages = tables.prepare_cached("SELECT room, author, octet_length(text) FROM messages")?;
        let mut rows = messages.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            if count % ROWS == 0 && Instant::now() >= end {
                written.partial = true;
                break;
            }
            let text = |index| row.get_ref(index).and_then(|it| Ok(it.as_str()?));
            let (room, author, length) = (text(0)?, text(1)?, row.get::<_, u64>(2)?);
            let one = Usage {
                count: 1,
                bytes: 2 * length + MESSAGE,
            };
            let are_many = people.len() >= PEOPLE;
            match people.get_mut(author) {
                Some(known) => *known += one,
                None if are_many => others += one,
                None => drop(people.insert(author.to_owned(), one)),
            }
            match in_rooms.last_mut().filter(|it| it.0 == room) {
                Some((_, known)) => *known += one,
                None => in_rooms.push((room.to_owned(), one)),
            }
        }
    }
    written.guests = others;
    let mut by_person = Vec::new();
    for (person, sum) in people {
        let Ok(person) = ChatId::try_from(person) else {
            continue;
        };
        let guest = !is_member(&person);
        *(if guest {
            &mut written.guests
        } else {
            &mut written.members
        }) += sum;
        by_person.push((sum, person, guest));
    }
    by_person.sort_unstable_by(|(a, one, _), (b, other, _)| (b.bytes, one).cmp(&(a.bytes, other)));
    by_person.truncate(NAMED);
    for (sum, chat_id, guest) in by_person {
        let mut last = tables.prepare_cached("SELECT name FROM messages WHERE author = ?1 LIMIT 1")?;
        let name = last.query_row([chat_id.as_str()], |row| parsed(row, 0))?;
        written.people.push(UserUsage {
            chat_id,
            name,
            guest,
            sum,
        });
    }
    in_rooms.sort_unstable_by_key(|it| Reverse(it.1.bytes));
    for (room, sum) in in_rooms.into_iter().take(NAMED) {
        let Ok(room) = RoomId::try_from(room) else {
            continue;
        };
        let Some(info) = room_table::info(tables, &room)? else {
            continue;
        };
        written.rooms.push(RoomUsage {
            // Users who are not in a private room cannot see its name, not even owners.
            name: (info.kind == Kind::Open).then_some(info.name),
            kind: info.kind,
            sum,
        });
    }
    let mut pictures =
        tables.prepare_cached("SELECT count(*), coalesce(sum(octet_length(webp)), 0) FROM pictures")?;
    written.pictures = pictures.query_row([], |row| {
        Ok(Usage {
            count: row.get(0)?,
            bytes: row.get(1)?,
        })
    })?;
    Ok(written)
}
