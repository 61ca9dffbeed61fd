//! What waits in rooms that are not shown, as it stands beside their names.

use snug_shared::{ids::RoomId, levels::Level};
use yew::prelude::*;

use crate::{
    i18n::{Words, counted},
    store::State,
};

/// Messages of others that one has not read, and how many of them mention one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waits {
    pub(crate) unread: u32,
    pub(crate) mentions: u32,
    /// One wants to hear nothing of it, and so nothing is counted.
    pub(crate) muted: bool,
}

impl Waits {
    /// In a room. What is shown says itself what is new in it.
    pub(crate) fn of(state: &State, id: &RoomId) -> Self {
        if state.level(id) == Level::Nothing {
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

    /// In all of them.
    pub(super) fn elsewhere(state: &State) -> Self {
        let all = state.replica.rooms().map(|(id, _)| Self::of(state, id));
        all.fold(Self::default(), |sum, it| Self {
            unread: sum.unread.saturating_add(it.unread),
            mentions: sum.mentions.saturating_add(it.mentions),
            muted: false,
        })
    }

    /// What is said in a direct conversation is said to one: all of it stands out.
    pub(crate) fn badge_direct(self, words: &Words) -> Html {
        if self.muted || self.unread == 0 {
            return self.badge(words);
        }
        html! {
            <>
                <b class="mention-count" aria-hidden="true">{ counted(self.unread as usize) }</b>
                <span class="unseen">{ (words.new_count)(self.unread as usize) }</span>
            </>
        }
    }

    /// Quietly how much is new, and, so that it stands out, how often one is mentioned in it.
    pub(super) fn badge(self, words: &Words) -> Html {
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
