//! Passkeys, as whoever has them sees them.

use serde::{Deserialize, Serialize};

use crate::ids::{Millis, PasskeyId};

/// What signs its person in without a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Which.
    pub id: PasskeyId,
    /// Where it was added, such as `Firefox · Linux`.
    pub name: String,
    /// When.
    pub since: Millis,
    /// When it signed its person in for the last time; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used: Option<Millis>,
}
