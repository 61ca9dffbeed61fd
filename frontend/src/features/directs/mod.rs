//! Direct conversations: the list of the user's own, choosing participants, and opening one.

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
