//! Trust in servers: roots, the one TLS configuration, and what went wrong.
//!
//! There is one configuration for all accounts and connections, so that TLS
//! session tickets are found again; behind a proxy there are none, because a
//! ticket tells the server who comes back. The certificate is always checked against
//! the domain of the address, never against a name that the DNS gave us, and
//! there is no way around the check. An account may be tied to one key
//! instead, which then is all that is asked for. The cryptography provider
//! (ring) is named here and never taken from the process: two of them in one
//! process panic.
//!
//! # Source
//! RFC 6120 §13.7.1, RFC 7590, RFC 9266 (tls-exporter), RFC 5929 §4
//! (tls-server-end-point), XEP-0368 (ALPN).

pub(super) mod own;
mod pinned;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, ProtocolVersion, RootCertStore};
use tokio_rustls::client::TlsStream;

use self::own::Own;
use super::certificates;
use super::sasl::SignedIn;
use crate::engine::model::{CertificateFacts, ConnectionProblem, SecurityReport};

/// The name of our protocol in a direct TLS handshake (XEP-0368 §4).
const ALPN: &[u8] = b"xmpp-client";

/// The label of RFC 9266 §2.
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// Whom to trust, in the form TLS needs it.
#[derive(Debug)]
pub struct TlsSettings {
    after_starttls: Arc<ClientConfig>,
    direct: Arc<ClientConfig>,
}

/// Why the trusted certificates could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TlsSettingsError {
    /// The file with further certificates cannot be read or holds none.
    #[error("no certificate could be read from {}", path.display())]
    ExtraCertificates {
        /// The file that was named.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Option<rustls::pki_types::pem::Error>,
    },
    /// The cryptography library refuses to work.
    #[error("TLS is not available")]
    Unavailable(#[from] rustls::Error),
}

impl TlsSettings {
    /// Loads the system's trusted certificates, and those of a PEM file.
    ///
    /// Reads files: not for the window's thread.
    ///
    /// # Errors
    /// [`TlsSettingsError::ExtraCertificates`] when the file was named but
    /// holds no certificate. Missing system certificates are only logged: the
    /// connection will then say that the issuer is unknown.
    pub fn load(extra_ca: Option<&Path>) -> Result<Self, TlsSettingsError> {
        let mut roots = RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "some of the system's certificates could not be read");
        }
        roots.add_parsable_certificates(system.certs);
        if let Some(path) = extra_ca {
            for certificate in read_pem(path)? {
                roots.add(certificate)?;
            }
        }
        Self::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> Result<Self, TlsSettingsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut direct = config.clone();
        direct.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self {
            after_starttls: Arc::new(config),
            direct: Arc::new(direct),
        })
    }

    /// Returns the configuration for a connection that begins with TLS, or for
    /// the handshake after `<proceed/>`. `own` is shown where it is asked for.
    pub(super) fn config(
        &self,
        is_direct: bool,
        is_by_proxy: bool,
        pinned_key: Option<[u8; 32]>,
        own: Option<&Own>,
    ) -> Arc<ClientConfig> {
        let config = if is_direct {
            &self.direct
        } else {
            &self.after_starttls
        };
        let mut config = Arc::clone(config);
        if is_by_proxy {
            // One account's ticket must not show up with another's.
            let mut unlinked = ClientConfig::clone(&config);
            unlinked.resumption = Resumption::disabled();
            config = Arc::new(unlinked);
        }
        if let Some(key) = pinned_key {
            config = Arc::new(pinned::only(&config, key));
        }
        if let Some(own) = own {
            config = Arc::new(own::showing(&config, own));
        }
        config
    }
}

fn read_pem(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsSettingsError> {
    let failed = |cause| TlsSettingsError::ExtraCertificates {
        path: path.to_owned(),
        cause,
    };
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| failed(Some(cause)))?;
    if certificates.is_empty() {
        return Err(failed(None));
    }
    Ok(certificates)
}

/// Returns the name that the certificate must be for, of an address's domain.
///
/// # Errors
/// [`ConnectionProblem::ServerNotFound`] when it cannot be the name of a server.
pub(super) fn server_name(domain: &str) -> Result<ServerName<'static>, ConnectionProblem> {
    let not_found = || ConnectionProblem::ServerNotFound {
        domain: domain.to_owned(),
    };
    let bare = domain.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<std::net::IpAddr>() {
        return Ok(ServerName::IpAddress(ip.into()));
    }
    let ascii = to_ascii(domain).ok_or_else(not_found)?;
    ServerName::try_from(ascii).map_err(|_| not_found())
}

/// Returns a domain as it stands in certificates and in the DNS.
pub(super) fn to_ascii(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain)
        .ok()
        .filter(|ascii| !ascii.is_empty())
}

/// What TLS tells about a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    /// The TLS version as it stands in a handshake: `0x0304` is TLS 1.3.
    pub version: u16,
    /// Name of the cipher.
    pub cipher: String,
    /// The server's certificate and those above it, as it sent them.
    pub certificates: Vec<CertificateFacts>,
    /// The `tls-exporter` value, where there is a safe one.
    pub exporter: Option<[u8; 32]>,
    /// The `tls-server-end-point` value, where there is one.
    pub end_point: Option<Vec<u8>>,
}

