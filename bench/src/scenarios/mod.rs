//! The scenarios, one file each.

pub mod busy;
pub mod cold;
pub mod connect;
pub mod durable;
pub mod fanout;
pub mod history;
pub mod memory;
pub mod rooms;

use anyhow::{Result, bail};

use crate::bench::Bench;

/// A scenario and its name.
pub struct Scenario {
    /// The name on the command line.
    pub name: &'static str,
    /// The description in the help.
    pub about: &'static str,
    /// Measures the scenario.
    pub run: fn(&mut Bench) -> Result<()>,
}

/// All scenarios, in the order in which they run.
pub const ALL: [Scenario; 8] = [
    Scenario {
        name: "fanout",
        about: "one message at a time to everybody in a room: cost, first and last receiver",
        run: fanout::run,
    },
    Scenario {
        name: "busy",
        about: "as many messages as go through: deliveries a second",
        run: busy::run,
    },
    Scenario {
        name: "durable",
        about: "posts that are on disk, a second, each audited; one sync of the same disk",
        run: durable::run,
    },
    Scenario {
        name: "memory",
        about: "what a connection takes that is idle",
        run: memory::run,
    },
    Scenario {
        name: "cold",
        about: "start to first answer, and idle memory",
        run: cold::run,
    },
    Scenario {
        name: "history",
        about: "a page of history, in short rooms and long",
        run: history::run,
    },
    Scenario {
        name: "connect",
        about: "everybody comes at once",
        run: connect::run,
    },
    Scenario {
        name: "rooms",
        about: "everybody is in one room, or in many",
        run: rooms::run,
    },
];

/// Returns the named scenarios, or all if `names` is empty. Fails on an unknown name.
pub fn named(names: &[String]) -> Result<Vec<&'static Scenario>> {
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|it| it.name != **name)) {
        bail!("there is no scenario `{unknown}`");
    }
    let wanted = |it: &&Scenario| names.is_empty() || names.iter().any(|name| name == it.name);
    Ok(ALL.iter().filter(wanted).collect())
}
