//! Rooms: the list of one's own, going between them, finding, opening, joining and leaving them.

mod about;
mod archived;
mod blocking;
mod button;
mod called;
mod delete;
mod directory;
mod draft;
mod edit;
mod find;
mod keys;
mod link;
mod list;
mod member;
mod members;
mod muted;
mod new;
mod order;
mod out;
mod outside;
mod request_status;
mod search;
mod slow;
mod waits;

pub(crate) use self::{
    about::{About, use_topic},
    archived::Archived,
    button::RoomsButton,
    called::{Called, names, use_called, use_marked},
    directory::Directory,
    keys::use_room_keys,
    link::{RoomLink, use_go},
    list::RoomList,
    muted::{Muted, at_what_time, use_muted},
    new::NewRoom,
    order::{Place, places, sort},
    outside::Outside,
    waits::Waits,
};
