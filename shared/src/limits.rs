//! Every limit that both ends enforce. Rates and caps that only the server knows are settings, in its `config`.

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
/// People that are named as writing in a room; more are counted.
pub const NAMED_TYPING: usize = 3;
/// Rooms that one person may be in, besides the lobby. No setting: the same log makes the same tables on
/// any machine, refusals included.
pub const ROOMS_OF_PERSON: usize = 64;
/// Rooms that one person may be in because others brought them in.
pub const BROUGHT_ROOMS: usize = 64;
/// How many of [`BROUGHT_ROOMS`] guests may take up; the rest is for members.
pub const BROUGHT_BY_GUESTS: usize = 16;
/// Rooms into which one guest may bring the same person.
pub const BROUGHT_BY_GUEST: usize = 4;
/// Rooms that there may be, besides direct conversations.
pub const ROOMS: usize = 10_000;
/// How many of [`ROOMS`] only moderators and owners may open.
pub const RESERVED_ROOMS: usize = 500;
/// How many of [`ROOMS`] guests may have opened.
pub const GUEST_ROOMS: usize = 2_000;
/// Rooms that one guest may have opened.
pub const ROOMS_BY_GUEST: usize = 4;
/// Rooms that one member may have opened. Moderators and owners are bounded by [`ROOMS`] only.
pub const ROOMS_BY_MEMBER: usize = 100;
/// Names that a room had before and that still lead to it, the newest ones.
pub const FORMER_NAMES: usize = 8;
/// Milliseconds after which an unused room is let go of: nobody is in it, and a guest opened it or nothing was ever said in it. A day.
pub const UNUSED_ROOM_MS: i64 = 86_400_000;
/// Milliseconds after which a room that a guest opened is let go of if only guests are in it, none of them is online, and nobody
/// came, left or spoke in the meantime. A week.
pub const QUIET_ROOM_MS: i64 = 7 * 86_400_000;
/// Direct conversations that one person may have begun or spoken in, and how many may wait for their answer.
pub const DIRECTS_OF_PERSON: usize = 200;
/// Direct conversations that one guest may have begun in which nobody has answered.
pub const UNANSWERED_BY_GUEST: usize = 8;
/// Direct conversations that one member may have begun in which nobody has answered.
pub const UNANSWERED_BY_MEMBER: usize = 50;
/// Direct conversations begun by guests that may wait for one person's answer.
pub const PENDING_FROM_GUESTS: usize = 20;
/// Direct conversations that guests may have begun.
pub const GUEST_DIRECTS: usize = 10_000;
/// Milliseconds after which a conversation that a guest began and nobody answered is let go of, unless one of its people is online.
/// Thirty days.
pub const UNANSWERED_MS: i64 = 30 * 86_400_000;
/// People that one member may block.
pub const BLOCKS: usize = 500;
/// People that one guest may block.
pub const BLOCKS_OF_GUEST: usize = 50;
/// Blocks of all guests. Beyond it, the oldest goes.
pub const GUEST_BLOCKS: usize = 20_000;
/// People of a direct conversation.
pub const DIRECT_PEOPLE: usize = 8;
/// Rooms that one answer of the directory lists.
pub const LISTED_ROOMS: usize = 100;
/// Characters that a password has at least.
pub const PASSWORD_CHARS: usize = 8;
/// Bytes that a password has at most: what is hashed for whoever asks is bounded.
pub const PASSWORD_BYTES: usize = 256;
/// Sessions that one person may have.
pub const SESSIONS: usize = 50;
/// Passkeys that one person may have.
pub const PASSKEYS: usize = 20;
/// Invitations that there may be at a time. Expired, used and withdrawn ones do not count.
pub const INVITES: usize = 1_000;
/// How many of [`INVITES`] only owners may make.
pub const RESERVED_INVITES: usize = 100;
/// Invitations that one moderator may have made. Owners are bounded by [`INVITES`] only.
pub const INVITES_BY_MODERATOR: usize = 200;
/// Entries of one answer of the record.
pub const RECORDS: usize = 100;
/// Seconds that somebody has to wait in a slow room at most: an hour.
pub const SLOWEST: u32 = 3_600;
/// Browsers of one person that are sent pushes.
pub const PUSHES_OF_PERSON: usize = 10;
/// Browsers that are sent pushes. Beyond it, the one that was seen longest ago goes.
pub const PUSHES: usize = 10_000;
/// How many of [`PUSHES`] guests may have.
pub const GUEST_PUSHES: usize = 2_000;
/// Failed tries in a row after which a browser is sent no more pushes.
pub const PUSH_FAILURES: u32 = 20;
/// Bytes of the address at which a push service takes them.
pub const ENDPOINT_BYTES: usize = 1_024;
/// Bytes of a `chatId`, a room's id, a key or a token.
pub const ID_BYTES: usize = 64;
/// Bytes of an avatar's description.
pub const AVATAR_BYTES: usize = 64;
/// Bytes of a picture that is uploaded.
pub const PICTURE_BYTES: usize = 5 * 1024 * 1024;
/// Bytes of one WebSocket message from a client. A message of [`TEXT_CHARS`] characters fits, even
/// if each of them is written as two `\u` escapes (12 bytes).
pub const FRAME_BYTES: usize = 64 * 1024;
/// People whom one message mentions by name.
pub const MENTIONED: usize = 50;
/// `@` of one message that are looked at: later ones mention nobody.
pub const LOOKED_AT: usize = 100;
/// What waits in a room is counted up to here: more is many.
pub const COUNTED: u32 = 100;
/// Messages of one page of history, and the longest gap that is filled frame by frame.
pub const PAGE_MESSAGES: usize = 50;
/// A room with at most this many people online sends its roster whole at every change.
pub const WHOLE_ROSTER: usize = 64;
/// People whom a room's roster names to whoever arrives. The others are counted, and found by their names.
pub const NAMED_PEOPLE: usize = 200;
/// Newcomers to a room of more than [`NAMED_PEOPLE`] who are named at a time.
pub const NAMED_NEWCOMERS: usize = 16;
/// People whom a search among those who are online finds.
pub const FOUND_PEOPLE: usize = 50;

/// The limits as a server tells them in `WELCOME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// [`NAME_CHARS`].
    pub name: usize,
    /// [`TEXT_CHARS`].
    pub text: usize,
    /// [`FRAME_BYTES`].
    pub frame: usize,
    /// [`PAGE_MESSAGES`].
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
