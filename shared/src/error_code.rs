//! The reasons of refusals: a stable word for programs, a sentence for people, and whether to try again.

use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    lang::Lang,
    limits::{NAME_CHARS, PASSKEYS, PASSWORD_CHARS, ROOM_NAME_CHARS, STATUS_CHARS, TEXT_CHARS, TOPIC_CHARS},
};

macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $code:literal => $variant:ident,)*
            ..
            $(#[$other_doc:meta])* $other:ident,
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
            $(#[$other_doc])*
            #[serde(other)]
            $other,
        }

        impl $name {
            /// Every code that a server sends, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
        }
    };
}

codes! {
    /// The reason of a refusal, `error` on the wire. The string before each variant is pinned: renaming a variant does not change it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum ErrorCode {
        /// A text that is not a JSON object with the fields that its `code` requires.
        "bad_frame" => BadFrame,
        /// A `code` that is unknown to this server.
        "unknown_code" => UnknownCode,
        /// A binary message where the server accepts only text.
        "not_text" => NotText,
        /// A message or request larger than the limit.
        "too_large" => TooLarge,
        /// Another frame, or no frame in time, where the server expected the first `SAVE_USER_INFO`.
        "hello_required" => HelloRequired,
        /// A nickname without a visible character.
        "name_empty" => NameEmpty,
        /// A nickname of more than [`NAME_CHARS`] characters.
        "name_too_long" => NameTooLong,
        /// A nickname with control, invisible or direction-changing characters.
        "name_characters" => NameCharacters,
        /// A message without a visible character.
        "text_empty" => TextEmpty,
        /// A message of more than [`TEXT_CHARS`] characters.
        "text_too_long" => TextTooLong,
        /// An avatar that is neither generated nor an emoji on a colour, nor a picture that the server has and the user may show.
        "bad_avatar" => BadAvatar,
        /// A status without a visible character, of more than [`STATUS_CHARS`] characters, or with control, invisible or
        /// direction-changing ones.
        "bad_status" => BadStatus,
        /// An upload that cannot be read as a picture, or has too many pixels.
        "bad_picture" => BadPicture,
        /// A room's name with other characters than letters, digits, `-` and `_`, with none, or with more than
        /// [`ROOM_NAME_CHARS`].
        "bad_room_name" => BadRoomName,
        /// A room's name that another room has.
        "room_name_taken" => RoomNameTaken,
        /// A room's topic of more than [`TOPIC_CHARS`] characters, or with control or direction-changing ones.
        "bad_topic" => BadTopic,
        /// A password of fewer than [`PASSWORD_CHARS`] characters, or of too many bytes.
        "bad_password" => BadPassword,
        /// A name that is registered to another user, or looks like such a name.
        "name_taken" => NameTaken,
        /// A sign-in with an unknown name or a wrong password.
        "wrong_password" => WrongPassword,
        /// A link that is no longer valid, or never was.
        "link_expired" => LinkExpired,
        /// A passkey request at an address without a host name or without HTTPS, where browsers have no passkeys.
        "passkeys_unavailable" => PasskeysUnavailable,
        /// An answer to a passkey challenge that was used before, has expired, or was issued to another user.
        "challenge_expired" => ChallengeExpired,
        /// A passkey response, from the browser or the authenticator, that does not match the request.
        "bad_passkey" => BadPasskey,
        /// A passkey that is unknown to this server, or whose signature is invalid.
        "wrong_passkey" => WrongPasskey,
        /// A passkey whose counter has gone back: there are two copies of it.
        "passkey_copied" => PasskeyCopied,
        /// A passkey that is already registered on this server.
        "passkey_exists" => PasskeyExists,
        /// A passkey beyond the limit of one user.
        "too_many_passkeys" => TooManyPasskeys,
        /// A guest without an invitation, where the server admits only invited users.
        "invite_required" => InviteRequired,
        /// A guest, where the server admits only members.
        "members_only" => MembersOnly,
        /// An action that the user's role does not permit.
        "not_allowed" => NotAllowed,
        /// A message of a muted user.
        "muted" => Muted,
        /// A message in a slow room, too soon after the user's previous one.
        "slow_mode" => SlowMode,
        /// A request of a banned user.
        "banned" => Banned,
        /// A ban of a network address with other users on it: the address is a proxy's, or the moderator's own.
        "shared_network" => SharedNetwork,
        /// A change that would leave the server without an owner.
        "last_owner" => LastOwner,
        /// A room beyond the limit of one user, or of the server.
        "too_many_rooms" => TooManyRooms,
        /// A change or a message in an archived room.
        "archived" => Archived,
        /// An attempt to leave, rename, archive or delete the lobby, or to remove a member from it.
        "lobby_fixed" => LobbyFixed,
        /// A push subscription with an endpoint or keys that the server does not accept.
        "bad_push" => BadPush,
        /// A malformed id, key or token.
        "bad_id" => BadId,
        /// A `chatId` that belongs to another user, or a wrong token for it.
        "chat_id_taken" => ChatIdTaken,
        /// A session that has ended, or a guest's proof of an id whose name was registered since or whose account was deleted.
        "session_ended" => SessionEnded,
        /// A key that already belongs to a different message.
        "key_conflict" => KeyConflict,
        /// A key whose message has been deleted.
        "message_deleted" => MessageDeleted,
        /// A room or page that does not exist.
        "not_found" => NotFound,
        /// A request beyond the server's rate limit.
        "rate_limited" => RateLimited,
        /// A request from a page of another site.
        "forbidden_origin" => ForbiddenOrigin,
        /// A request for a host name that does not belong to this server.
        "unknown_host" => UnknownHost,
        /// A connection or costly request beyond what the server serves at a time, for one address or in all, or a connection while too
        /// many users join at once.
        "overloaded" => Overloaded,
        /// A block or an invitation beyond the number that one user, or the server, may have.
        "limit_reached" => LimitReached,
        /// A request while the server shuts down; it will be back, and the connection closes.
        "restarting" => Restarting,
        /// A request while the server cannot store messages, for example for want of disk space.
        "unavailable" => Unavailable,
        /// A request that would add to the server's data, which has reached its disk limit. Reading, deleting and leaving remain possible.
        "storage_full" => StorageFull,
        ..
        /// A reason that a newer server sends.
        Unrecognised,
    }
}

