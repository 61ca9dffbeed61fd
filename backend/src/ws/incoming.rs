//! What a client's text means.

use serde::Deserialize;
use snug_shared::{code::Code, wire::ClientFrame};

/// Why a text is not a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It has no `code`: whoever sends this does not speak the protocol.
    Protocol,
    /// It has one, but the rest is not right; the key, if it has one.
    Frame(Code, Option<String>),
}

/// Reads a frame.
pub fn decode(text: &str) -> Result<ClientFrame, Malformed> {
    serde_json::from_str(text).map_err(|_| {
        #[derive(Deserialize)]
        struct Head {
            code: String,
            key: Option<String>,
        }
        match serde_json::from_str::<Head>(text) {
            Err(_) => Malformed::Protocol,
            Ok(Head { code, key }) if ClientFrame::CODES.contains(&code.as_str()) => {
                Malformed::Frame(Code::BadFrame, key)
            }
            Ok(Head { key, .. }) => Malformed::Frame(Code::UnknownCode, key),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_apart() {
        let wrong = |text| decode(text).expect_err("malformed");
        assert_eq!(wrong("hello"), Malformed::Protocol);
        assert_eq!(wrong("[]"), Malformed::Protocol);
        assert_eq!(wrong(r#"{"code":7}"#), Malformed::Protocol);
        assert_eq!(
            wrong(r#"{"code":"DANCE"}"#),
            Malformed::Frame(Code::UnknownCode, None)
        );
        assert_eq!(
            wrong(r#"{"code":"RECEIVE_MESSAGE","key":"k","text":7}"#),
            Malformed::Frame(Code::BadFrame, Some("k".to_owned()))
        );
        assert_eq!(decode(r#"{"code":"PING"}"#), Ok(ClientFrame::Ping));
    }
}
