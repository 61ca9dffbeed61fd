//! In the place of a timeline: a room that one is not in, or that is not there.

use snug_shared::text::RoomName;
use yew::prelude::*;

use super::{
    directory::Join,
    link::RoomLink,
    search::{Question, use_directory},
};
use crate::{prefs::use_words, store::use_selected, ui::Lamp};

#[derive(PartialEq, Properties)]
pub(crate) struct OutsideProps {
    pub(crate) name: RoomName,
}

#[component(Outside)]
pub(crate) fn outside(props: &OutsideProps) -> Html {
    let (_, words) = use_words();
    // Before the welcome nobody knows which rooms one is in.
    let live = use_selected(|state| state.replica.is_live());
    let times = use_state_eq(|| 0);
    let answer = use_directory(Question {
        search: props.name.to_string(),
        times: *times,
        now: live,
    });
    let again = {
        let times = times.clone();
        Callback::from(move |_: MouseEvent| times.set(*times + 1))
    };
    let to_lobby = || html! { <RoomLink class={classes!("small")} name={RoomName::lobby()}>{ words.to_lobby }</RoomLink> };
    let said = match answer.filter(|answer| answer.fresh).map(|answer| answer.rooms) {
        None => html! { <p>{ words.opening }</p> },
        Some(None) => html! {
            <>
                <p>{ words.rooms_failed }</p>
                <button type="button" class="small" onclick={again}>{ words.try_again }</button>
            </>
        },
        Some(Some(rooms)) => match rooms.iter().find(|listed| listed.info.name == props.name) {
            Some(listed) => html! {
                <>
                    <b dir="auto">{ "#" }{ props.name.as_str() }</b>
                    if !listed.info.topic.is_empty() {
                        <p dir="auto">{ listed.info.topic.as_str() }</p>
                    }
                    <p>{ (words.members)(listed.members) }</p>
                    <p>{ words.not_in_room }</p>
                    <Join class={classes!("primary")} room={listed.info.room.clone()} name={props.name.to_string()} />
                    { to_lobby() }
                </>
            },
            None => html! {
                <>
                    <p>
                        if props.name.is_direct() { { words.no_such_direct } } else { { (words.no_such_room)(props.name.as_str()) } }
                    </p>
                    { to_lobby() }
                </>
            },
        },
    };
    html! {
        <div class="outside" aria-live="polite">
            <Lamp />
            { said }
        </div>
    }
}
