//! Reads the client's address from the `X-Forwarded-For` of a trusted proxy.
//!
//! Each proxy appends the address of its peer, so the list is read from the end: the last address that is not a trusted proxy's is
//! the client's, and the addresses before it were written by untrusted parties. Proxies write an address with or without a port, in
//! brackets or in quotes (RFC 7239, section 6). Reading stops at an element that is no address (`unknown`, an obfuscated name): the
//! last known hop then counts as the client. The `Forwarded` header is not read.

use std::net::{IpAddr, Ipv4Addr};

use warp::http::HeaderMap;

use super::notices;

/// Returns the client's address; `None` if no hop is known.
pub fn client(headers: &HeaderMap, is_trusted_proxy: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut hop = None;
    for element in elements(headers, "x-forwarded-for").rev() {
        match address(element) {
            Some(address) if is_trusted_proxy(address) => hop = Some(address),
            Some(address) => return Some(address),
            None => {
                notices::unknown_client();
                break;
            }
        }
    }
    hop
}

/// Whether the client of the last proxy used HTTPS; `None` if the proxy does not report it.
pub fn is_secure(headers: &HeaderMap) -> Option<bool> {
    let scheme = elements(headers, "x-forwarded-proto").next_back()?;
    Some(scheme.eq_ignore_ascii_case(b"https"))
}

/// Returns the elements of a list (RFC 9110, section 5.6.1), without empty ones.
fn elements<'a>(headers: &'a HeaderMap, name: &str) -> std::vec::IntoIter<&'a [u8]> {
    // Compared as bytes: the part that the client wrote itself, before the proxy's, need not be text.
    let values = headers.get_all(name).iter();
    let elements = values.flat_map(|it| it.as_bytes().split(|byte| *byte == b','));
    let elements = elements.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty());
    elements.collect::<Vec<_>>().into_iter()
}

/// Parses an address: bare, with a port, in brackets or in quotes.
fn address(element: &[u8]) -> Option<IpAddr> {
    let element = std::str::from_utf8(element).ok()?;
    let quoted = element.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let node = quoted.unwrap_or(element).trim();
    if let Ok(address) = node.parse() {
        return Some(address);
    }
    if let Some(rest) = node.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let port = port.strip_prefix(':');
        let well_formed = port.map_or(rest.ends_with(']'), is_port);
        let address = address.parse().ok().filter(|_| well_formed)?;
        return Some(IpAddr::V6(address));
    }
    let (address, port) = node.split_once(':')?;
    let address = address.parse::<Ipv4Addr>().ok()?;
    is_port(port).then_some(address.into())
}

fn is_port(port: &str) -> bool {
    let (digits, obfuscated) = (port.parse::<u16>().is_ok(), port.starts_with('_'));
    digits || obfuscated
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value).expect("a value");
            headers.append("x-forwarded-for", value);
        }
        headers
    }

    fn read(values: &[&[u8]]) -> Option<String> {
        let is_trusted_proxy =
            |it: IpAddr| it.to_string().starts_with("10.") || it.to_string().starts_with("fd00:");
        client(&headers(values), is_trusted_proxy).map(|it| it.to_string())
    }

    #[test]
    fn every_way_to_write_an_address_is_read() {
        for (written, address) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:4711", "192.0.2.7"),
            ("\"192.0.2.7:4711\"", "192.0.2.7"),
            ("192.0.2.7:_x", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("\"[2001:db8::7]:4711\"", "2001:db8::7"),
            ("  192.0.2.7 ,", "192.0.2.7"),
            (", ,192.0.2.7:1, ,", "192.0.2.7"),
        ] {
            assert_eq!(read(&[written.as_bytes()]).as_deref(), Some(address), "{written}");
            let behind = format!("6.6.6.6, {written}, 10.0.0.9:1, [fd00::1]:2,");
            assert_eq!(read(&[behind.as_bytes()]).as_deref(), Some(address), "{behind}");
        }
    }

    #[test]
    fn what_is_no_address_ends_the_reading_at_the_last_hop_that_is_known() {
        for unknown in [
            "unknown",
            "_hidden",
            "\"_hidden:_x\"",
            "192.0.2.7:",
            "192.0.2.7:x",
            "192.0.2.7:99999",
            "192.0.2",
            "[192.0.2.7]",
            "[2001:db8::7",
            "[2001:db8::7]x",
            "[]",
            "\"192.0.2.7",
            "localhost",
        ] {
            assert_eq!(read(&[unknown.as_bytes()]), None, "{unknown}");
            let behind = format!("6.6.6.6, {unknown}, 10.0.0.9:1");
            assert_eq!(
                read(&[behind.as_bytes()]).as_deref(),
                Some("10.0.0.9"),
                "{behind}"
            );
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[b"", b" , "]), None);
    }

    #[test]
    fn what_a_client_wrote_itself_does_not_matter_whatever_it_is() {
        for own in [&b"6.6.6.6"[..], b"\xff\xfe", b"unknown", b"\"", b"10.6.6.6"] {
            let line = [own, b", 192.0.2.7:5"].concat();
            assert_eq!(read(&[&line]).as_deref(), Some("192.0.2.7"));
            assert_eq!(read(&[own, b"192.0.2.7:5"]).as_deref(), Some("192.0.2.7"));
        }
        assert_eq!(
            read(&[b"10.0.0.5, 10.0.0.9"]).as_deref(),
            Some("10.0.0.5"),
            "inside"
        );
    }
}
