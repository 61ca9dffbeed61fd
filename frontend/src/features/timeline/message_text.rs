//! Renders the text of a message.

use std::{collections::BTreeMap, rc::Rc};

use snug_shared::{
    ids::ChatId,
    links::{Kind, Link},
    mentions::Mentions,
    text::RoomName,
};
use yew::prelude::*;

use super::{
    mention::with_mentions,
    text_segments::{Segment, is_large_emoji, with_rooms},
};
use crate::{
    browser,
    route::{Route, href, in_a_room},
};

#[derive(PartialEq, Properties)]
pub struct MessageTextProps {
    /// The text as its author has written it.
    pub text: AttrValue,
    /// The users whom it mentions, as the server has resolved them.
    #[prop_or_default]
    pub mentions: Mentions,
    /// The user's own id.
    #[prop_or_default]
    pub me: Option<ChatId>,
}

/// The addresses of the user's rooms by their names, which are links in a text.
pub(super) type RoomAddresses = Rc<BTreeMap<RoomName, RoomName>>;

/// Renders a text with its links and mentions. It reaches the page as text nodes only, never as HTML.
#[component(MessageText)]
pub fn message_text(props: &MessageTextProps) -> Html {
    let text = props.text.as_str();
    let class = classes!("words", is_large_emoji(text).then_some("large"));
    let rooms = use_context::<RoomAddresses>();
    let address = |name: &RoomName| rooms.as_ref()?.get(name).cloned();
    let segments = with_rooms(with_mentions(text, &props.mentions, props.me.as_ref()), address);
    let segments = segments.into_iter().map(|segment| match segment {
        Segment::Plain(words) => html! { { words } },
        // A linked site learns no referrer and gets no handle on this window.
        // A mail address opens no tab.
        Segment::Link(link, Kind::Mail) => html! { <a href={Link::address(Kind::Mail, link).into_owned()}>{ link }</a> },
        Segment::Link(link, kind) => match in_a_room(link, &browser::home()) {
            // A link to another room of this page opens in this tab.
            Some(route) => html! { <a href={href(&route)}>{ link }</a> },
            None => html! {
                <a href={Link::address(kind, link).into_owned()} target="_blank" rel="noopener noreferrer nofollow">{ link }</a>
            },
        },
        Segment::Room(words, name) => html! { <a href={href(&Route::Room { name })}><bdi>{ words }</bdi></a> },
        Segment::Mention(name, me) => {
            // A name may have the opposite direction to the text around it.
            html! { <bdi class={classes!("mention", me.then_some("me"))}>{ name }</bdi> }
        }
    });
    html! { <span {class} dir="auto">{ for segments }</span> }
}
