//! The root component: preferences, the store, and the component of each route.

use gloo_events::EventListener;
use snug_shared::error_code::ErrorCode;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    browser,
    client::{link_secrets, storage},
    features::{
        admin::AdminPage,
        join::{Banned, JoinPage},
        room::RoomPage,
        settings::PushPresses,
    },
    history,
    lazy_module::use_lazy_module,
    prefs::{AsPreferred, use_words},
    route::{AdminTab, Route, Routed, href},
    store::{AccessState, Shared, Store, use_selected, use_store},
    ui::{Logo, use_focus_fallback},
};

#[component(App)]
pub(crate) fn app() -> Html {
    let store = use_state(|| Shared(Store::new()));
    use_memo((), |()| link_secrets::take_from_address());
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
                    <Switch<Routed> render={page} />
                </BrowserRouter>
            </AsPreferred>
        </ContextProvider<Shared>>
    }
}

fn page(Routed(route): Routed) -> Html {
    match route {
        Some(Route::Join) => html! { <Home /> },
        Some(Route::Rooms) => html! { <ReplaceRoute to={Route::lobby()} /> },
        Some(Route::Admin) => html! { <ReplaceRoute to={Route::AdminTab(AdminTab::Members)} /> },
        Some(route) => html! { <Inside {route} /> },
        None => html! { <NotFound /> },
    }
}

/// Redirects a returning user without a link to the room they were in last, and any other to the join page.
#[component(Home)]
fn home() -> Html {
    let known = use_selected(|state| state.access == AccessState::Joined && state.person.is_some());
    // Computed on arrival: after joining, the join page itself opens the room.
    let back = use_memo((), |()| known && link_secrets::saved().is_none());
    let out = use_selected(|state| state.access == AccessState::Refused(ErrorCode::Banned));
    let loaded = use_lazy_module();
    if out && loaded {
        html! { <Banned to={href(&Route::lobby())} /> }
    } else if *back {
        let to = storage::last_room().map_or_else(Route::lobby, |name| Route::Room { name });
        html! { <ReplaceRoute {to} /> }
    } else {
        html! { <JoinPage to={Route::lobby()} /> }
    }
}

#[derive(PartialEq, Properties)]
struct ReplaceRouteProps {
    to: Route,
}

/// Replaces the current address by another one, so that Back does not lead here again.
#[component(ReplaceRoute)]
fn replace_route(props: &ReplaceRouteProps) -> Html {
    let navigator = use_navigator();
    use_effect_with(props.to.clone(), move |to| {
        if let Some(navigator) = navigator {
            navigator.replace(&Routed(Some(to.clone())));
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
            <Logo />
            <h1>{ words.not_found }</h1>
            <p>{ words.not_found_more }</p>
            <Link<Routed> classes="small" to={Routed(Some(Route::lobby()))}>{ words.go_to_lobby }</Link<Routed>>
        </main>
    }
}

#[derive(PartialEq, Properties)]
struct InsideProps {
    route: Route,
}

/// Renders the route for a user with access, and the join page for any other.
#[component(Inside)]
fn inside(props: &InsideProps) -> Html {
    let access = use_selected(|state| state.access);
    let route = props.route.clone();
    let loaded = use_lazy_module();
    let (_, words) = use_words();
    match access {
        AccessState::Joined | AccessState::Refused(ErrorCode::Banned) if !loaded => html! {
            <main class="alone"><Logo /><p role="status">{ words.connecting }</p></main>
        },
        AccessState::Joined => html! { <Connected {route} /> },
        AccessState::Refused(ErrorCode::Banned) => html! { <Banned to={href(&route)} /> },
        AccessState::NotJoined | AccessState::SignedOut | AccessState::Refused(_) => {
            html! { <JoinPage to={route} /> }
        }
    }
}

/// Connects the store for as long as a route behind the join page is shown.
#[component(Connected)]
fn connected(props: &InsideProps) -> Html {
    let store = use_store();
    use_focus_fallback();
    use_effect_with((), move |()| {
        history::begin();
        store.enter();
        move || store.leave()
    });
    match &props.route {
        Route::Room { name } => html! { <RoomPage name={name.clone()} /> },
        Route::Message { name, n } => html! { <RoomPage name={name.clone()} n={*n} /> },
        Route::AdminTab(tab) => html! { <AdminPage tab={*tab} /> },
        Route::Join | Route::Rooms | Route::Admin => html! {},
    }
}

/// Opens links with a secret. In a tab that shows this page already, such a link changes only the fragment.
fn follow_links() -> EventListener {
    EventListener::new(&browser::window(), "hashchange", |_| {
        if link_secrets::take_from_address().is_some() {
            browser::go_home();
        }
    })
}

/// Gives the style sheet the height above the on-screen keyboard, which iOS lays over the page instead of
/// shrinking it. In other browsers it is the window's height and changes nothing.
fn keep_above_keyboard() -> Option<EventListener> {
    let viewport = browser::window().visual_viewport()?;
    let fit = {
        let viewport = viewport.clone();
        move || {
            let Some(root) = browser::root() else { return };
            // A page that is zoomed in is smaller in view as well, but should not be laid out anew.
            if (viewport.scale() - 1.0).abs() < 0.01 {
                let height = viewport.height().floor() as u32;
                let _ = root.style().set_property("--view", &format!("{height}px"));
                browser::window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        }
    };
    fit();
    Some(EventListener::new(&viewport, "resize", move |_| fit()))
}