impl ErrorCode {
    /// Returns whether a client may send the same request again by itself. It may not for a muted user's message: posted when the mute
    /// ends, the message would be hours late, and against the moderator's intention.
    #[must_use]
    pub const fn retry(self) -> bool {
        matches!(
            self,
            Self::ChatIdTaken
                | Self::RateLimited
                | Self::SlowMode
                | Self::Overloaded
                | Self::Restarting
                | Self::Unavailable
                | Self::StorageFull
        )
    }

    /// Returns the sentence for people.
    #[must_use]
    pub fn sentence(self, lang: Lang) -> String {
        let (en, zh) = match self {
            Self::BadFrame => (
                "That was not a frame Snug understands.",
                "这不是 Snug 能理解的数据帧。",
            ),
            Self::UnknownCode => ("This server does not know that code.", "此服务器不认识该 code。"),
            Self::NotText => ("Only text frames are understood.", "只接受文本帧。"),
            Self::TooLarge => ("That is too large.", "数据过大。"),
            Self::HelloRequired => ("Say who you are first.", "请先说明你是谁。"),
            Self::NameEmpty => ("Choose a nickname.", "请取一个昵称。"),
            Self::NameTooLong => {
                return match lang {
                    Lang::En => format!("A nickname has at most {NAME_CHARS} characters."),
                    Lang::Zh => format!("昵称最多 {NAME_CHARS} 个字符。"),
                };
            }
            Self::NameCharacters => (
                "The nickname has invisible or control characters.",
                "昵称中含有不可见字符或控制字符。",
            ),
            Self::TextEmpty => ("There is nothing to send.", "没有可发送的内容。"),
            Self::TextTooLong => {
                return match lang {
                    Lang::En => format!("A message has at most {TEXT_CHARS} characters."),
                    Lang::Zh => format!("一条消息最多 {TEXT_CHARS} 个字符。"),
                };
            }
            Self::BadAvatar => ("That is not an avatar Snug can draw.", "Snug 无法绘制这个头像。"),
            Self::BadStatus => {
                return match lang {
                    Lang::En => format!("A status has 1 to {STATUS_CHARS} visible characters, on one line."),
                    Lang::Zh => format!("状态由 1 到 {STATUS_CHARS} 个可见字符组成，且只有一行。"),
                };
            }
            Self::BadPicture => (
                "That cannot be read as a picture, or it has too many pixels.",
                "无法识别这张图片，或图片像素过多。",
            ),
            Self::BadRoomName => {
                return match lang {
                    Lang::En => {
                        format!(
                            "A room's name has 1 to {ROOM_NAME_CHARS} letters, digits, hyphens or underscores."
                        )
                    }
                    Lang::Zh => format!("房间名由 1 到 {ROOM_NAME_CHARS} 个文字、数字、连字符或下划线组成。"),
                };
            }
            Self::RoomNameTaken => ("There is already a room of that name.", "已有同名的房间。"),
            Self::BadTopic => {
                return match lang {
                    Lang::En => format!("A topic has at most {TOPIC_CHARS} characters, on one line."),
                    Lang::Zh => format!("话题最多 {TOPIC_CHARS} 个字符，且只有一行。"),
                };
            }
            Self::BadPassword => {
                return match lang {
                    Lang::En => format!("A password has at least {PASSWORD_CHARS} characters."),
                    Lang::Zh => format!("密码至少 {PASSWORD_CHARS} 个字符。"),
                };
            }
            Self::NameTaken => (
                "Somebody here keeps that name, or one that looks like it.",
                "这里已有人保留了这个或外形相似的名字。",
            ),
            Self::WrongPassword => ("That name and password do not go together.", "名字与密码不匹配。"),
            Self::LinkExpired => (
                "That link is no longer good. Ask for a new one.",
                "该链接已失效，请索取新的链接。",
            ),
            Self::PasskeysUnavailable => (
                "Passkeys need an address with a name, over HTTPS.",
                "通行密钥需要通过 HTTPS 访问的域名地址。",
            ),
            Self::ChallengeExpired => ("That took too long. Try again.", "等待时间过长，请重试。"),
            Self::BadPasskey => (
                "Snug cannot take that passkey's answer.",
                "Snug 无法接受该通行密钥的应答。",
            ),
            Self::WrongPasskey => (
                "Nobody here signs in with that passkey.",
                "此处没有人使用该通行密钥登录。",
            ),
            Self::PasskeyCopied => (
                "That passkey seems to have been copied. Sign in another way, and remove it.",
                "该通行密钥似乎已被复制，请用其他方式登录并将其移除。",
            ),
            Self::PasskeyExists => ("That passkey is here already.", "该通行密钥已添加过。"),
            Self::TooManyPasskeys => {
                return match lang {
                    Lang::En => format!("One has at most {PASSKEYS} passkeys. Remove one first."),
                    Lang::Zh => format!("最多可有 {PASSKEYS} 个通行密钥，请先移除一个。"),
                };
            }
            Self::InviteRequired => (
                "One comes in here by invitation. Ask somebody inside for a link.",
                "此处须凭邀请进入，请向里面的人索取链接。",
            ),
            Self::MembersOnly => (
                "Only members come in here. Sign in, or ask for an invitation.",
                "此处仅限成员进入，请登录或索取邀请。",
            ),
            Self::NotAllowed => ("You may not do that here.", "你无权进行此操作。"),
            Self::Muted => (
                "You are muted and cannot send messages now.",
                "你已被禁言，暂时不能发言。",
            ),
            Self::SlowMode => (
                "This room is slow: wait a little before you speak again.",
                "此房间已开启慢速模式，请稍后再发言。",
            ),
            Self::Banned => ("You were put out of this Snug.", "你已被请出这个 Snug。"),
            Self::SharedNetwork => (
                "That address is a proxy's, or your own: everybody behind it would be put out. Put them out without it.",
                "该地址属于代理服务器，或就是你自己的地址：其后的所有人都会被请出。请不要连同地址一起请出。",
            ),
            Self::LastOwner => (
                "Somebody has to be the owner. Make another one first.",
                "必须有一位所有者，请先任命另一位。",
            ),
            Self::TooManyRooms => (
                "There are too many rooms already. Leave one first.",
                "房间已经太多了，请先离开一个。",
            ),
            Self::Archived => (
                "This room is archived: nothing more is said in it.",
                "此房间已归档，不能再发言。",
            ),
            Self::LobbyFixed => ("Everybody is in the lobby.", "每个人都在大厅里。"),
            Self::BadPush => (
                "This Snug cannot send notifications to that address.",
                "这个 Snug 无法向该地址发送通知。",
            ),
            Self::BadId => ("That id is malformed.", "标识符格式不正确。"),
            Self::ChatIdTaken => ("Somebody else is here under that id.", "已有其他人使用该标识。"),
            Self::SessionEnded => (
                "Your session has ended. Sign in again.",
                "会话已结束，请重新登录。",
            ),
            Self::KeyConflict => (
                "That key already belongs to another message.",
                "该 key 已属于另一条消息。",
            ),
            Self::MessageDeleted => ("That message was deleted.", "该消息已被删除。"),
            Self::NotFound => ("There is nothing of that name here.", "这里没有这个名称。"),
            Self::RateLimited => (
                "That was too fast. Wait a moment and try again.",
                "操作过快，请稍候再试。",
            ),
            Self::ForbiddenOrigin => (
                "This page does not belong to this Snug.",
                "此页面不属于这个 Snug。",
            ),
            Self::UnknownHost => (
                "This Snug does not answer to that name. Its operator can add it with --host.",
                "这个 Snug 不使用该主机名，其管理员可用 --host 添加。",
            ),
            Self::Overloaded => (
                "There are too many connections at the moment. Try again later.",
                "当前连接过多，请稍后再试。",
            ),
            Self::LimitReached => (
                "The limit is reached. Remove something first.",
                "已达到上限，请先移除一些。",
            ),
            Self::Restarting => (
                "Snug is restarting and will be back in a moment.",
                "Snug 正在重启，马上回来。",
            ),
            Self::Unavailable => (
                "Snug cannot keep messages at the moment. Try again later.",
                "Snug 暂时无法保存消息，请稍后再试。",
            ),
            Self::StorageFull => (
                "This Snug's disk is full, and its owner has been told. You can go on reading.",
                "这个 Snug 的磁盘已满，所有者已收到通知。你仍可继续阅读。",
            ),
            Self::Unrecognised => ("The server refused this.", "服务器拒绝了该请求。"),
        };
        match lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
        .to_owned()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Lang::En))
    }
}

