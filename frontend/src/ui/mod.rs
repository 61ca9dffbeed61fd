//! What knows nothing of chat.

mod avatar;
mod choice;
mod dialog;
mod drawer;
mod face;
mod icon;
mod media;
mod password;

pub use self::{
    avatar::AvatarPicture,
    choice::Choices,
    dialog::Dialog,
    drawer::{Drawer, DrawerProps, Side},
    icon::{Icon, IconPicture, Lamp},
    password::PasswordField,
};
pub(crate) use media::use_media;
