//! The features, one file each: its commands, what they change in the tables, and the events they publish.

pub mod account_deletion;
pub mod addresses;
pub mod blocks;
pub mod deletions;
pub mod directs;
pub mod expiry;
mod growth;
pub mod house;
pub mod invites;
pub mod levels;
pub mod members;
mod mentions;
pub mod messages;
pub mod passkeys;
pub mod people;
pub mod pictures;
pub mod push;
pub mod removals;
pub mod rooms;
pub mod sessions;
pub mod settings;
pub mod tables;
mod unread;

use rusqlite::{Connection, Row, types::Type};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Millis, RoomId, SessionId},
    levels::NotificationLevel,
    messages::{Deleted, Message},
    people::{Rules, SecurityNotice},
    rooms::{ReadState, RoomInfo},
    settings::Settings,
};
use thiserror::Error;

/// A submitted change. Everything random or slow is already in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The user who submits the change.
    pub by: ChatId,
    /// The time of submission.
    pub at: Millis,
    /// The requested change.
    pub command: Command,
}

/// The changes that an entry can request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Opens a room and adds its author as a member.
    Open(rooms::Open),
    /// Opens a direct conversation of a few people.
    OpenDirect(directs::OpenDirect),
    /// Changes a room's name, topic or archived state.
    Edit(rooms::Edit),
    /// Deletes a room that nobody uses.
    LetGo(removals::LetGo),
    /// Adds a user to a room.
    BringIn(members::BringIn),
    /// Removes a user from a room.
    TakeOut(members::TakeOut),
    /// Joins an open room.
    Join(members::Join),
    /// Leaves a room.
    Leave(members::Leave),
    /// Blocks or unblocks a user.
    Block(blocks::Block),
    /// Stores a user's read position in a room.
    Read(members::Read),
    /// Sets a user's notification level for a room.
    SetLevel(levels::SetLevel),
    /// Posts a message.
    Say(messages::Say),
    /// Takes the place of a deleted message's [`Command::Say`] in the log.
    Unsaid(deletions::Unsaid),
    /// Registers a guest's name.
    Keep(people::Keep),
    /// Changes the name and the avatar of a registered user.
    Show(people::Show),
    /// Redeems an invitation as a guest.
    TakeUp(people::TakeUp),
    /// Creates an invitation.
    Invite(invites::CreateInvite),
    /// Withdraws an invitation.
    Withdraw(invites::Withdraw),
    /// Deletes the author's own account.
    Erase,
    /// Performs a moderation act.
    Do(house::Do),
    /// Changes a member's password.
    SetPassword(sessions::SetPassword),
    /// Starts a session: signs a device in.
    BeginSession(sessions::StartSession),
    /// Stores that a session is used.
    SeenSession(sessions::TouchSession),
    /// Ends a session: signs a device out.
    EndSession(sessions::EndSession),
    /// Adds a passkey.
    AddPasskey(passkeys::Add),
    /// Stores that a passkey was used to sign in.
    UsePasskey(passkeys::Use),
    /// Removes a passkey.
    RemovePasskey(passkeys::Remove),
    /// Stores an uploaded picture.
    KeepPicture(pictures::Keep),
    /// Deletes the author's pictures that have been unused for a while.
    TidyPictures,
    /// Changes a registered user's settings.
    SetSettings(settings::SetSettings),
    /// Deletes expired network bans and unused sessions.
    Expire,
    /// Subscribes a browser to pushes.
    Subscribe(push::Subscribe),
    /// Unsubscribes a browser from pushes.
    Unsubscribe(push::Unsubscribe),
    /// Counts the failed tries in a row to reach a browser.
    CountPushFailures(push::CountFailures),
}

/// The outcome of an entry that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The entry was applied, and is appended to the log.
    Logged(Event),
    /// The entry was applied, but is not appended to the log.
    AppliedOnly(Event),
    /// The entry repeats an earlier one, and changes nothing.
    Duplicate(Event),
}

