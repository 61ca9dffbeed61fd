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
        /// A session that was replaced by another one just now, whose cookie is in transit.
        "session_replaced" => SessionReplaced,
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
                | Self::SessionReplaced
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
            Self::BadFrame => ("Invalid request.", "无效的请求。"),
            Self::UnknownCode => ("Unknown message type.", "未知的消息类型。"),
            Self::NotText => ("Only text frames are supported.", "仅支持文本帧。"),
            Self::TooLarge => ("Too large.", "数据过大。"),
            Self::HelloRequired => ("Sign in first.", "请先登录。"),
            Self::NameEmpty => ("Enter a display name.", "请输入昵称。"),
            Self::NameTooLong => {
                return match lang {
                    Lang::En => format!("Display names can have up to {NAME_CHARS} characters."),
                    Lang::Zh => format!("昵称最多 {NAME_CHARS} 个字符。"),
                };
            }
            Self::NameCharacters => (
                "Display names can’t contain invisible or control characters.",
                "昵称不能包含不可见字符或控制字符。",
            ),
            Self::TextEmpty => ("Enter a message.", "请输入消息。"),
            Self::TextTooLong => {
                return match lang {
                    Lang::En => format!("Messages can have up to {TEXT_CHARS} characters."),
                    Lang::Zh => format!("消息最多 {TEXT_CHARS} 个字符。"),
                };
            }
            Self::BadAvatar => ("This profile picture isn’t supported.", "不支持这个头像。"),
            Self::BadStatus => {
                return match lang {
                    Lang::En => {
                        format!("A status can have 1 to {STATUS_CHARS} visible characters, on one line.")
                    }
                    Lang::Zh => format!("状态由 1 到 {STATUS_CHARS} 个可见字符组成，且只有一行。"),
                };
            }
            Self::BadPicture => (
                "This image can’t be read, or it’s too large.",
                "无法读取这张图片，或图片过大。",
            ),
            Self::BadRoomName => {
                return match lang {
                    Lang::En => {
                        format!(
                            "Room names can have 1 to {ROOM_NAME_CHARS} letters, digits, hyphens or underscores."
                        )
                    }
                    Lang::Zh => format!("房间名由 1 到 {ROOM_NAME_CHARS} 个文字、数字、连字符或下划线组成。"),
                };
            }
            Self::RoomNameTaken => ("A room with that name already exists.", "已有同名的房间。"),
            Self::BadTopic => {
                return match lang {
                    Lang::En => format!("Topics can have up to {TOPIC_CHARS} characters, on one line."),
                    Lang::Zh => format!("主题最多 {TOPIC_CHARS} 个字符，且只有一行。"),
                };
            }
            Self::BadPassword => {
                return match lang {
                    Lang::En => format!("Passwords must have at least {PASSWORD_CHARS} characters."),
                    Lang::Zh => format!("密码至少 {PASSWORD_CHARS} 个字符。"),
                };
            }
            Self::NameTaken => (
                "That display name is taken, or too similar to one that is.",
                "该昵称已被占用，或与已有昵称过于相似。",
            ),
            Self::WrongPassword => ("Incorrect display name or password.", "昵称或密码错误。"),
            Self::LinkExpired => (
                "This link has expired or was already used. Ask for a new one.",
                "此链接已过期或已被使用，请索取新的链接。",
            ),
            Self::PasskeysUnavailable => (
                "Passkeys need HTTPS and a domain name (or localhost).",
                "通行密钥需要 HTTPS 和域名（或 localhost）。",
            ),
            Self::ChallengeExpired => ("That took too long. Try again.", "等待时间过长，请重试。"),
            Self::BadPasskey => ("The passkey couldn’t be verified.", "无法验证该通行密钥。"),
            Self::WrongPasskey => (
                "This passkey isn’t linked to an account here.",
                "此通行密钥未关联任何账号。",
            ),
            Self::PasskeyCopied => (
                "This passkey may have been copied. Sign in another way and remove it.",
                "此通行密钥可能已被复制，请用其他方式登录并将其移除。",
            ),
            Self::PasskeyExists => ("This passkey is already added.", "该通行密钥已添加过。"),
            Self::TooManyPasskeys => {
                return match lang {
                    Lang::En => format!("You can have up to {PASSKEYS} passkeys. Remove one first."),
                    Lang::Zh => format!("最多可有 {PASSKEYS} 个通行密钥，请先移除一个。"),
                };
            }
            Self::InviteRequired => (
                "This server is invite-only. Ask a moderator for an invite link.",
                "此服务器仅限受邀者加入，请向管理员索取邀请链接。",
            ),
            Self::MembersOnly => (
                "This server is for members only. Sign in, or ask for an invite link.",
                "此服务器仅限成员加入，请登录或索取邀请链接。",
            ),
            Self::NotAllowed => ("You don’t have permission to do that.", "你无权进行此操作。"),
            Self::Muted => (
                "You’re muted and can’t send messages right now.",
                "你已被禁言，暂时不能发送消息。",
            ),
            Self::SlowMode => (
                "Slow mode is on. Wait a moment before your next message.",
                "此房间已开启慢速模式，请稍后再发送消息。",
            ),
            Self::Banned => ("You’ve been banned from this server.", "你已被此服务器封禁。"),
            Self::SharedNetwork => (
                "That IP address belongs to a proxy, or is your own. Everyone behind it would be banned. Ban without the IP address.",
                "该 IP 地址属于代理服务器，或就是你自己的地址，其后的所有人都会被封禁。请不要连同 IP 地址一起封禁。",
            ),
            Self::LastOwner => (
                "There must be at least one owner. Make someone else an owner first.",
                "至少要有一位所有者，请先将他人设为所有者。",
            ),
            Self::TooManyRooms => (
                "You’ve reached the room limit. Leave a room first.",
                "房间数量已达上限，请先离开一个房间。",
            ),
            Self::Archived => ("This room is archived and read-only.", "此房间已归档，仅供阅读。"),
            Self::LobbyFixed => ("You can’t do that in the lobby.", "不能对大厅执行此操作。"),
            Self::BadPush => (
                "This server can’t send push notifications to this browser.",
                "此服务器无法向此浏览器发送推送通知。",
            ),
            Self::BadId => ("Invalid ID.", "无效的 ID。"),
            Self::ChatIdTaken => (
                "This session is in use elsewhere. Reload and try again.",
                "此会话正在别处使用，请重新加载后再试。",
            ),
            Self::SessionEnded => (
                "Your session has ended. Sign in again.",
                "会话已结束，请重新登录。",
            ),
            Self::SessionReplaced => ("Your session has changed. Try again.", "会话已更新，请重试。"),
            Self::KeyConflict => (
                "This message was already sent with different text.",
                "此消息已以不同的内容发送。",
            ),
            Self::MessageDeleted => ("This message was deleted.", "此消息已被删除。"),
            Self::NotFound => ("Not found.", "未找到。"),
            Self::RateLimited => (
                "Too many requests. Wait a moment and try again.",
                "请求过于频繁，请稍候再试。",
            ),
            Self::ForbiddenOrigin => (
                "Requests from this site aren’t allowed.",
                "不允许来自此网站的请求。",
            ),
            Self::UnknownHost => (
                "Unknown host name. The server’s administrator can allow it with --host.",
                "未知的主机名，服务器运维人员可用 --host 添加。",
            ),
            Self::Overloaded => ("The server is busy. Try again later.", "服务器繁忙，请稍后再试。"),
            Self::LimitReached => (
                "You’ve reached the limit. Remove something first.",
                "已达到上限，请先移除一些。",
            ),
            Self::Restarting => (
                "The server is restarting and will be back in a moment.",
                "服务器正在重启，很快恢复。",
            ),
            Self::Unavailable => (
                "Messages can’t be saved right now. Try again later.",
                "暂时无法保存消息，请稍后再试。",
            ),
            Self::StorageFull => (
                "The server’s disk is full, and its owner has been notified. You can still read messages.",
                "服务器磁盘已满，所有者已收到通知。你仍可阅读消息。",
            ),
            Self::Unrecognised => ("Something went wrong.", "出错了。"),
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
