//! Lists the sections of the settings, and the pages in them.

use crate::i18n::Words;

/// A section of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Profile,
    Notifications,
    Security,
    Appearance,
    Account,
}

impl Section {
    pub(super) const ALL: [Self; 5] = [
        Self::Profile,
        Self::Notifications,
        Self::Security,
        Self::Appearance,
        Self::Account,
    ];

    /// Returns all sections. A guest has no account to secure.
    pub(super) fn all(member: bool) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |it| member || *it != Self::Security)
    }

    pub(super) fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Profile => words.profile,
            Self::Notifications => words.notifications,
            Self::Security => words.security,
            Self::Appearance => words.appearance,
            Self::Account => words.account,
        }
    }
}

/// A page of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    CreateAccount,
    Password,
    Devices,
    Another,
    DeleteAccount,
    Leave,
}

impl Page {
    pub(super) const OF_SECURITY: [Self; 3] = [Self::Password, Self::Devices, Self::Another];

    pub(super) fn title(self, words: &Words) -> &'static str {
        let people = words.people;
        match self {
            Self::CreateAccount => people.create_account,
            Self::Password => people.change_password,
            Self::Devices => people.devices,
            Self::Another => people.another_device,
            Self::DeleteAccount => people.delete_account,
            Self::Leave => words.leave_server,
        }
    }
}
