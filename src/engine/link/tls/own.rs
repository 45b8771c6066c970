//! The user's own certificate, shown to a server that asks for one.
//!
//! A PEM file holds it, those above it, and its key. What surprises: accounts
//! with one use no TLS tickets: a ticket brings back who one was, and the
//! tickets of all accounts lie in one place.
//!
//! # Source
//! RFC 6120 §13.7.1.2, XEP-0178 v1.2 §2 (sign-in by it, elsewhere), RFC 7468
//! (the form of the file).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use crate::engine::model::ConnectionProblem;

/// A certificate with its key.
pub(in crate::engine::link) type Own = Arc<CertifiedKey>;

/// Reads a file.
///
/// # Errors
/// `OwnCertificateUnusable` when it cannot be read, or does not hold a
/// certificate and the key that goes with it.
pub(in crate::engine::link) async fn read(path: &Path) -> Result<Own, ConnectionProblem> {
    let path = PathBuf::from(path);
    let reading = tokio::task::spawn_blocking(move || {
        let unusable = |why: String| {
            tracing::info!(file = %path.display(), why, "the own certificate cannot be used");
            ConnectionProblem::OwnCertificateUnusable
        };
        let certificates = CertificateDer::pem_file_iter(&path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unusable(error.to_string()))?;
        let key =
            PrivateKeyDer::from_pem_file(&path).map_err(|error| unusable(error.to_string()))?;
        let provider = rustls::crypto::ring::default_provider();
        if certificates.is_empty() {
            return Err(unusable("no certificate".to_owned()));
        }
        CertifiedKey::from_der(certificates, key, &provider)
            .map(Arc::new)
            .map_err(|error| unusable(error.to_string()))
    });
    reading
        .await
        .unwrap_or(Err(ConnectionProblem::OwnCertificateUnusable))
}

/// Returns a configuration like `config` that shows this certificate.
pub(super) fn showing(config: &ClientConfig, own: &Own) -> ClientConfig {
    let mut config = config.clone();
    config.resumption = Resumption::disabled();
    config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(Arc::clone(own)));
    config
}
