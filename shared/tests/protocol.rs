//! PROTOCOL.md tells the truth: every example reads as a frame and is written again as it stands, and
//! every frame and every error has its place there.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use snug_shared::{
    error_code::ErrorCode,
    wire::{ClientFrame, ServerFrame},
};

const PAGE: &str = include_str!("../../PROTOCOL.md");

fn examples<Frame: DeserializeOwned + Serialize>(side: &str) -> Vec<String> {
    let fence = format!("```json {side}\n");
    PAGE.split(&fence)
        .skip(1)
        .map(|rest| {
            let text = rest.split("```").next().expect("the fence ends");
            let frame: Frame = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
            let written = serde_json::to_value(frame).expect("it is written");
            let example: Value = serde_json::from_str(text).expect("it is JSON");
            assert_eq!(written, example);
            written["code"].as_str().expect("a code").to_owned()
        })
        .collect()
}

#[test]
fn every_frame_of_a_client_is_shown() {
    let shown = examples::<ClientFrame>("client");
    for code in ClientFrame::CODES {
        assert!(shown.iter().any(|it| it == code), "{code} is not shown");
    }
    assert!(
        shown.iter().all(|it| ClientFrame::CODES.contains(&it.as_str())),
        "{shown:?}"
    );
}

#[test]
fn every_frame_of_the_server_is_shown() {
    let shown = examples::<ServerFrame>("server");
    for code in ServerFrame::CODES {
        assert!(shown.iter().any(|it| it == code), "{code} is not shown");
    }
    assert!(
        shown.iter().all(|it| ServerFrame::CODES.contains(&it.as_str())),
        "{shown:?}"
    );
}

#[test]
fn every_error_is_explained() {
    for code in ErrorCode::ALL {
        let word = serde_json::to_value(code).expect("a word");
        let word = format!("`{}`", word.as_str().expect("a word"));
        assert!(PAGE.contains(&word), "{word} is not explained");
    }
}
