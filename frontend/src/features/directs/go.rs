//! Going where one talks with somebody, as soon as it is known where that is.

use yew::prelude::*;

use crate::{
    features::rooms::use_go,
    store::{Talk, use_selected, use_store},
};

/// For as long as the room's page is there. `on_go` hears that one has gone.
#[hook]
pub(crate) fn use_talks(on_go: Callback<()>) {
    let store = use_store();
    let go = use_go();
    let found = use_selected(|state| match &state.talk {
        Talk::Found(room) => Some(room.clone()),
        _ => None,
    });
    use_effect_with(found, move |found| {
        let address = found.as_ref().and_then(|room| store.state().address(room));
        if let Some(address) = address {
            store.forget_talk();
            go.emit(address);
            on_go.emit(());
        }
    });
}
