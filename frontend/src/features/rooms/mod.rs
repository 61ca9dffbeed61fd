//! Rooms: the list of the user's own, switching between them, finding, opening, joining and leaving them.

mod about;
mod archived_notice;
mod blocking;
mod button;
mod delete;
mod directory;
mod draft;
mod edit;
mod keys;
mod leave;
mod link;
mod list;
mod member;
mod members;
mod muted;
mod new;
mod not_a_member;
mod request_status;
mod room_lookup;
mod room_order;
mod room_title;
mod search;
mod slow;
mod unread_badge;

pub(crate) use self::{
    about::{About, use_topic},
    archived_notice::ArchivedNotice,
    button::RoomsButton,
    directory::Directory,
    keys::use_room_keys,
    link::{RoomLink, use_go},
    list::RoomList,
    muted::{Muted, at_what_time, use_muted},
    new::NewRoom,
    not_a_member::NotAMember,
    room_order::{RoomItem, room_items, sort_rooms},
    room_title::{RoomTitle, names, use_marked_title, use_room_title},
    unread_badge::UnreadBadge,
};
