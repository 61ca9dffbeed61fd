//! The URL paths of the page. For any other path the server answers 404, and the page reports it.

use crate::{ids::Position, text::RoomName};

/// The sections of the administration, by their path segments.
pub const HOUSE: [&str; 5] = ["people", "invitations", "rules", "record", "storage"];

/// Returns whether a path, without query and fragment, belongs to the page. It may be percent-encoded (RFC 3986).
#[must_use]
pub fn is_page(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else {
        return false;
    };
    let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    match parts[..] {
        ["" | "rooms" | "house"] => true,
        ["rooms", name] => is_room(name),
        ["rooms", name, n] => is_room(name) && is_message(n),
        ["house", section] => HOUSE.contains(&section),
        _ => false,
    }
}

fn is_room(name: &str) -> bool {
    decoded(name).is_some_and(|name| RoomName::try_from(name.as_str()).is_ok())
}

/// Returns whether a path segment is a message's position: digits only, and at least 1.
fn is_message(n: &str) -> bool {
    let digits = n.bytes().all(|byte| byte.is_ascii_digit());
    digits && n.parse().is_ok_and(|n: Position| n > Position::START)
}

fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            let digits = str::from_utf8(digits).ok().filter(|it| !it.starts_with('+'))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_addresses_are_known() {
        for known in [
            "/",
            "/rooms",
            "/rooms/",
            "/rooms/lobby",
            "/rooms/lobby/",
            "/rooms/lobby/12",
            "/rooms/%E8%8C%B6",
            "/rooms/Tea%20Time",
            "/rooms/0190a1b2-2222-7000-8000-000000000000",
            "/house",
            "/house/people",
        ] {
            assert!(is_page(known), "{known}");
        }
    }

    #[test]
    fn no_other_address_is() {
        for unknown in [
            "",
            "rooms",
            "/tea",
            "/404",
            "/index",
            "/rooms/lobby/0",
            "/rooms/lobby/+1",
            "/rooms/lobby/1/2",
            "/rooms/%2F..",
            "/rooms/%",
            "/rooms/%f",
            "/rooms/%+1",
            "/rooms/%FF",
            "/rooms/%E2%80%8B",
            "/house/attic",
            "/house/people/1",
            "/favicon.ico",
        ] {
            assert!(!is_page(unknown), "{unknown}");
        }
    }
}
