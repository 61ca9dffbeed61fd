//! Direct conversations: the list of one's own, choosing people, and going where one talks with them.

mod button;
mod chooser;
mod faces;
mod go;
mod list;
mod new;

pub(crate) use self::{
    button::{DirectButton, DirectRefused},
    chooser::Chooser,
    go::use_open_direct,
    list::DirectList,
    new::NewDirect,
};
