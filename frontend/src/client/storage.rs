//! Saves to `localStorage` and reads from it. If storage is full, forbidden or tampered with, the values
//! last only as long as the page, and nothing else breaks.

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

/// The prefix of the names of all items.
const PREFIX: &str = "snug.";
const PROFILE: &str = "snug.profile";
const STATUS: &str = "snug.status";
const PERSON: &str = "snug.person";
const CREDENTIAL: &str = "snug.credential";
const LANG: &str = "snug.lang";
/// The item of the theme. The script in `index.html` reads it as well.
const THEME: &str = "snug.theme";
const UNREAD_ONLY: &str = "snug.unread-only";
const QUIET_HOURS: &str = "snug.quiet-hours";
const NOTIFICATIONS: &str = "snug.notifications";
const OFFER_DISMISSED: &str = "snug.offer-dismissed";
/// The security notices that were not dismissed.
const SECURITY: &str = "snug.security";
/// The user whose pushes this browser receives.
const PUSH: &str = "snug.push";
const OUTBOX: &str = "snug.outbox.";
const DRAFT: &str = "snug.draft.";
/// The address of the room that was shown last.
const LAST_ROOM: &str = "snug.last-room";

/// The name and the avatar that the user had last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: Nickname,
    pub(crate) avatar: Avatar,
}

/// The user to whom the stored items belong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) chat_id: ChatId,
    /// Whether the user is registered.
    pub(crate) member: bool,
}

fn local_storage() -> Option<Storage> {
    browser::window().local_storage().ok().flatten()
}

type Listener = Rc<dyn Fn()>;

