//! Jumps to the message that the address names, and controls where the view scrolls.

use snug_shared::{
    api::HistoryQuery,
    ids::{Epoch, Position, RoomId},
    messages::Page,
    text::RoomName,
};

use super::{
    LoadState, State, Store,
    view::{JumpState, JumpTarget, ScrollTarget},
};
use crate::client::http::{self, Failure};

impl State {
    /// Returns whether a jump has neither found its message nor found it missing.
    pub(crate) fn is_jumping(&self) -> bool {
        self.jump.as_ref().is_some_and(JumpTarget::is_open)
    }

    /// Returns the state of the jump, if the address names a message.
    pub(crate) fn jump_state(&self) -> Option<JumpState> {
        self.jump.as_ref().map(|jump| jump.state)
    }

    /// Returns whether the address names this room and message.
    pub(crate) fn is_at(&self, name: &RoomName, n: Option<Position>) -> bool {
        self.name == *name && self.jump.as_ref().map(|jump| jump.n) == n
    }

    /// Returns whether the address names this message of the room that is shown.
    pub(crate) fn is_at_message(&self, n: Position) -> bool {
        self.room.is_some() && self.jump.as_ref().is_some_and(|jump| jump.n == n)
    }

    /// Sets the message to jump to, or none. Without one the view returns to its position in the room.
    pub(super) fn set_jump(&mut self, n: Option<Position>, same_room: bool) {
        let before = self.jump.take();
        self.scroll_target = None;
        self.jump = n.map(JumpTarget::new);
        if !same_room || n.is_none() {
            self.drop_detached();
        }
        if same_room && n.is_none() && before.is_some() {
            self.scroll_target = Some(self.spot().map_or(ScrollTarget::Newest, ScrollTarget::Spot));
        }
    }

    /// Ends the jump and scrolls to the newest message.
    pub(super) fn back_to_newest(&mut self) {
        self.jump = None;
        self.scroll_target = Some(ScrollTarget::Newest);
        self.drop_detached();
        if let Some(view) = self.view_mut() {
            view.spot = None;
        }
    }

    /// Scrolls to the message if it is loaded, whether by the request or by the connection.
    pub(super) fn resolve_jump(&mut self) {
        let (Some(jump), Some(id)) = (&mut self.jump, &self.room) else {
            return;
        };
        let Some(room) = self.replica.room(id) else { return };
        let live = room.timeline.has(jump.n);
        let n = jump.n;
        let is_there = || (room.timeline.messages().chain(room.shown().messages())).any(|it| it.n == n);
        if !jump.is_open() {
            // The message has arrived since and is not deleted. The view does not scroll back to it.
            if live && is_there() {
                jump.state = JumpState::Found;
            }
            return;
        }
        if live || room.shown().has(jump.n) {
            jump.state = if is_there() {
                JumpState::Found
            } else {
                JumpState::Missing
            };
            self.scroll_target = Some(ScrollTarget::Message(jump.n));
        }
        if live {
            self.drop_detached();
        }
    }

    /// Returns the page to request now, and marks it as loading.
    fn next_query(&mut self) -> Option<(RoomId, Position)> {
        let jump = self
            .jump
            .as_mut()
            .filter(|jump| jump.state == JumpState::Pending)?;
        let room = self.room.clone().filter(|_| self.replica.is_live())?;
        jump.state = JumpState::Loading;
        Some((room, jump.n))
    }

    /// Applies the answer to the request for the page around a message.
    fn on_jump_page(
        &mut self,
        room: &RoomId,
        n: Position,
        epoch: Option<&Epoch>,
        answer: Result<Page, Failure>,
    ) {
        let asked = |jump: &JumpTarget| (jump.n, jump.state) == (n, JumpState::Loading);
        if !self.jump.as_ref().is_some_and(asked) || self.room.as_ref() != Some(room) {
            return;
        }
        let outcome = match answer {
            _ if self.replica.epoch() != epoch => JumpState::Pending,
            Ok(page) if HistoryQuery::Around(n).is_answered_by(&page) => {
                self.replica.around(page);
                // `resolve_jump` corrects it if the page has the message.
                JumpState::Failed
            }
            Ok(_) => {
                self.drop_detached();
                self.scroll_target = Some(ScrollTarget::Newest);
                JumpState::Missing
            }
            Err(_) => JumpState::Failed,
        };
        if let Some(jump) = &mut self.jump {
            jump.state = outcome;
        }
        if let Some(view) = self.view_mut() {
            (view.older, view.newer) = (LoadState::Idle, LoadState::Idle);
        }
    }

    /// Retries a failed jump after a welcome. In another log, any jump: its position names another message
    /// there.
    pub(super) fn retry_failed_jump(&mut self, epoch: &Epoch) {
        let another = self.replica.epoch().is_some_and(|it| it != epoch);
        if let Some(jump) = &mut self.jump
            && (another || jump.state == JumpState::Failed)
        {
            jump.state = JumpState::Pending;
        }
    }

    /// Reloads the page around the message if it may have missed a deletion. The page stays until then.
    pub(super) fn refresh_stale_jump(&mut self) {
        let stale = self.current_room().is_some_and(|room| room.stale);
        if let Some(jump) = self.jump.as_mut().filter(|_| stale)
            && jump.state == JumpState::Found
        {
            jump.state = JumpState::Pending;
        }
    }

    /// Drops the stretch of messages away from the newest end.
    fn drop_detached(&mut self) {
        if let Some(room) = &self.room {
            self.replica.newest(room);
        }
    }
}

impl Store {
    /// Jumps to the message that the address names once more.
    pub(crate) fn retry_jump(&self) {
        self.update_with_effects(|state| {
            if let Some(jump) = &mut state.jump {
                jump.state = JumpState::Pending;
            }
            Vec::new()
        });
    }

    /// Scrolls to the newest message of the room that is shown.
    pub(crate) fn jump_to_newest(&self) {
        self.update(|state| {
            state.back_to_newest();
            state.revision += 1;
        });
    }

    /// Clears the scroll target once the view has reached it.
    pub(crate) fn on_scroll_target_reached(&self) {
        self.update(|state| state.scroll_target = None);
    }

    /// Requests the page around the message that the address names, if it is due.
    pub(super) fn load_jump_target(&self) {
        let query = self.state.borrow_mut().next_query();
        let (Some((room, n)), Some(store)) = (query, self.this.upgrade()) else {
            return;
        };
        let epoch = self.state().replica.epoch().cloned();
        wasm_bindgen_futures::spawn_local(async move {
            let answer = http::page(&room, HistoryQuery::Around(n)).await;
            store.update_with_effects(|state| {
                state.on_jump_page(&room, n, epoch.as_ref(), answer);
                Vec::new()
            });
        });
    }
}
