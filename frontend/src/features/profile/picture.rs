//! Chooses an avatar: a face that can be drawn again, or one of a few emoji.

use snug_shared::avatar::{Avatar, COLOURS};
use yew::prelude::*;

use crate::{
    prefs::use_words,
    ui::{AvatarPicture, Icon, IconPicture},
};

const EMOJI: [&str; 10] = ["🦊", "🌿", "🐳", "🍊", "🦉", "🌙", "🍄", "🐝", "🫖", "⛵"];

/// Returns a new random face.
pub(super) fn another_face() -> Avatar {
    Avatar::Face((js_sys::Math::random() * f64::from(u32::MAX)) as u32)
}

#[derive(PartialEq, Properties)]
pub(super) struct PictureProps {
    pub(super) avatar: Avatar,
    pub(super) on_choose: Callback<Avatar>,
}

#[component(PictureChooser)]
pub(super) fn picture_chooser(props: &PictureProps) -> Html {
    let (_, words) = use_words();
    let roll = props.on_choose.reform(|_: MouseEvent| another_face());
    let emoji = EMOJI.iter().enumerate().map(|(at, emoji)| {
        let avatar = Avatar::Emoji {
            colour: at as u8 % COLOURS,
            emoji: (*emoji).to_owned(),
        };
        let pressed = props.avatar == avatar;
        let onclick = {
            let avatar = avatar.clone();
            props.on_choose.reform(move |_: MouseEvent| avatar.clone())
        };
        html! {
            <button type="button" class="plain" key={*emoji} aria-label={(words.picture_emoji)(emoji)}
                aria-pressed={pressed.to_string()} {onclick}><AvatarPicture {avatar} /></button>
        }
    });
    html! {
        <div class="picture" role="group" aria-label={words.profile_picture}>
            <div class="picture-now">
                <AvatarPicture class="large" avatar={props.avatar.clone()} />
                <button type="button" class="small" onclick={roll}><IconPicture icon={Icon::Dice} />{ words.shuffle_picture }</button>
            </div>
            <div class="picture-emoji">{ for emoji }</div>
        </div>
    }
}
