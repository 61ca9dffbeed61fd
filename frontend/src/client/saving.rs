//! What this browser remembers, in `localStorage`. Storage that is full, forbidden or tampered with
//! costs what would have outlived the page, and nothing else.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, RoomId},
    people::SecurityNotice,
    replica::{Pending, PendingState},
    settings::{Settings, Theme},
    status::Status,
    text::{MessageBody, Nickname, RoomName},
};
use web_sys::Storage;

use crate::browser;

/// Everything that is kept has a name that begins so.
const OURS: &str = "snug.";
const PROFILE: &str = "snug.profile";
const STATUS: &str = "snug.status";
const PERSON: &str = "snug.person";
const CREDENTIAL: &str = "snug.credential";
const LANG: &str = "snug.lang";
/// Read by the script in `index.html` as well.
const THEME: &str = "snug.theme";
const ONLY_WAITING: &str = "snug.only-waiting";
const QUIET: &str = "snug.quiet";
/// What was chosen, and the server does not know of.
const UNTOLD: &str = "snug.untold";
const NOTICES: &str = "snug.notices";
const NO_OFFER: &str = "snug.no-offer";
/// What happened to the account and was not dismissed.
const SECURITY: &str = "snug.security";
/// Who is sent pushes here.
const PUSH: &str = "snug.push";
const OUTBOX: &str = "snug.outbox.";
const DRAFT: &str = "snug.draft.";
/// The address of the room that was shown last.
const PLACE: &str = "snug.place";

/// Who one was the last time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: Nickname,
    pub(crate) avatar: Avatar,
}

/// Whom this browser keeps things of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) chat_id: ChatId,
    /// Whether they keep a name.
    pub(crate) member: bool,
}

fn storage() -> Option<Storage> {
    browser::window().local_storage().ok().flatten()
}

type Told = Rc<dyn Fn()>;

thread_local! {
    /// What storage would not take: it lasts as long as the page, and is newer than what storage has.
    static MEMORY: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
    /// Who is told that something lasts only as long as the page.
    static TOLD: RefCell<Option<Told>> = const { RefCell::new(None) };
}

/// Whether there is something that storage would not take.
pub(crate) fn cannot_save() -> bool {
    MEMORY.with_borrow(|memory| !memory.is_empty())
}

/// Tells of everything that storage does not take.
pub(crate) fn tell_when_it_cannot_save(told: Option<Told>) {
    TOLD.set(told);
}

fn get(name: &str) -> Option<String> {
    let unsaved = MEMORY.with_borrow(|memory| memory.get(name).cloned());
    unsaved.or_else(|| storage()?.get_item(&browser::stored_name(name)).ok().flatten())
}

fn set(name: &str, value: &str) {
    let stored =
        storage().is_some_and(|storage| storage.set_item(&browser::stored_name(name), value).is_ok());
    if stored {
        MEMORY.with_borrow_mut(|memory| memory.remove(name));
        return;
    }
    MEMORY.with_borrow_mut(|memory| memory.insert(name.to_owned(), value.to_owned()));
    if let Some(told) = TOLD.with_borrow(Clone::clone) {
        told();
    }
}

fn remove(name: &str) {
    MEMORY.with_borrow_mut(|memory| memory.remove(name));
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&browser::stored_name(name));
    }
}

