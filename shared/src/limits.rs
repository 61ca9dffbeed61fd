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
/// Rooms that there may be.
pub const ROOMS: usize = 10_000;
/// Direct conversations that one person may be in.
pub const DIRECTS_OF_PERSON: usize = 200;
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
/// Invitations that there may be.
pub const INVITES: usize = 1_000;
/// Entries of one answer of the record.
pub const RECORDS: usize = 100;
/// Seconds that somebody has to wait in a slow room at most: an hour.
pub const SLOWEST: u32 = 3_600;
/// Browsers of one person that are sent pushes.
pub const PUSHES_OF_PERSON: usize = 10;
/// Browsers that are sent pushes.
pub const PUSHES: usize = 10_000;
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
    pub const HERE: Self = Self {
        name: NAME_CHARS,
        text: TEXT_CHARS,
        frame: FRAME_BYTES,
        page: PAGE_MESSAGES,
    };
}
