//! The badge of moderators and owners.

use snug_shared::people::Role;
use yew::prelude::*;

use crate::{
    prefs::use_words,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct RoleBadgeProps {
    pub(crate) role: Role,
}

/// Renders the badge of a moderator or an owner, and nothing for other roles.
#[component(RoleBadge)]
pub(crate) fn role_badge(props: &RoleBadgeProps) -> Html {
    let (_, words) = use_words();
    let icon = match props.role {
        Role::Owner => Icon::Owner,
        Role::Moderator => Icon::Moderator,
        Role::Guest | Role::Member => return html! {},
    };
    let name = (words.people.role)(props.role);
    html! {
        <span class="role-mark" title={name}>
            <IconPicture {icon} />
            <span class="unseen">{ name }</span>
        </span>
    }
}
