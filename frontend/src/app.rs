//! The page: preferences, store, and what stands at each address.

use gloo_events::EventListener;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    browser,
    client::saving,
    features::{join::JoinPage, room::RoomPage, settings::PushPresses},
    prefs::{Prefs, PrefsHandle},
    route::Route,
    store::{Shared, Store},
};

#[component(App)]
pub(crate) fn app() -> Html {
    let prefs = use_reducer(Prefs::remembered);
    let store = use_state(|| Shared(Store::new()));
    use_effect_with((*prefs).clone(), |prefs| prefs.apply());
    use_effect_with((), |()| {
        let listener = keep_above_keyboard();
        move || drop(listener)
    });
    html! {
        <ContextProvider<PrefsHandle> context={prefs}>
            <ContextProvider<Shared> context={(*store).clone()}>
                <BrowserRouter>
                    <PushPresses />
                    <Switch<Route> render={page} />
                </BrowserRouter>
            </ContextProvider<Shared>>
        </ContextProvider<PrefsHandle>>
    }
}

fn page(route: Route) -> Html {
    match route {
        Route::Join => html! { <JoinPage to={Route::lobby()} /> },
        Route::Room { name } if saving::profile().is_some() => html! { <RoomPage {name} /> },
        Route::Room { .. } => html! { <JoinPage to={route} /> },
        Route::Rooms => html! { <Redirect<Route> to={Route::lobby()} /> },
        Route::Nowhere => html! { <Redirect<Route> to={Route::Join} /> },
    }
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
