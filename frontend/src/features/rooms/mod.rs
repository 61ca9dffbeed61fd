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
mod list;
mod member;
mod members;
mod muted;
mod new;
mod not_a_member;
mod room_lookup;
mod search;
mod slow;

pub(crate) use self::{
    about::{About, use_topic},
    archived_notice::ArchivedNotice,
    button::RoomsButton,
    directory::Directory,
    keys::use_room_keys,
    list::RoomList,
    muted::{Muted, at_what_time, use_muted},
    new::NewRoom,
    not_a_member::NotAMember,
};
