//! What was said in a room, and what is yet to be sent.

mod actions;
mod busy;
mod copy;
mod delete;
mod finding;
mod fold;
mod jump;
mod kept;
mod log;
mod mention;
mod missed;
mod newer;
mod older;
mod pending;
mod plan;
mod row;
mod scroll;
mod sought;
mod text;
mod unsent;
mod words;
mod zone;

pub use self::words::{Said, SaidProps};
pub(crate) use self::{log::Timeline, unsent::Unsent};
