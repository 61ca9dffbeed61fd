//! The door: what this place is, who is here, and who one is.

mod picture;
mod profile;

use snug_shared::api::Place;
use yew::prelude::*;
use yew_router::prelude::*;

pub(crate) use self::profile::ProfileForm;
use crate::{
    browser,
    client::http,
    features::settings::PrefChoices,
    prefs::use_words,
    route::Route,
    ui::{AvatarPicture, Lamp},
};

#[derive(PartialEq, Properties)]
pub(crate) struct JoinProps {
    /// Where the door leads to.
    pub(crate) to: Route,
}

/// The page at `/`, and wherever somebody arrives who has not said who they are.
#[component(JoinPage)]
pub(crate) fn join_page(props: &JoinProps) -> Html {
    let (_, words) = use_words();
    let navigator = use_navigator();
    use_effect_with((), |()| browser::document().set_title("Snug"));
    let at_its_address = use_route().as_ref() == Some(&props.to);
    let to = props.to.clone();
    let on_done = Callback::from(move |_changed: bool| match &navigator {
        Some(navigator) if at_its_address => navigator.replace(&to),
        Some(navigator) => navigator.push(&to),
        None => {}
    });
    html! {
        <main class="join">
            <div class="join-card">
                <header>
                    <Lamp />
                    <h1>{ "Snug" }</h1>
                    <p>{ words.what_it_is }</p>
                </header>
                <WhoIsHere />
                <ProfileForm action={words.enter} {on_done} />
            </div>
            <footer><PrefChoices /></footer>
        </main>
    }
}

/// How many are in the room, and a few of their faces. Its place is there before it is known.
#[component(WhoIsHere)]
fn who_is_here() -> Html {
    let (_, words) = use_words();
    let place = use_state(|| None::<Place>);
    {
        let place = place.clone();
        use_effect_with((), move |()| {
            wasm_bindgen_futures::spawn_local(async move {
                // Without an answer the door still opens; the room will say what is wrong.
                if let Ok(it) = http::place().await {
                    place.set(Some(it));
                }
            });
        });
    }
    let Some(place) = &*place else {
        return html! { <div class="who-is-here" /> };
    };
    let faces = place.faces.iter().take(5).map(|person| {
        html! { <AvatarPicture key={person.chat_id.as_str()} avatar={person.avatar.clone()} /> }
    });
    html! {
        <div class="who-is-here known">
            if place.count > 0 {
                <span class="faces">{ for faces }</span>
                <span>{ (words.here_now)(place.count) }</span>
            } else {
                <span>{ words.nobody_here }</span>
            }
        </div>
    }
}
