//! Hooks by which components read the store.

use std::{ops::Deref, rc::Rc};

use snug_shared::{
    error_code::ErrorCode,
    ids::{Key, RoomId},
    wire::ClientFrame,
};
use yew::prelude::*;

use super::{RequestState, State, Store};

/// The store as a context: the same one for the page's whole life.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Rc<Store>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Shared {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.0
    }
}

/// Returns the store.
#[hook]
pub(crate) fn use_store() -> Shared {
    use_context().expect("the app provides the store")
}

/// Returns the part of the state that `select` returns. The component renders again when that has changed.
/// `select` is stored for the component's whole life, so it must not capture values that change.
#[hook]
pub(crate) fn use_selected<T, F>(select: F) -> T
where
    T: Clone + PartialEq + 'static,
    F: Fn(&State) -> T + 'static,
{
    let store = use_store();
    let value = select(&store.state());
    let shown = use_mut_ref(|| value.clone());
    *shown.borrow_mut() = value.clone();
    use_rerender_when(store, Box::new(move |state| select(state) != *shown.borrow()));
    value
}

/// A change that a component asks the server for, see [`use_server_request`].
#[derive(Clone)]
pub(crate) struct ServerRequest {
    store: Shared,
    key: UseStateHandle<Option<Key>>,
    /// Whether there is a connection. Without one a request is sent later.
    pub(crate) live: bool,
    state: Option<RequestState>,
}

impl ServerRequest {
    /// Starts the request. `frame` builds its frame with the key.
    pub(crate) fn send(&self, frame: impl FnOnce(Option<String>) -> ClientFrame) {
        self.key.set(Some(self.store.request(frame)));
    }

    /// Dismisses the answer, or the interest in it.
    pub(crate) fn dismiss(&self) {
        self.key.set(None);
    }

    /// Returns whether the server has yet to answer.
    pub(crate) fn pending(&self) -> bool {
        self.state == Some(RequestState::Pending)
    }

    /// Returns whether the server has carried it out.
    pub(crate) fn done(&self) -> bool {
        matches!(self.state, Some(RequestState::Done(_)))
    }

    /// Returns the room that the request has created.
    pub(crate) fn room(&self) -> Option<&RoomId> {
        match &self.state {
            Some(RequestState::Done(room)) => room.as_ref(),
            _ => None,
        }
    }

    /// Returns why the server has refused it.
    pub(crate) fn refused(&self) -> Option<ErrorCode> {
        match self.state {
            Some(RequestState::Refused(code)) => Some(code),
            _ => None,
        }
    }
}

/// Returns the component's last request. When the component unmounts, the answer is dismissed; the request is carried out all the
/// same.
#[hook]
pub(crate) fn use_server_request() -> ServerRequest {
    let store = use_store();
    let key = use_state_eq(|| None::<Key>);
    let (live, requests) = use_selected(|state| (state.replica.is_live(), state.requests.clone()));
    {
        let store = store.clone();
        use_effect_with((*key).clone(), move |key| {
            let key = key.clone();
            move || {
                if let Some(key) = key {
                    store.forget_request(&key);
                }
            }
        });
    }
    let state = key.as_ref().and_then(|key| requests.state(key).cloned());
    ServerRequest {
        store,
        key,
        live,
        state,
    }
}

/// Renders the component again when `differs` returns true. Boxed, since code that is compiled for every selection
/// separately makes the page larger.
#[hook]
fn use_rerender_when(store: Shared, differs: Box<dyn Fn(&State) -> bool>) {
    let update = use_force_update();
    use_effect_with(store, move |store| {
        let listener = {
            let store = store.clone();
            Rc::new(move || {
                if differs(&store.state()) {
                    update.force_update();
                }
            })
        };
        // The state may have changed between the rendering and now.
        listener();
        let subscription = store.subscribe(listener);
        move || drop(subscription)
    });
}
