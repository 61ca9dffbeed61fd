//! Counts the bytes that a command adds to the data folder: what users may write is bounded, and nothing is added when the disk
//! is full.

use snug_shared::mentions::Mentions;

use super::Command;

/// Bytes of an entry besides its content: author, room, time and key, in the log, the table and its indexes.
const ENTRY: usize = 300;
/// Bytes of a bookmark: a user's read position or notification level in a room.
const BOOKMARK: usize = 100;
/// Bytes of a user who is named in an entry.
const PERSON: usize = 200;

impl Command {
    /// Returns the bytes that count towards the author's allowance: the bytes that the command adds, and bookmarks. A full
    /// server still accepts bookmarks, but ever new guests could leave any number of them.
    #[must_use]
    pub fn counted_bytes(&self) -> usize {
        match self {
            Self::MarkRead(_) | Self::SetLevel(_) => BOOKMARK,
            _ => self.adds_bytes(),
        }
    }

    /// Returns the bytes that the command adds for good, as the log stores them; 0 for commands that a full server still
    /// accepts: those that delete, leave, sign in or out, moderate, or overwrite a small existing row.
    #[must_use]
    pub fn adds_bytes(&self) -> usize {
        let more = match self {
            Self::PostMessage(say) => {
                let Mentions { people, .. } = &say.mentions;
                written(say.text.as_str()) + written(say.name.as_str()) + people.len() * PERSON
            }
            Self::CreateRoom(open) => open.topic.as_str().len(),
            Self::EditRoom(edit) => edit.topic.as_ref().map_or(0, |it| it.as_str().len()),
            Self::OpenDirect(open) => open.participants.len() * PERSON,
            Self::StorePicture(picture) => picture.webp.len(),
            Self::AddMember(_)
            | Self::JoinRoom(_)
            | Self::CreateAccount(_)
            | Self::UpdateProfile(_)
            | Self::RedeemInvite(_)
            | Self::CreateInvite(_)
            | Self::AddPasskey(_)
            | Self::SubscribePush(_) => PERSON,
            Self::Block(block) if block.blocked => PERSON,
            Self::RemoveMember(_)
            | Self::LeaveRoom(_)
            | Self::MarkRead(_)
            | Self::SetLevel(_)
            | Self::Redacted(_)
            | Self::RevokeInvite(_)
            | Self::DeleteAccount
            | Self::Moderate(_)
            | Self::SetPassword(_)
            | Self::StartSession(_)
            | Self::TouchSession(_)
            | Self::EndSession(_)
            | Self::UsePasskey(_)
            | Self::RemovePasskey(_)
            | Self::DeleteUnusedPictures
            | Self::DeleteExpired
            | Self::SetSettings(_)
            | Self::UnsubscribePush(_)
            | Self::Block(_)
            | Self::RemoveUnusedRoom(_)
            | Self::CountPushFailures(_) => return 0,
        };
        ENTRY + more
    }
}

/// Returns the bytes of a text in JSON.
fn written(text: &str) -> usize {
    let escaped = |byte: &&u8| matches!(byte, b'"' | b'\\' | b'\n' | b'\t');
    text.len() + text.as_bytes().iter().filter(escaped).count()
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{ChatId, Key, Millis, RoomId},
        text::{MessageBody, Nickname},
    };

    use super::*;
    use crate::features::{Entry, messages::PostMessage};

    #[test]
    fn a_message_counts_as_what_its_entry_takes() {
        for text in ["x".to_owned(), "\"\\\n\t".repeat(900), "字".repeat(3_999)] {
            let command = Command::PostMessage(PostMessage {
                room: RoomId::lobby(),
                key: Key::try_from("0123456789abcdef0123456789abcdef").expect("a key"),
                name: Nickname::try_from("Ann").expect("a name"),
                avatar: Avatar::Face(0),
                text: MessageBody::try_from(text + "x").expect("a text"),
                mentions: Mentions::default(),
            });
            let counted = command.adds_bytes();
            let entry = Entry {
                by: ChatId::try_from("ann").expect("an id"),
                at: Millis(1_700_000_000_000),
                command,
            };
            let written = serde_json::to_string(&entry).expect("JSON").len();
            assert!(
                counted >= written && counted < written + ENTRY,
                "{counted} for {written}"
            );
        }
    }
}
