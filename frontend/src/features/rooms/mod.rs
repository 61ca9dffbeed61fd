//! Rooms: the list of one's own, going between them, finding, opening, joining and leaving them.

mod about;
mod button;
mod directory;
mod draft;
mod errand;
mod keys;
mod link;
mod list;
mod new;
mod order;
mod outside;
mod search;
mod waits;

pub(crate) use self::{
    about::{About, use_topic},
    button::RoomsButton,
    directory::Directory,
    keys::use_room_keys,
    list::RoomList,
    new::NewRoom,
    outside::Outside,
};
