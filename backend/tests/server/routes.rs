//! Every route under `/api`, from the server's source.

use serde_json::json;

use crate::support::start_server;

const SOURCE: &str = include_str!("../../src/http/api/mod.rs");
/// The paths that the page requests.
const SHARED: &str = include_str!("../../../shared/src/api.rs");

/// Routes that answer without authentication: joining, registering, signing in and out, the join_policy page, the public push key,
/// and pictures, whose ids are hashes.
const PUBLIC: &[&str] = &[
    "POST /api/session",
    "GET /api/server",
    "GET /api/pictures/{}",
    "POST /api/account",
    "POST /api/sign-in",
    "POST /api/sign-in-link/account",
    "POST /api/sign-out",
    "POST /api/sign-in/passkey/options",
    "POST /api/sign-in/passkey",
    "POST /api/check-link",
    "GET /api/push/key",
];

/// Method and path of each arm of `answer`, with `{}` for its parameters.
fn routes() -> Vec<(&'static str, String)> {
    let arms = SOURCE.lines().filter_map(|line| {
        let (pattern, _) = line.trim().strip_prefix("(\"")?.split_once("]) => ")?;
        let (method, parts) = pattern.split_once("\", [")?;
        let parts = parts.split(", ").map(|part| {
            part.strip_prefix('"')
                .map_or("{}", |word| word.trim_end_matches('"'))
        });
        Some((method, format!("/api/{}", parts.collect::<Vec<_>>().join("/"))))
    });
    arms.collect()
}

#[tokio::test]
async fn every_route_is_authenticated_or_public() {
    let server = start_server().await;
    let routes = routes();
    assert!(routes.len() > 30, "{routes:?}");
    let mut open = Vec::new();
    for (method, path) in routes {
        let asked = path.replace("{}", "lobby");
        let answer = server.request(method, &asked, "", json!({})).await;
        if answer.body["error"] != "hello_required" {
            open.push(format!("{method} {path}"));
        }
    }
    assert_eq!(open, PUBLIC);
}

#[test]
fn every_path_that_the_page_requests_has_a_route() {
    let routes = routes();
    let paths = SHARED.lines().filter_map(|line| {
        let (_, path) = line.strip_prefix("pub const ")?.split_once(": &str = \"")?;
        path.strip_suffix("\";").filter(|path| path.starts_with("/api/"))
    });
    // An upload's route is apart, and is made of the constant itself.
    let paths = paths.filter(|path| *path != snug_shared::api::AVATAR);
    let paths: Vec<_> = paths.collect();
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        let below = format!("{path}/");
        let known = |route: &str| route == path || route.starts_with(&below);
        assert!(routes.iter().any(|(_, route)| known(route)), "{path}");
    }
}