impl Error for ErrorCode {}

/// The reason for which the server closed a WebSocket (RFC 6455, section 7.4; 4000–4999 are an application's own).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Close {
    /// The client sent `CLOSE_CONNECTION`.
    Left = 1000,
    /// The client violated the WebSocket protocol itself.
    Protocol = 1002,
    /// The client sent a text that is not UTF-8.
    BadText = 1007,
    /// The server shuts down; the client should connect again shortly.
    Restart = 1012,
    /// The client sent a frame that is not part of this protocol: [`ErrorCode::BadFrame`].
    BadFrame = 4000,
    /// The client sent a binary message: [`ErrorCode::NotText`].
    NotText = 4001,
    /// The client did not identify the user first: [`ErrorCode::HelloRequired`].
    HelloRequired = 4002,
    /// The client kept exceeding the rate limit, [`ErrorCode::RateLimited`], or sent fragments without end.
    Flood = 4003,
    /// The client sent a message that is too large: [`ErrorCode::TooLarge`].
    TooLarge = 4004,
    /// The client was silent for longer than the server's time limit.
    Silent = 4005,
    /// The session has ended, or the user has registered a name: the client must identify the user again.
    SessionEnded = 4006,
    /// The user is banned, [`ErrorCode::Banned`]: the client must not connect again by itself.
    Banned = 4007,
}

impl From<Close> for u16 {
    fn from(close: Close) -> Self {
        close as Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_sentence_in_every_language() {
        for lang in Lang::ALL {
            let mut seen: Vec<String> = ErrorCode::ALL.iter().map(|code| code.sentence(lang)).collect();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), ErrorCode::ALL.len(), "{lang:?}");
        }
    }

    #[test]
    fn a_code_of_a_newer_server_is_still_a_code() {
        let code: ErrorCode = serde_json::from_str(r#""bewitched""#).expect("any word is a code");
        assert_eq!(code, ErrorCode::Unrecognised);
    }
}
