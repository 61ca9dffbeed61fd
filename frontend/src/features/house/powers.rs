//! What one may do about somebody. The server asks again.

use snug_shared::{ids::ChatId, people::Role, presence::ChatUser};

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Powers {
    /// To give them another role.
    pub(crate) appoint: bool,
    /// To mute them and to put them out.
    pub(crate) keep_order: bool,
    /// To delete their account.
    pub(crate) erase: bool,
}

impl Powers {
    pub(crate) fn over(person: &ChatUser, me: &ChatId, mine: Role) -> Self {
        Self {
            appoint: mine == Role::Owner && person.role >= Role::Member,
            keep_order: mine >= Role::Moderator && person.role < mine && person.chat_id != *me,
            erase: mine == Role::Owner && (Role::Member..Role::Owner).contains(&person.role),
        }
    }

    pub(crate) fn any(self) -> bool {
        self.appoint || self.keep_order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::avatar::Avatar;

    fn powers(mine: Role, theirs: Role) -> (bool, bool) {
        let person = ChatUser {
            avatar: Avatar::Face(0),
            role: theirs,
            ..ChatUser::guest(
                "bob".try_into().expect("an id"),
                "Bob".try_into().expect("a name"),
            )
        };
        let me = "ann".try_into().expect("an id");
        let powers = Powers::over(&person, &me, mine);
        (powers.appoint, powers.keep_order)
    }

    #[test]
    fn order_is_kept_downwards_and_owners_appoint_whoever_keeps_a_name() {
        assert_eq!(powers(Role::Owner, Role::Guest), (false, true));
        assert_eq!(powers(Role::Owner, Role::Moderator), (true, true));
        assert_eq!(powers(Role::Owner, Role::Owner), (true, false));
        assert_eq!(powers(Role::Moderator, Role::Member), (false, true));
        assert_eq!(powers(Role::Moderator, Role::Moderator), (false, false));
        assert_eq!(powers(Role::Member, Role::Guest), (false, false));
    }

    #[test]
    fn nobody_keeps_order_over_oneself() {
        let me: ChatId = "ann".try_into().expect("an id");
        let myself = ChatUser {
            avatar: Avatar::Face(0),
            role: Role::Guest,
            ..ChatUser::guest(me.clone(), "Ann".try_into().expect("a name"))
        };
        assert!(!Powers::over(&myself, &me, Role::Owner).any());
    }
}
