//! The page's addresses.

use yew_router::prelude::*;

/// A place in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Routable)]
pub(crate) enum Route {
    /// Where one says who one is.
    #[at("/")]
    Join,
    /// The room that everybody comes into.
    #[at("/rooms/lobby")]
    Lobby,
    /// Anything else leads to the door.
    #[not_found]
    #[at("/404")]
    Nowhere,
}
