//! Renders, in place of the timeline, a room that the user is not in, or that does not exist.

use snug_shared::{ids::Position, rooms::Listed, text::RoomName};
use yew::prelude::*;

use super::{
    directory::Join,
    room_lookup::{RoomLookup, use_room_lookup},
};
use crate::{
    features::room_list::RoomLink,
    history::use_navigator,
    prefs::use_words,
    route::Route,
    store::{State, by_id, is_id, use_selected, use_store},
    ui::Logo,
};

#[derive(PartialEq, Properties)]
pub(crate) struct NotAMemberProps {
    pub(crate) name: RoomName,
    /// The message that the address names.
    pub(crate) n: Option<Position>,
}

/// Looks the room up and renders the offer to join it.
#[component(NotAMember)]
pub(crate) fn not_a_member(props: &NotAMemberProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let navigator = use_navigator();
    // Before the welcome it is not known which rooms the user is in.
    let live = use_selected(|state| state.replica.is_live());
    let times = use_state_eq(|| 0);
    let found = use_room_lookup(props.name.clone(), props.n, *times, live);
    let again = {
        let times = times.clone();
        Callback::from(move |_: MouseEvent| times.set(*times + 1))
    };
    let elsewhere = match &found {
        Some(RoomLookup::Room(listed)) => {
            leads_to(&store.state(), listed, props.n).filter(|it| *it != props.name)
        }
        _ => None,
    };
    {
        let (name, n, elsewhere) = (props.name.clone(), props.n, elsewhere.clone());
        use_effect_with(found.clone(), move |found| {
            if let Some(RoomLookup::Room(listed)) = found {
                store.found(&name, &listed.info.name);
            }
            if let Some(address) = elsewhere {
                navigator.replace(Route::to(address, n));
            }
        });
    }
    let to_lobby = || html! { <RoomLink class={classes!("small")} name={RoomName::lobby()}>{ words.go_to_lobby }</RoomLink> };
    let said = match found {
        None => html! { <p>{ words.loading }</p> },
        Some(RoomLookup::Room(_)) if elsewhere.is_some() => html! { <p>{ words.loading }</p> },
        Some(RoomLookup::Failed) => html! {
            <>
                <p>{ words.rooms_failed }</p>
                <button type="button" class="small" onclick={again}>{ words.try_again }</button>
            </>
        },
        Some(RoomLookup::Room(listed)) if listed.info.archived => html! {
            <>
                <p>{ (words.archived_outside)(listed.info.name.as_str()) }</p>
                { to_lobby() }
            </>
        },
        Some(RoomLookup::Room(listed)) => html! {
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
        Some(RoomLookup::NotFound) => html! {
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

/// Returns the address of the room that was found: that of a room the user is in, or its present name. For a
/// message, its id.
fn leads_to(state: &State, listed: &Listed, n: Option<Position>) -> Option<RoomName> {
    match n {
        Some(_) => by_id(&listed.info.room),
        None => state
            .address(&listed.info.room)
            .or_else(|| Some(listed.info.name.clone())),
    }
}
