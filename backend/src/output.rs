//! Writes to standard output and standard error, which may be closed or full: the line is then dropped, and the work goes on.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Writes a line to standard output.
pub fn line(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Writes a line to standard error.
pub fn error(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
