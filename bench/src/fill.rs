//! A folder with so many messages in its lobby, made through the log's own `commit` and not through a server: it
//! is the same folder, in seconds instead of minutes.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use snug::{
    features::{Command, Entry, messages::Say, rooms::Open},
    log::commit,
    store::folder::Folder,
};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, RoomId},
    mentions::Mentions,
    text::{MessageBody, Nickname},
};

/// Entries of one transaction.
const BATCH: u64 = 10_000;
/// People who have said it all.
const PEOPLE: u64 = 100;
/// The day on which they began; they say something every second.
const BEGAN: i64 = 1_700_000_000_000;

/// Makes it, unless an earlier run has.
pub fn filled(folder: &Path, messages: u64) -> Result<()> {
    let done = folder.join("filled");
    if done.exists() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    println!("filling a folder with {messages} messages");
    let mut open = Folder::open(&folder.join("data"))?;
    // A loss of power in the middle leaves no mark that it is done.
    open.connection.pragma_update(None, "synchronous", "off")?;
    let lobby = Entry {
        by: ChatId::try_from("snug")?,
        at: Millis(BEGAN),
        command: Command::Open(Open::lobby()),
    };
    commit(&mut open.connection, [&lobby].into_iter())?;
    let mut said = 0;
    while said < messages {
        let upto = messages.min(said + BATCH);
        let entries: Vec<_> = (said..upto).map(entry).collect::<Result<_>>()?;
        for outcome in commit(&mut open.connection, entries.iter())? {
            outcome.ok().context("an entry was refused")?;
        }
        said = upto;
    }
    drop(open);
    Ok(fs::write(done, "")?)
}

fn entry(index: u64) -> Result<Entry> {
    let person = format!("p{}", index % PEOPLE);
    // 10 to 170 characters, as people write.
    let text = "what one says in a room ".repeat(1 + (index % 7) as usize);
    Ok(Entry {
        at: Millis(BEGAN + index as i64 * 1000),
        command: Command::Say(Say {
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
