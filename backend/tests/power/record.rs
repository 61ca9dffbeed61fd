//! All operations on a disk, in order, and its possible contents if the power fails at any point of them.
//!
//! The disk keeps all that was synced. Of later writes, it has any sectors, written in any order: a write may be
//! torn, a later one may be there without an earlier one, a file may not have grown. A new or removed file
//! is certain once its folder has been synced. A sector of 512 bytes is written as a whole or not at
//! all: the system promises that to SQLite (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`).

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

const SECTOR: usize = 512;

#[derive(Clone, Debug)]
pub enum Event {
    /// A file of this name was opened, and created if there was none.
    Opened(String),
    Written(String, usize, Arc<[u8]>),
    Truncated(String, usize),
    Synced(String),
    SyncFailed(String),
    Removed(String),
    FolderSynced,
    /// A client received the acknowledgement of the message with this key and position.
    Acknowledged(String, u64),
}

/// The files of a folder.
pub type Files = BTreeMap<String, Vec<u8>>;

#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The files in the folder, all synced, before the first event.
    pub kept: Files,
    pub events: Vec<Event>,
}

impl Record {
    /// The acknowledgements before a point of the record.
    pub fn acknowledged(&self, before: usize) -> impl Iterator<Item = (String, u64)> {
        self.events[..before].iter().filter_map(|event| match event {
            Event::Acknowledged(key, n) => Some((key.clone(), *n)),
            _ => None,
        })
    }

    /// The point of the last acknowledgement.
    pub fn last_acknowledgement(&self) -> Option<usize> {
        self.events
            .iter()
            .rposition(|it| matches!(it, Event::Acknowledged(..)))
    }

    /// How many times the database itself was synced between the first acknowledgement and the last.
    pub fn checkpoints_between_acknowledgements(&self) -> usize {
        let upto = self.last_acknowledgement().unwrap_or_default();
        let events = self.events[..upto].iter();
        events
            .skip_while(|it| !matches!(it, Event::Acknowledged(..)))
            .filter(|it| matches!(it, Event::Synced(name) if name == "snug.db"))
            .count()
    }

    /// A possible content of the disk if the power fails at a point of the record, chosen at random.
    pub fn power_lost(&self, at: usize, luck: &mut Luck) -> Files {
        let mut platter = Platter::default();
        for (name, bytes) in &self.kept {
            platter.file(name).synced.clone_from(bytes);
        }
        platter.sync_folder();
        for event in &self.events[..at] {
            platter.apply(event, luck);
        }
        platter.power_lost(luck)
    }

    /// Whether the write-ahead log was synced between the first write of a message and its first
    /// acknowledgement, for each acknowledged message.
    pub fn is_synced_before_acknowledged(&self) -> bool {
        let kept = self.kept.values().flat_map(|bytes| keys(bytes));
        let mut first_written: BTreeMap<_, _> = kept.map(|key| (key, 0)).collect();
        let mut last_synced = 0;
        for (at, event) in self.events.iter().enumerate() {
            match event {
                Event::Written(name, _, bytes) if is_wal(name) => {
                    for key in keys(bytes) {
                        first_written.entry(key).or_insert(at);
                    }
                }
                Event::Synced(name) if is_wal(name) => last_synced = at,
                Event::Acknowledged(key, _) if first_written.get(key).is_none_or(|it| *it > last_synced) => {
                    return false;
                }
                _ => {}
            }
        }
        true
    }
}

/// Writes files into an empty folder.
pub fn write(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("written");
    }
}

fn is_wal(name: &str) -> bool {
    name.ends_with("-wal")
}

/// The keys in pages of the log, whose entries are JSON.
fn keys(pages: &[u8]) -> Vec<String> {
    let pages = String::from_utf8_lossy(pages);
    let keys = pages.split(r#""key":""#).skip(1);
    keys.filter_map(|it| Some(it.split_once('"')?.0.to_owned()))
        .collect()
}

enum Change {
    Write(usize, Arc<[u8]>),
    Truncate(usize),
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Default)]
struct Platter {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    /// The files that a name may refer to: only the last of them once the folder is synced.
    possible: BTreeMap<String, Vec<Option<usize>>>,
}

