//! The session cookie, together with other cookies and other servers on the same host.

use serde_json::{Value, json};
use snug::config::Config;

use crate::support::{Answer, TestServer, credential, start_server, start_server_with};

/// Sends a request of a page with these cookies.
async fn browse(server: &TestServer, method: &str, path: &str, cookies: &[&str], body: Value) -> Answer {
    let cookies = (!cookies.is_empty()).then(|| cookies.join("; "));
    server.ask_as_page(method, path, cookies.as_deref(), body).await
}

async fn session(server: &TestServer, cookies: &[&str]) -> Answer {
    browse(server, "POST", "/api/session", cookies, Value::Null).await
}

fn behind_a_proxy(config: &mut Config) {
    config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
}

fn page_over_https(server: &TestServer, cookie: &str) -> String {
    let address = server.inner.address();
    format!("origin: https://{address}\r\nx-forwarded-proto: https\r\ncookie: {cookie}\r\n")
}

/// BC-24, B7: a browser sends the cookies of a host to all its ports.
#[tokio::test]
async fn two_servers_on_one_host_do_not_end_each_others_sessions() {
    let (one, two) = (start_server().await, start_server().await);
    let at_one = session(&one, &[]).await;
    let first = at_one.cookie.expect("a cookie");
    let at_two = session(&two, &[&first]).await;
    let second = at_two.cookie.expect("a cookie");
    assert_ne!(
        first.split_once('=').map(|it| it.0),
        second.split_once('=').map(|it| it.0),
        "neither cookie overwrites the other"
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

/// BC-61: the proxy may keep or strip the path; cookies are limited to it.
#[tokio::test]
async fn under_a_path_all_addresses_are_answered_with_it_and_without() {
    let server = start_server_with(|config| config.base = "/chat/".parse().expect("a base")).await;
    let port = server.inner.address().port();
    for path in ["/chat", ""] {
        let answer = server.head("GET", &format!("{path}/healthz"), "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let answer = server.head("POST", &format!("{path}/api/session"), "").await;
        let set = format!("set-cookie: snug-{port}.chat=");
        let cookie = answer.lines().find(|line| line.starts_with(&set));
        assert!(cookie.is_some_and(|it| it.contains("; Path=/chat/;")), "{answer}");
        let answer = server.head("GET", &format!("{path}/ws"), "").await;
        assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
        let answer = server.head("GET", &format!("{path}/api/tea"), "").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    let answer = server.head("GET", "/chat", "").await;
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    assert!(answer.lines().any(|line| line == "location: /chat/"), "{answer}");
    let first = server.request("POST", "/chat/api/session", "", Value::Null).await;
    let cookie = first.cookie.expect("a cookie");
    let again = browse(&server, "POST", "/api/session", &[&cookie], Value::Null).await;
    assert_eq!(again.body["chatId"], first.body["chatId"]);
    assert!(
        server
            .inner
            .owner_link()
            .is_some_and(|it| it.contains("/chat/#owner="))
    );
}

/// BC-26, B7: another page of the host, or another site of the domain, can set cookies that are sent too.
#[tokio::test]
async fn the_valid_one_of_several_cookies_counts() {
    let server = start_server().await;
    let guest = session(&server, &[]).await;
    let good = guest.cookie.clone().expect("a cookie");
    let old = server.cookie("old");
    let empty = server.cookie("");
    let forged = server.cookie("~0190a1b2-0000-7000-8000-000000000000~c2VjcmV0");
    for cookies in [
        vec![&good, &old],
        vec![&old, &good],
        vec![&empty, &good],
        vec![&forged, &empty, &old, &good, &good],
    ] {
        let cookies: Vec<&str> = cookies.into_iter().map(String::as_str).collect();
        let again = session(&server, &cookies).await;
        assert_eq!(again.body["chatId"], guest.body["chatId"], "{cookies:?}");
        assert_eq!(again.cookie.as_ref(), Some(&good));
        let headers = format!(
            "origin: http://{}\r\ncookie: caf\u{e9}=\u{fc}\r\n",
            server.inner.address()
        );
        let headers = cookies
            .iter()
            .fold(headers, |all, it| all + &format!("cookie: {it}\r\n"));
        let apart = server
            .request("POST", "/api/session", &headers, Value::Null)
            .await;
        assert_eq!(
            apart.body["chatId"], guest.body["chatId"],
            "one header for each cookie"
        );
        let origin = format!("http://{}", server.inner.address());
        let mut client = server
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
    // A session takes precedence over a guest's credential, in any order.
    let member = server.cookie(&server.member("Ann").await);
    for cookies in [[member.as_str(), good.as_str()], [good.as_str(), member.as_str()]] {
        let signed_in = session(&server, &cookies).await;
        assert_eq!(signed_in.body["account"]["name"], "Ann");
        assert_eq!(signed_in.cookie.as_ref(), Some(&member));
    }
    // None of them authenticates a write without an origin.
    for cookies in [format!("{old}; {good}"), good.replace("snug", "__Host-snug")] {
        let headers = format!("cookie: {cookies}\r\n");
        let refused = server
            .request("POST", "/api/sign-out", &headers, Value::Null)
            .await;
        assert_eq!(refused.body["error"], "forbidden_origin");
        assert!(server.connect(&[("cookie", cookies.as_str())]).await.is_err());
    }
}

#[tokio::test]
async fn a_cookie_is_renewed_while_in_use_and_never_after_it_was_replaced() {
    let server = start_server().await;
    let guest = session(&server, &[]).await.cookie.expect("a cookie");
    assert_eq!(session(&server, &[&guest]).await.cookie.as_ref(), Some(&guest));
    let ann = server.cookie(&server.member("Ann").await);
    let bob = server.member("Bob").await;
    assert_eq!(session(&server, &[&ann]).await.cookie.as_ref(), Some(&ann));
    let program = server.ask("POST", "/api/session", Some(&bob), Value::Null).await;
    assert_eq!(
        (program.status, program.cookie),
        (200, None),
        "a program gets no cookie"
    );
    // Two tabs: one requests its session while the other signs in to another account.
    for before in [&guest, &ann] {
        let sign_in = json!({"name": "Bob", "password": "correct horse"});
        let signed_in = browse(&server, "POST", "/api/sign-in", &[before], sign_in).await;
        assert!(signed_in.cookie.is_some());
        let late = session(&server, &[before]).await;
        assert_eq!((late.status, late.cookie), (200, None));
    }
}

/// B7: over HTTPS no other page of the host or its domain can set the cookie.
#[tokio::test]
async fn over_https_the_cookie_belongs_to_this_host_alone() {
    let server = start_server_with(behind_a_proxy).await;
    let plain = session(&server, &[]).await;
    let set_over_http = plain.cookie.expect("a cookie");
    let secure = page_over_https(&server, &set_over_http);
    let over_https = server.request("POST", "/api/session", &secure, Value::Null).await;
    let cookie = over_https.cookie.expect("a cookie");
    let port = server.inner.address().port();
    assert!(cookie.starts_with(&format!("__Host-snug-{port}=")), "{cookie}");
    assert_ne!(over_https.body["chatId"], plain.body["chatId"]);
    // The reverse is ignored too: over HTTP, an attacker on the network could have set this cookie.
    let downgraded = session(&server, &[&cookie]).await;
    assert_ne!(downgraded.body["chatId"], over_https.body["chatId"]);
    let back = page_over_https(&server, &format!("{set_over_http}; {cookie}"));
    let back = server.request("POST", "/api/session", &back, Value::Null).await;
    assert_eq!(back.body["chatId"], over_https.body["chatId"]);
    assert_eq!(credential(&back.cookie.expect("renewed")), credential(&cookie));
}

/// BC-45: a browser that stores no cookies.
#[tokio::test]
async fn a_guest_without_cookies_has_a_token_and_a_page_with_a_cookie_does_not_get_it() {
    let server = start_server().await;
    let wanted = json!({"token": true});
    let guest = browse(&server, "POST", "/api/session", &[], wanted.clone()).await;
    let id = guest.body["chatId"].as_str().expect("an id").to_owned();
    let token = guest.body["token"].as_str().expect("a token").to_owned();
    let origin = format!("http://{}", server.inner.address());
    for _ in 0..2 {
        let mut client = server
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
    let again = server
        .request("POST", "/api/session", &bearer, wanted.clone())
        .await;
    assert_eq!(
        (&again.body["chatId"], &again.body["token"]),
        (&json!(id), &Value::Null)
    );
    let page = server
        .request("GET", "/api/rooms/lobby/messages?before=1", &bearer, Value::Null)
        .await;
    assert_eq!(page.status, 200);
    // A page whose cookie is sent does not get the token: its scripts could not read the cookie either.
    let member = server.cookie(&server.member("Ann").await);
    for cookie in [guest.cookie.as_deref().expect("a cookie"), &member] {
        let known = browse(&server, "POST", "/api/session", &[cookie], wanted.clone()).await;
        assert_eq!((known.status, &known.body["token"]), (200, &Value::Null));
    }
    assert_eq!(session(&server, &[]).await.body["token"], Value::Null);
    // A void credential does not prevent a new cookie.
    let stale = format!("origin: {origin}\r\nauthorization: Bearer x.y\r\ncookie: {member}\r\n");
    let known = server.request("POST", "/api/session", &stale, Value::Null).await;
    assert_eq!(known.body["account"]["name"], "Ann");
}

/// B6: the scheme of an origin counts, as the request has it or as a trusted proxy states it.
#[tokio::test]
async fn a_page_of_another_scheme_counts_as_another_site() {
    let server = start_server_with(behind_a_proxy).await;
    let address = server.inner.address();
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
        let answer = server
            .request("POST", "/api/session", &headers, Value::Null)
            .await;
        assert_eq!(answer.status, status, "{proto} {origin}");
        let shaken = server
            .connect(&[("origin", origin.as_str()), ("x-forwarded-proto", proto)])
            .await;
        assert_eq!(shaken.is_ok(), status == 200, "{proto} {origin}");
    }
}

#[tokio::test]
async fn signing_out_ends_every_session_of_the_browser_and_clears_every_cookie_of_the_port() {
    let server = start_server_with(behind_a_proxy).await;
    let (ann, bob) = (server.member("Ann").await, server.member("Bob").await);
    let cookies = format!("{}; {}", server.cookie(&ann), server.cookie(&bob));
    let (name, _) = cookies.split_once('=').expect("a cookie");
    let headers = page_over_https(&server, &format!("{cookies}; __Host-{cookies}"));
    let head = server.head("POST", "/api/sign-out", &headers).await;
    let cleared = |name: &str, path: &str| {
        let begins = format!("set-cookie: {name}=; Path={path}; Max-Age=0");
        head.lines().any(|it| it.starts_with(&begins))
    };
    assert!(cleared(&format!("__Host-{name}"), "/"), "{head}");
    assert!(cleared(name, "/") && cleared(name, "/api"), "{head}");
    let gone = server.ask("GET", "/api/sessions", Some(&ann), Value::Null).await;
    assert_eq!(gone.status, 401, "it was in the cookie over HTTPS");
    server
        .request(
            "POST",
            "/api/sign-out",
            &format!(
                "origin: http://{}\r\ncookie: {cookies}\r\n",
                server.inner.address()
            ),
            Value::Null,
        )
        .await;
    let gone = server.ask("GET", "/api/sessions", Some(&bob), Value::Null).await;
    assert_eq!(gone.status, 401);
}
