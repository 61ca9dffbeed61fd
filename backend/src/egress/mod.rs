//! Sends every request that this server makes by itself.
//!
//! Anyone may name an address for it, and this machine can reach addresses that they cannot: itself, its network, the metadata
//! of a cloud. So a name is resolved here, each address is checked, and the connection is made to the address that was checked.
//! Redirects are not followed, and only the head of a response is read.

mod public;

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, client::conn::http1, http::response::Parts};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    sync::OnceCell,
    task::spawn_blocking,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider, pki_types::ServerName},
};
use warp::http::{Uri, header::HOST, uri::Scheme};

use self::public::is_public;

/// The limit for a request, from the name look-up to the head of the response.
const TIME: Duration = Duration::from_secs(10);
/// The limit for connecting, from the name look-up on.
const CONNECTING: Duration = Duration::from_secs(3);
/// The limit for connecting to one of several addresses.
const ONE_ADDRESS: Duration = Duration::from_secs(1);
/// The maximum size of a response's head, in bytes.
const HEAD: usize = 16 * 1024;

/// The reason why there is no response.
#[derive(Debug, Error)]
pub enum EgressError {
    /// The host has no address that this server may connect to.
    #[error("it has no address that this server may connect to")]
    NotPublic,
    /// The URI is not one that HTTP requests can be sent to.
    #[error("it is not a valid address")]
    NoAddress,
    /// The host does not accept the connection, or cannot prove its identity.
    #[error("it could not be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// The response is not HTTP.
    #[error("it does not speak HTTP: {0}")]
    NotHttp(#[from] hyper::Error),
    /// The request took more than 10 seconds.
    #[error("it did not answer in time")]
    TooLate,
}

impl EgressError {
    /// Returns whether another try would end the same.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::NotPublic | Self::NoAddress)
    }
}

/// A client that sends requests.
#[derive(Clone)]
pub struct Egress {
    allowed: Arc<[IpNet]>,
    tls: Arc<OnceCell<TlsConnector>>,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Egress").field(&self.allowed).finish()
    }
}

impl Egress {
    /// Creates a client for public addresses, and for those in the networks that the operator allows.
    #[must_use]
    pub fn new(allowed: &[IpNet]) -> Self {
        Self {
            allowed: allowed.into(),
            tls: Arc::default(),
        }
    }

    /// Returns whether a URI is forbidden by its text alone: its address is not public, or it is not encrypted and the operator
    /// has allowed no network.
    #[must_use]
    pub fn is_forbidden(&self, uri: &Uri) -> bool {
        let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        match uri.host().map(strip_brackets).and_then(|it| it.parse().ok()) {
            Some(address) => !self.may_reach(address, encrypted),
            None => !encrypted && self.allowed.is_empty(),
        }
    }

    /// Sends a request once, and returns the head of the response.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Parts, EgressError> {
        timeout(TIME, self.exchange(request))
            .await
            .unwrap_or(Err(EgressError::TooLate))
    }

    async fn exchange(&self, mut request: Request<Full<Bytes>>) -> Result<Parts, EgressError> {
        let uri = request.uri().clone();
        let authority = uri.authority().ok_or(EgressError::NoAddress)?;
        let host = strip_brackets(authority.host());
        let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let socket = timeout(CONNECTING, self.connect(host, port, encrypted));
        let socket = socket.await.unwrap_or(Err(EgressError::TooLate))?;
        let value = authority.as_str().parse().map_err(|_| EgressError::NoAddress)?;
        request.headers_mut().insert(HOST, value);
        let path = uri.path_and_query().map_or("/", |it| it.as_str());
        *request.uri_mut() = path.parse().map_err(|_| EgressError::NoAddress)?;
        if !encrypted {
            return answer(socket, request).await;
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| EgressError::NoAddress)?;
        let tls = self.tls.get_or_try_init(connector).await?;
        answer(tls.connect(name, socket).await?, request).await
    }

    /// Connects to the first address that answers, among those that the server may connect to.
    async fn connect(&self, host: &str, port: u16, encrypted: bool) -> Result<TcpStream, EgressError> {
        let addresses: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
        let mut last = EgressError::NotPublic;
        for address in addresses {
            if !self.may_reach(address.ip(), encrypted) {
                continue;
            }
            last = match timeout(ONE_ADDRESS, TcpStream::connect(address)).await {
                Ok(Ok(socket)) => return Ok(socket),
                Ok(Err(error)) => error.into(),
                Err(_) => EgressError::TooLate,
            };
        }
        Err(last)
    }

    /// Returns whether the server may connect to an address. Unencrypted requests are sent to the operator's own networks only.
    fn may_reach(&self, address: IpAddr, encrypted: bool) -> bool {
        self.allowed.iter().any(|it| it.contains(&address)) || (encrypted && is_public(address))
    }
}

/// Removes the brackets of an IPv6 address, as a name look-up requires.
fn strip_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

async fn answer<S>(socket: S, request: Request<Full<Bytes>>) -> Result<Parts, EgressError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(socket))
        .await?;
    let answer = sender.send_request(request);
    tokio::pin!(answer, connection);
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // The connection ended. The response, if it was read before, is with the sender.
        _ = connection => answer.await,
    };
    // The body is not read: the connection is dropped here.
    Ok(answer?.into_parts().0)
}

/// Creates a TLS connector that trusts the system's certificates.
async fn connector() -> Result<TlsConnector, EgressError> {
    let found = spawn_blocking(rustls_native_certs::load_native_certs);
    let found = found.await.map_err(io::Error::other)?;
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(found.certs);
    if known == 0 {
        return Err(io::Error::other("the system has no certificates of authorities").into());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(allowed: &[&str], uri: &str) -> bool {
        let allowed: Vec<IpNet> = allowed.iter().map(|it| it.parse().expect("a network")).collect();
        Egress::new(&allowed).is_forbidden(&uri.parse().expect("a URI"))
    }

    #[test]
    fn an_address_that_is_not_public_is_refused_unless_the_operator_allows_it() {
        assert!(!refuses(&[], "https://push.example/a"));
        assert!(!refuses(&[], "https://1.1.1.1/a"));
        assert!(refuses(&[], "https://127.0.0.1/a"));
        assert!(refuses(&[], "https://[::1]:8443/a"));
        assert!(refuses(&[], "https://[::ffff:127.0.0.1]/a"));
        assert!(!refuses(&["127.0.0.0/8"], "https://127.0.0.1/a"));
        assert!(refuses(&["127.0.0.0/8"], "https://10.0.0.1/a"));
    }

    #[test]
    fn what_is_not_encrypted_goes_to_the_operators_networks_only() {
        assert!(refuses(&[], "http://push.example/a"));
        assert!(refuses(&["10.0.0.0/8"], "http://1.1.1.1/a"));
        assert!(!refuses(&["10.0.0.0/8"], "http://10.1.2.3/a"));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_before_anybody_is_connected_to() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let request = || {
            let uri = format!("https://localhost:{port}/a");
            Request::post(uri).body(Full::default()).expect("a request")
        };
        let refused = Egress::new(&[]).send(request()).await;
        assert!(matches!(refused, Err(EgressError::NotPublic)), "{refused:?}");
        // The first connection comes from the client that is allowed to connect.
        let allowed = Egress::new(&["127.0.0.0/8".parse().expect("a network")]);
        let (_, came) = tokio::join!(allowed.send(request()), async {
            // The listener accepts the connection and closes it.
            listener.accept().await.map(drop)
        });
        came.expect("somebody came");
    }
}
