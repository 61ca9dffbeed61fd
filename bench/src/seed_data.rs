//! Folders with many messages or many rooms, made through the log's own `commit` and not through a server: they
//! are the same folders, in seconds instead of minutes.

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

/// Entries of one transaction.
const BATCH: usize = 10_000;
/// People who have said it all.
const PEOPLE: u64 = 100;
/// The day on which they began; they say something every second.
const BEGAN: i64 = 1_700_000_000_000;

/// One with so many messages in its lobby.
pub fn talk(folder: &Path, messages: u64) -> Result<()> {
    filled(folder, (0..messages).map(said))
}

/// One with so many rooms, each opened by the first of its members, whom the others have joined.
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

/// The person of that number, who has joined rooms.
pub fn member_id(person: usize) -> Result<ChatId> {
    Ok(ChatId::try_from(format!("00000000-0000-7000-8000-{person:012}"))?)
}

/// The room of that number.
pub fn room_id(room: usize) -> Result<RoomId> {
    Ok(RoomId::try_from(format!("r{room}"))?)
}

/// Makes it, unless an earlier run has.
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
    // A loss of power in the middle leaves no mark that it is done.
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
    // 10 to 170 characters, as people write.
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