impl Platter {
    fn apply(&mut self, event: &Event, luck: &mut Luck) {
        match event {
            Event::Opened(name) => {
                self.file(name);
            }
            Event::Written(name, offset, bytes) => {
                let change = Change::Write(*offset, bytes.clone());
                self.file(name).unsynced.push(change);
            }
            Event::Truncated(name, size) => self.file(name).unsynced.push(Change::Truncate(*size)),
            Event::Synced(name) => {
                let file = self.file(name);
                for change in std::mem::take(&mut file.unsynced) {
                    change.make(&mut file.synced);
                }
            }
            Event::SyncFailed(name) => self.file(name).apply_some(luck),
            Event::Removed(name) => {
                self.names.remove(name);
                self.possible.entry(name.clone()).or_default().push(None);
            }
            Event::FolderSynced => self.sync_folder(),
            Event::Acknowledged(..) => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut File {
        let index = *self.names.entry(name.to_owned()).or_insert_with(|| {
            self.files.push(File::default());
            let index = self.files.len() - 1;
            let possible = self.possible.entry(name.to_owned());
            possible.or_insert_with(|| vec![None]).push(Some(index));
            index
        });
        &mut self.files[index]
    }

    fn sync_folder(&mut self) {
        for possible in self.possible.values_mut() {
            possible.drain(..possible.len() - 1);
        }
    }

    fn power_lost(mut self, luck: &mut Luck) -> Files {
        let mut files = Files::new();
        for (name, possible) in self.possible {
            if let Some(index) = possible[luck.below(possible.len())] {
                let file = &mut self.files[index];
                let grown_from = file.synced.len();
                file.apply_some(luck);
                if file.synced.len() > grown_from && luck.below(2) == 0 {
                    let grown = file.synced.len() - grown_from;
                    file.synced.truncate(grown_from + luck.below(grown));
                }
                files.insert(name, std::mem::take(&mut file.synced));
            }
        }
        files
    }
}

impl File {
    /// Applies some of the unsynced changes, in any order: from none of them to all.
    fn apply_some(&mut self, luck: &mut Luck) {
        let quarters = luck.below(5);
        let changes = std::mem::take(&mut self.unsynced).into_iter();
        let mut changes: Vec<_> = changes.flat_map(Change::cut_into_sectors).collect();
        luck.shuffle(&mut changes);
        for change in changes {
            if luck.below(4) < quarters {
                change.make(&mut self.synced);
            }
        }
    }
}

impl Change {
    /// Splits a write at the borders of the disk's sectors.
    fn cut_into_sectors(self) -> Vec<Self> {
        let Self::Write(mut offset, bytes) = self else {
            return vec![self];
        };
        let (mut sectors, mut bytes) = (Vec::new(), &bytes[..]);
        while !bytes.is_empty() {
            let (sector, rest) = bytes.split_at(bytes.len().min(SECTOR - offset % SECTOR));
            sectors.push(Self::Write(offset, sector.into()));
            (offset, bytes) = (offset + sector.len(), rest);
        }
        sectors
    }

    fn make(self, file: &mut Vec<u8>) {
        match self {
            Self::Write(offset, bytes) => {
                let end = offset + bytes.len();
                file.resize(file.len().max(end), 0);
                file[offset..end].copy_from_slice(&bytes);
            }
            Self::Truncate(size) => file.resize(size, 0),
        }
    }
}

/// Reproducible random numbers (SplitMix64: Steele, Lea and Flood, 2014).
pub struct Luck(pub u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    /// Each order is equally likely (Fisher and Yates).
    fn shuffle<T>(&mut self, all: &mut [T]) {
        for index in (1..all.len()).rev() {
            all.swap(index, self.below(index + 1));
        }
    }
}
