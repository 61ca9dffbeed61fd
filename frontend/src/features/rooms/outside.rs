//! In the place of a timeline: a room that one is not in, or that is not there.

use snug_shared::{ids::Position, rooms::Listed, text::RoomName};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    directory::Join,
    find::{Found, use_room_at},
    link::RoomLink,
};
use crate::{
    prefs::use_words,
    route::Route,
    store::{State, by_id, is_id, use_selected, use_store},
    ui::Logo,
};

#[derive(PartialEq, Properties)]
pub(crate) struct OutsideProps {
    pub(crate) name: RoomName,
    /// The message that the address names.
    pub(crate) n: Option<Position>,
}

#[component(Outside)]
pub(crate) fn outside(props: &OutsideProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let navigator = use_navigator();
    // Before the welcome nobody knows which rooms one is in.
    let live = use_selected(|state| state.replica.is_live());
    let times = use_state_eq(|| 0);
    let found = use_room_at(props.name.clone(), props.n, *times, live);
    let again = {
        let times = times.clone();
        Callback::from(move |_: MouseEvent| times.set(*times + 1))
    };
    let elsewhere = match &found {
        Some(Found::Room(listed)) => leads_to(&store.state(), listed, props.n).filter(|it| *it != props.name),
        _ => None,
    };
    {
        let (name, n, elsewhere) = (props.name.clone(), props.n, elsewhere.clone());
        use_effect_with(found.clone(), move |found| {
            if let Some(Found::Room(listed)) = found {
                store.found(&name, &listed.info.name);
            }
            if let (Some(address), Some(navigator)) = (elsewhere, navigator) {
                navigator.replace(&Route::to(address, n));
            }
        });
    }
    let to_lobby = || html! { <RoomLink class={classes!("small")} name={RoomName::lobby()}>{ words.to_lobby }</RoomLink> };
    let said = match found {
        None => html! { <p>{ words.opening }</p> },
        Some(Found::Room(_)) if elsewhere.is_some() => html! { <p>{ words.opening }</p> },
        Some(Found::Failed) => html! {
            <>
                <p>{ words.rooms_failed }</p>
                <button type="button" class="small" onclick={again}>{ words.try_again }</button>
            </>
        },
        Some(Found::Room(listed)) if listed.info.archived => html! {
            <>
                <p>{ (words.archived_outside)(listed.info.name.as_str()) }</p>
                { to_lobby() }
            </>
        },
        Some(Found::Room(listed)) => html! {
            <>
                <b dir="auto">{ "#" }{ listed.info.name.as_str() }</b>
                if !listed.info.topic.is_empty() {
                    <p dir="auto">{ listed.info.topic.as_str() }</p>
                }
                <p>{ (words.members)(listed.members) }</p>
                <p>{ words.not_in_room }</p>
                <Join class={classes!("primary")} room={listed.info.room.clone()} name={listed.info.name.to_string()} />
                { to_lobby() }
            </>
        },
        Some(Found::Nothing) => html! {
            <>
                <p>
                    if props.name.is_direct() {
                        { words.no_such_direct }
                    } else if is_id(&props.name) {
                        { words.no_such_link }
                    } else {
                        { (words.no_such_room)(props.name.as_str()) }
                    }
                </p>
                { to_lobby() }
            </>
        },
    };
    html! {
        <div class="outside" aria-live="polite">
            <Logo />
            { said }
        </div>
    }
}

/// The address of the room that was found: that of one's own room, or what it is called now. A message is in the room of this id.
fn leads_to(state: &State, listed: &Listed, n: Option<Position>) -> Option<RoomName> {
    match n {
        Some(_) => by_id(&listed.info.room),
        None => state
            .address(&listed.info.room)
            .or_else(|| Some(listed.info.name.clone())),
    }
}
