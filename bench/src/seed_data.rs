//! Creates data folders with many messages or rooms. It uses the log's own `commit` instead of a server: the
//! folders are the same, but take seconds instead of minutes.

use std::{fs, path::Path};

use anyhow::{Result, anyhow};
use snug::{
    features::{Command, Entry, members::JoinRoom, messages::PostMessage, rooms::CreateRoom},
    log::commit,
    store::folder::Folder,
};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, RoomId},
    mentions::Mentions,
    text::{MessageBody, Nickname, RoomName, Topic},
};

/// The number of entries per transaction.
const BATCH: usize = 10_000;
/// The number of authors.
const PEOPLE: u64 = 100;
/// The time of the first message, in milliseconds since 1970; the others follow one per second.
const BEGAN: i64 = 1_700_000_000_000;

/// Creates a folder with that many messages in its lobby.
pub fn talk(folder: &Path, messages: u64) -> Result<()> {
    filled(folder, (0..messages).map(said))
}

/// Creates a folder with that many rooms, each created by its first member and joined by the others.
pub fn rooms(folder: &Path, rooms: usize, members: impl Fn(usize) -> Vec<usize>) -> Result<()> {
    let entry = |person, command| {
        Ok(Entry {
            by: member_id(person)?,
            at: Millis(BEGAN),
            command,
        })
    };
    let entries = (0..rooms).flat_map(|room| {
        members(room).into_iter().enumerate().map(move |(index, person)| {
            let id = room_id(room)?;
            let command = match index {
                0 => Command::CreateRoom(CreateRoom {
                    room: id,
                    name: Some(RoomName::try_from(format!("room-{room}"))?),
                    skeleton: None,
                    topic: Topic::default(),
                    private: false,
                }),
                _ => Command::JoinRoom(JoinRoom { room: id }),
            };
            entry(person, command)
        })
    });
    filled(folder, entries)
}

/// Returns the id of the user with that number.
pub fn member_id(person: usize) -> Result<ChatId> {
    Ok(ChatId::try_from(format!("00000000-0000-7000-8000-{person:012}"))?)
}

/// Returns the id of the room with that number.
pub fn room_id(room: usize) -> Result<RoomId> {
    Ok(RoomId::try_from(format!("r{room}"))?)
}

/// Creates the folder, unless an earlier run has done so.
fn filled(folder: &Path, mut entries: impl Iterator<Item = Result<Entry>>) -> Result<()> {
    let done = folder.join("filled");
    if done.exists() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    println!("filling {}", folder.display());
    let mut open = Folder::open(&folder.join("data"))?;
    // Syncing is not needed: after a power loss, the mark of a complete folder is missing.
    open.connection.pragma_update(None, "synchronous", "off")?;
    let lobby = Entry {
        by: ChatId::try_from("snug")?,
        at: Millis(BEGAN),
        command: Command::CreateRoom(CreateRoom::lobby()),
    };
    commit(&mut open.connection, [&lobby].into_iter())?;
    loop {
        let batch: Vec<_> = entries.by_ref().take(BATCH).collect::<Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        for outcome in commit(&mut open.connection, batch.iter())? {
            outcome.map_err(|code| anyhow!("an entry was refused: {code:?}"))?;
        }
    }
    drop(open);
    Ok(fs::write(done, "")?)
}

fn said(index: u64) -> Result<Entry> {
    let person = format!("p{}", index % PEOPLE);
    // 10 to 170 characters, like real messages.
    let text = "what one says in a room ".repeat(1 + (index % 7) as usize);
    Ok(Entry {
        at: Millis(BEGAN + index as i64 * 1000),
        command: Command::PostMessage(PostMessage {
            room: RoomId::lobby(),
            key: Key::try_from(format!("k{index}"))?,
            name: Nickname::try_from(person.clone())?,
            avatar: Avatar::of_seed(&person),
            text: MessageBody::try_from(text)?,
            mentions: Mentions::default(),
        }),
        by: ChatId::try_from(person)?,
    })
}
