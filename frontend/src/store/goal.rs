//! The message that the address names: how far one is on the way to it, and where the view is to go.

use snug_shared::{
    api::Excerpt,
    ids::{Epoch, Position, RoomId},
    messages::Page,
    text::RoomName,
};

use super::{Older, Spot, State, Store};
use crate::client::http::{self, Failure};

/// How far one is on the way to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// To be asked for as soon as one is in the room and connected, unless it is loaded.
    Wanted,
    Asked,
    Failed,
    /// The room is not so long.
    Missing,
    Found,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    pub(crate) n: Position,
    pub(crate) progress: Progress,
    /// Where one has scrolled to from there. Where one was in the room itself is kept beside it, for the way back.
    pub(super) spot: Option<Spot>,
}

impl Goal {
    fn new(n: Position) -> Self {
        Self {
            n,
            progress: Progress::Wanted,
            spot: None,
        }
    }

    fn is_open(&self) -> bool {
        !matches!(self.progress, Progress::Missing | Progress::Found)
    }
}

/// Where the view is to go, until it has gone there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Going {
    Newest,
    Spot(Spot),
    Message(Position),
}

impl State {
    /// Whether it is open yet where the message is that the address names.
    pub(crate) fn is_finding(&self) -> bool {
        self.goal.as_ref().is_some_and(Goal::is_open)
    }

    pub(crate) fn progress(&self) -> Option<Progress> {
        self.goal.as_ref().map(|goal| goal.progress)
    }

    /// Whether the address is this one.
    pub(crate) fn is_at(&self, name: &RoomName, n: Option<Position>) -> bool {
        self.name == *name && self.goal.as_ref().map(|goal| goal.n) == n
    }

    /// Whether the address is that of this message in the room that is shown.
    pub(crate) fn is_at_message(&self, n: Position) -> bool {
        self.room.is_some() && self.goal.as_ref().is_some_and(|goal| goal.n == n)
    }

    /// The address names another message, or none.
    pub(super) fn aim(&mut self, n: Option<Position>, same_room: bool) {
        let came_from = self.goal.take();
        self.going = None;
        self.goal = n.map(Goal::new);
        if !same_room || n.is_none() {
            self.drop_elsewhere();
        }
        if same_room && n.is_none() && came_from.is_some() {
            self.going = Some(self.spot().map_or(Going::Newest, Going::Spot));
        }
    }

    /// Whatever one looked for or at, it is the newest end now.
    pub(super) fn back_to_newest(&mut self) {
        self.goal = None;
        self.going = Some(Going::Newest);
        self.drop_elsewhere();
        if let Some(view) = self.view_mut() {
            view.spot = None;
        }
    }

    /// Goes to the message if it is loaded, be it by the connection while it is asked for.
    pub(super) fn look_for_goal(&mut self) {
        let (Some(goal), Some(id)) = (&mut self.goal, &self.room) else {
            return;
        };
        let Some(room) = self.replica.room(id) else { return };
        let live = room.timeline.has(goal.n);
        let n = goal.n;
        let is_there = || (room.timeline.messages().chain(room.shown().messages())).any(|it| it.n == n);
        if !goal.is_open() {
            // It was said meanwhile, and is not deleted. Whoever has gone on to something else is not called back.
            if live && is_there() {
                goal.progress = Progress::Found;
            }
            return;
        }
        if live || room.shown().has(goal.n) {
            goal.progress = if is_there() {
                Progress::Found
            } else {
                Progress::Missing
            };
            self.going = Some(Going::Message(goal.n));
        }
        if live {
            self.drop_elsewhere();
        }
    }

    /// What is to be asked for now.
    fn question(&mut self) -> Option<(RoomId, Position)> {
        let goal = self
            .goal
            .as_mut()
            .filter(|goal| goal.progress == Progress::Wanted)?;
        let room = self.room.clone().filter(|_| self.replica.is_live())?;
        goal.progress = Progress::Asked;
        Some((room, goal.n))
    }

    fn answered(&mut self, room: &RoomId, n: Position, epoch: Option<&Epoch>, answer: Result<Page, Failure>) {
        let asked = |goal: &Goal| (goal.n, goal.progress) == (n, Progress::Asked);
        if !self.goal.as_ref().is_some_and(asked) || self.room.as_ref() != Some(room) {
            return;
        }
        let progress = match answer {
            _ if self.replica.epoch() != epoch => Progress::Wanted,
            Ok(page) if Excerpt::Around(n).is_answered_by(&page) => {
                self.replica.around(page);
                // Unless it is there now.
                Progress::Failed
            }
            Ok(_) => {
                self.drop_elsewhere();
                self.going = Some(Going::Newest);
                Progress::Missing
            }
            Err(_) => Progress::Failed,
        };
        if let Some(goal) = &mut self.goal {
            goal.progress = progress;
        }
        if let Some(view) = self.view_mut() {
            (view.older, view.newer) = (Older::Idle, Older::Idle);
        }
    }

    /// A welcome. In another log the message is another one, at another place.
    pub(super) fn look_again(&mut self, epoch: &Epoch) {
        let another = self.replica.epoch().is_some_and(|it| it != epoch);
        if let Some(goal) = &mut self.goal
            && (another || goal.progress == Progress::Failed)
        {
            goal.progress = Progress::Wanted;
        }
    }

    /// What one has gone to may have lost something that was not told: it is asked for again, and stays until then.
    pub(super) fn freshen(&mut self) {
        let stale = self.here().is_some_and(|room| room.stale);
        if let Some(goal) = self.goal.as_mut().filter(|_| stale)
            && goal.progress == Progress::Found
        {
            goal.progress = Progress::Wanted;
        }
    }

    fn drop_elsewhere(&mut self) {
        if let Some(room) = &self.room {
            self.replica.newest(room);
        }
    }
}

impl Store {
    /// Goes to the message that the address names once more.
    pub(crate) fn find_again(&self) {
        self.ask(|state| {
            if let Some(goal) = &mut state.goal {
                goal.progress = Progress::Wanted;
            }
            Vec::new()
        });
    }

    /// Goes back to the newest end of the room that is shown.
    pub(crate) fn to_newest(&self) {
        self.change(|state| {
            state.back_to_newest();
            state.revision += 1;
        });
    }

    /// The view is where it was to go.
    pub(crate) fn arrived(&self) {
        self.change(|state| state.going = None);
    }

    /// Asks for the message that the address names, if it is time to.
    pub(super) fn find(&self) {
        let question = self.state.borrow_mut().question();
        let (Some((room, n)), Some(store)) = (question, self.this.upgrade()) else {
            return;
        };
        let epoch = self.state().replica.epoch().cloned();
        wasm_bindgen_futures::spawn_local(async move {
            let answer = http::page(&room, Excerpt::Around(n)).await;
            store.ask(|state| {
                state.answered(&room, n, epoch.as_ref(), answer);
                Vec::new()
            });
        });
    }
}
