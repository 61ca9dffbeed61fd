//! The parts of the house, each with an address of its own.

use std::{fmt, str::FromStr};

use snug_shared::people::Role;

use crate::i18n::house::House;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    People,
    Invitations,
    Rules,
    Record,
    Storage,
}

impl Section {
    pub(crate) const ALL: [Self; 5] = [
        Self::People,
        Self::Invitations,
        Self::Rules,
        Self::Record,
        Self::Storage,
    ];

    /// As the address has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Invitations => "invitations",
            Self::Rules => "rules",
            Self::Record => "record",
            Self::Storage => "storage",
        }
    }

    pub(super) fn name(self, said: &House) -> &'static str {
        match self {
            Self::People => said.people,
            Self::Invitations => said.invitations,
            Self::Rules => said.rules,
            Self::Record => said.record,
            Self::Storage => said.storage,
        }
    }

    /// The least that one must be to see it.
    pub(super) fn least(self) -> Role {
        match self {
            Self::People | Self::Invitations => Role::Moderator,
            Self::Rules | Self::Record | Self::Storage => Role::Owner,
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Section {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|it| it.word() == word).ok_or(())
    }
}
