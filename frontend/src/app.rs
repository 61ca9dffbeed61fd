//! The page: preferences, store, and what stands at each address.

use gloo_events::EventListener;
use snug_shared::code::Code;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    browser,
    client::{links, saving},
    features::{
        house::{HousePage, Section},
        join::{JoinPage, PutOut},
        room::RoomPage,
        settings::PushPresses,
    },
    history,
    lazy_module::use_lazy_module,
    prefs::{AsPreferred, use_words},
    route::Route,
    store::{Door, Shared, Store, use_selected, use_store},
    ui::{Lamp, use_refuge},
};

#[component(App)]
pub(crate) fn app() -> Html {
    let store = use_state(|| Shared(Store::new()));
    use_memo((), |()| links::take());
    use_effect_with((), |()| {
        let listener = follow_links();
        move || drop(listener)
    });
    use_effect_with((), |()| {
        let listener = keep_above_keyboard();
        move || drop(listener)
    });
    html! {
        <ContextProvider<Shared> context={(*store).clone()}>
            <AsPreferred>
                <BrowserRouter>
                    <PushPresses />
                    <Switch<Route> render={page} />
                </BrowserRouter>
            </AsPreferred>
        </ContextProvider<Shared>>
    }
}

fn page(route: Route) -> Html {
    match route {
        Route::Join => html! { <Home /> },
        Route::Room { .. } | Route::Message { .. } | Route::House { .. } => html! { <Inside {route} /> },
        Route::TheHouse => html! { <Lead to={Route::House { section: Section::People }} /> },
        Route::Rooms => html! { <Lead to={Route::lobby()} /> },
        Route::Nowhere => html! { <NotFound /> },
    }
}

/// Whoever is known here goes on where they were, unless they bring a link; others come to the door.
#[component(Home)]
fn home() -> Html {
    let known = use_selected(|state| state.door == Door::Inside && state.person.is_some());
    // As it was on arrival: whoever comes in by the door is led on by it.
    let back = use_memo((), |()| known && links::kept().is_none());
    let out = use_selected(|state| state.door == Door::Refused(Code::PutOut));
    let loaded = use_lazy_module();
    if out && loaded {
        html! { <PutOut to={Route::lobby().address()} /> }
    } else if *back {
        let to = saving::place().map_or_else(Route::lobby, |name| Route::Room { name });
        html! { <Lead {to} /> }
    } else {
        html! { <JoinPage to={Route::lobby()} /> }
    }
}

#[derive(PartialEq, Properties)]
struct LeadProps {
    to: Route,
}

/// Leads on to another address, in the place of this one: the way back does not lead here again.
#[component(Lead)]
fn lead(props: &LeadProps) -> Html {
    let navigator = use_navigator();
    use_effect_with(props.to.clone(), move |to| {
        if let Some(navigator) = navigator {
            navigator.replace(to);
        }
    });
    html! {}
}

#[component(NotFound)]
fn not_found() -> Html {
    let (_, words) = use_words();
    use_effect_with(words.not_found, |title| {
        browser::document().set_title(&format!("{title} · Snug"));
    });
    html! {
        <main class="alone">
            <Lamp />
            <h1>{ words.not_found }</h1>
            <p>{ words.not_found_more }</p>
            <Link<Route> classes="small" to={Route::lobby()}>{ words.to_lobby }</Link<Route>>
        </main>
    }
}

#[derive(PartialEq, Properties)]
struct InsideProps {
    route: Route,
}

/// What is behind the door, or the door.
#[component(Inside)]
fn inside(props: &InsideProps) -> Html {
    let door = use_selected(|state| state.door);
    let route = props.route.clone();
    let loaded = use_lazy_module();
    let (_, words) = use_words();
    match door {
        Door::Inside | Door::Refused(Code::PutOut) if !loaded => html! {
            <main class="alone"><Lamp /><p role="status">{ words.connecting }</p></main>
        },
        Door::Inside => html! { <Connected {route} /> },
        Door::Refused(Code::PutOut) => html! { <PutOut to={route.address()} /> },
        Door::Outside | Door::SignedOut | Door::Refused(_) => html! { <JoinPage to={route} /> },
    }
}

/// Being inside, wherever, is being connected.
#[component(Connected)]
fn connected(props: &InsideProps) -> Html {
    let store = use_store();
    use_refuge();
    use_effect_with((), move |()| {
        history::begin();
        store.enter();
        move || store.leave()
    });
    match &props.route {
        Route::Room { name } => html! { <RoomPage name={name.clone()} /> },
        Route::Message { name, n } => html! { <RoomPage name={name.clone()} n={n.0} /> },
        Route::House { section } => html! { <HousePage section={*section} /> },
        _ => html! {},
    }
}

/// A link that is opened where a page of this place is open already changes only what is behind the `#`.
fn follow_links() -> EventListener {
    EventListener::new(&browser::window(), "hashchange", |_| {
        if links::take().is_some() {
            browser::go_home();
        }
    })
}

/// iOS lays its keyboard over the page instead of making it smaller; the height that is left is told
/// to the style sheet. Elsewhere it is the same as the window's and changes nothing.
fn keep_above_keyboard() -> Option<EventListener> {
    let viewport = browser::window().visual_viewport()?;
    let fit = {
        let viewport = viewport.clone();
        move || {
            let Some(root) = browser::root() else { return };
            // A page that is zoomed in is smaller in view as well, but should not be laid out anew.
            if (viewport.scale() - 1.0).abs() < 0.01 {
                let _ = root
                    .style()
                    .set_property("--view", &format!("{}px", viewport.height()));
                browser::window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        }
    };
    fit();
    Some(EventListener::new(&viewport, "resize", move |_| fit()))
}
