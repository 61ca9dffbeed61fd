//! What people say of themselves.

mod form;

use snug_shared::status::Status;
use yew::prelude::*;

pub(crate) use self::form::StatusForm;

#[derive(PartialEq, Properties)]
pub(crate) struct NamedProps {
    pub(crate) name: AttrValue,
    pub(crate) status: Option<Status>,
}

/// A name, and under it what its owner says of themselves.
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
