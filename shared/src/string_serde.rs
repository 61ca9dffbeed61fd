//! Serialization of types that are a string on the wire: parsed on reading, displayed on writing, both without a copy.

use std::{fmt, marker::PhantomData};

use serde::de::{Error, Visitor};

use crate::error_code::ErrorCode;

/// Reads a string and parses it as a `T`.
pub(crate) struct Reader<T>(pub(crate) PhantomData<T>);

impl<T: for<'a> TryFrom<&'a str, Error = ErrorCode>> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, raw: &str) -> Result<T, E> {
        T::try_from(raw).map_err(E::custom)
    }
}

/// Implements serialization for a type that `TryFrom<&str>` parses and `Display` writes.
macro_rules! written {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::string_serde::Reader(std::marker::PhantomData))
            }
        }
    };
}

pub(crate) use written;
