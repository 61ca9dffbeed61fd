//! Mentions: who is meant, what waits for whom, and what one wants to hear of.

use serde_json::{Value, json};

use crate::support::place;

#[tokio::test]
async fn whoever_is_online_in_the_room_is_meant_by_their_name() {
    let place = place().await;
    let (mut ann, bob) = (place.person("ann").await, place.person("Bob").await);
    ann.say("1", "@bob @cem @ann x@bob.org").await;
    let heard = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        heard["mentions"],
        json!({"people": [{"chatId": "Bob", "name": "Bob"}, {"chatId": "ann", "name": "ann"}]})
    );
    ann.say("2", "@here! 大家好@Room").await;
    let heard = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(heard["mentions"], json!({"here": true, "room": true}));
    ann.say("3", "nobody").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["mentions"], Value::Null);

    // Said again when nobody of that name is here, it is the message that it was.
    drop(bob);
    ann.until("CLOSE_CONNECTION").await;
    ann.say("1", "@bob @cem @ann x@bob.org").await;
    let again = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        (&again["n"], &again["mentions"]["people"][0]["name"]),
        (&json!(1), &json!("Bob"))
    );
    ann.say("4", "@bob").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["mentions"], Value::Null);

    // And it is kept.
    let place = place.restarted().await;
    let mut cem = place.enter(json!({"name": "cem", "cursors": {"lobby": 0}})).await;
    assert_eq!(
        cem.until("RECEIVE_MESSAGE").await["mentions"]["people"][0]["chatId"],
        "Bob"
    );
}
