//! Decides what the user may do to another user. The server checks it as well.

use snug_shared::{ids::ChatId, people::Role, presence::ChatUser};

/// The acts that the user may carry out on another user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permissions {
    /// Whether the user may change the other user's role.
    pub(crate) set_role: bool,
    /// Whether the user may mute and ban the other user.
    pub(crate) moderate: bool,
    /// Whether the user may delete the other user's account.
    pub(crate) delete_account: bool,
}

impl Permissions {
    /// Decides it by both users' roles.
    pub(crate) fn for_user(person: &ChatUser, me: &ChatId, mine: Role) -> Self {
        Self {
            set_role: mine == Role::Owner && person.role >= Role::Member,
            moderate: mine >= Role::Moderator && person.role < mine && person.chat_id != *me,
            delete_account: mine == Role::Owner && (Role::Member..Role::Owner).contains(&person.role),
        }
    }

    /// Returns whether the user may do nothing to the other user.
    pub(crate) fn is_empty(self) -> bool {
        !self.set_role && !self.moderate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::avatar::Avatar;

    fn permissions(mine: Role, theirs: Role) -> (bool, bool) {
        let person = ChatUser {
            avatar: Avatar::Face(0),
            role: theirs,
            ..ChatUser::guest(
                "bob".try_into().expect("an id"),
                "Bob".try_into().expect("a name"),
            )
        };
        let me = "ann".try_into().expect("an id");
        let permissions = Permissions::for_user(&person, &me, mine);
        (permissions.set_role, permissions.moderate)
    }

    #[test]
    fn order_is_kept_downwards_and_owners_appoint_whoever_keeps_a_name() {
        assert_eq!(permissions(Role::Owner, Role::Guest), (false, true));
        assert_eq!(permissions(Role::Owner, Role::Moderator), (true, true));
        assert_eq!(permissions(Role::Owner, Role::Owner), (true, false));
        assert_eq!(permissions(Role::Moderator, Role::Member), (false, true));
        assert_eq!(permissions(Role::Moderator, Role::Moderator), (false, false));
        assert_eq!(permissions(Role::Member, Role::Guest), (false, false));
    }

    #[test]
    fn nobody_keeps_order_over_oneself() {
        let me: ChatId = "ann".try_into().expect("an id");
        let myself = ChatUser {
            avatar: Avatar::Face(0),
            role: Role::Guest,
            ..ChatUser::guest(me.clone(), "Ann".try_into().expect("a name"))
        };
        assert!(Permissions::for_user(&myself, &me, Role::Owner).is_empty());
    }
}
