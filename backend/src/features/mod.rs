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

/// A change as it is submitted. Everything random or slow is already in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who wants it.
    pub by: ChatId,
    /// When.
    pub at: Millis,
    /// What.
    pub command: Command,
}

/// What one can want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Open a room.
    Open(rooms::Open),
    /// Open one for a few people.
    OpenDirect(directs::OpenDirect),
    /// Make one otherwise.
    Edit(rooms::Edit),
    /// Delete one that nobody uses.
    LetGo(removals::LetGo),
    /// Bring somebody in.
    BringIn(members::BringIn),
    /// Take somebody out.
    TakeOut(members::TakeOut),
    /// Join one.
    Join(members::Join),
    /// Leave one.
    Leave(members::Leave),
    /// Block somebody, or end it.
    Block(blocks::Block),
    /// Remember how far one has read.
    Read(members::Read),
    /// Hear so much of a room.
    SetLevel(levels::SetLevel),
    /// Say something.
    Say(messages::Say),
    /// What the log has of it once it is deleted.
    Unsaid(deletions::Unsaid),
    /// Keep a name.
    Keep(people::Keep),
    /// Show oneself otherwise.
    Show(people::Show),
    /// Take up an invitation.
    TakeUp(people::TakeUp),
    /// Make one.
    Invite(invites::CreateInvite),
    /// Withdraw one.
    Withdraw(invites::Withdraw),
    /// Delete one's account.
    Erase,
    /// Keep order.
    Do(house::Do),
    /// Set a password.
    SetPassword(sessions::SetPassword),
    /// Sign a device in.
    BeginSession(sessions::StartSession),
    /// Remember that it was here.
    SeenSession(sessions::TouchSession),
    /// Sign it out.
    EndSession(sessions::EndSession),
    /// Add a passkey.
    AddPasskey(passkeys::Add),
    /// Remember that it was used.
    UsePasskey(passkeys::Use),
    /// Remove it.
    RemovePasskey(passkeys::Remove),
    /// Keep a picture.
    KeepPicture(pictures::Keep),
    /// Let go of those that nothing shows.
    TidyPictures,
    /// Prefer things otherwise.
    SetSettings(settings::SetSettings),
    /// Delete what has expired.
    Expire,
    /// Be sent pushes.
    Subscribe(push::Subscribe),
    /// Be sent none any more.
    Unsubscribe(push::Unsubscribe),
    /// Remember how many tries in a row have failed to reach a browser.
    CountPushFailures(push::CountFailures),
}

/// The outcome of an entry that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was applied, and is appended to the log.
    Logged(Event),
    /// It was applied, but is not appended to the log.
    AppliedOnly(Event),
    /// It repeats an earlier entry, and changes nothing.
    Duplicate(Event),
}

/// What an applied entry publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A room was opened, and whoever did it is in it.
    Opened {
        /// The room.
        info: RoomInfo,
        /// Who.
        by: ChatId,
    },
    /// A room is otherwise now.
    Changed(RoomInfo),
    /// A room was deleted, with all that was said in it.
    RoomDeleted {
        /// The room.
        room: RoomId,
        /// Where its words are in the log, if they still are.
        entries: Vec<i64>,
    },
    /// Somebody joined a room.
    Joined {
        /// The room.
        info: RoomInfo,
        /// Who.
        person: ChatId,
    },
    /// Somebody left a room.
    Left {
        /// The room.
        room: RoomId,
        /// Who.
        person: ChatId,
        /// Whether somebody else took them out.
        taken_out: bool,
    },
    /// Somebody has read a room up to there.
    Read {
        /// The room.
        room: RoomId,
        /// Who.
        person: ChatId,
        /// Up to where, and what waits after it.
        standing: ReadState,
    },
    /// Somebody wants to hear so much of a room.
    LevelChanged {
        /// The room.
        room: RoomId,
        /// Who.
        person: ChatId,
        /// How much.
        level: NotificationLevel,
    },
    /// Something was said.
    Said(Message),
    /// Something was said in a conversation that some of its people had hidden: it is theirs again.
    SaidAgain {
        /// The message.
        message: Message,
        /// They, and how it stands between each of them and the conversation.
        back: Vec<(ChatId, ReadState)>,
    },
    /// It is deleted.
    Deleted {
        /// What stands in the room.
        deleted: Deleted,
        /// Where its words are in the log, if they still are.
        entry: Option<i64>,
    },
    /// Somebody is known, or something else holds for them now.
    Person(people::Person),
    /// Somebody's account is deleted.
    Erased(account_deletion::Erased),
    /// The rules are these now.
    Rules(Rules),
    /// The banned networks changed (the complete list, each with its end), together with the person they were banned for.
    NetworkBans(people::Person, Vec<(String, Millis)>),
    /// Something happened to an account that its person's other devices are told of.
    Secured {
        /// Whose account it is.
        person: ChatId,
        /// The session that did it.
        by: SessionId,
        /// What they are told.
        notice: SecurityNotice,
    },
    /// A device is signed in; others may not be any more for it.
    SessionBegun {
        /// Its session.
        session: sessions::Session,
        /// What the device calls itself.
        device: String,
        /// Theirs.
        ended: Vec<SessionId>,
    },
    /// Devices are signed out.
    SessionsEnded {
        /// Whose.
        person: ChatId,
        /// Their sessions.
        ended: Vec<SessionId>,
    },
    /// A member's password is another one, and the member's other devices are signed out.
    PasswordChanged {
        /// Whose.
        person: ChatId,
        /// The sessions of the other devices.
        ended: Vec<SessionId>,
    },
    /// Bans by network and sessions have ended by themselves.
    Expired(expiry::Expired),
    /// Somebody prefers things otherwise.
    Settings {
        /// Who.
        person: ChatId,
        /// How.
        settings: Settings,
    },
    /// Nothing to publish.
    Nothing,
}

/// Why an entry was not applied.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The rules are against it: the same for the same log, on any machine.
    #[error("{0}")]
    Refused(ErrorCode),
    /// The database failed: nothing that this entry has changed may stand, and if the disk is to blame, nothing of the transaction.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
}

impl From<ErrorCode> for ApplyError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

/// Applies an entry to the tables, or refuses it. A function of the tables, the entry and its position in the log alone; a
/// refusal has changed nothing.
pub fn apply(tables: &Connection, entry: &Entry, position: i64) -> Result<Applied, ApplyError> {
    // For messages it is asked together with other things.
    if !matches!(entry.command, Command::Say(_)) && account_deletion::is_erased(tables, &entry.by)? {
        return Err(ErrorCode::ChatIdTaken.into());
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

/// A column whose text was parsed when it was written.
pub(crate) fn parsed<T: TryFrom<String, Error = ErrorCode>>(
    row: &Row<'_>,
    index: usize,
) -> rusqlite::Result<T> {
    T::try_from(row.get(index)?)
        .map_err(|code| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(code)))
}
