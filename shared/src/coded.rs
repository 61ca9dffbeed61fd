//! Enums whose variants have pinned names on the wire or on disk.

/// Defines an enum with the serialized name of each variant before it, and the list of these names as `CODES`. Renaming a variant
/// changes nothing that is serialized.
#[macro_export]
macro_rules! coded {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $(
                $(#[$doc:meta])*
                $code:literal => $variant:ident $(($($tuple:tt)*))? $({$($fields:tt)*})?,
            )*
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $(
                $(#[$doc])*
                #[serde(rename = $code)]
                $variant $(($($tuple)*))? $({$($fields)*})?,
            )*
        }

        impl $name {
            /// The serialized name of every variant, in the order of the variants.
            pub const CODES: &[&str] = &[$($code),*];
        }
    };
}

pub use coded;
