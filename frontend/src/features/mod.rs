//! The features of the page: one folder for each, with its style in `styles/<feature>.css`.

pub(crate) mod admin;
pub mod composer;
pub(crate) mod connection;
pub(crate) mod directs;
pub(crate) mod join;
pub(crate) mod notifications;
pub(crate) mod passkeys;
pub(crate) mod profile;
pub(crate) mod request;
pub(crate) mod room;
pub(crate) mod room_list;
pub(crate) mod rooms;
pub(crate) mod roster;
pub(crate) mod settings;
pub(crate) mod status;
pub mod timeline;
pub(crate) mod typing;
