//! One key instead of any that is certified.
//!
//! For accounts whose user pinned the server's key, by its digest. Name, dates
//! and issuer of the certificate mean nothing then: whoever has the key is the
//! server. Possession is proved by the handshake, as ever.
//!
//! # Source
//! RFC 7469 §2.4 (what the digest is of).

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::engine::link::certificates;

/// Returns a configuration like `config` that takes this key and no other.
pub(super) fn only(config: &ClientConfig, key: [u8; 32]) -> ClientConfig {
    let mut config = config.clone();
    let provider = Arc::clone(config.crypto_provider());
    // Tickets of servers that were checked in another way are none of ours.
    config.resumption = Resumption::disabled();
    config
        .dangerous()
        .set_certificate_verifier(Arc::new(OneKey { key, provider }));
    config
}

#[derive(Debug)]
struct OneKey {
    key: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OneKey {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if certificates::key_sha256(end_entity) == Some(self.key) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