/// The event that an applied entry publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A room was opened, and its author is a member.
    Opened {
        /// The room.
        info: RoomInfo,
        /// The user who opened it.
        by: ChatId,
    },
    /// A room's info changed.
    Changed(RoomInfo),
    /// A room was deleted with all its messages.
    RoomDeleted {
        /// The room.
        room: RoomId,
        /// The positions in the log of the messages that the log still has.
        entries: Vec<i64>,
    },
    /// A user joined a room or was added to it.
    Joined {
        /// The room.
        info: RoomInfo,
        /// The user.
        person: ChatId,
    },
    /// A user left a room or was removed from it.
    Left {
        /// The room.
        room: RoomId,
        /// The user.
        person: ChatId,
        /// Whether another user removed them.
        removed_by_other: bool,
    },
    /// A user's read position in a room changed.
    Read {
        /// The room.
        room: RoomId,
        /// The user.
        person: ChatId,
        /// The user's read position, and what is unread after it.
        standing: ReadState,
    },
    /// A user's notification level for a room changed.
    LevelChanged {
        /// The room.
        room: RoomId,
        /// The user.
        person: ChatId,
        /// The new level.
        level: NotificationLevel,
    },
    /// A message was posted.
    Said(Message),
    /// A message was posted in a direct conversation that some participants had hidden: it is shown to them again.
    SaidAgain {
        /// The message.
        message: Message,
        /// The participants who had hidden it, each with their read state.
        back: Vec<(ChatId, ReadState)>,
    },
    /// A message was deleted.
    Deleted {
        /// The deletion, as it appears in the room.
        deleted: Deleted,
        /// The message's position in the log, if the log still has its text.
        entry: Option<i64>,
    },
    /// A user became known, or their record changed.
    Person(people::Person),
    /// A user's account was deleted.
    Erased(account_deletion::Erased),
    /// The server's rules changed.
    Rules(Rules),
    /// The banned networks changed (the complete list, each with its end), together with the user for whom they were banned.
    NetworkBans(people::Person, Vec<(String, Millis)>),
    /// An account changed in a way that the user's other devices are notified of.
    Secured {
        /// The account's user.
        person: ChatId,
        /// The session that made the change.
        by: SessionId,
        /// The notice that the other devices receive.
        notice: SecurityNotice,
    },
    /// A session started; others of the same user may have ended for it.
    SessionBegun {
        /// The new session.
        session: sessions::Session,
        /// The name that the device gives itself.
        device: String,
        /// The sessions that ended for it.
        ended: Vec<SessionId>,
    },
    /// Sessions ended: devices are signed out.
    SessionsEnded {
        /// The user of the sessions.
        person: ChatId,
        /// The sessions that ended.
        ended: Vec<SessionId>,
    },
    /// A member's password changed, and the member's other devices are signed out.
    PasswordChanged {
        /// The member.
        person: ChatId,
        /// The sessions of the other devices.
        ended: Vec<SessionId>,
    },
    /// Network bans and sessions expired.
    Expired(expiry::Expired),
    /// A registered user's settings changed.
    Settings {
        /// The user.
        person: ChatId,
        /// All settings, as they are now.
        settings: Settings,
    },
    /// Nothing to publish.
    Nothing,
}

/// The reason why an entry was not applied.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// A rule forbids the entry: the same for the same log, on any machine.
    #[error("{0}")]
    Refused(ErrorCode),
    /// The database failed: no change of this entry may be committed, and if the disk is to blame, no change of its
    /// transaction.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
}

impl From<ErrorCode> for ApplyError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

/// Applies an entry to the tables, or refuses it. The outcome depends on the tables, the entry and its position in the log
/// alone; a refused entry has changed nothing.
///
/// # Errors
/// [`ApplyError::Refused`] if a rule forbids the entry, [`ApplyError::Database`] if the database failed.
pub fn apply(tables: &Connection, entry: &Entry, position: i64) -> Result<Applied, ApplyError> {
    // For messages, `house::may_speak` checks this together with other conditions.
    if !matches!(entry.command, Command::Say(_)) && account_deletion::is_erased(tables, &entry.by)? {
        return Err(ErrorCode::SessionEnded.into());
    }
    match &entry.command {
        Command::Open(open) => rooms::open(tables, entry, open),
        Command::OpenDirect(open) => directs::open(tables, entry, open),
        Command::Edit(edit) => rooms::edit(tables, entry, edit, position),
        Command::LetGo(it) => removals::let_go(tables, entry, it),
        Command::BringIn(it) => members::bring_in(tables, entry, it),
        Command::TakeOut(it) => members::take_out(tables, entry, it),
        Command::Join(join) => members::join(tables, entry, join),
        Command::Leave(leave) => members::leave(tables, entry, leave),
        Command::Block(it) => blocks::block(tables, entry, it),
        Command::Read(read) => members::read(tables, entry, read),
        Command::SetLevel(set) => levels::set(tables, entry, set),
        Command::Say(say) => messages::say(tables, entry, say, position),
        Command::Unsaid(it) => deletions::unsaid(tables, entry, it),
        Command::Keep(keep) => people::keep(tables, entry, keep),
        Command::Show(show) => people::show(tables, entry, show),
        Command::TakeUp(it) => people::take_up(tables, entry, it),
        Command::Invite(create) => invites::create(tables, entry, create),
        Command::Withdraw(it) => invites::withdraw(tables, entry, it),
        Command::Erase => account_deletion::delete_own(tables, entry),
        Command::Do(it) => house::act(tables, entry, it),
        Command::SetPassword(it) => sessions::set_password(tables, entry, it),
        Command::BeginSession(it) => sessions::begin(tables, entry, it),
        Command::SeenSession(it) => sessions::seen(tables, entry, it),
        Command::EndSession(it) => sessions::end(tables, entry, it),
        Command::AddPasskey(it) => passkeys::add(tables, entry, it),
        Command::UsePasskey(it) => passkeys::used(tables, entry, it),
        Command::RemovePasskey(it) => passkeys::remove(tables, entry, it),
        Command::KeepPicture(it) => pictures::keep(tables, entry, it),
        Command::TidyPictures => pictures::delete_unused(tables, entry),
        Command::SetSettings(it) => settings::set(tables, entry, it),
        Command::Expire => expiry::expire(tables, entry),
        Command::Subscribe(it) => push::subscribe(tables, entry, it),
        Command::Unsubscribe(it) => push::unsubscribe(tables, entry, it),
        Command::CountPushFailures(it) => push::count_failures(tables, entry, it),
    }
}

/// Returns the value of a column whose text was validated when it was written.
pub(crate) fn parsed<T: TryFrom<String, Error = ErrorCode>>(
    row: &Row<'_>,
    index: usize,
) -> rusqlite::Result<T> {
    T::try_from(row.get(index)?)
        .map_err(|code| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(code)))
}
