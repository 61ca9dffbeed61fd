//! The limits that both ends enforce. Rates and caps that only the server knows are settings, in its `config`.

use serde::{Deserialize, Serialize};

/// Characters (Unicode scalar values) of a nickname.
pub const NAME_CHARS: usize = 32;
/// Characters (Unicode scalar values) of a message.
pub const TEXT_CHARS: usize = 4_000;
/// Characters (Unicode scalar values) of a room's name.
pub const ROOM_NAME_CHARS: usize = 40;
/// Characters (Unicode scalar values) of a room's topic.
pub const TOPIC_CHARS: usize = 200;
/// Characters (Unicode scalar values) of a status.
pub const STATUS_CHARS: usize = 80;
/// Users that are named as typing in a room; the others are only counted.
pub const NAMED_TYPING: usize = 3;
/// Rooms that one user may be in, besides the lobby. It is no setting: the same log must produce the same tables on
/// any machine, refusals included.
pub const ROOMS_OF_PERSON: usize = 64;
/// Rooms that one user may be in because others added the user.
pub const BROUGHT_ROOMS: usize = 64;
/// How many of [`BROUGHT_ROOMS`] guests may use; the rest is for members.
pub const BROUGHT_BY_GUESTS: usize = 16;
/// Rooms to which one guest may add the same user.
pub const BROUGHT_BY_GUEST: usize = 4;
/// Rooms of the server, besides direct conversations.
pub const ROOMS: usize = 10_000;
/// How many of [`ROOMS`] only moderators and owners may open.
pub const RESERVED_ROOMS: usize = 500;
/// How many of [`ROOMS`] guests may have opened.
pub const GUEST_ROOMS: usize = 2_000;
/// Rooms that one guest may have opened.
pub const ROOMS_BY_GUEST: usize = 4;
/// Rooms that one member may have opened. Moderators and owners are bounded by [`ROOMS`] only.
pub const ROOMS_BY_MEMBER: usize = 100;
/// Former names of a room that still lead to it, the newest ones.
pub const FORMER_NAMES: usize = 8;
/// Milliseconds until an unused room is removed: nobody is in it, and a guest opened it or nothing was ever posted in it. A day.
pub const UNUSED_ROOM_MS: i64 = 86_400_000;
/// Milliseconds until a room that a guest opened is removed if only guests are in it, none of them is online, and nobody
/// joined, left or posted in the meantime. A week.
pub const QUIET_ROOM_MS: i64 = 7 * 86_400_000;
/// Direct conversations that one user may have begun or posted in, and how many may wait for the user's answer.
pub const DIRECTS_OF_PERSON: usize = 200;
/// Direct conversations that one guest may have begun in which nobody has answered.
pub const UNANSWERED_BY_GUEST: usize = 8;
/// Direct conversations that one member may have begun in which nobody has answered.
pub const UNANSWERED_BY_MEMBER: usize = 50;
/// Direct conversations begun by guests that may wait for one user's answer.
pub const PENDING_FROM_GUESTS: usize = 20;
/// Direct conversations that guests may have begun.
pub const GUEST_DIRECTS: usize = 10_000;
/// Milliseconds until a conversation that a guest began and nobody answered is removed, unless one of its people is online.
/// Thirty days.
pub const UNANSWERED_MS: i64 = 30 * 86_400_000;
/// People that one member may block.
pub const BLOCKS: usize = 500;
/// People that one guest may block.
pub const BLOCKS_OF_GUEST: usize = 50;
/// Blocks of all guests. Beyond this number, the oldest one is removed.
pub const GUEST_BLOCKS: usize = 20_000;
/// People of a direct conversation.
pub const DIRECT_PEOPLE: usize = 8;
/// Rooms that one answer of the directory lists.
pub const LISTED_ROOMS: usize = 100;
/// Characters of a password at least.
pub const PASSWORD_CHARS: usize = 8;
/// Bytes of a password at most, to bound the cost of hashing it for any requester.
pub const PASSWORD_BYTES: usize = 256;
/// Sessions that one user may have.
pub const SESSIONS: usize = 50;
/// Passkeys that one user may have.
pub const PASSKEYS: usize = 20;
/// Invitations that are valid at the same time. Expired, used and withdrawn ones do not count.
pub const INVITES: usize = 1_000;
/// How many of [`INVITES`] only owners may create.
pub const RESERVED_INVITES: usize = 100;
/// Invitations that one moderator may have created. Owners are bounded by [`INVITES`] only.
pub const INVITES_BY_MODERATOR: usize = 200;
/// Entries that one answer lists of the record of moderation.
pub const RECORDS: usize = 100;
/// Seconds between two messages of one user in a slow room, at most: an hour.
pub const SLOWEST: u32 = 3_600;
/// Browsers of one user that receive pushes.
pub const PUSHES_OF_PERSON: usize = 10;
/// Browsers that receive pushes. Beyond this number, the one that was seen longest ago is removed.
pub const PUSHES: usize = 10_000;
/// How many of [`PUSHES`] guests may have.
pub const GUEST_PUSHES: usize = 2_000;
/// Failed deliveries in a row after which a browser receives no more pushes.
pub const PUSH_FAILURES: u32 = 20;
/// Bytes of the URL at which a push service accepts messages.
pub const ENDPOINT_BYTES: usize = 1_024;
/// Bytes of a `chatId`, a room's id, a key or a token.
pub const ID_BYTES: usize = 64;
/// Bytes of an avatar's description.
pub const AVATAR_BYTES: usize = 64;
/// Bytes of an uploaded picture.
pub const PICTURE_BYTES: usize = 5 * 1024 * 1024;
/// Bytes of one WebSocket message from a client. A message of [`TEXT_CHARS`] characters fits, even
/// if each of them is written as two `\u` escapes (12 bytes).
pub const FRAME_BYTES: usize = 64 * 1024;
/// Users whom one message mentions by name.
pub const MENTIONED: usize = 50;
/// `@` characters of one message that are checked: later ones mention nobody.
pub const LOOKED_AT: usize = 100;
/// The greatest count of unread messages in a room: more are not counted.
pub const COUNTED: u32 = 100;
/// Messages of one page of history, and the longest gap that is filled frame by frame.
pub const PAGE_MESSAGES: usize = 50;
/// The greatest number of online users with which a room sends its whole roster at every change.
pub const WHOLE_ROSTER: usize = 64;
/// Users whom a room's roster names to a user who joins. The others are counted, and found by a search for their names.
pub const NAMED_PEOPLE: usize = 200;
/// Users who come online in a room of more than [`NAMED_PEOPLE`] and are named at a time.
pub const NAMED_NEWCOMERS: usize = 16;
/// Users whom a search among the online users finds.
pub const FOUND_PEOPLE: usize = 50;

/// The limits in the form in which a server sends them in `WELCOME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The characters of a nickname, [`NAME_CHARS`].
    pub name: usize,
    /// The characters of a message, [`TEXT_CHARS`].
    pub text: usize,
    /// The bytes of a frame, [`FRAME_BYTES`].
    pub frame: usize,
    /// The messages of a page, [`PAGE_MESSAGES`].
    pub page: usize,
}

impl Limits {
    /// The limits of this version.
    pub const CURRENT: Self = Self {
        name: NAME_CHARS,
        text: TEXT_CHARS,
        frame: FRAME_BYTES,
        page: PAGE_MESSAGES,
    };
}