/// What storage has, whoever put it there; without what pages of other paths have.
fn names() -> Vec<String> {
    let Some(storage) = storage() else {
        return Vec::new();
    };
    let (length, base) = (storage.length().unwrap_or(0), browser::base());
    (0..length)
        .filter_map(|at| Some(storage.key(at).ok()??.strip_prefix(&base)?.to_owned()))
        .collect()
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

fn keep(name: &str, value: Option<&impl Serialize>) {
    match value {
        Some(value) => write(name, value),
        None => remove(name),
    }
}

pub(crate) fn profile() -> Option<Profile> {
    read(PROFILE)
}

pub(crate) fn keep_profile(profile: &Profile) {
    write(PROFILE, profile);
}

/// What one says of oneself.
pub(crate) fn status() -> Option<Status> {
    read(STATUS)
}

pub(crate) fn keep_status(status: Option<&Status>) {
    keep(STATUS, status);
}

pub(crate) fn person() -> Option<Person> {
    read(PERSON)
}

pub(crate) fn keep_person(person: &Person) {
    write(PERSON, person);
}

/// What proves a guest whose cookie does not come back: a `chatId`, `.` and its token.
pub(crate) fn credential() -> Option<String> {
    get(CREDENTIAL)
}

pub(crate) fn keep_credential(credential: Option<&str>) {
    match credential {
        Some(credential) => set(CREDENTIAL, credential),
        None => remove(CREDENTIAL),
    }
}

/// Forgets everything of whoever this browser was: somebody else may come next. Language and light stay.
pub(crate) fn forget_person() {
    let theirs = |name: &String| name.starts_with(OURS) && name != LANG && name != THEME;
    let kept = MEMORY.with_borrow(|memory| memory.keys().cloned().collect::<Vec<_>>());
    for name in names().into_iter().chain(kept).filter(theirs) {
        remove(&name);
    }
}

/// What happened to the account from another device, for as long as it was not dismissed.
pub(crate) fn security_notices() -> Vec<SecurityNotice> {
    read(SECURITY).unwrap_or_default()
}

pub(crate) fn keep_security_notices(notices: &[SecurityNotice]) {
    keep(SECURITY, Some(&notices).filter(|it| !it.is_empty()));
}

/// The value of `data-theme` on the root; none where the device decides.
pub(crate) fn word(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    }
}

pub(crate) fn settings() -> Settings {
    let theme = get(THEME);
    let same = |it: &Theme| word(*it) == theme.as_deref();
    Settings {
        lang: read(LANG),
        theme: Theme::ALL.into_iter().find(same).unwrap_or_default(),
        only_waiting: read(ONLY_WAITING).unwrap_or_default(),
        quiet: read(QUIET),
    }
}

pub(crate) fn keep_settings(settings: &Settings) {
    let Settings {
        lang,
        theme,
        only_waiting,
        quiet,
    } = settings;
    keep(LANG, lang.as_ref());
    match word(*theme) {
        Some(word) => set(THEME, word),
        None => remove(THEME),
    }
    keep(ONLY_WAITING, only_waiting.then_some(&true));
    keep(QUIET, quiet.as_ref());
}

/// Whether the settings were chosen here, and the server does not know of it.
pub(crate) fn is_untold() -> bool {
    get(UNTOLD).is_some()
}

pub(crate) fn keep_untold(untold: bool) {
    keep(UNTOLD, untold.then_some(&true));
}

/// Whether this device gives notice.
pub(crate) fn notices() -> bool {
    read(NOTICES).unwrap_or_default()
}

pub(crate) fn keep_notices(on: bool) {
    write(NOTICES, &on);
}

/// Whether notices are not to be offered here any more.
pub(crate) fn no_offer() -> bool {
    get(NO_OFFER).is_some()
}

pub(crate) fn keep_no_offer() {
    write(NO_OFFER, &true);
}

pub(crate) fn push() -> Option<ChatId> {
    read(PUSH)
}

pub(crate) fn keep_push(person: Option<&ChatId>) {
    keep(PUSH, person);
}

/// The room that was shown last, as its address has it.
pub(crate) fn place() -> Option<RoomName> {
    RoomName::try_from(get(PLACE)?.as_str()).ok()
}

pub(crate) fn keep_place(name: &RoomName) {
    set(PLACE, name.as_str());
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

/// A pending message, and who has written it: it is not to be said in another person's name. The fields one by one,
/// since what is flattened is read by way of a copy, for which the page would have to bring the code.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Nobody yet, if it was written before the first welcome.
    by: Option<ChatId>,
    /// The tab that sends it, as long as that lives. Any, if tabs do not know of each other.
    tab: Option<String>,
    key: Key,
    room: RoomId,
    text: MessageBody,
    at: Millis,
    state: PendingState,
}

