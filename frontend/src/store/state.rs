//! What components select from.

use std::collections::BTreeMap;

use snug_shared::{
    ids::{Position, RoomId},
    replica::{Ask, Replica, Room},
    rooms::RoomInfo,
    text::RoomName,
    wire::ServerFrame,
};

use super::{
    door::Door,
    errands::Errands,
    view::{Older, Spot, View},
};
use crate::{
    browser,
    client::{
        Link,
        saving::{self, Person},
    },
};

/// See the module.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) replica: Replica,
    /// Whose it is, as far as this browser remembers.
    pub(crate) person: Option<Person>,
    pub(crate) door: Door,
    /// What the address says: the name of the room that is shown.
    pub(crate) name: RoomName,
    /// That room, if one is in it.
    pub(crate) room: Option<RoomId>,
    /// The room that was shown when one ceased to be in it, until one goes on to another than the lobby.
    pub(crate) left: Option<RoomName>,
    pub(crate) errands: Errands,
    pub(crate) link: Link,
    pub(crate) online: bool,
    pub(crate) visible: bool,
    /// Whether the room is what the page shows, and not the house.
    pub(super) looking: bool,
    /// Grows whenever messages or pending ones may have changed.
    pub(crate) revision: u64,
    /// Grows whenever who is online may have changed.
    pub(crate) comings: u64,
    /// Grows with everything one says.
    pub(crate) said: u64,
    pub(super) views: BTreeMap<RoomId, View>,
}

impl State {
    pub(super) fn new(replica: Replica, person: Option<Person>) -> Self {
        let lobby = RoomId::lobby();
        Self {
            replica,
            person,
            door: saving::profile().map_or(Door::Outside, |_| Door::Inside),
            name: RoomName::lobby(),
            views: BTreeMap::from([(lobby.clone(), View::default())]),
            room: Some(lobby),
            left: None,
            errands: Errands::default(),
            link: Link::Off,
            online: browser::is_online(),
            visible: browser::is_visible(),
            looking: false,
            revision: 0,
            comings: 0,
            said: 0,
        }
    }

    /// The room that is shown.
    pub(crate) fn here(&self) -> Option<&Room> {
        self.replica.room(self.room.as_ref()?)
    }

    /// Whether one is at the newest end of what is shown.
    pub(crate) fn is_at_bottom(&self) -> bool {
        self.spot().is_none()
    }

    /// Where one is in what is shown, if that is not the newest end.
    pub(crate) fn spot(&self) -> Option<Spot> {
        self.view()?.spot
    }

    /// Where the new messages begin in what is shown.
    pub(crate) fn line(&self) -> Option<Position> {
        self.view()?.reading.line()
    }

    pub(crate) fn older(&self) -> Older {
        self.view().map_or(Older::Idle, |view| view.older)
    }

    /// How many messages of others one has not read in a room.
    pub(crate) fn unread(&self, id: &RoomId) -> usize {
        let (Some(view), Some(room)) = (self.views.get(id), self.replica.room(id)) else {
            return 0;
        };
        if self.room.as_ref() == Some(id) {
            return view.reading.unread();
        }
        view.reading
            .waiting(room, self.replica.you().map(|you| &you.chat_id))
    }

    /// How many there are in the rooms that are not shown.
    pub(crate) fn unread_elsewhere(&self) -> usize {
        let rooms = self.replica.rooms().map(|(id, _)| id);
        rooms
            .filter(|id| self.room.as_ref() != Some(id))
            .map(|id| self.unread(id))
            .sum()
    }

    fn view(&self) -> Option<&View> {
        self.views.get(self.room.as_ref()?)
    }

    /// Whether one is looking at the newest message that there is. While the page is catching up,
    /// nobody has seen what has yet to come.
    pub(super) fn attentive(&self) -> bool {
        let caught_up = |room: &Room| room.timeline.cursor() >= room.head();
        self.visible
            && self.looking
            && self.is_at_bottom()
            && self.replica.is_live()
            && self.here().is_some_and(caught_up)
    }

    /// The address names another room.
    pub(super) fn go_to(&mut self, name: RoomName) {
        if self.left.as_ref() != Some(&self.name) {
            self.left = None;
        }
        self.name = name;
    }

    /// Shows the room that the address names, as soon as one is in it.
    pub(super) fn follow(&mut self) -> Vec<Ask> {
        let named = |(id, room): &(&RoomId, &Room)| match &room.info {
            Some(info) => info.name == self.name,
            // Not welcomed yet.
            None => **id == RoomId::lobby() && self.name == RoomName::lobby(),
        };
        let room = self.replica.rooms().find(named).map(|(id, _)| id.clone());
        if room != self.room {
            let before = self.room.take();
            if let Some(view) = before.and_then(|before| self.views.get_mut(&before)) {
                view.reading.line_is_old();
            }
            self.room = room;
        }
        match &self.room {
            Some(room) => self.replica.open(room),
            None => Vec::new(),
        }
    }

    pub(super) fn apply(&mut self, frame: ServerFrame) -> Vec<Ask> {
        let again = self.errands.apply(&frame);
        match &frame {
            ServerFrame::Welcome(welcome) => {
                let in_it = |id: &RoomId| welcome.rooms.iter().any(|info| info.room == *id);
                self.views.retain(|id, _| in_it(id));
                for info in &welcome.rooms {
                    self.heard_of(info);
                    if let Some(view) = self.views.get_mut(&info.room) {
                        view.older = Older::Idle;
                    }
                }
            }
            ServerFrame::Room(info) => self.heard_of(info),
            ServerFrame::LeftRoom { room } => {
                self.views.remove(room);
                if self.room.as_ref() == Some(room) {
                    self.left = Some(self.name.clone());
                }
            }
            _ => {}
        }
        let mut asks: Vec<Ask> = again.into_iter().map(Ask::Send).collect();
        asks.extend(self.replica.apply(frame));
        asks
    }

    fn heard_of(&mut self, info: &RoomInfo) {
        let told = self.replica.room(&info.room).and_then(|room| room.read);
        let view = self.views.entry(info.room.clone()).or_default();
        view.heard_of(info, told);
    }

    /// Whether this page has read what the server does not know of.
    pub(super) fn has_read_on(&self) -> bool {
        let told = |id| self.replica.room(id).and_then(|room| room.read);
        self.views
            .iter()
            .any(|(id, view)| view.reading.read() != told(id))
    }

    /// Tells it.
    pub(super) fn tell_what_was_read(&mut self) -> Vec<Ask> {
        let read = self
            .views
            .iter()
            .filter_map(|(id, view)| Some((id, view.reading.read()?)));
        read.flat_map(|(id, n)| self.replica.read(id, n)).collect()
    }

    /// Takes in what one sees after a change. `before` is the room that one saw to its end before it.
    pub(super) fn observe(&mut self, before: Option<RoomId>) {
        let now = self.attentive();
        let Some(id) = &self.room else { return };
        let (Some(room), Some(view)) = (self.replica.room(id), self.views.get_mut(id)) else {
            return;
        };
        let me = self.replica.you().map(|you| &you.chat_id);
        view.reading
            .observe(&room.timeline, me, before.as_ref() == Some(id), now);
    }
}
