//! Shows the statuses of users.

mod form;

use snug_shared::status::Status;
use yew::prelude::*;

pub(crate) use self::form::StatusForm;

#[derive(PartialEq, Properties)]
pub(crate) struct NamedProps {
    pub(crate) name: AttrValue,
    pub(crate) status: Option<Status>,
}

/// Renders a user's name, and under it the status.
#[component(Named)]
pub(crate) fn named(props: &NamedProps) -> Html {
    html! {
        <span class="named">
            <span class="name" dir="auto" title={props.name.clone()}>{ &props.name }</span>
            if let Some(status) = &props.status {
                <span class="status" dir="auto" title={status.to_string()}>{ status.as_str() }</span>
            }
        </span>
    }
}
