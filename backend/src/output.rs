//! Standard output and standard error, which may be closed or full: then what was to be said is lost, and the work goes on.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// A line on standard output.
pub fn line(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A line on standard error.
pub fn error(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
