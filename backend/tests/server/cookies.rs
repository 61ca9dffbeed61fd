//! The session cookie, beside other cookies and other Snugs.

use serde_json::{Value, json};
use snug::config::Config;

use crate::support::{Answer, Place, credential, place, place_with};

/// A request of a page with these cookies.
async fn browse(place: &Place, method: &str, path: &str, cookies: &[&str], body: Value) -> Answer {
    let cookies = (!cookies.is_empty()).then(|| cookies.join("; "));
    place.ask_as_page(method, path, cookies.as_deref(), body).await
}

async fn session(place: &Place, cookies: &[&str]) -> Answer {
    browse(place, "POST", "/api/session", cookies, Value::Null).await
}

fn behind_a_proxy(config: &mut Config) {
    config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
}

fn page_over_https(place: &Place, cookie: &str) -> String {
    let address = place.server.address();
    format!("origin: https://{address}\r\nx-forwarded-proto: https\r\ncookie: {cookie}\r\n")
}

/// BC-24, B7: a browser sends the cookies of a host to all of its ports.
#[tokio::test]
async fn two_snugs_on_one_host_do_not_sign_one_another_out() {
    let (one, two) = (place().await, place().await);
    let at_one = session(&one, &[]).await;
    let first = at_one.cookie.expect("a cookie");
    let at_two = session(&two, &[&first]).await;
    let second = at_two.cookie.expect("a cookie");
    assert_ne!(
        first.split_once('=').map(|it| it.0),
        second.split_once('=').map(|it| it.0),
        "neither is written over the other"
    );
    let account = json!({"name": "Ann", "password": "correct horse"});
    let member = browse(&two, "POST", "/api/account", &[&first, &second], account).await;
    let member = member.cookie.expect("another cookie");
    let both = [first.as_str(), member.as_str()];
    assert_eq!(session(&one, &both).await.body["chatId"], at_one.body["chatId"]);
    assert_eq!(session(&two, &both).await.body["account"]["name"], "Ann");
    let out = browse(&two, "POST", "/api/sign-out", &both, Value::Null).await;
    assert_eq!(out.cookie, Some(two.cookie("")));
    assert_eq!(
        session(&one, &[&first]).await.body["chatId"],
        at_one.body["chatId"]
    );
}

