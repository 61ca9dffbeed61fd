//! A message's words as the page shows them.

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
    text::{Piece, is_large_emoji, with_rooms},
};
use crate::{browser, route::Route};

#[derive(PartialEq, Properties)]
pub struct SaidProps {
    /// What somebody wrote.
    pub text: AttrValue,
    /// Whom they mean, by the server's word.
    #[prop_or_default]
    pub mentions: Mentions,
    /// Who one is.
    #[prop_or_default]
    pub me: Option<ChatId>,
}

/// The addresses of one's rooms by their names: these are links where somebody writes them.
pub(super) type RoomAddresses = Rc<BTreeMap<RoomName, RoomName>>;

/// Somebody's words. They reach the page as text nodes only; nothing in them is ever read as HTML.
#[component(Said)]
pub fn said(props: &SaidProps) -> Html {
    let text = props.text.as_str();
    let class = classes!("words", is_large_emoji(text).then_some("large"));
    let rooms = use_context::<RoomAddresses>();
    let address = |name: &RoomName| rooms.as_ref()?.get(name).cloned();
    let pieces = with_rooms(with_mentions(text, &props.mentions, props.me.as_ref()), address);
    let pieces = pieces.into_iter().map(|piece| match piece {
        Piece::Words(words) => html! { { words } },
        // The linked site learns neither where its visitor comes from nor gets hold of this window.
        // The mail program is no place of the browser's.
        Piece::Link(link, Kind::Mail) => html! { <a href={Link::address(Kind::Mail, link).into_owned()}>{ link }</a> },
        Piece::Link(link, kind) => match Route::in_a_room(link, &browser::home()) {
            // To another place of this page: in this tab.
            Some(route) => html! { <a href={route.address()}>{ link }</a> },
            None => html! {
                <a href={Link::address(kind, link).into_owned()} target="_blank" rel="noopener noreferrer nofollow">{ link }</a>
            },
        },
        Piece::Room(words, name) => html! { <a href={Route::Room { name }.address()}><bdi>{ words }</bdi></a> },
        Piece::Mention(name, me) => {
            // A name may be written in the other direction than what stands around it.
            html! { <bdi class={classes!("mention", me.then_some("me"))}>{ name }</bdi> }
        }
    });
    html! { <span {class} dir="auto">{ for pieces }</span> }
}
