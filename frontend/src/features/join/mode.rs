//! Decides which form the join page shows.

use snug_shared::{error_code::ErrorCode, people::JoinPolicy};

use crate::{
    client::{link_secrets::SecretLink, storage::Person},
    store::AccessState,
};

/// The form that the join page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum JoinMode {
    /// No form yet: the join policy is not known.
    Unknown,
    /// A form for a nickname.
    Guest,
    /// A button: this browser has the session of a registered user.
    Member,
    /// The sign-in form, chosen by the user.
    SignIn,
    /// The sign-in form or an invitation link, since the join policy excludes other users, for this reason.
    Closed(ErrorCode),
    /// A form for a name and a password, for the bearer of the owner's link.
    Owner(String),
    /// A form for a nickname, or for a name and a password where only members may join.
    Invited { secret: String, member: bool },
    /// A button that redeems a sign-in link.
    SignInLink(String),
}

/// The facts that decide on the form.
pub(super) struct JoinContext<'a> {
    pub(super) link: Option<&'a SecretLink>,
    /// The join policy, once it is known.
    pub(super) join_policy: Option<JoinPolicy>,
    pub(super) person: Option<&'a Person>,
    pub(super) access: AccessState,
    /// Whether the user has chosen to sign in.
    pub(super) signing_in: bool,
}

impl JoinMode {
    /// Decides which form to show.
    pub(super) fn of(context: JoinContext<'_>) -> Self {
        let secret = match context.link {
            Some(SecretLink::Owner(secret)) => return Self::Owner(secret.clone()),
            Some(SecretLink::SignIn(secret)) => return Self::SignInLink(secret.clone()),
            Some(SecretLink::Invite(secret)) => Some(secret.clone()),
            None => None,
        };
        let Some(join_policy) = context.join_policy else {
            return Self::Unknown;
        };
        let member = join_policy == JoinPolicy::Members;
        let refused = matches!(context.access, AccessState::Refused(_));
        match (secret, join_policy) {
            _ if context.signing_in => Self::SignIn,
            _ if context.person.is_some_and(|it| it.member) && !refused => Self::Member,
            (Some(secret), _) => Self::Invited { secret, member },
            (None, JoinPolicy::Anyone) => Self::Guest,
            // A returning guest may have been invited; if not, the server refuses them.
            (None, JoinPolicy::Invited) if context.person.is_some() && !refused => Self::Guest,
            (None, JoinPolicy::Invited) => Self::Closed(ErrorCode::InviteRequired),
            (None, JoinPolicy::Members) => Self::Closed(ErrorCode::MembersOnly),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(join_policy: JoinPolicy) -> JoinContext<'static> {
        JoinContext {
            link: None,
            join_policy: Some(join_policy),
            person: None,
            access: AccessState::NotJoined,
            signing_in: false,
        }
    }

    fn person(member: bool) -> Person {
        let chat_id = "ann".try_into().expect("an id");
        Person { chat_id, member }
    }

    #[test]
    fn a_stranger_comes_in_as_the_rules_say() {
        assert_eq!(JoinMode::of(context(JoinPolicy::Anyone)), JoinMode::Guest);
        let closed = [
            (JoinPolicy::Invited, ErrorCode::InviteRequired),
            (JoinPolicy::Members, ErrorCode::MembersOnly),
        ];
        for (join_policy, code) in closed {
            assert_eq!(JoinMode::of(context(join_policy)), JoinMode::Closed(code));
        }
        let unknown = JoinContext {
            join_policy: None,
            ..context(JoinPolicy::Anyone)
        };
        assert_eq!(JoinMode::of(unknown), JoinMode::Unknown);
    }

    #[test]
    fn an_invitation_lets_in_or_makes_a_member() {
        let link = SecretLink::Invite("s".to_owned());
        for (join_policy, member) in [
            (JoinPolicy::Anyone, false),
            (JoinPolicy::Invited, false),
            (JoinPolicy::Members, true),
        ] {
            let with = JoinContext {
                link: Some(&link),
                ..context(join_policy)
            };
            let secret = "s".to_owned();
            assert_eq!(JoinMode::of(with), JoinMode::Invited { secret, member });
        }
        let ann = person(true);
        let needless = JoinContext {
            link: Some(&link),
            person: Some(&ann),
            ..context(JoinPolicy::Members)
        };
        assert_eq!(JoinMode::of(needless), JoinMode::Member);
    }

    #[test]
    fn a_guest_who_has_been_here_is_asked_for_an_invitation_only_once_one_was_missed() {
        let guest = person(false);
        let back = |access| JoinContext {
            person: Some(&guest),
            access,
            ..context(JoinPolicy::Invited)
        };
        assert_eq!(JoinMode::of(back(AccessState::NotJoined)), JoinMode::Guest);
        let refused = AccessState::Refused(ErrorCode::InviteRequired);
        assert_eq!(
            JoinMode::of(back(refused)),
            JoinMode::Closed(ErrorCode::InviteRequired)
        );
    }

    #[test]
    fn the_owner_and_another_device_need_no_rules() {
        let link = SecretLink::Owner("s".to_owned());
        let unknown = |link| JoinContext {
            link,
            join_policy: None,
            ..context(JoinPolicy::Anyone)
        };
        assert_eq!(
            JoinMode::of(unknown(Some(&link))),
            JoinMode::Owner("s".to_owned())
        );
        let link = SecretLink::SignIn("s".to_owned());
        assert_eq!(
            JoinMode::of(unknown(Some(&link))),
            JoinMode::SignInLink("s".to_owned())
        );
    }
}
