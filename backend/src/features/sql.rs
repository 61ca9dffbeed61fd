//! Converts values to and from columns.

use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};
use snug_shared::error_code::ErrorCode;

/// Returns the value of a column whose text was validated when it was written.
pub(crate) fn parsed<T: TryFrom<String, Error = ErrorCode>>(
    row: &Row<'_>,
    index: usize,
) -> rusqlite::Result<T> {
    T::try_from(row.get(index)?)
        .map_err(|code| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(code)))
}

/// Converts an enum to the text of a column, the same as on the wire.
pub(crate) fn to_column<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_value(value).expect("it is a string");
    text.as_str().expect("it is a string").to_owned()
}

/// Converts the text of a column to an enum. An unknown text, of a newer version, becomes the default.
pub(crate) fn from_column<T: DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_value(text.into()).unwrap_or_default()
}