/// Keeps each pending message in an item of its own, so that several tabs can share them without
/// overwriting one another: whoever sends a key twice has still said it once.
#[derive(Debug, Default)]
pub(crate) struct KeptOutbox {
    by: RefCell<Option<ChatId>>,
    tab: RefCell<Option<String>>,
    /// What storage says, of each whether it is refused. Whether it is under way matters to this page only.
    kept: RefCell<Vec<(Key, bool)>>,
}

fn refused(it: &Pending) -> bool {
    matches!(it.state, PendingState::Refused(_))
}

/// All that is kept, whoever it is of, oldest first: keys begin with their time.
fn kept() -> impl Iterator<Item = Kept> {
    let mut names = names();
    names.retain(|name| name.starts_with(OUTBOX));
    names.sort_unstable();
    names.into_iter().filter_map(|name| read::<Kept>(&name))
}

/// The tab that has kept a pending message in an item of storage, if it is one.
pub(crate) fn tab_of(item: &str, value: &str) -> Option<String> {
    let is_ours = item.starts_with(&browser::stored_name(OUTBOX));
    serde_json::from_str::<Kept>(value).ok().filter(|_| is_ours)?.tab
}

impl KeptOutbox {
    /// Whose what is kept from now on is, and which tab's.
    pub(crate) fn begin(&self, person: Option<&ChatId>, tab: Option<&str>) {
        *self.by.borrow_mut() = person.cloned();
        *self.tab.borrow_mut() = tab.map(str::to_owned);
    }

    /// The other tabs, living or not, that have kept something.
    pub(crate) fn other_tabs(&self) -> BTreeSet<String> {
        let tab = self.tab.borrow();
        kept()
            .filter_map(|it| it.tab)
            .filter(|it| Some(it) != tab.as_ref())
            .collect()
    }

    /// Takes over everything of this person that a tab has kept which is gone, or that belongs to no tab.
    pub(crate) fn take_over(&self, gone: Option<&str>) -> Vec<Pending> {
        let by = self.by.borrow().clone();
        let mine = |it: &Kept| it.by.is_none() || it.by == by;
        let left = kept().filter(|it| mine(it) && it.tab.as_deref() == gone);
        let tab = self.tab.borrow().clone();
        let pending = left.map(|it| {
            if it.tab != tab {
                let moved = Kept {
                    tab: tab.clone(),
                    ..it
                };
                write(&format!("{OUTBOX}{}", moved.key), &moved);
                return Pending::from(moved);
            }
            Pending::from(it)
        });
        let pending: Vec<Pending> = pending.collect();
        let mut known = self.kept.borrow_mut();
        for it in &pending {
            known.retain(|(key, _)| *key != it.key);
            known.push((it.key.clone(), refused(it)));
        }
        pending
    }

    /// What is in the outbox is this person's from now on.
    pub(crate) fn belongs_to(&self, person: ChatId, outbox: &[Pending]) {
        *self.by.borrow_mut() = Some(person);
        self.kept.borrow_mut().clear();
        self.keep(outbox);
    }

    /// Makes storage say what the outbox says.
    pub(crate) fn keep(&self, outbox: &[Pending]) {
        let mut kept = self.kept.borrow_mut();
        kept.retain(|(key, _)| {
            let stays = outbox.iter().any(|it| it.key == *key);
            if !stays {
                remove(&format!("{OUTBOX}{key}"));
            }
            stays
        });
        for it in outbox {
            let now = refused(it);
            if kept.iter().any(|(key, was)| *key == it.key && *was == now) {
                continue;
            }
            let item = Kept {
                by: self.by.borrow().clone(),
                tab: self.tab.borrow().clone(),
                key: it.key.clone(),
                room: it.room.clone(),
                text: it.text.clone(),
                at: it.at,
                state: it.state,
            };
            write(&format!("{OUTBOX}{}", it.key), &item);
            kept.retain(|(key, _)| *key != it.key);
            kept.push((it.key.clone(), now));
        }
    }
}

impl From<Kept> for Pending {
    fn from(it: Kept) -> Self {
        Self {
            key: it.key,
            room: it.room,
            text: it.text,
            at: it.at,
            state: it.state,
        }
    }
}
