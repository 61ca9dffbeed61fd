//! Serves the page: its files as the build script has embedded them, hashed and compressed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use snug_shared::route::Route;
use warp::{
    Reply,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    reply::Response as Reply_,
};

/// One file of the page.
#[derive(Clone, Copy)]
struct Asset {
    path: &'static str,
    kind: &'static str,
    etag: &'static str,
    /// The file's name contains its hash: its content never changes.
    immutable: bool,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

use crate::base::Base;

include!(concat!(env!("OUT_DIR"), "/page.rs"));

const UNBUILT: &str = "This server was built without its page. Build it with: cargo xtask build\n";

/// The base URL of the page (HTML, section 4.2.3), as `index.html` writes it.
const ROOT: &str = "<base href=\"/\">";

/// The files of the page, one of which contains the base URL.
pub struct Files {
    index: Option<Asset>,
}

impl Files {
    /// Loads the files for a page under this path.
    pub fn new(base: &Base) -> Self {
        let built = find("/index.html").copied();
        let index = match built {
            Some(built) if !base.is_root() => Some(built.at(base)),
            built => built,
        };
        Self { index }
    }

    /// Serves a file, or the page itself for its own routes.
    pub fn serve(&self, path: &str, method: &Method, headers: &HeaderMap) -> Reply_ {
        if method != Method::GET && method != Method::HEAD {
            let allow = (header::ALLOW, "GET, HEAD");
            return warp::reply::with_header(StatusCode::METHOD_NOT_ALLOWED, allow.0, allow.1)
                .into_response();
        }
        let Some(index) = self.index else {
            return warp::reply::with_status(UNBUILT, StatusCode::SERVICE_UNAVAILABLE).into_response();
        };
        let file = find(path).filter(|it| it.path != index.path);
        let status = if file.is_some() || path == index.path || Route::parse(path).is_some() {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        answer(file.copied().unwrap_or(index), status, headers)
    }
}

impl Asset {
    /// Returns the page for a base path. It is built once, and not compressed: no other part of the program needs a compressor.
    fn at(self, base: &Base) -> Self {
        let there = format!("<base href=\"{base}\">");
        let plain = String::from_utf8_lossy(self.plain).replacen(ROOT, &there, 1);
        let path: String = URL_SAFE_NO_PAD.encode(base.as_str());
        Self {
            etag: format!("{}-{path}\"", self.etag.trim_end_matches('"')).leak(),
            plain: plain.into_bytes().leak(),
            gzip: &[],
            brotli: &[],
            ..self
        }
    }
}

/// Returns the content security policy: that of the page for itself and for the worker, which has the policy of its own response (CSP
/// Level 3, section 4.2.1). Any other file that is opened by itself may do nothing.
fn policy(asset: Asset) -> &'static str {
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

fn answer(asset: Asset, status: StatusCode, headers: &HeaderMap) -> Reply_ {
    let fresh =
        values(headers, header::IF_NONE_MATCH).any(|tags| tags.trim() == "*" || tags.contains(asset.etag));
    let accepted = Accepted::of(headers);
    let (body, encoding) = if fresh {
        (&[][..], None)
    } else if !asset.brotli.is_empty() && accepted.brotli > 0.0 && accepted.brotli >= accepted.gzip {
        (asset.brotli, Some("br"))
    } else if !asset.gzip.is_empty() && accepted.gzip > 0.0 {
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

/// Returns the comma-separated values of a header, from all its lines.
fn values(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values.filter_map(|value: &HeaderValue| value.to_str().ok())
}

/// The weights that a client gives to each encoding (RFC 9110, section 12.5.3): 0 is not acceptable.
#[derive(Debug, Default, PartialEq)]
struct Accepted {
    brotli: f32,
    gzip: f32,
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let (mut brotli, mut gzip, mut any) = (None, None, 0.0);
        let lists = values(headers, header::ACCEPT_ENCODING);
        for element in lists.flat_map(|list| list.split(',')) {
            let (coding, parameters) = element.split_once(';').unwrap_or((element, ""));
            let weight = parameters.split(';').find_map(|it| {
                let (name, weight) = it.split_once('=')?;
                name.trim().eq_ignore_ascii_case("q").then(|| weight.trim())
            });
            // A malformed weight counts as 0.
            let weight = weight.map_or(1.0, |it| it.parse::<f32>().unwrap_or_default());
            match coding.trim().to_ascii_lowercase().as_str() {
                "br" => brotli = Some(weight),
                "gzip" | "x-gzip" => gzip = Some(weight),
                "*" => any = weight,
                _ => {}
            }
        }
        Self {
            brotli: brotli.unwrap_or(any),
            gzip: gzip.unwrap_or(any),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_where_it_is() {
        let Some(built) = find("/index.html") else { return };
        assert_eq!(String::from_utf8_lossy(built.plain).matches(ROOT).count(), 1);
        let page = built.at(&"/chat/".parse().expect("a base"));
        assert!(String::from_utf8_lossy(page.plain).contains("<base href=\"/chat/\">"));
        assert_ne!(page.etag, built.etag);
    }

    #[test]
    fn an_encoding_is_sent_to_who_wants_it_and_to_nobody_who_does_not() {
        for (accepted, brotli, gzip) in [
            ("gzip, deflate, br, zstd", 1.0, 1.0),
            ("br;q=0, gzip", 0.0, 1.0),
            ("gzip;q=0.5, br", 1.0, 0.5),
            ("GZIP; q=1.0,BR ;Q=0.2", 0.2, 1.0),
            ("*", 1.0, 1.0),
            ("*;q=0", 0.0, 0.0),
            ("gzip, *;q=0", 0.0, 1.0),
            ("identity", 0.0, 0.0),
            ("brotli, library", 0.0, 0.0),
            ("br;q=x", 0.0, 0.0),
            ("", 0.0, 0.0),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().expect("a value"));
            assert_eq!(Accepted::of(&headers), Accepted { brotli, gzip }, "{accepted}");
        }
        assert_eq!(Accepted::of(&HeaderMap::new()), Accepted::default());
    }
}
