//! Passkeys, in the form in which their owner sees them.

use serde::{Deserialize, Serialize};

use crate::ids::{Millis, PasskeyId};

/// A passkey, which signs its user in without a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    /// The passkey's id.
    pub id: PasskeyId,
    /// The device on which the passkey was added, such as `Firefox · Linux`.
    pub name: String,
    /// The time at which the passkey was added.
    pub added_at: Millis,
    /// The time of the last sign-in with the passkey; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used: Option<Millis>,
}
