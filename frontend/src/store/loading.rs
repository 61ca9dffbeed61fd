//! Loads more messages at either end of what is shown.

use snug_shared::{
    api::HistoryQuery,
    ids::{Position, RoomId},
};

use super::{LoadState, State, Store, view::View};
use crate::client::http;

impl State {
    /// Returns the query for earlier messages, if there are any.
    fn before(&self) -> Option<HistoryQuery> {
        let after = self.current_room()?.shown().after();
        (after > Position::START).then_some(HistoryQuery::Before(after.next()))
    }

    /// Returns the query for later messages, in a view away from the newest end.
    fn after(&self) -> Option<HistoryQuery> {
        let room = self.current_room()?;
        let cursor = room.elsewhere.as_ref()?.cursor();
        (cursor < room.head()).then_some(HistoryQuery::After(cursor))
    }
}

impl Store {
    /// Loads a page of earlier messages.
    pub(crate) fn load_older(&self) {
        let excerpt = self.state().before();
        self.load(excerpt, |view| &mut view.older);
    }

    /// Loads a page of later messages.
    pub(crate) fn load_newer(&self) {
        let excerpt = self.state().after();
        self.load(excerpt, |view| &mut view.newer);
    }

    /// Loads a page, and records the state of loading at one end of the view.
    fn load(&self, excerpt: Option<HistoryQuery>, end: fn(&mut View) -> &mut LoadState) {
        let room = self.state().room.clone();
        let (Some(excerpt), Some(room), Some(store)) = (excerpt, room, self.this.upgrade()) else {
            return;
        };
        let set = move |state: &mut State, room: &RoomId, to: LoadState| {
            if let Some(view) = state.views.get_mut(room) {
                *end(view) = to;
            }
        };
        let loading = self.state.borrow_mut().view_mut().map(|view| *end(view));
        if loading.is_none_or(|it| it == LoadState::Loading) {
            return;
        }
        let epoch = self.state().replica.epoch().cloned();
        self.update(|state| set(state, &room, LoadState::Loading));
        wasm_bindgen_futures::spawn_local(async move {
            let answer = http::page(&room, excerpt).await;
            store.update(|state| match answer {
                // A page that does not fit counts as failed: it would be requested again and again.
                Ok(page) if excerpt.is_answered_by(&page) && state.replica.epoch() == epoch.as_ref() => {
                    match excerpt {
                        HistoryQuery::After(_) => state.replica.newer(page),
                        _ => state.replica.older(page),
                    }
                    set(state, &room, LoadState::Idle);
                    state.revision += 1;
                }
                _ => set(state, &room, LoadState::Failed),
            });
        });
    }
}
