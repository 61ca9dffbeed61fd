//! Checks that a link is still valid, before the user fills in a form for it.

use snug_shared::{api::LinkSecret, error_code::ErrorCode, people::JoinPolicy};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::client::{http::Failure, link_secrets::SecretLink, people};

#[derive(PartialEq, Properties)]
pub(super) struct CheckProps {
    pub(super) link: SecretLink,
    pub(super) join_policy: JoinPolicy,
    pub(super) on_spent: Callback<ErrorCode>,
}

/// Checks the link; renders nothing.
#[component(CheckLink)]
pub(super) fn check_link(props: &CheckProps) -> Html {
    let on_spent = props.on_spent.clone();
    use_effect_with(
        (props.link.clone(), props.join_policy),
        move |(link, join_policy)| {
            let secret = match link {
                SecretLink::Owner(secret) => LinkSecret::Owner(secret.clone()),
                // Where anyone may join, the invitation is not needed.
                SecretLink::Invite(secret) if *join_policy != JoinPolicy::Anyone => {
                    LinkSecret::Invite(secret.clone())
                }
                _ => return,
            };
            spawn_local(async move {
                if let Err(Failure::Refused(it)) = people::check_link(&secret).await
                    && it.error == ErrorCode::LinkExpired
                {
                    on_spent.emit(it.error);
                }
            });
        },
    );
    html! {}
}
