//! The languages of the page and of refusals.

use serde::{Deserialize, Serialize};

/// A language of the page and of a refusal's sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Zh,
}

impl Lang {
    /// All languages, in the order of a menu.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Returns the first language that Snug supports, of language tags in order of preference (RFC 5646), as
    /// browsers list them and as `Accept-Language` contains them; weights are ignored, since every
    /// browser writes them in descending order.
    #[must_use]
    pub fn of_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter()
            .find_map(|tag| {
                let primary = tag.trim().split(['-', ';']).next().unwrap_or_default();
                match primary.to_ascii_lowercase().as_str() {
                    "en" => Some(Self::En),
                    "zh" => Some(Self::Zh),
                    _ => None,
                }
            })
            .unwrap_or_default()
    }

    /// Returns the language's tag, as for `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_is_taken() {
        assert_eq!(Lang::of_tags("nl-BE,zh-CN;q=0.9,en;q=0.8".split(',')), Lang::Zh);
        assert_eq!(Lang::of_tags(["en-GB", "zh"]), Lang::En);
        assert_eq!(Lang::of_tags(["fr"]), Lang::En);
    }
}
