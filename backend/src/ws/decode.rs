//! Decodes text frames of clients.

use serde::Deserialize;
use snug_shared::{error_code::ErrorCode, wire::ClientFrame};

/// The reason why a text is not a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The text has no `code`: the client does not implement the protocol.
    Protocol,
    /// The text has a `code`, but the rest is invalid. Contains the frame's key, if it has one.
    Frame(ErrorCode, Option<String>),
}

/// Decodes a frame.
pub fn decode(text: &str) -> Result<ClientFrame, Malformed> {
    // serde would accept a list as an object's fields in their order.
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Malformed::Protocol);
    }
    serde_json::from_str(text).map_err(|_| malformed(text))
}

/// Returns the key of a frame, whatever else it holds.
pub fn key_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Keyed {
        key: String,
    }
    // serde would accept a list as an object's fields in their order.
    let object = Some(text).filter(|it| it.trim_ascii_start().starts_with('{'));
    serde_json::from_str(object?).ok().map(|Keyed { key }| key)
}

fn malformed(text: &str) -> Malformed {
    #[derive(Deserialize)]
    struct Coded {
        code: String,
    }
    let Ok(Coded { code }) = serde_json::from_str(text) else {
        return Malformed::Protocol;
    };
    // Parsed separately: a frame whose key is no text is still of the protocol.
    let key = key_of(text);
    if ClientFrame::CODES.contains(&code.as_str()) {
        Malformed::Frame(ErrorCode::BadFrame, key)
    } else {
        Malformed::Frame(ErrorCode::UnknownCode, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_apart() {
        let wrong = |text| decode(text).expect_err("malformed");
        assert_eq!(wrong("hello"), Malformed::Protocol);
        assert_eq!(wrong("[]"), Malformed::Protocol);
        assert_eq!(wrong(r#"["PING"]"#), Malformed::Protocol);
        assert_eq!(wrong(r#"{"code":7}"#), Malformed::Protocol);
        assert_eq!(
            wrong(r#"{"code":"DANCE"}"#),
            Malformed::Frame(ErrorCode::UnknownCode, None)
        );
        assert_eq!(
            wrong(r#"{"code":"RECEIVE_MESSAGE","key":"k","text":7}"#),
            Malformed::Frame(ErrorCode::BadFrame, Some("k".to_owned()))
        );
        assert_eq!(decode(r#" {"code":"PING"}"#), Ok(ClientFrame::Ping));
    }

    #[test]
    fn a_key_that_is_none_does_not_end_the_connection() {
        for (text, code) in [
            (
                r#"{"code":"RECEIVE_MESSAGE","text":"a","key":7}"#,
                ErrorCode::BadFrame,
            ),
            (
                r#"{"code":"RECEIVE_MESSAGE","key":"k","key":"k"}"#,
                ErrorCode::BadFrame,
            ),
            (
                r#"{"code":"DANCE","key":{"of":"a newer client"}}"#,
                ErrorCode::UnknownCode,
            ),
        ] {
            assert_eq!(decode(text), Err(Malformed::Frame(code, None)), "{text}");
        }
    }
}
