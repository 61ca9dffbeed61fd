//! A message's words as the page shows them.

use snug_shared::{ids::ChatId, mentions::Mentions};
use yew::prelude::*;
use yew_router::Routable;

use super::{
    mention::with_mentions,
    text::{Piece, is_large_emoji},
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

/// Somebody's words. They reach the page as text nodes only; nothing in them is ever read as HTML.
#[component(Said)]
pub fn said(props: &SaidProps) -> Html {
    let text = props.text.as_str();
    let class = classes!("words", is_large_emoji(text).then_some("large"));
    let pieces = with_mentions(text, &props.mentions, props.me.as_ref());
    let pieces = pieces.into_iter().map(|piece| match piece {
        Piece::Words(words) => html! { { words } },
        // The linked site learns neither where its visitor comes from nor gets hold of this window.
        Piece::Link(link) => match Route::in_a_room(link, &browser::origin()) {
            // To another place of this page: in this tab.
            Some(route) => html! { <a href={route.to_path()}>{ link }</a> },
            None => html! {
                <a href={link.to_owned()} target="_blank" rel="noopener noreferrer nofollow">{ link }</a>
            },
        },
        Piece::Mention(name, me) => {
            // A name may be written in the other direction than what stands around it.
            html! { <bdi class={classes!("mention", me.then_some("me"))}>{ name }</bdi> }
        }
    });
    html! { <span {class} dir="auto">{ for pieces }</span> }
}
