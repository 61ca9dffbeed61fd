//! A message's words as the page shows them.

use yew::prelude::*;
use yew_router::Routable;

use super::text::{Piece, is_large_emoji, pieces};
use crate::{browser, route::Route};

#[derive(PartialEq, Properties)]
pub struct SaidProps {
    /// What somebody wrote.
    pub text: AttrValue,
}

/// Somebody's words. They reach the page as text nodes only; nothing in them is ever read as HTML.
#[component(Said)]
pub fn said(props: &SaidProps) -> Html {
    let text = props.text.as_str();
    let class = classes!("words", is_large_emoji(text).then_some("large"));
    let pieces = pieces(text).into_iter().map(|piece| match piece {
        Piece::Words(words) => html! { { words } },
        // The linked site learns neither where its visitor comes from nor gets hold of this window.
        Piece::Link(link) => match Route::in_a_room(link, &browser::origin()) {
            // To another place of this page: in this tab.
            Some(route) => html! { <a href={route.to_path()}>{ link }</a> },
            None => html! {
                <a href={link.to_owned()} target="_blank" rel="noopener noreferrer nofollow">{ link }</a>
            },
        },
    });
    html! { <span {class} dir="auto">{ for pieces }</span> }
}
