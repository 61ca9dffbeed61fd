//! Handles the presence frames of a connection: typing, away and status. None of them is logged.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use snug_shared::{error_code::ErrorCode, ids::RoomId, status::Status, wire::ClientFrame};

use crate::{
    config::Rate,
    hub::{Allowance, ConnectionGuard, allowance},
};

/// The rate of typing frames of one connection. Not a setting: the page needs a third of a frame a second.
const TYPING: Rate = Rate {
    per_second: NonZeroU32::new(2).unwrap(),
    burst: NonZeroU32::new(10).unwrap(),
};

/// The remaining allowances of one connection's presence frames.
pub struct PresenceInput {
    typing: Allowance,
    away: Allowance,
}

/// The code of a refusal, and the milliseconds after which the frame may be sent again.
type Refused = (ErrorCode, Option<u32>);

impl PresenceInput {
    /// Creates the allowances. Away frames have the rate of messages.
    pub fn new(rate: Rate) -> Self {
        Self {
            typing: allowance(TYPING),
            away: allowance(rate),
        }
    }

    /// Handles a presence frame. Returns `None` for any other frame.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`] above the rate, or the code of a malformed status.
    pub fn handle(&self, guard: &ConnectionGuard, frame: &ClientFrame) -> Option<Result<(), Refused>> {
        let rate_limited = |wait| (ErrorCode::RateLimited, Some(wait));
        Some(match frame {
            ClientFrame::Typing { room, typing } => {
                // A frame above the rate, or of no room, is dropped: the next one has the same content.
                if let (Ok(()), Ok(room)) = (self.typing.check(), RoomId::try_from(room.as_str())) {
                    guard.writes(&room, *typing);
                }
                Ok(())
            }
            ClientFrame::Away { away } => spend(&self.away)
                .map_err(rate_limited)
                .map(|()| guard.set_away(*away)),
            ClientFrame::SetStatus { status, .. } => {
                spend(&guard.allowance).map_err(rate_limited).and_then(|()| {
                    let status = status.as_deref().map(Status::try_from).transpose();
                    status.map_err(|code| (code, None)).map(|it| guard.set_status(it))
                })
            }
            _ => return None,
        })
    }
}

/// Takes one from an allowance.
///
/// # Errors
/// The number of milliseconds until one is available again.
pub fn spend(allowance: &Allowance) -> Result<(), u32> {
    allowance.check().map_err(|wait| {
        let wait = wait.wait_time_from(DefaultClock::default().now());
        u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1)
    })
}
