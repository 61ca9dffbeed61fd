//! The timeline of a room: its messages, and those that are not sent yet.

mod actions;
mod busy;
mod copy;
mod delete;
mod fold;
mod grouping;
mod highlight;
mod jump_banner;
mod jump_to_newest;
mod keep_focus;
mod log;
mod mention;
mod message_text;
mod missed;
mod newer;
mod older;
mod pending;
mod row;
mod scroll;
mod text_segments;
mod time_zone;
mod unsent;

pub use self::message_text::{MessageText, MessageTextProps};
pub(crate) use self::{log::Timeline, unsent::Unsent};
