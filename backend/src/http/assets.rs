//! The page: its files as the build script has embedded them, hashed and compressed.

use snug_shared::addresses::is_page;
use warp::{
    Reply,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    reply::Response as Reply_,
};

/// One file of the page.
struct Asset {
    path: &'static str,
    kind: &'static str,
    etag: &'static str,
    /// Its name holds its hash: it never changes.
    immutable: bool,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/page.rs"));

const UNBUILT: &str = "This Snug was built without its page. Build it with: cargo xtask build\n";

/// A file, or the page itself for its own routes.
pub fn serve(path: &str, method: &Method, headers: &HeaderMap) -> Reply_ {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if PAGE.is_empty() {
        return warp::reply::with_status(UNBUILT, StatusCode::SERVICE_UNAVAILABLE).into_response();
    }
    if let Some(asset) = find(path) {
        return answer(asset, StatusCode::OK, headers);
    }
    let status = if is_page(path) {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    match find("/index.html") {
        Some(index) => answer(index, status, headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The policy of the page for itself and for the worker, which has the one it came with (CSP Level 3, section 4.2.1). What else is
/// opened by itself may do nothing.
fn policy(asset: &Asset) -> &'static str {
    if asset.kind.starts_with("text/html") || asset.path.ends_with("worker.js") {
        CSP
    } else {
        "default-src 'none'; sandbox"
    }
}

fn find(path: &str) -> Option<&'static Asset> {
    PAGE.binary_search_by(|asset| asset.path.cmp(path))
        .ok()
        .map(|index| &PAGE[index])
}

fn answer(asset: &'static Asset, status: StatusCode, headers: &HeaderMap) -> Reply_ {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let fresh = text(header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(asset.etag));
    let accepts = text(header::ACCEPT_ENCODING).unwrap_or_default();
    let (body, encoding) = if fresh {
        (&[][..], None)
    } else if accepts.contains("br") && !asset.brotli.is_empty() {
        (asset.brotli, Some("br"))
    } else if accepts.contains("gzip") && !asset.gzip.is_empty() {
        (asset.gzip, Some("gzip"))
    } else {
        (asset.plain, None)
    };
    let caching = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = Response::builder()
        .status(if fresh { StatusCode::NOT_MODIFIED } else { status })
        .header(header::CONTENT_TYPE, asset.kind)
        .header(header::ETAG, asset.etag)
        .header(header::VARY, "accept-encoding")
        .header(header::CACHE_CONTROL, caching)
        .header(header::CONTENT_SECURITY_POLICY, policy(asset))
        .body(body)
        .into_response();
    if let Some(encoding) = encoding {
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}
