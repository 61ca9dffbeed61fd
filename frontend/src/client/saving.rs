//! What this browser remembers, in `localStorage`. Storage that is full, forbidden or tampered with
//! costs what would have outlived the page, and nothing else.

use std::{cell::RefCell, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, Key, RoomId},
    lang::Lang,
    replica::{Pending, PendingState},
    text::Nickname,
};
use web_sys::Storage;

use crate::browser;

const PROFILE: &str = "snug.profile";
const LANG: &str = "snug.lang";
/// Read by the script in `index.html` as well.
const THEME: &str = "snug.theme";
/// Who is sent pushes here.
const PUSH: &str = "snug.push";
const OUTBOX: &str = "snug.outbox.";
const DRAFT: &str = "snug.draft.";

/// Who one was the last time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: Nickname,
    pub(crate) avatar: Avatar,
}

fn storage() -> Option<Storage> {
    browser::window().local_storage().ok().flatten()
}

thread_local! {
    /// What storage would not take: it lasts as long as the page.
    static MEMORY: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

fn get(name: &str) -> Option<String> {
    let stored = storage().and_then(|storage| storage.get_item(name).ok().flatten());
    stored.or_else(|| MEMORY.with_borrow(|memory| memory.get(name).cloned()))
}

fn set(name: &str, value: &str) {
    let stored = storage().is_some_and(|storage| storage.set_item(name, value).is_ok());
    if !stored {
        MEMORY.with_borrow_mut(|memory| memory.insert(name.to_owned(), value.to_owned()));
    }
}

fn remove(name: &str) {
    MEMORY.with_borrow_mut(|memory| memory.remove(name));
    if let Some(storage) = storage() {
        let _ = storage.remove_item(name);
    }
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> Option<T> {
    serde_json::from_str(&get(name)?).ok()
}

fn write(name: &str, value: &impl Serialize) {
    set(
        name,
        &serde_json::to_string(value).expect("what is kept is plain data"),
    );
}

pub(crate) fn profile() -> Option<Profile> {
    read(PROFILE)
}

pub(crate) fn keep_profile(profile: &Profile) {
    write(PROFILE, profile);
}

pub(crate) fn lang() -> Option<Lang> {
    read(LANG)
}

pub(crate) fn keep_lang(lang: Lang) {
    write(LANG, &lang);
}

pub(crate) fn theme() -> Option<String> {
    get(THEME)
}

pub(crate) fn keep_theme(theme: Option<&str>) {
    match theme {
        Some(theme) => set(THEME, theme),
        None => remove(THEME),
    }
}

pub(crate) fn push() -> Option<ChatId> {
    read(PUSH)
}

pub(crate) fn keep_push(person: Option<&ChatId>) {
    match person {
        Some(person) => write(PUSH, person),
        None => remove(PUSH),
    }
}

pub(crate) fn draft(room: &RoomId) -> String {
    get(&format!("{DRAFT}{room}")).unwrap_or_default()
}

pub(crate) fn keep_draft(room: &RoomId, text: &str) {
    let name = format!("{DRAFT}{room}");
    if text.is_empty() {
        remove(&name);
    } else {
        set(&name, text);
    }
}

/// Keeps each pending message in an item of its own, so that several tabs can share them without
/// overwriting one another: whoever sends a key twice has still said it once.
#[derive(Debug, Default)]
pub(crate) struct KeptOutbox {
    kept: RefCell<BTreeMap<Key, PendingState>>,
}

impl KeptOutbox {
    /// Everything that any tab has kept, oldest first: keys begin with their time.
    pub(crate) fn adopt(&self) -> Vec<Pending> {
        let Some(storage) = storage() else {
            return Vec::new();
        };
        let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
        let mut pending: Vec<Pending> = names
            .filter(|name| name.starts_with(OUTBOX))
            .filter_map(|name| read(&name))
            .collect();
        pending.sort_by(|a, b| a.key.cmp(&b.key));
        *self.kept.borrow_mut() = pending.iter().map(|it| (it.key.clone(), it.state)).collect();
        pending
    }

    /// Makes storage say what the outbox says.
    pub(crate) fn keep(&self, outbox: &[Pending]) {
        let mut kept = self.kept.borrow_mut();
        if kept.is_empty() && outbox.is_empty() {
            return;
        }
        kept.retain(|key, _| {
            let stays = outbox.iter().any(|it| it.key == *key);
            if !stays {
                remove(&format!("{OUTBOX}{key}"));
            }
            stays
        });
        for it in outbox {
            // Whether it is under way matters to this page only.
            let refused = |state: &PendingState| matches!(state, PendingState::Refused(_));
            let known = kept.get(&it.key).map(refused);
            if known != Some(refused(&it.state)) {
                write(&format!("{OUTBOX}{}", it.key), it);
                kept.insert(it.key.clone(), it.state);
            }
        }
    }
}
