//! The door: what this place is, who is here, and who one is.

mod check;
mod closed;
mod newcomer;
mod out;
mod passkey;
mod picture;
mod profile;
mod sign_in;
mod way;

use snug_shared::{api::Place, code::Code, people::Entrance};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use self::{
    check::CheckLink,
    closed::{Back, Paste},
    newcomer::{Brings, Newcomer},
    sign_in::{SignInByLink, SignInForm},
    way::{Known, Way},
};
pub(crate) use self::{
    out::PutOut,
    profile::{Filled, ProfileForm, shows},
};
use crate::{
    browser,
    client::{
        http,
        links::{self, Link},
    },
    features::settings::PrefChoices,
    lazy_module::use_lazy_module,
    prefs::use_words,
    route::Route,
    store::{AccessState, use_selected, use_store},
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
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let navigator = use_navigator();
    let place = use_place();
    let link = use_state_eq(links::kept);
    // Whoever was signed out wants to sign in again.
    let signing_in = use_state_eq(|| store.state().access == AccessState::SignedOut);
    let spent = use_state_eq(|| None::<Code>);
    let loaded = use_lazy_module();
    let (person, access) = use_selected(|state| (state.person.clone(), state.access));
    use_effect_with((), |()| browser::document().set_title("Snug"));

    // Without an answer the door still opens; the room will say what is wrong.
    let entrance = place
        .as_ref()
        .map(|it| it.as_ref().map_or(Entrance::Anyone, |it| it.rules.entrance));

    let at_its_address = use_route().as_ref() == Some(&props.to);
    let on_in = {
        let (to, store) = (props.to.clone(), store.clone());
        Callback::from(move |()| {
            store.join();
            if let (Some(navigator), false) = (&navigator, at_its_address) {
                navigator.push(&to);
            }
        })
    };
    let on_spent = {
        let (link, spent) = (link.clone(), spent.clone());
        Callback::from(move |code: Code| {
            links::forget();
            link.set(None);
            spent.set(Some(code));
        })
    };
    let on_cancel = {
        let link = link.clone();
        Callback::from(move |()| {
            links::forget();
            link.set(None);
        })
    };
    let on_link = {
        let (link, spent) = (link.clone(), spent.clone());
        Callback::from(move |it: Link| {
            links::keep(&it);
            link.set(Some(it));
            spent.set(None);
        })
    };
    let switch = |to: bool| {
        let signing_in = signing_in.clone();
        Callback::from(move |()| signing_in.set(to))
    };

    let way = Way::of(Known {
        link: link.as_ref(),
        entrance,
        person: person.as_ref(),
        access,
        signing_in: *signing_in,
    });
    let notice = match access {
        _ if spent.is_some() => spent.map(|code| code.sentence(lang)),
        AccessState::SignedOut => Some(said.signed_out.to_owned()),
        // A card that is closed says it anyway.
        AccessState::Refused(code) if !matches!(way, Way::Closed(_)) => Some(code.sentence(lang)),
        _ => None,
    };
    let (heading, about): (&str, AttrValue) = match &way {
        Way::Owner(_) => (said.yours, said.yours_more.into()),
        Way::Invited { member: true, .. } => (said.invited, said.invited_member.into()),
        Way::Invited { .. } => (said.invited, said.invited_guest.into()),
        Way::Link(_) => (said.sign_in_here, said.sign_in_here_more.into()),
        Way::Closed(code) => ("Snug", code.sentence(lang).into()),
        _ => ("Snug", words.what_it_is.into()),
    };
    let to = AttrValue::from(props.to.address());
    let newcomer = |brings: Brings| {
        let entrance = entrance.unwrap_or_default();
        let (to, on_in, on_spent) = (to.clone(), on_in.clone(), on_spent.clone());
        html! { <Newcomer {brings} {entrance} {to} {on_in} {on_spent} /> }
    };
    let quiet = |said: &'static str, on_press: Callback<()>| {
        let onclick = on_press.reform(|_: MouseEvent| ());
        html! { <button type="button" class="small quiet" {onclick}>{ said }</button> }
    };
    // These two are not about who is here.
    let about_here = !matches!(way, Way::Owner(_) | Way::Link(_));
    let steady = matches!(way, Way::Unknown | Way::Guest | Way::SignIn | Way::Closed(_));
    let (body, other) = match way {
        Way::Unknown => (html! {}, None),
        Way::Guest => (newcomer(Brings::Nothing), Some(quiet(said.sign_in, switch(true)))),
        Way::Member => (html! { <Back on_in={on_in.clone()} /> }, None),
        Way::SignIn => (
            html! { <SignInForm {to} on_back={switch(false)} /> },
            Some(quiet(said.as_guest, switch(false))),
        ),
        Way::Closed(_) => (html! { <SignInForm {to} /> }, Some(html! { <Paste {on_link} /> })),
        Way::Owner(secret) => (newcomer(Brings::Owner(secret)), None),
        Way::Invited { secret, member } => {
            let brings = if member {
                Brings::InviteToKeep(secret)
            } else {
                Brings::Invite(secret)
            };
            (newcomer(brings), Some(quiet(said.sign_in, switch(true))))
        }
        Way::Link(secret) => (
            html! { <SignInByLink {secret} {to} on_spent={on_spent.clone()} {on_cancel} /> },
            None,
        ),
    };
    html! {
        <main class="join">
            <div class="join-card">
                <header>
                    <Lamp />
                    <h1>{ heading }</h1>
                    <p>{ about }</p>
                </header>
                if about_here {
                    <WhoIsHere place={place.flatten()} />
                }
                if let Some(notice) = notice {
                    <p class="notice" role="alert">{ notice }</p>
                }
                <div class={classes!("join-body", steady.then_some("steady"))}>{ body }</div>
                if other.is_some() || steady {
                    <div class="other-way">{ other }</div>
                }
            </div>
            <footer><PrefChoices /></footer>
            if let (true, Some(link), Some(entrance)) = (loaded, (*link).clone(), entrance) {
                <CheckLink {link} {entrance} on_spent={on_spent.clone()} />
            }
        </main>
    }
}

/// What a visitor is told of this place; inside, whether it was told.
#[hook]
fn use_place() -> Option<Option<Place>> {
    let place = use_state(|| None::<Option<Place>>);
    {
        let place = place.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                place.set(Some(http::place().await.ok()));
            });
        });
    }
    (*place).clone()
}

#[derive(PartialEq, Properties)]
struct HereProps {
    place: Option<Place>,
}

/// How many are in the room, and a few of their faces. Its place is there before it is known.
#[component(WhoIsHere)]
fn who_is_here(props: &HereProps) -> Html {
    let (_, words) = use_words();
    let Some(place) = &props.place else {
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
