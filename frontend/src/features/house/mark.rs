//! The small mark of whoever keeps order.

use snug_shared::people::Role;
use yew::prelude::*;

use crate::{
    prefs::use_words,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct MarkProps {
    pub(crate) role: Role,
}

/// Others have none.
#[component(RoleMark)]
pub(crate) fn role_mark(props: &MarkProps) -> Html {
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
