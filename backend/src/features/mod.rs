//! The features, one file each: its commands, what they change in the tables, and the events they publish.

pub mod access;
pub mod account_deletion;
pub mod accounts;
pub mod addresses;
pub mod audit;
pub mod blocks;
pub mod deletions;
pub mod directs;
pub mod expiry;
mod growth;
pub mod invites;
pub mod levels;
pub mod members;
mod mentions;
pub mod messages;
pub mod moderation;
mod participants;
pub mod passkeys;
pub mod people;
pub mod pictures;
mod posting;
pub mod push;
pub mod removals;
pub mod room_access;
pub mod room_table;
pub mod rooms;
pub mod rules;
pub mod sessions;
pub mod settings;
pub(crate) mod sql;
pub mod tables;
mod tombstones;
mod unread;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use snug_shared::{
    coded::coded,
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

coded! {
    /// The changes that an entry can request. The string before each variant is its name in the log.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Command {
        /// Opens a room and adds its author as a member.
        "CreateRoom" => CreateRoom(rooms::CreateRoom),
        /// Opens a direct conversation of a few people.
        "OpenDirect" => OpenDirect(directs::OpenDirect),
        /// Changes a room's name, topic or archived state.
        "EditRoom" => EditRoom(rooms::EditRoom),
        /// Deletes a room that nobody uses.
        "RemoveUnusedRoom" => RemoveUnusedRoom(removals::RemoveUnusedRoom),
        /// Adds a user to a room.
        "AddMember" => AddMember(members::AddMember),
        /// Removes a user from a room.
        "RemoveMember" => RemoveMember(members::RemoveMember),
        /// Joins an open room.
        "JoinRoom" => JoinRoom(members::JoinRoom),
        /// Leaves a room.
        "LeaveRoom" => LeaveRoom(members::LeaveRoom),
        /// Blocks or unblocks a user.
        "Block" => Block(blocks::Block),
        /// Stores a user's read position in a room.
        "MarkRead" => MarkRead(members::MarkRead),
        /// Sets a user's notification level for a room.
        "SetLevel" => SetLevel(levels::SetLevel),
        /// Posts a message.
        "PostMessage" => PostMessage(messages::PostMessage),
        /// Takes the place of a deleted message's [`Command::PostMessage`] in the log.
        "Redacted" => Redacted(deletions::Redacted),
        /// Registers a guest's name.
        "CreateAccount" => CreateAccount(accounts::CreateAccount),
        /// Changes the name and the avatar of a registered user.
        "UpdateProfile" => UpdateProfile(accounts::UpdateProfile),
        /// Redeems an invitation as a guest.
        "RedeemInvite" => RedeemInvite(accounts::RedeemInvite),
        /// Creates an invitation.
        "CreateInvite" => CreateInvite(invites::CreateInvite),
        /// Withdraws an invitation.
        "RevokeInvite" => RevokeInvite(invites::RevokeInvite),
        /// Deletes the author's own account.
        "DeleteAccount" => DeleteAccount,
        /// Performs a moderation act.
        "Moderate" => Moderate(moderation::Moderate),
        /// Changes a member's password.
        "SetPassword" => SetPassword(sessions::SetPassword),
        /// Starts a session: signs a device in.
        "StartSession" => StartSession(sessions::StartSession),
        /// Stores that a session is used.
        "TouchSession" => TouchSession(sessions::TouchSession),
        /// Ends a session: signs a device out.
        "EndSession" => EndSession(sessions::EndSession),
        /// Adds a passkey.
        "AddPasskey" => AddPasskey(passkeys::AddPasskey),
        /// Stores that a passkey was used to sign in.
        "UsePasskey" => UsePasskey(passkeys::UsePasskey),
        /// Removes a passkey.
        "RemovePasskey" => RemovePasskey(passkeys::RemovePasskey),
        /// Stores an uploaded picture.
        "StorePicture" => StorePicture(pictures::StorePicture),
        /// Deletes the author's pictures that have been unused for a while.
        "DeleteUnusedPictures" => DeleteUnusedPictures,
        /// Changes a registered user's settings.
        "SetSettings" => SetSettings(settings::SetSettings),
        /// Deletes expired network bans and unused sessions.
        "DeleteExpired" => DeleteExpired,
        /// Subscribes a browser to pushes.
        "SubscribePush" => SubscribePush(push::SubscribePush),
        /// Unsubscribes a browser from pushes.
        "UnsubscribePush" => UnsubscribePush(push::UnsubscribePush),
        /// Counts the failed tries in a row to reach a browser.
        "CountPushFailures" => CountPushFailures(push::CountPushFailures),
    }
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

impl Applied {
    /// Returns the event, whether it is published or was published before.
    pub fn into_event(self) -> Event {
        match self {
            Self::Logged(event) | Self::AppliedOnly(event) | Self::Duplicate(event) => event,
        }
    }
}

/// The event that an applied entry publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A room was opened, and its author is a member.
    RoomCreated {
        /// The room.
        info: RoomInfo,
        /// The user who opened it.
        by: ChatId,
    },
    /// A room's info changed.
    RoomChanged(RoomInfo),
    /// A room was deleted with all its messages.
    RoomDeleted {
        /// The room.
        room: RoomId,
        /// The positions in the log of the messages that the log still has.
        entries: Vec<i64>,
    },
    /// A user joined a room or was added to it.
    MemberJoined {
        /// The room.
        info: RoomInfo,
        /// The user.
        person: ChatId,
    },
    /// A user left a room or was removed from it.
    MemberLeft {
        /// The room.
        room: RoomId,
        /// The user.
        person: ChatId,
        /// Whether another user removed them.
        removed_by_other: bool,
    },
    /// A user's read position in a room changed.
    ReadStateChanged {
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
    MessagePosted(Message),
    /// A message was posted in a direct conversation that some participants had hidden: it is shown to them again.
    MessagePostedInHidden {
        /// The message.
        message: Message,
        /// The participants who had hidden it, each with their read state.
        back: Vec<(ChatId, ReadState)>,
    },
    /// A message was deleted.
    MessageDeleted {
        /// The deletion, as it appears in the room.
        deleted: Deleted,
        /// The message's position in the log, if the log still has its text.
        entry: Option<i64>,
    },
    /// A user became known, or their record changed.
    UserChanged(people::Person),
    /// A user's account was deleted.
    AccountDeleted(account_deletion::DeletedAccount),
    /// The server's rules changed.
    RulesChanged(Rules),
    /// The banned networks changed (the complete list, each with its end), together with the user for whom they were banned.
    NetworkBansChanged(people::Person, Vec<(String, Millis)>),
    /// An account changed in a way that the user's other devices are notified of.
    SecurityEvent {
        /// The account's user.
        person: ChatId,
        /// The session that made the change.
        by: SessionId,
        /// The notice that the other devices receive.
        notice: SecurityNotice,
    },
    /// A session started; others of the same user may have ended for it.
    SessionStarted {
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
    SettingsChanged {
        /// The user.
        person: ChatId,
        /// All settings, as they are now.
        settings: Settings,
    },
    /// Nothing to publish.
    Nothing,
}

impl Event {
    /// Returns the message that was posted.
    pub fn into_message(self) -> Option<Message> {
        match self {
            Self::MessagePosted(message) | Self::MessagePostedInHidden { message, .. } => Some(message),
            _ => None,
        }
    }

    /// Returns the room that was created, opened or joined.
    pub fn into_opened(self) -> Option<RoomId> {
        match self {
            Self::RoomCreated { info, .. } | Self::MemberJoined { info, .. } => Some(info.room),
            _ => None,
        }
    }
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
    // For messages, `posting::may_speak` checks this together with other conditions.
    if !matches!(entry.command, Command::PostMessage(_)) && account_deletion::is_erased(tables, &entry.by)? {
        return Err(ErrorCode::SessionEnded.into());
    }
    match &entry.command {
        Command::CreateRoom(open) => rooms::create(tables, entry, open),
        Command::OpenDirect(open) => directs::open(tables, entry, open),
        Command::EditRoom(edit) => rooms::edit(tables, entry, edit, position),
        Command::RemoveUnusedRoom(it) => removals::remove_unused(tables, entry, it),
        Command::AddMember(it) => members::add(tables, entry, it),
        Command::RemoveMember(it) => members::remove_member(tables, entry, it),
        Command::JoinRoom(join) => members::join(tables, entry, join),
        Command::LeaveRoom(leave) => members::leave(tables, entry, leave),
        Command::Block(it) => blocks::block(tables, entry, it),
        Command::MarkRead(read) => members::mark_read(tables, entry, read),
        Command::SetLevel(set) => levels::set(tables, entry, set),
        Command::PostMessage(say) => messages::post(tables, entry, say, position),
        Command::Redacted(it) => deletions::redacted(tables, entry, it),
        Command::CreateAccount(keep) => accounts::create_account(tables, entry, keep),
        Command::UpdateProfile(show) => accounts::update_profile(tables, entry, show),
        Command::RedeemInvite(it) => accounts::redeem_invite(tables, entry, it),
        Command::CreateInvite(create) => invites::create(tables, entry, create),
        Command::RevokeInvite(it) => invites::revoke(tables, entry, it),
        Command::DeleteAccount => account_deletion::delete_own(tables, entry),
        Command::Moderate(it) => moderation::moderate(tables, entry, it),
        Command::SetPassword(it) => sessions::set_password(tables, entry, it),
        Command::StartSession(it) => sessions::start(tables, entry, it),
        Command::TouchSession(it) => sessions::touch(tables, entry, it),
        Command::EndSession(it) => sessions::end(tables, entry, it),
        Command::AddPasskey(it) => passkeys::add(tables, entry, it),
        Command::UsePasskey(it) => passkeys::used(tables, entry, it),
        Command::RemovePasskey(it) => passkeys::remove(tables, entry, it),
        Command::StorePicture(it) => pictures::store(tables, entry, it),
        Command::DeleteUnusedPictures => pictures::delete_unused(tables, entry),
        Command::SetSettings(it) => settings::set(tables, entry, it),
        Command::DeleteExpired => expiry::expire(tables, entry),
        Command::SubscribePush(it) => push::subscribe(tables, entry, it),
        Command::UnsubscribePush(it) => push::unsubscribe(tables, entry, it),
        Command::CountPushFailures(it) => push::count_failures(tables, entry, it),
    }
}