thread_local! {
    /// The values that could not be stored. They last as long as the page, and are newer than the stored
    /// ones.
    static MEMORY: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
    /// The listener that is called when a value could not be stored.
    static ON_FAILURE: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Returns whether a value could not be stored.
pub(crate) fn has_failed() -> bool {
    MEMORY.with_borrow(|memory| !memory.is_empty())
}

/// Sets the listener that is called whenever a value cannot be stored.
pub(crate) fn on_save_failure(listener: Option<Listener>) {
    ON_FAILURE.set(listener);
}

fn get(name: &str) -> Option<String> {
    let unsaved = MEMORY.with_borrow(|memory| memory.get(name).cloned());
    unsaved.or_else(|| {
        local_storage()?
            .get_item(&browser::stored_name(name))
            .ok()
            .flatten()
    })
}

fn set(name: &str, value: &str) {
    let stored =
        local_storage().is_some_and(|storage| storage.set_item(&browser::stored_name(name), value).is_ok());
    if stored {
        MEMORY.with_borrow_mut(|memory| memory.remove(name));
        return;
    }
    MEMORY.with_borrow_mut(|memory| memory.insert(name.to_owned(), value.to_owned()));
    if let Some(listener) = ON_FAILURE.with_borrow(Clone::clone) {
        listener();
    }
}

fn remove(name: &str) {
    MEMORY.with_borrow_mut(|memory| memory.remove(name));
    if let Some(storage) = local_storage() {
        let _ = storage.remove_item(&browser::stored_name(name));
    }
}

/// Returns the names of all items, without those of pages at other paths of the host.
fn names() -> Vec<String> {
    let Some(storage) = local_storage() else {
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

fn write_or_remove(name: &str, value: Option<&impl Serialize>) {
    match value {
        Some(value) => write(name, value),
        None => remove(name),
    }
}

/// Returns the name and the avatar that the user had last.
pub(crate) fn profile() -> Option<Profile> {
    read(PROFILE)
}

pub(crate) fn save_profile(profile: &Profile) {
    write(PROFILE, profile);
}

/// Returns the user's status.
pub(crate) fn status() -> Option<Status> {
    read(STATUS)
}

pub(crate) fn save_status(status: Option<&Status>) {
    write_or_remove(STATUS, status);
}

/// Returns the user to whom the stored items belong.
pub(crate) fn person() -> Option<Person> {
    read(PERSON)
}

pub(crate) fn save_person(person: &Person) {
    write(PERSON, person);
}

/// Returns the credential of a guest whose browser sends no cookie back: a `chatId`, `.` and its token.
pub(crate) fn credential() -> Option<String> {
    get(CREDENTIAL)
}

pub(crate) fn save_credential(credential: Option<&str>) {
    match credential {
        Some(credential) => set(CREDENTIAL, credential),
        None => remove(CREDENTIAL),
    }
}

/// Removes everything of the user, since another one may follow. Language and theme stay.
pub(crate) fn forget_person() {
    let theirs = |name: &String| name.starts_with(PREFIX) && name != LANG && name != THEME;
    let in_memory = MEMORY.with_borrow(|memory| memory.keys().cloned().collect::<Vec<_>>());
    for name in names().into_iter().chain(in_memory).filter(theirs) {
        remove(&name);
    }
}

/// Returns the security notices that were not dismissed.
pub(crate) fn security_notices() -> Vec<SecurityNotice> {
    read(SECURITY).unwrap_or_default()
}

pub(crate) fn save_security_notices(notices: &[SecurityNotice]) {
    write_or_remove(SECURITY, Some(&notices).filter(|it| !it.is_empty()));
}

/// Returns the value of `data-theme` on the root element; `None` if the device decides.
pub(crate) fn theme_name(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    }
}

/// Returns the settings as this browser has them.
pub(crate) fn settings() -> Settings {
    let theme = get(THEME);
    let same = |it: &Theme| theme_name(*it) == theme.as_deref();
    Settings {
        lang: read(LANG),
        theme: Theme::ALL.into_iter().find(same).unwrap_or_default(),
        unread_only: read(UNREAD_ONLY).unwrap_or_default(),
        quiet_hours: read(QUIET_HOURS),
    }
}

pub(crate) fn save_settings(settings: &Settings) {
    let Settings {
        lang,
        theme,
        unread_only,
        quiet_hours: quiet,
    } = settings;
    write_or_remove(LANG, lang.as_ref());
    match theme_name(*theme) {
        Some(word) => set(THEME, word),
        None => remove(THEME),
    }
    write_or_remove(UNREAD_ONLY, unread_only.then_some(&true));
    write_or_remove(QUIET_HOURS, quiet.as_ref());
}

/// Returns whether this device shows notifications.
pub(crate) fn notifications_enabled() -> bool {
    read(NOTIFICATIONS).unwrap_or_default()
}

pub(crate) fn save_notifications_enabled(on: bool) {
    write(NOTIFICATIONS, &on);
}

/// Returns whether the user has dismissed the offer of notifications on this device.
pub(crate) fn offer_dismissed() -> bool {
    get(OFFER_DISMISSED).is_some()
}

pub(crate) fn save_offer_dismissed() {
    write(OFFER_DISMISSED, &true);
}

/// Returns the user whose pushes this browser receives.
pub(crate) fn push_user() -> Option<ChatId> {
    read(PUSH)
}

pub(crate) fn save_push_user(person: Option<&ChatId>) {
    write_or_remove(PUSH, person);
}

/// Returns the address of the room that was shown last.
pub(crate) fn last_room() -> Option<RoomName> {
    RoomName::try_from(get(LAST_ROOM)?.as_str()).ok()
}

pub(crate) fn save_last_room(name: &RoomName) {
    set(LAST_ROOM, name.as_str());
}

/// Returns the draft in a room.
pub(crate) fn draft(room: &RoomId) -> String {
    get(&format!("{DRAFT}{room}")).unwrap_or_default()
}

pub(crate) fn save_draft(room: &RoomId, text: &str) {
    let name = format!("{DRAFT}{room}");
    if text.is_empty() {
        remove(&name);
    } else {
        set(&name, text);
    }
}

/// A stored message of the outbox, or a stored request, with its author, so that it is not sent in another user's name. Its fields
/// are not flattened, since serde reads flattened fields through a buffer, whose code the page would have to
/// load.
#[derive(Serialize, Deserialize)]
struct StoredItem {
    /// The author; `None` if it was written before the first welcome.
    by: Option<ChatId>,
    /// The tab that sends it, as long as that lives; any tab, if tabs cannot detect each other.
    tab: Option<String>,
    key: Key,
    message: Option<StoredMessage>,
    /// The frame of a request, as it is sent.
    request: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredMessage {
    room: RoomId,
    text: MessageBody,
    at: Millis,
    state: PendingState,
}

/// The items of a tab that is gone.
#[derive(Debug, Default)]
pub(crate) struct TakenOver {
    pub(crate) messages: Vec<Pending>,
    /// The keys and the frames of requests.
    pub(crate) requests: Vec<(Key, String)>,
}

/// Stores each pending message and request in an item of its own, so that several tabs can share the queue without
/// overwriting each other. A key that is sent twice is still one message.
#[derive(Debug, Default)]
pub(crate) struct StoredQueue {
    by: RefCell<Option<ChatId>>,
    tab: RefCell<Option<String>>,
    /// The keys of the stored items, each with whether it is stored as refused.
    stored: RefCell<Vec<(Key, bool)>>,
}

fn refused(it: &Pending) -> bool {
    matches!(it.state, PendingState::Refused(_))
}

/// Returns all stored items, of any user, oldest first: keys begin with their time.
fn stored_items() -> impl Iterator<Item = StoredItem> {
    let mut names = names();
    names.retain(|name| name.starts_with(OUTBOX));
    names.sort_unstable();
    names.into_iter().filter_map(|name| read::<StoredItem>(&name))
}

/// Returns the tab of a stored message or request, if the item is one.
pub(crate) fn tab_of(item: &str, value: &str) -> Option<String> {
    let is_ours = item.starts_with(&browser::stored_name(OUTBOX));
    serde_json::from_str::<StoredItem>(value)
        .ok()
        .filter(|_| is_ours)?
        .tab
}

impl StoredQueue {
    /// Sets the user and the tab of the items that are stored from now on.
    pub(crate) fn set_owner(&self, person: Option<&ChatId>, tab: Option<&str>) {
        *self.by.borrow_mut() = person.cloned();
        *self.tab.borrow_mut() = tab.map(str::to_owned);
    }

    /// Returns the other tabs, living or closed, that have stored an item.
    pub(crate) fn other_tabs(&self) -> BTreeSet<String> {
        let tab = self.tab.borrow();
        stored_items()
            .filter_map(|it| it.tab)
            .filter(|it| Some(it) != tab.as_ref())
            .collect()
    }

    /// Takes over the user's items that a closed tab has stored, or, for `None`, those of no tab.
    pub(crate) fn take_over(&self, gone: Option<&str>) -> TakenOver {
        let by = self.by.borrow().clone();
        let mine = |it: &StoredItem| it.by.is_none() || it.by == by;
        let left = stored_items().filter(|it| mine(it) && it.tab.as_deref() == gone);
        let tab = self.tab.borrow().clone();
        let mut known = self.stored.borrow_mut();
        let mut taken = TakenOver::default();
        for mut it in left {
            if it.tab != tab {
                it.tab.clone_from(&tab);
                write(&format!("{OUTBOX}{}", it.key), &it);
            }
            known.retain(|(key, _)| *key != it.key);
            let message = it.message.map(|message| message.pending(it.key.clone()));
            known.push((it.key.clone(), message.as_ref().is_some_and(refused)));
            taken.messages.extend(message);
            taken.requests.extend(it.request.map(|text| (it.key, text)));
        }
        taken
    }

    /// Assigns the items to this user.
    pub(crate) fn assign_to(&self, person: ChatId, outbox: &[Pending], requests: &[(&Key, &str)]) {
        *self.by.borrow_mut() = Some(person);
        self.stored.borrow_mut().clear();
        self.save(outbox, requests);
    }

    /// Stores the outbox's messages and the pending requests, and removes the others from storage.
    pub(crate) fn save(&self, outbox: &[Pending], requests: &[(&Key, &str)]) {
        let mut stored = self.stored.borrow_mut();
        stored.retain(|(key, _)| {
            let stays = outbox.iter().any(|it| it.key == *key) || requests.iter().any(|it| it.0 == key);
            if !stays {
                remove(&format!("{OUTBOX}{key}"));
            }
            stays
        });
        let messages = outbox.iter().map(|it| (&it.key, Some(it), None));
        let requests = requests.iter().map(|(key, text)| (*key, None, Some(*text)));
        for (key, message, request) in messages.chain(requests) {
            let now = message.is_some_and(refused);
            if stored.iter().any(|(it, was)| it == key && *was == now) {
                continue;
            }
            let item = StoredItem {
                by: self.by.borrow().clone(),
                tab: self.tab.borrow().clone(),
                key: key.clone(),
                message: message.map(StoredMessage::of),
                request: request.map(str::to_owned),
            };
            write(&format!("{OUTBOX}{key}"), &item);
            stored.retain(|(it, _)| it != key);
            stored.push((key.clone(), now));
        }
    }
}

impl StoredMessage {
    fn of(it: &Pending) -> Self {
        Self {
            room: it.room.clone(),
            text: it.text.clone(),
            at: it.at,
            state: it.state,
        }
    }

    fn pending(self, key: Key) -> Pending {
        Pending {
            key,
            room: self.room,
            text: self.text,
            at: self.at,
            state: self.state,
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use snug_shared::error_code::ErrorCode;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    wasm_bindgen_test_configure!(run_in_browser);

    fn id(raw: &str) -> ChatId {
        raw.try_into().expect("an id")
    }

    fn message(key: &str) -> Pending {
        Pending {
            key: Key::try_from(key).expect("a key"),
            room: RoomId::lobby(),
            text: "Hello!".try_into().expect("a text"),
            at: Millis(7),
            state: PendingState::Waiting(None),
        }
    }

    /// Returns the queue of a tab of a person, in a browser that has stored nothing.
    fn empty_queue(person: &str, tab: &str) -> StoredQueue {
        if let Some(storage) = local_storage() {
            storage.clear().expect("it is this page's");
        }
        queue(person, tab)
    }

    fn queue(person: &str, tab: &str) -> StoredQueue {
        let queue = StoredQueue::default();
        queue.set_owner(Some(&id(person)), Some(tab));
        queue
    }

    #[wasm_bindgen_test]
    fn what_a_closed_tab_has_not_sent_is_taken_over_by_another_one_in_its_order() {
        let closed = empty_queue("ann", "closed");
        let (first, second) = (message("a"), message("c"));
        let request = Key::try_from("b").expect("a key");
        closed.save(&[first.clone(), second.clone()], &[(&request, "{}")]);

        let other = queue("ann", "other");
        assert_eq!(other.other_tabs(), BTreeSet::from(["closed".to_owned()]));
        assert!(other.take_over(None).messages.is_empty(), "a tab has them");
        let taken = other.take_over(Some("closed"));
        assert_eq!(taken.messages, [first, second]);
        assert_eq!(taken.requests, [(request, "{}".to_owned())]);
        assert!(
            other.take_over(Some("closed")).messages.is_empty(),
            "they are its own now"
        );
        other.save(&[], &[]);
        assert_eq!(stored_items().count(), 0);
    }

    #[wasm_bindgen_test]
    fn nobody_sends_what_another_person_has_written() {
        empty_queue("ann", "closed").save(&[message("a")], &[]);
        assert!(
            queue("bob", "other")
                .take_over(Some("closed"))
                .messages
                .is_empty()
        );
        assert_eq!(queue("ann", "third").take_over(Some("closed")).messages.len(), 1);
    }

    #[wasm_bindgen_test]
    fn a_refusal_is_stored_and_what_is_none_of_ours_is_passed_over() {
        let queue_of_ann = empty_queue("ann", "tab");
        queue_of_ann.save(&[message("a")], &[]);
        let refused = Pending {
            state: PendingState::Refused(ErrorCode::NotAllowed),
            ..message("a")
        };
        queue_of_ann.save(std::slice::from_ref(&refused), &[]);
        set(&format!("{OUTBOX}b"), "no JSON");
        set(&format!("{OUTBOX}c"), r#"{"key":"c"}"#);
        let taken = queue("ann", "other").take_over(Some("tab"));
        assert_eq!(taken.messages, [refused]);
        assert!(taken.requests.is_empty());
    }

    #[wasm_bindgen_test]
    fn settings_and_drafts_are_read_as_they_were_saved() {
        empty_queue("ann", "tab");
        assert_eq!(settings(), Settings::default());
        let chosen = Settings {
            theme: Theme::Dark,
            unread_only: true,
            ..Settings::default()
        };
        save_settings(&chosen);
        assert_eq!(settings(), chosen);
        save_settings(&Settings::default());
        assert_eq!(settings(), Settings::default());

        let den = RoomId::try_from("den").expect("an id");
        save_draft(&den, "half a thought");
        assert_eq!(draft(&den), "half a thought");
        assert_eq!(draft(&RoomId::lobby()), "");
        save_draft(&den, "");
        assert_eq!(draft(&den), "");
    }
}
