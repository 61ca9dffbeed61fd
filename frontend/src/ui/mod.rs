//! The components and hooks that do not depend on the chat.

mod avatar;
mod choice;
mod copy;
mod countdown;
mod dialog;
mod drawer;
mod face;
mod focus_fallback;
mod icon;
mod media;
mod password;
mod portal;
mod qr;
mod search;

pub use self::{
    avatar::AvatarPicture,
    choice::Choices,
    copy::CopyField,
    dialog::Dialog,
    drawer::{Drawer, DrawerProps, Side},
    icon::{Icon, IconPicture, Logo},
    password::{PasswordField, PasswordProps},
    qr::QrPicture,
    search::SearchField,
};
pub(crate) use countdown::use_countdown;
pub(crate) use focus_fallback::use_focus_fallback;
pub(crate) use media::use_media;
pub(crate) use portal::Portal;
