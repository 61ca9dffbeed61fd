//! What is held in memory and on the disk, and what happens when that is as much as it may be.

use serde_json::json;

use crate::support::{place_with, texts};

#[tokio::test]
async fn everything_is_heard_also_where_no_message_stays_in_memory() {
    let place = place_with(|config| config.recent_bytes = 1).await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    for index in 0..20 {
        ann.say(&format!("a{index}"), &index.to_string()).await;
    }
    let all: Vec<String> = (0..20).map(|index| index.to_string()).collect();
    for client in [&mut ann, &mut bob] {
        let mut heard = Vec::new();
        while heard.len() < all.len() {
            let frame = client.until("RECEIVE_MESSAGE").await;
            heard.push(frame["text"].as_str().expect("a text").to_owned());
        }
        assert_eq!(heard, all);
    }
    let mut eve = place
        .enter(json!({"name": "eve", "cursors": {"lobby": 17}}))
        .await;
    assert_eq!(texts(&eve.drain().await), ["17", "18", "19"]);
}
