//! Renders a message, and the chunk to which it belongs.

use snug_shared::{
    ids::{ChatId, Millis, Position},
    lang::Lang,
    text::RoomName,
};
use yew::prelude::*;

use super::{
    fold::{Fold, may_be_tall},
    grouping::{Chunk, Item},
    message_text::MessageText,
    time_zone::name as day_name,
};
use crate::{
    i18n::{Style, Zone, format, words},
    route::{Route, href},
    ui::AvatarPicture,
};

#[derive(PartialEq, Properties)]
pub(super) struct ChunkProps {
    pub(super) chunk: Chunk,
    pub(super) today: i64,
    pub(super) zone: Zone,
    pub(super) lang: Lang,
    pub(super) me: Option<ChatId>,
    /// The room's address, for the links.
    pub(super) room: RoomName,
    /// The message to which the user has jumped, if it is in the chunk.
    pub(super) highlight: Option<Position>,
}

#[component(ChunkOfRows)]
pub(super) fn chunk_of_rows(props: &ChunkProps) -> Html {
    let rows = props.chunk.items.iter().map(|item| {
        let key = item.message.key.as_str().to_owned();
        let highlight = props.highlight == Some(item.message.n);
        let (me, room) = (props.me.clone(), props.room.clone());
        html! { <Row {key} item={item.clone()} today={props.today} zone={props.zone} lang={props.lang} {me} {room} {highlight} /> }
    });
    html! { <div class="chunk">{ for rows }</div> }
}

#[derive(PartialEq, Properties)]
struct RowProps {
    item: Item,
    today: i64,
    zone: Zone,
    lang: Lang,
    me: Option<ChatId>,
    room: RoomName,
    highlight: bool,
}

#[component(Row)]
fn row(props: &RowProps) -> Html {
    let RowProps {
        item,
        today,
        zone,
        lang,
        me,
        highlight,
        ..
    } = props;
    let Item { message, head, .. } = item;
    let said = words(*lang);
    let day = item.day.map(|day| {
        let name = day_name(message.at, day, *today, *lang);
        html! { <div class="day" role="separator" aria-label={name.clone()}><span>{ name }</span></div> }
    });
    let new = item.new.then(|| {
        html! { <div class="new" role="separator" aria-label={said.new}><span>{ said.new }</span></div> }
    });
    let class = classes!("row", head.then_some("head"), highlight.then_some("sought"));
    let href = href(&Route::to(props.room.clone(), Some(message.n)));
    let time =
        html! { <a class="at" {href} tabindex="-1"><Time at={message.at} zone={*zone} lang={*lang} /></a> };
    let text = message.text.as_str();
    let words =
        html! { <MessageText text={text.to_owned()} mentions={message.mentions.clone()} me={me.clone()} /> };
    html! {
        <>
            { day }
            { new }
            <article {class} tabindex="-1" data-n={message.n.0.to_string()} aria-keyshortcuts={if item.mine { "c u Delete" } else { "c u" }}>
                if *head {
                    <AvatarPicture avatar={message.avatar.clone()} />
                    <div class="who">
                        <b dir="auto">{ message.name.as_str() }</b>
                        if item.mine { <small>{ said.you }</small> }
                        { time }
                    </div>
                } else {
                    { time }
                    <span class="unseen"><bdi>{ message.name.as_str() }</bdi>{ said.colon }</span>
                }
                <div class="said">
                    if may_be_tall(text) {
                        <Fold of={message.key.clone()} lang={*lang}>{ words }</Fold>
                    } else {
                        { words }
                    }
                </div>
                <div class="row-actions" />
            </article>
        </>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct TimeProps {
    pub(super) at: Millis,
    /// The time zone in which the time is shown.
    pub(super) zone: Zone,
    pub(super) lang: Lang,
}

/// Renders the time of a message: to the minute, and to the second when it has the pointer or the focus.
#[component(Time)]
pub(super) fn time(props: &TimeProps) -> Html {
    let TimeProps { at, lang, .. } = *props;
    let datetime = js_sys::Date::new(&(at.0 as f64).into())
        .to_iso_string()
        .as_string();
    html! {
        <time {datetime} data-exact={format(at, Style::Exact, lang)}>{ format(at, Style::Time, lang) }</time>
    }
}
