//! What a connection tells of how its person stands: writing, away, with another status. None of it is for
//! the log.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use snug_shared::{code::Code, ids::RoomId, status::Status, wire::ClientFrame};

use crate::{
    config::Rate,
    hub::{Allowance, Seat, allowance},
};

/// How often a connection may tell that its person is writing. No setting: the page needs a third of one a
/// second.
const TYPING: Rate = Rate {
    per_second: NonZeroU32::new(2).unwrap(),
    burst: NonZeroU32::new(10).unwrap(),
};

/// What one connection may tell.
pub struct Standing {
    typing: Allowance,
    away: Allowance,
}

/// Why not, and after how many milliseconds again.
type Refused = (Code, Option<u32>);

impl Standing {
    /// At the rate at which a person may say things.
    pub fn new(rate: Rate) -> Self {
        Self {
            typing: allowance(TYPING),
            away: allowance(rate),
        }
    }

    /// Takes in a frame, if it is about that.
    pub fn hear(&self, seat: &Seat, frame: &ClientFrame) -> Option<Result<(), Refused>> {
        let too_fast = |wait| (Code::TooFast, Some(wait));
        Some(match frame {
            ClientFrame::Typing { room, typing } => {
                // What comes too fast, or of no room, is dropped: another one says the same.
                if let (Ok(()), Ok(room)) = (self.typing.check(), RoomId::try_from(room.as_str())) {
                    seat.writes(&room, *typing);
                }
                Ok(())
            }
            ClientFrame::Away { away } => spend(&self.away)
                .map_err(too_fast)
                .map(|()| seat.look_away(*away)),
            ClientFrame::SetStatus { status } => spend(&seat.allowance).map_err(too_fast).and_then(|()| {
                let status = status.as_deref().map(Status::try_from).transpose();
                status.map_err(|code| (code, None)).map(|it| seat.set_status(it))
            }),
            _ => return None,
        })
    }
}

/// Takes one from an allowance, or tells in how many milliseconds there is one again.
pub fn spend(allowance: &Allowance) -> Result<(), u32> {
    allowance.check().map_err(|wait| {
        let wait = wait.wait_time_from(DefaultClock::default().now());
        u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1)
    })
}
