//! Opens a direct conversation as soon as its room is known.

use yew::prelude::*;

use crate::{
    features::room_list::use_go,
    store::{OpenDirect, use_selected, use_store},
};

/// Shows the conversation that was opened. Calls `on_go` afterwards.
#[hook]
pub(crate) fn use_open_direct(on_go: Callback<()>) {
    let store = use_store();
    let go = use_go();
    let found = use_selected(|state| match &state.open_direct {
        OpenDirect::Found(room) => Some(room.clone()),
        _ => None,
    });
    use_effect_with(found, move |found| {
        let address = found.as_ref().and_then(|room| store.state().address(room));
        if let Some(address) = address {
            store.clear_open_direct();
            go.emit(address);
            on_go.emit(());
        }
    });
}
