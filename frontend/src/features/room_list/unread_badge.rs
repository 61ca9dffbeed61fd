//! Renders the unread messages of rooms beside their names.

use snug_shared::{ids::RoomId, levels::NotificationLevel};
use yew::prelude::*;

use crate::{
    i18n::{Words, counted},
    store::State,
};

/// The number of unread messages, and how many of them mention the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnreadBadge {
    pub(crate) unread: u32,
    pub(crate) mentions: u32,
    /// The user has muted the room, so nothing is counted.
    pub(crate) muted: bool,
}

impl UnreadBadge {
    /// Counts in one room. The room that is shown has no badge.
    pub(crate) fn of(state: &State, id: &RoomId) -> Self {
        if state.level(id) == NotificationLevel::Nothing {
            return Self {
                muted: true,
                ..Self::default()
            };
        }
        match state.replica.room(id) {
            Some(room) if state.room.as_ref() != Some(id) => Self {
                unread: room.unread(),
                mentions: room.mentions(),
                muted: false,
            },
            _ => Self::default(),
        }
    }

    /// Sums up all rooms but the one that is shown.
    pub(crate) fn elsewhere(state: &State) -> Self {
        let all = state.replica.rooms().map(|(id, _)| Self::of(state, id));
        all.fold(Self::default(), |sum, it| Self {
            unread: sum.unread.saturating_add(it.unread),
            mentions: sum.mentions.saturating_add(it.mentions),
            muted: false,
        })
    }

    /// Renders the badge of a direct conversation, where every message is addressed to the user and stands
    /// out.
    pub(crate) fn render_direct(self, words: &Words) -> Html {
        if self.muted || self.unread == 0 {
            return self.render(words);
        }
        html! {
            <>
                <b class="mention-count" aria-hidden="true">{ counted(self.unread as usize) }</b>
                <span class="unseen">{ (words.new_count)(self.unread as usize) }</span>
            </>
        }
    }

    /// Renders the number of unread messages, and, standing out, the number of mentions.
    pub(crate) fn render(self, words: &Words) -> Html {
        let Self {
            unread,
            mentions,
            muted,
        } = self;
        if muted {
            return html! { <span class="unseen">{ words.muted }</span> };
        }
        if unread == 0 {
            return html! {};
        }
        html! {
            <>
                <span class="unread-count" aria-hidden="true">{ counted(unread as usize) }</span>
                <span class="unseen">{ (words.new_count)(unread as usize) }</span>
                if mentions > 0 {
                    <b class="mention-count" aria-hidden="true">{ "@" }{ counted(mentions as usize) }</b>
                    <span class="unseen">{ (words.mention_count)(mentions as usize) }</span>
                }
            </>
        }
    }
}
