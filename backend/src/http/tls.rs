//! Terminates TLS (RFC 8446) in the server itself, for installations without a proxy in front.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use anyhow::{Context, Result};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::{config::TlsFiles, net::socket::Socket};

/// The certificate in force, which can be reloaded while connections stay open.
pub struct Tls {
    files: TlsFiles,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Loads the certificate and the key.
    pub fn load(files: &TlsFiles) -> Result<Self> {
        Ok(Self {
            files: files.clone(),
            config: RwLock::new(read(files)?),
        })
    }

    /// Reloads the files. If they are invalid, the certificate in force stays.
    pub fn reload(&self) -> Result<()> {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = read(&self.files)?;
        Ok(())
    }

    /// Performs the handshake.
    pub async fn accept(&self, socket: TcpStream) -> io::Result<Socket> {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let socket = TlsAcceptor::from(config).accept(socket).await?;
        Ok(Socket::Tls(Box::new(socket)))
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>> {
    let unreadable = |path: &PathBuf| format!("could not read {} as a PEM file", path.display());
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| unreadable(&files.cert))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).with_context(|| unreadable(&files.key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| {
            let (cert, key) = (files.cert.display(), files.key.display());
            format!("{cert} and {key} do not match")
        })?;
    // WebSockets over HTTP/2 (RFC 8441) are not supported.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
