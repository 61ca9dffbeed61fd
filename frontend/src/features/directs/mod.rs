//! Direct conversations: the list of one's own, choosing people, and going where one talks with them.

mod button;
mod chooser;
mod faces;
mod go;
mod list;
mod new;

pub(crate) use self::{
    button::{TalkButton, TalkRefused},
    chooser::Chooser,
    go::use_talks,
    list::DirectList,
    new::NewDirect,
};
