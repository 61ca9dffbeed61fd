//! The tabs of the administration page, each with an address of its own.

use std::{fmt, str::FromStr};

use snug_shared::people::Role;

use crate::i18n::house::House;

/// A tab of the administration page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    People,
    Invitations,
    Rules,
    Record,
    Storage,
}

impl Tab {
    pub(crate) const ALL: [Self; 5] = [
        Self::People,
        Self::Invitations,
        Self::Rules,
        Self::Record,
        Self::Storage,
    ];

    /// Returns the tab's name in the address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Invitations => "invitations",
            Self::Rules => "rules",
            Self::Record => "record",
            Self::Storage => "storage",
        }
    }

    /// Returns the tab's title.
    pub(super) fn name(self, said: &House) -> &'static str {
        match self {
            Self::People => said.members,
            Self::Invitations => said.invites,
            Self::Rules => said.access,
            Self::Record => said.audit_log,
            Self::Storage => said.storage,
        }
    }

    /// Returns the lowest role that may see the tab.
    pub(super) fn least(self) -> Role {
        match self {
            Self::People | Self::Invitations => Role::Moderator,
            Self::Rules | Self::Record | Self::Storage => Role::Owner,
        }
    }
}

impl fmt::Display for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tab {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|it| it.as_str() == word).ok_or(())
    }
}
