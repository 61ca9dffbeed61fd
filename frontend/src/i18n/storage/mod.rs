//! The texts about the disk for owners. They are separate from the words of every page: only owners need them.

mod en;
mod zh;

use snug_shared::lang::Lang;

#[allow(missing_docs, reason = "the English ones say what they are")]
pub struct Storage {
    pub full: &'static str,
    pub full_about: &'static str,
    pub full_link: &'static str,
    pub used: &'static str,
    pub used_of: fn(&str, &str) -> String,
    pub reusable: &'static str,
    pub log: &'static str,
    pub free: &'static str,
    pub min_free: fn(&str) -> String,
    pub no_limit: &'static str,
    pub recent: &'static str,
    pub written: &'static str,
    pub members: &'static str,
    pub guests: &'static str,
    pub pictures: &'static str,
    pub messages: fn(u64) -> String,
    pub files: fn(u64) -> String,
    pub people: &'static str,
    pub guest: &'static str,
    pub rooms: &'static str,
    pub private_room: &'static str,
    pub conversation: &'static str,
    pub nothing: &'static str,
    pub partial: &'static str,
    pub about: &'static str,
}

/// Returns the texts in a language.
pub fn words(lang: Lang) -> &'static Storage {
    match lang {
        Lang::En => &en::STORAGE,
        Lang::Zh => &zh::STORAGE,
    }
}

/// Formats a number of bytes, with one digit after the point, as in `1.5 GiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    // In tenths, rounded as it is shown.
    let mut tenths = u128::from(bytes) * 10;
    while tenths >= 10_235 && unit + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1_024;
        unit += 1;
    }
    match tenths % 10 {
        0 => format!("{} {}", tenths / 10, UNITS[unit]),
        tenth => format!("{}.{tenth} {}", tenths / 10, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_greatest_unit_that_goes_into_it() {
        for (bytes, told) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_536, "1.5 KiB"),
            ((1 << 20) - 1, "1 MiB"),
            (8 << 30, "8 GiB"),
            (u64::MAX, "16777216 TiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
