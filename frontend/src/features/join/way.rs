//! Which way in the card offers.

use snug_shared::{code::Code, people::Entrance};

use crate::{
    client::{links::Link, saving::Person},
    store::AccessState,
};

/// What the card asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing yet: who may come in is not known.
    Unknown,
    /// A nickname.
    Guest,
    /// Nothing: this browser knows who keeps a name.
    Member,
    /// Name and password, because somebody wants to.
    SignIn,
    /// The same, or an invitation: others do not come in.
    Closed(Code),
    /// A name and a password: who has this is the owner.
    Owner(String),
    /// A nickname, or a name and a password where only members come in.
    Invited { secret: String, member: bool },
    /// A button: this signs one in.
    Link(String),
}

/// What is known at the door.
pub(super) struct Known<'a> {
    pub(super) link: Option<&'a Link>,
    /// Who may come in, once that is known.
    pub(super) entrance: Option<Entrance>,
    pub(super) person: Option<&'a Person>,
    pub(super) access: AccessState,
    /// Whether somebody has said that they keep a name here.
    pub(super) signing_in: bool,
}

impl Way {
    pub(super) fn of(known: Known<'_>) -> Self {
        let secret = match known.link {
            Some(Link::Owner(secret)) => return Self::Owner(secret.clone()),
            Some(Link::SignIn(secret)) => return Self::Link(secret.clone()),
            Some(Link::Invite(secret)) => Some(secret.clone()),
            None => None,
        };
        let Some(entrance) = known.entrance else {
            return Self::Unknown;
        };
        let member = entrance == Entrance::Members;
        let refused = matches!(known.access, AccessState::Refused(_));
        match (secret, entrance) {
            _ if known.signing_in => Self::SignIn,
            _ if known.person.is_some_and(|it| it.member) && !refused => Self::Member,
            (Some(secret), _) => Self::Invited { secret, member },
            (None, Entrance::Anyone) => Self::Guest,
            // Who has been here as a guest may have been invited; if not, the server says so.
            (None, Entrance::Invited) if known.person.is_some() && !refused => Self::Guest,
            (None, Entrance::Invited) => Self::Closed(Code::NotInvited),
            (None, Entrance::Members) => Self::Closed(Code::MembersOnly),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(entrance: Entrance) -> Known<'static> {
        Known {
            link: None,
            entrance: Some(entrance),
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
        assert_eq!(Way::of(known(Entrance::Anyone)), Way::Guest);
        let closed = [
            (Entrance::Invited, Code::NotInvited),
            (Entrance::Members, Code::MembersOnly),
        ];
        for (entrance, code) in closed {
            assert_eq!(Way::of(known(entrance)), Way::Closed(code));
        }
        let unknown = Known {
            entrance: None,
            ..known(Entrance::Anyone)
        };
        assert_eq!(Way::of(unknown), Way::Unknown);
    }

    #[test]
    fn an_invitation_lets_in_or_makes_a_member() {
        let link = Link::Invite("s".to_owned());
        for (entrance, member) in [
            (Entrance::Anyone, false),
            (Entrance::Invited, false),
            (Entrance::Members, true),
        ] {
            let with = Known {
                link: Some(&link),
                ..known(entrance)
            };
            let secret = "s".to_owned();
            assert_eq!(Way::of(with), Way::Invited { secret, member });
        }
        let ann = person(true);
        let needless = Known {
            link: Some(&link),
            person: Some(&ann),
            ..known(Entrance::Members)
        };
        assert_eq!(Way::of(needless), Way::Member);
    }

    #[test]
    fn a_guest_who_has_been_here_is_asked_for_an_invitation_only_once_one_was_missed() {
        let guest = person(false);
        let back = |access| Known {
            person: Some(&guest),
            access,
            ..known(Entrance::Invited)
        };
        assert_eq!(Way::of(back(AccessState::NotJoined)), Way::Guest);
        let refused = AccessState::Refused(Code::NotInvited);
        assert_eq!(Way::of(back(refused)), Way::Closed(Code::NotInvited));
    }

    #[test]
    fn the_owner_and_another_device_need_no_rules() {
        let link = Link::Owner("s".to_owned());
        let unknown = |link| Known {
            link,
            entrance: None,
            ..known(Entrance::Anyone)
        };
        assert_eq!(Way::of(unknown(Some(&link))), Way::Owner("s".to_owned()));
        let link = Link::SignIn("s".to_owned());
        assert_eq!(Way::of(unknown(Some(&link))), Way::Link("s".to_owned()));
    }
}
