//! Renders avatars, drawn from their short description, or fetched by it.

use snug_shared::{api, avatar::Avatar};
use yew::prelude::*;

use super::face::face;
use crate::browser;

#[derive(PartialEq, Properties)]
pub struct AvatarProps {
    pub avatar: Avatar,
    #[prop_or_default]
    pub class: Classes,
}

/// Renders an avatar. It adds no information to the name beside it, so it is hidden from users of
/// screen readers.
#[component(AvatarPicture)]
pub fn avatar_picture(props: &AvatarProps) -> Html {
    match &props.avatar {
        Avatar::Face(seed) => html! {
            <svg class={classes!("avatar", props.class.clone())} viewBox="0 0 40 40" aria-hidden="true" focusable="false">
                { face(*seed) }
            </svg>
        },
        Avatar::Emoji { colour, emoji } => html! {
            <svg class={classes!("avatar", props.class.clone())} viewBox="0 0 40 40" aria-hidden="true" focusable="false">
                <rect class={format!("tint-{colour}")} width="40" height="40" />
                <text class="avatar-emoji" x="20" y="20" text-anchor="middle" dominant-baseline="central">{ emoji }</text>
            </svg>
        },
        Avatar::Picture(id) => html! {
            <img class={classes!("avatar", props.class.clone())} src={format!("{}{}/{id}", browser::base(), api::PICTURES)} width="40" height="40"
                alt="" loading="lazy" decoding="async" draggable="false" />
        },
    }
}