impl Channel {
    /// Asks a connection.
    pub fn of(connection: &ClientConnection) -> Self {
        let chain = connection.peer_certificates().unwrap_or_default();
        Self {
            version: connection.protocol_version().map_or(0, u16::from),
            cipher: cipher(connection),
            certificates: certificates::facts(chain.iter().map(AsRef::as_ref)),
            exporter: exporter(connection),
            end_point: chain
                .first()
                .and_then(|first| certificates::end_point(first)),
        }
    }

    /// Returns what protects a connection that was signed in on.
    pub fn report(&self, signed_in: &SignedIn, is_key_pinned: bool) -> SecurityReport {
        SecurityReport {
            tls_version: self.tls_version().to_owned(),
            cipher: self.cipher.clone(),
            certificates: self.certificates.clone(),
            is_key_pinned,
            mechanism: signed_in.mechanism.to_owned(),
            channel_binding: signed_in.channel_binding.map(str::to_owned),
            is_list_confirmed: signed_in.is_list_confirmed,
            ..SecurityReport::default()
        }
    }

    /// Returns whether this is TLS 1.3.
    pub fn is_tls_13(&self) -> bool {
        self.version == u16::from(ProtocolVersion::TLSv1_3)
    }

    fn tls_version(&self) -> &'static str {
        match ProtocolVersion::from(self.version) {
            ProtocolVersion::TLSv1_3 => "TLS 1.3",
            ProtocolVersion::TLSv1_2 => "TLS 1.2",
            _ => "TLS",
        }
    }
}

fn cipher(connection: &ClientConnection) -> String {
    let Some(suite) = connection.negotiated_cipher_suite() else {
        return String::new();
    };
    let name = format!("{:?}", suite.suite());
    for (part, known) in [
        ("AES_256_GCM", "AES-256-GCM"),
        ("AES_128_GCM", "AES-128-GCM"),
        ("CHACHA20_POLY1305", "ChaCha20-Poly1305"),
    ] {
        if name.contains(part) {
            return known.to_owned();
        }
    }
    name
}

/// Returns the channel binding value of a connection, where it has a safe one.
///
/// # Source
/// RFC 9266 §4.2: for TLS 1.2 it would need the extended master secret, which
/// rustls does not tell us about, so there is none before TLS 1.3.
fn exporter(connection: &ClientConnection) -> Option<[u8; 32]> {
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    match connection.export_keying_material([0; 32], EXPORTER_LABEL, None) {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(%error, "no channel binding value");
            None
        }
    }
}

/// Returns whether a failed handshake means that the server does not speak TLS
/// at this point.
pub(super) fn is_not_spoken(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidMessage(_)) => true,
        Some(_) => false,
        None => error.kind() == std::io::ErrorKind::UnexpectedEof,
    }
}

/// Returns whether the server chose our protocol (XEP-0368 §4).
pub(super) fn speaks_xmpp<S>(connection: &TlsStream<S>) -> bool {
    connection.get_ref().1.alpn_protocol() == Some(ALPN)
}

/// Returns what a failed handshake means to the user; `None` when it is not
/// about the certificate.
pub(super) fn certificate_problem(error: &std::io::Error) -> Option<ConnectionProblem> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(error) = inner else {
        return match inner {
            rustls::Error::NoCertificatesPresented
            | rustls::Error::InvalidCertRevocationList(_) => {
                Some(ConnectionProblem::CertificateInvalid)
            }
            _ => None,
        };
    };
    Some(match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => ConnectionProblem::CertificateExpired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ConnectionProblem::CertificateOtherName
        }
        CertificateError::UnknownIssuer => ConnectionProblem::CertificateUnknownIssuer,
        // Only the check of a pinned key says so.
        CertificateError::ApplicationVerificationFailure => ConnectionProblem::CertificateOtherKey,
        _ => ConnectionProblem::CertificateInvalid,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_domain_outside_ascii_is_checked_in_its_dns_form() {
        let name = server_name("schön.example").unwrap();

        assert_eq!(name.to_str(), "xn--schn-7qa.example");
    }

    #[test]
    fn an_address_literal_is_checked_as_an_address() {
        assert!(matches!(
            server_name("127.0.0.1"),
            Ok(ServerName::IpAddress(_))
        ));
        assert!(matches!(server_name("[::1]"), Ok(ServerName::IpAddress(_))));
    }

    #[test]
    fn a_domain_that_no_server_can_have_is_refused() {
        assert!(server_name("a..b").is_err());
        assert!(server_name("exa mple").is_err());
    }

    #[test]
    fn a_missing_file_of_certificates_is_an_error_that_names_it() {
        let error = TlsSettings::load(Some(Path::new("/nonexistent/ca.pem"))).unwrap_err();

        assert!(error.to_string().contains("/nonexistent/ca.pem"));
    }

    #[test]
    fn a_file_without_certificates_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();

        assert!(TlsSettings::load(Some(file.path())).is_err());
    }
}
