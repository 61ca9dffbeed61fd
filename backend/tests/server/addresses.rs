//! Where a room's address leads: by its name, by one that it had before, by its id.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Place, place};

impl Client {
    async fn rename(&mut self, room: &str, name: &str) -> Value {
        self.send(json!({"code": "EDIT_ROOM", "room": room, "name": name}))
            .await;
        self.until_one_of(&["ROOM", "ERROR"]).await
    }
}

async fn ask(place: &Place, person: &Client, query: &str) -> Answer {
    let token = person.welcome["you"]["token"].as_str().expect("a token");
    let bearer = format!("{}.{token}", person.id());
    place
        .ask("GET", &format!("/api/room?{query}"), Some(&bearer), Value::Null)
        .await
}

/// The room that an address names for somebody; its id.
async fn room_at(place: &Place, person: &Client, query: &str) -> Option<String> {
    let answer = ask(place, person, query).await;
    answer.body["room"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn an_old_name_leads_to_its_room_until_another_one_is_called_so() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let (tea, _) = ann.open_room("tea").await;
    ann.say_in(&tea, "1", "the old words").await;
    ann.until("RECEIVE_MESSAGE").await;
    ann.rename(&tea, "tea-time").await;
    for query in [
        "address=tea",
        "address=Tea",
        "address=tea-time",
        &format!("address={tea}"),
    ] {
        let answer = ask(&place, &bob, query).await;
        assert_eq!(
            (answer.body["room"].as_str(), &answer.body["name"]),
            (Some(&*tea), &json!("tea-time")),
            "{query}"
        );
    }
    for none in ["address=coffee", "address=", "address=te%2Fa"] {
        assert_eq!(ask(&place, &bob, none).await.status, 404, "{none}");
    }

    let (other, opened) = bob.open_room("tea").await;
    assert_eq!(opened["code"], "ROOM", "an old name is nobody's");
    bob.say_in(&other, "1", "words of another room").await;
    bob.say_in(&other, "2", "and more").await;
    bob.until("RECEIVE_MESSAGE").await;
    bob.until("RECEIVE_MESSAGE").await;
    assert_eq!(room_at(&place, &ann, "address=tea").await, Some(other.clone()));
    assert_eq!(
        room_at(&place, &ann, "address=tea&n=1").await,
        Some(tea.clone()),
        "whose link it was first"
    );
    assert_eq!(
        room_at(&place, &ann, "address=tea&n=2").await,
        Some(other),
        "the first room is not so long"
    );
    assert_eq!(
        room_at(&place, &ann, "address=tea-time&n=1").await,
        Some(tea.clone())
    );
    assert_eq!(ask(&place, &ann, "address=tea&n=x").await.status, 400);

    // Back to a name that is free, and the one in between leads there too.
    assert_eq!(ann.rename(&tea, "tea").await["error"], "room_name_taken");
    ann.rename(&tea, "chai").await;
    assert_eq!(room_at(&place, &bob, "address=tea-time").await, Some(tea));
}

#[tokio::test]
async fn a_room_keeps_its_newest_names_and_no_more() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    let (room, _) = ann.open_room("name-0").await;
    for n in 1..=10 {
        ann.rename(&room, &format!("name-{n}")).await;
    }
    let mut leads = Vec::new();
    for n in 0..=10 {
        leads.push(
            room_at(&place, &ann, &format!("address=name-{n}"))
                .await
                .is_some(),
        );
    }
    assert_eq!(leads, [[false; 2].as_slice(), &[true; 9]].concat());
}

#[tokio::test]
async fn the_address_of_a_room_that_is_private_archived_or_deleted_says_no_more_than_one_may_know() {
    let place = place().await;
    let (mut ann, bob) = (place.person("ann").await, place.person("bob").await);
    let den = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den", "private": true}))
        .await;
    ann.until("ROOM").await;
    ann.rename(&den, "attic").await;
    for query in ["address=den", "address=attic", &format!("address={den}")] {
        assert_eq!(room_at(&place, &ann, query).await.as_ref(), Some(&den), "{query}");
        assert_eq!(
            ask(&place, &bob, query).await.body["error"],
            "not_found",
            "{query}"
        );
    }

    let (tea, _) = ann.open_room("tea").await;
    ann.send(json!({"code": "EDIT_ROOM", "room": tea, "archived": true}))
        .await;
    while ann.until("ROOM").await["archived"] != true {}
    for query in ["address=tea", "address=tea&n=1"] {
        let archived = ask(&place, &bob, query).await;
        assert_eq!(
            (&archived.body["archived"], &archived.body["joined"]),
            (&json!(true), &json!(false)),
            "{query}"
        );
    }

    let olga = place.owner("Olga").await;
    let delete = json!({"action": "delete_room", "room": tea});
    assert_eq!(
        place
            .ask("POST", "/api/moderation", Some(&olga), delete)
            .await
            .status,
        204
    );
    assert_eq!(ask(&place, &bob, "address=tea").await.status, 404);
}
