//! What is asked once, over HTTP: paths under `/api` and the bodies they answer with.
//!
//! `GET /api/rooms/{room}/messages` with one [`Excerpt`] answers with a [`crate::messages::Page`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    ids::{ChatId, Position},
    messages::Page,
    presence::ChatUser,
};

/// `POST`: who the session cookie says one is; a new person and a new cookie if it says nothing.
pub const SESSION: &str = "/api/session";
/// `GET`: what a visitor sees before entering.
pub const PLACE: &str = "/api/place";

/// `GET` with `search`: the open rooms that it finds, as [`crate::rooms::Listed`].
pub const ROOMS: &str = "/api/rooms";

/// Which page of a room's messages: `before=41`, `around=41` or `after=41`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excerpt {
    /// The last ones before a place.
    Before(Position),
    /// Those with a place in their middle, as far as the room's beginning and end let it be there.
    Around(Position),
    /// The first ones after a place.
    After(Position),
}

impl Excerpt {
    /// The one that a query asks for, if it asks for exactly one.
    #[must_use]
    pub fn asked_for(query: &[(String, String)]) -> Option<Self> {
        let mut asked = query.iter().filter_map(|(name, n)| {
            let excerpt = match name.as_str() {
                "before" => Self::Before,
                "around" => Self::Around,
                "after" => Self::After,
                _ => return None,
            };
            Some(n.parse().ok().map(|n| excerpt(Position(n))))
        });
        let first = asked.next()?;
        first.filter(|_| asked.next().is_none())
    }

    /// Whether a page has what it asks for. There may be nothing of the kind.
    #[must_use]
    pub fn is_answered_by(self, page: &Page) -> bool {
        let has = |n: Position| page.after < n && n <= page.upto;
        match self {
            Self::Before(n) => has(page.upto) && page.upto.next() == n,
            Self::Around(n) => has(n),
            Self::After(n) => has(n.next()) && page.after == n,
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(n) => write!(f, "before={}", n.0),
            Self::Around(n) => write!(f, "around={}", n.0),
            Self::After(n) => write!(f, "after={}", n.0),
        }
    }
}

/// The body of [`SESSION`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The person of this browser.
    pub chat_id: ChatId,
}

/// The body of [`PLACE`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// How many people are in the lobby.
    pub count: usize,
    /// A few of them.
    pub faces: Vec<ChatUser>,
}

/// The body of every HTTP refusal, and the payload of the `ERROR` frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The reason, for programs.
    pub error: Code,
    /// The reason, for people, in their language.
    pub message: String,
    /// Whether the same request can succeed later.
    pub retry: bool,
    /// How long to wait before that, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<u32>,
    /// The key of the refused frame, as it was sent, if it had one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RoomId;

    #[test]
    fn a_query_asks_for_one_excerpt_or_for_none() {
        let asked = |query: &[(&str, &str)]| {
            let owned = |&(name, n): &(&str, &str)| (name.to_owned(), n.to_owned());
            Excerpt::asked_for(&query.iter().map(owned).collect::<Vec<_>>())
        };
        for excerpt in [Excerpt::Before, Excerpt::Around, Excerpt::After].map(|it| it(Position(41))) {
            let written = excerpt.to_string();
            assert_eq!(asked(&[written.split_once('=').expect("a pair")]), Some(excerpt));
        }
        assert_eq!(
            asked(&[("later", "x"), ("after", "7")]),
            Some(Excerpt::After(Position(7)))
        );
        for none in [
            &[][..],
            &[("before", "x")],
            &[("before", "-1")],
            &[("before", "1"), ("after", "1")],
            &[("before", "1"), ("before", "1")],
            &[("before", "1"), ("after", "x")],
        ] {
            assert_eq!(asked(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_page_has_what_was_asked_for_or_shows_that_there_is_nothing() {
        let page = |after, upto| Page {
            room: RoomId::lobby(),
            after: Position(after),
            upto: Position(upto),
            messages: Vec::new(),
        };
        let at = Position(41);
        for (excerpt, has, has_not) in [
            (Excerpt::Before(at), [(0, 40), (39, 40)], [(40, 40), (0, 39)]),
            (Excerpt::Around(at), [(40, 41), (0, 50)], [(0, 40), (41, 50)]),
            (Excerpt::After(at), [(41, 42), (41, 91)], [(41, 41), (40, 90)]),
        ] {
            assert!(
                has.iter()
                    .all(|&(after, upto)| excerpt.is_answered_by(&page(after, upto)))
            );
            assert!(
                !has_not
                    .iter()
                    .any(|&(after, upto)| excerpt.is_answered_by(&page(after, upto)))
            );
        }
    }
}
