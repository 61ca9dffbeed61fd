//! The address of a room: its name, a former name, its id.

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, start_server};

impl Client {
    async fn rename(&mut self, room: &str, name: &str) -> Value {
        self.send(json!({"code": "EDIT_ROOM", "room": room, "name": name}))
            .await;
        self.until_one_of(&["ROOM", "ERROR"]).await
    }
}

async fn ask(server: &TestServer, person: &Client, query: &str) -> Answer {
    let token = person.welcome["you"]["token"].as_str().expect("a token");
    let bearer = format!("{}.{token}", person.id());
    server
        .ask("GET", &format!("/api/room?{query}"), Some(&bearer), Value::Null)
        .await
}

/// The id of the room that an address leads to, for this user.
async fn room_at(server: &TestServer, person: &Client, query: &str) -> Option<String> {
    let answer = ask(server, person, query).await;
    answer.body["room"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_former_name_leads_to_its_room_until_another_room_has_it() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let (tea, _) = ann.open_room("tea").await;
    ann.post_in(&tea, "1", "the old words").await;
    ann.until("RECEIVE_MESSAGE").await;
    ann.rename(&tea, "tea-time").await;
    for query in [
        "address=tea",
        "address=Tea",
        "address=tea-time",
        &format!("address={tea}"),
    ] {
        let answer = ask(&server, &bob, query).await;
        assert_eq!(
            (answer.body["room"].as_str(), &answer.body["name"]),
            (Some(&*tea), &json!("tea-time")),
            "{query}"
        );
    }
    for none in ["address=coffee", "address=", "address=te%2Fa"] {
        assert_eq!(ask(&server, &bob, none).await.status, 404, "{none}");
    }

    let (other, opened) = bob.open_room("tea").await;
    assert_eq!(opened["code"], "ROOM", "a former name is free");
    bob.post_in(&other, "1", "words of another room").await;
    bob.post_in(&other, "2", "and more").await;
    bob.until("RECEIVE_MESSAGE").await;
    bob.until("RECEIVE_MESSAGE").await;
    assert_eq!(room_at(&server, &ann, "address=tea").await, Some(other.clone()));
    assert_eq!(
        room_at(&server, &ann, "address=tea&n=1").await,
        Some(tea.clone()),
        "the room that had the name first"
    );
    assert_eq!(
        room_at(&server, &ann, "address=tea&n=2").await,
        Some(other),
        "the first room has no message 2"
    );
    assert_eq!(
        room_at(&server, &ann, "address=tea-time&n=1").await,
        Some(tea.clone())
    );
    assert_eq!(ask(&server, &ann, "address=tea&n=x").await.status, 400);

    // The room gets an earlier name back, and the name in between leads to it too.
    assert_eq!(ann.rename(&tea, "tea").await["error"], "room_name_taken");
    ann.rename(&tea, "chai").await;
    assert_eq!(room_at(&server, &bob, "address=tea-time").await, Some(tea));
}

#[tokio::test]
async fn a_room_keeps_a_limited_number_of_former_names() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    let (room, _) = ann.open_room("name-0").await;
    for n in 1..=10 {
        ann.rename(&room, &format!("name-{n}")).await;
    }
    let mut leads = Vec::new();
    for n in 0..=10 {
        leads.push(
            room_at(&server, &ann, &format!("address=name-{n}"))
                .await
                .is_some(),
        );
    }
    assert_eq!(leads, [[false; 2].as_slice(), &[true; 9]].concat());
}

#[tokio::test]
async fn the_address_of_a_private_archived_or_deleted_room_reveals_only_what_the_user_may_know() {
    let server = start_server().await;
    let (mut ann, bob) = (server.guest("ann").await, server.guest("bob").await);
    let den = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den", "private": true}))
        .await;
    ann.until("ROOM").await;
    ann.rename(&den, "attic").await;
    for query in ["address=den", "address=attic", &format!("address={den}")] {
        assert_eq!(
            room_at(&server, &ann, query).await.as_ref(),
            Some(&den),
            "{query}"
        );
        assert_eq!(
            ask(&server, &bob, query).await.body["error"],
            "not_found",
            "{query}"
        );
    }

    let (tea, _) = ann.open_room("tea").await;
    ann.send(json!({"code": "EDIT_ROOM", "room": tea, "archived": true}))
        .await;
    while ann.until("ROOM").await["archived"] != true {}
    for query in ["address=tea", "address=tea&n=1"] {
        let archived = ask(&server, &bob, query).await;
        assert_eq!(
            (&archived.body["archived"], &archived.body["joined"]),
            (&json!(true), &json!(false)),
            "{query}"
        );
    }

    let olga = server.owner("Olga").await;
    let delete = json!({"action": "delete_room", "room": tea});
    assert_eq!(
        server
            .ask("POST", "/api/moderation", Some(&olga), delete)
            .await
            .status,
        204
    );
    assert_eq!(ask(&server, &bob, "address=tea").await.status, 404);
}
