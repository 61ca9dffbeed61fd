//! The parts of every list of rooms or conversations: titles, order, unread badges and links.

mod link;
mod room_order;
mod room_title;
mod unread_badge;

pub(crate) use self::{
    link::{RoomLink, use_go},
    room_order::{RoomItem, neighbour, room_items, sort_rooms},
    room_title::{RoomTitle, names, use_marked_title, use_room_title},
    unread_badge::UnreadBadge,
};
