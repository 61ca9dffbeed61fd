//! Hooks by which components read the store.

use std::{ops::Deref, rc::Rc};

use yew::prelude::*;

use super::{State, Store};

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