/// BC-61: whatever the proxy in front does with the path, cookies are for it alone.
#[tokio::test]
async fn under_a_path_all_addresses_are_answered_with_it_and_without() {
    let place = place_with(|config| config.base = "/chat/".parse().expect("a base")).await;
    let port = place.server.address().port();
    for path in ["/chat", ""] {
        let answer = place.head("GET", &format!("{path}/healthz"), "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let answer = place.head("POST", &format!("{path}/api/session"), "").await;
        let set = format!("set-cookie: snug-{port}.chat=");
        let cookie = answer.lines().find(|line| line.starts_with(&set));
        assert!(cookie.is_some_and(|it| it.contains("; Path=/chat/;")), "{answer}");
        let answer = place.head("GET", &format!("{path}/ws"), "").await;
        assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
        let answer = place.head("GET", &format!("{path}/api/tea"), "").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    let answer = place.head("GET", "/chat", "").await;
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    assert!(answer.lines().any(|line| line == "location: /chat/"), "{answer}");
    let first = place.request("POST", "/chat/api/session", "", Value::Null).await;
    let cookie = first.cookie.expect("a cookie");
    let again = browse(&place, "POST", "/api/session", &[&cookie], Value::Null).await;
    assert_eq!(again.body["chatId"], first.body["chatId"]);
    assert!(
        place
            .server
            .owner_link()
            .is_some_and(|it| it.contains("/chat/#owner="))
    );
}

/// BC-26, B7: another page of the host, or another site of the domain, can set cookies that come along.
#[tokio::test]
async fn of_several_cookies_the_good_one_counts() {
    let place = place().await;
    let guest = session(&place, &[]).await;
    let good = guest.cookie.clone().expect("a cookie");
    let old = place.cookie("old");
    let empty = place.cookie("");
    let forged = place.cookie("~0190a1b2-0000-7000-8000-000000000000~c2VjcmV0");
    for cookies in [
        vec![&good, &old],
        vec![&old, &good],
        vec![&empty, &good],
        vec![&forged, &empty, &old, &good, &good],
    ] {
        let cookies: Vec<&str> = cookies.into_iter().map(String::as_str).collect();
        let again = session(&place, &cookies).await;
        assert_eq!(again.body["chatId"], guest.body["chatId"], "{cookies:?}");
        assert_eq!(again.cookie.as_ref(), Some(&good));
        let headers = format!(
            "origin: http://{}\r\ncookie: caf\u{e9}=\u{fc}\r\n",
            place.server.address()
        );
        let headers = cookies
            .iter()
            .fold(headers, |all, it| all + &format!("cookie: {it}\r\n"));
        let apart = place.request("POST", "/api/session", &headers, Value::Null).await;
        assert_eq!(apart.body["chatId"], guest.body["chatId"], "a header each");
        let origin = format!("http://{}", place.server.address());
        let mut client = place
            .connect(&[
                ("origin", origin.as_str()),
                ("cookie", cookies.join("; ").as_str()),
            ])
            .await
            .expect("it shakes hands");
        client
            .hello(json!({"name": "Ann", "chatId": guest.body["chatId"]}))
            .await;
        assert_eq!(
            client.until("WELCOME").await["you"]["chatId"],
            guest.body["chatId"]
        );
    }
    // A session comes before a guest's proof, wherever it stands.
    let member = place.cookie(&place.member("Ann").await);
    for cookies in [[member.as_str(), good.as_str()], [good.as_str(), member.as_str()]] {
        let signed_in = session(&place, &cookies).await;
        assert_eq!(signed_in.body["account"]["name"], "Ann");
        assert_eq!(signed_in.cookie.as_ref(), Some(&member));
    }
    // And none of them acts without an origin.
    for cookies in [format!("{old}; {good}"), good.replace("snug", "__Host-snug")] {
        let headers = format!("cookie: {cookies}\r\n");
        let refused = place
            .request("POST", "/api/sign-out", &headers, Value::Null)
            .await;
        assert_eq!(refused.body["error"], "forbidden_origin");
        assert!(place.connect(&[("cookie", cookies.as_str())]).await.is_err());
    }
}

#[tokio::test]
async fn a_cookie_is_renewed_while_it_is_used_and_never_after_it_was_replaced() {
    let place = place().await;
    let guest = session(&place, &[]).await.cookie.expect("a cookie");
    assert_eq!(session(&place, &[&guest]).await.cookie.as_ref(), Some(&guest));
    let ann = place.cookie(&place.member("Ann").await);
    let bob = place.member("Bob").await;
    assert_eq!(session(&place, &[&ann]).await.cookie.as_ref(), Some(&ann));
    let program = place.ask("POST", "/api/session", Some(&bob), Value::Null).await;
    assert_eq!((program.status, program.cookie), (200, None), "it has no cookie");
    // Two tabs: one asks for its session while the other signs in as somebody else.
    for before in [&guest, &ann] {
        let sign_in = json!({"name": "Bob", "password": "correct horse"});
        let signed_in = browse(&place, "POST", "/api/sign-in", &[before], sign_in).await;
        assert!(signed_in.cookie.is_some());
        let late = session(&place, &[before]).await;
        assert_eq!((late.status, late.cookie), (200, None));
    }
}

/// B7: over HTTPS nobody else of the host or its domain can set the cookie.
#[tokio::test]
async fn over_https_the_cookie_is_of_this_host_alone() {
    let place = place_with(behind_a_proxy).await;
    let plain = session(&place, &[]).await;
    let set_over_http = plain.cookie.expect("a cookie");
    let secure = page_over_https(&place, &set_over_http);
    let over_https = place.request("POST", "/api/session", &secure, Value::Null).await;
    let cookie = over_https.cookie.expect("a cookie");
    let port = place.server.address().port();
    assert!(cookie.starts_with(&format!("__Host-snug-{port}=")), "{cookie}");
    assert_ne!(over_https.body["chatId"], plain.body["chatId"]);
    // The other way round it is not looked at either: over HTTP anybody on the way could have set it.
    let downgraded = session(&place, &[&cookie]).await;
    assert_ne!(downgraded.body["chatId"], over_https.body["chatId"]);
    let back = page_over_https(&place, &format!("{set_over_http}; {cookie}"));
    let back = place.request("POST", "/api/session", &back, Value::Null).await;
    assert_eq!(back.body["chatId"], over_https.body["chatId"]);
    assert_eq!(credential(&back.cookie.expect("renewed")), credential(&cookie));
}

/// BC-45: a browser that keeps no cookies.
#[tokio::test]
async fn a_guest_without_a_cookie_is_known_by_a_token_and_nobody_elses_cookie_is_told() {
    let place = place().await;
    let wanted = json!({"token": true});
    let guest = browse(&place, "POST", "/api/session", &[], wanted.clone()).await;
    let id = guest.body["chatId"].as_str().expect("an id").to_owned();
    let token = guest.body["token"].as_str().expect("a token").to_owned();
    let origin = format!("http://{}", place.server.address());
    for _ in 0..2 {
        let mut client = place
            .connect(&[("origin", &origin)])
            .await
            .expect("it shakes hands");
        client
            .hello(json!({"name": "Ann", "chatId": id, "token": token}))
            .await;
        let welcome = client.until("WELCOME").await;
        assert_eq!(
            (&welcome["you"]["chatId"], &welcome["you"]["token"]),
            (&json!(id), &json!(token))
        );
    }
    let bearer = format!("origin: {origin}\r\nauthorization: Bearer {id}.{token}\r\n");
    let again = place
        .request("POST", "/api/session", &bearer, wanted.clone())
        .await;
    assert_eq!(
        (&again.body["chatId"], &again.body["token"]),
        (&json!(id), &Value::Null)
    );
    let page = place
        .request("GET", "/api/rooms/lobby/messages?before=1", &bearer, Value::Null)
        .await;
    assert_eq!(page.status, 200);
    // The page whose cookie comes back learns nothing that its scripts could not know.
    let member = place.cookie(&place.member("Ann").await);
    for cookie in [guest.cookie.as_deref().expect("a cookie"), &member] {
        let known = browse(&place, "POST", "/api/session", &[cookie], wanted.clone()).await;
        assert_eq!((known.status, &known.body["token"]), (200, &Value::Null));
    }
    assert_eq!(session(&place, &[]).await.body["token"], Value::Null);
    // A proof that is void does not stand in the way of a cookie.
    let stale = format!("origin: {origin}\r\nauthorization: Bearer x.y\r\ncookie: {member}\r\n");
    let known = place.request("POST", "/api/session", &stale, Value::Null).await;
    assert_eq!(known.body["account"]["name"], "Ann");
}

/// B6: the scheme of an origin counts, as the request came or as a trusted proxy says.
#[tokio::test]
async fn a_page_of_another_scheme_is_of_another_site() {
    let place = place_with(behind_a_proxy).await;
    let address = place.server.address();
    for (proto, origin, status) in [
        ("http", format!("http://{address}"), 200),
        ("https", format!("https://{address}"), 200),
        ("http", format!("https://{address}"), 403),
        ("https", format!("http://{address}"), 403),
        ("https", format!("wss://{address}"), 403),
        ("http", format!("ws://{address}"), 403),
        ("http", address.to_string(), 403),
        ("http", format!("http://{address}/x"), 403),
        ("http", format!("http://{address}/"), 403),
        ("http", format!("http://ann@{address}"), 403),
    ] {
        let headers = format!("origin: {origin}\r\nx-forwarded-proto: {proto}\r\n");
        let answer = place.request("POST", "/api/session", &headers, Value::Null).await;
        assert_eq!(answer.status, status, "{proto} {origin}");
        let shaken = place
            .connect(&[("origin", origin.as_str()), ("x-forwarded-proto", proto)])
            .await;
        assert_eq!(shaken.is_ok(), status == 200, "{proto} {origin}");
    }
}

#[tokio::test]
async fn signing_out_ends_every_session_of_the_browser_and_clears_every_cookie_of_the_port() {
    let place = place_with(behind_a_proxy).await;
    let (ann, bob) = (place.member("Ann").await, place.member("Bob").await);
    let cookies = format!("{}; {}", place.cookie(&ann), place.cookie(&bob));
    let (name, _) = cookies.split_once('=').expect("a cookie");
    let headers = page_over_https(&place, &format!("{cookies}; __Host-{cookies}"));
    let head = place.head("POST", "/api/sign-out", &headers).await;
    let cleared = |name: &str, path: &str| {
        let begins = format!("set-cookie: {name}=; Path={path}; Max-Age=0");
        head.lines().any(|it| it.starts_with(&begins))
    };
    assert!(cleared(&format!("__Host-{name}"), "/"), "{head}");
    assert!(cleared(name, "/") && cleared(name, "/api"), "{head}");
    let gone = place.ask("GET", "/api/sessions", Some(&ann), Value::Null).await;
    assert_eq!(gone.status, 401, "over HTTPS it was in the cookie");
    place
        .request(
            "POST",
            "/api/sign-out",
            &format!(
                "origin: http://{}\r\ncookie: {cookies}\r\n",
                place.server.address()
            ),
            Value::Null,
        )
        .await;
    let gone = place.ask("GET", "/api/sessions", Some(&bob), Value::Null).await;
    assert_eq!(gone.status, 401);
}
