//! What knows nothing of chat.

mod avatar;
mod choice;
mod copy;
mod countdown;
mod dialog;
mod drawer;
mod face;
mod icon;
mod media;
mod password;
mod portal;
mod qr;
mod refuge;
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
pub(crate) use media::use_media;
pub(crate) use portal::Portal;
pub(crate) use refuge::use_refuge;
