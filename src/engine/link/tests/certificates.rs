//! An authority for the tests, and certificates good and bad.

use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::engine::link::TlsSettings;

/// An authority that signs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }
}

fn trusted() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| Authority::new("Stonechat tests"))
}

/// Returns the authority that signs the good certificates, as PEM.
pub fn authority_pem() -> &'static str {
    &trusted().pem
}

/// What is right or wrong with a server's certificate.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Good,
    Expired,
    NotYet,
    OtherName,
    UnknownIssuer,
    /// Good, of a server that speaks something else.
    Web,
    /// Good, of a server that asks for the client's.
    AsksForOwn,
}

/// Returns settings that trust the tests' authority besides the system's.
pub fn trusting_the_test_authority() -> Arc<TlsSettings> {
    static SETTINGS: OnceLock<Arc<TlsSettings>> = OnceLock::new();
    Arc::clone(SETTINGS.get_or_init(fresh_settings))
}

/// The same, with no TLS session of another test in them.
pub fn fresh_settings() -> Arc<TlsSettings> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &trusted().pem).unwrap();
    Arc::new(TlsSettings::load(Some(file.path())).unwrap())
}

/// A certificate of a person.
pub struct OwnCertificate {
    /// It and its key, as they stand in a file.
    pub pem: String,
    /// It alone, as it goes over the wire.
    pub der: Vec<u8>,
}

/// Makes a certificate for somebody.
pub fn own_certificate(name: &str) -> OwnCertificate {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &trusted().issuer).unwrap();
    OwnCertificate {
        pem: format!("{}{}", certificate.pem(), key.serialize_pem()),
        der: certificate.der().to_vec(),
    }
}

/// Returns what a server for `example.org` needs to accept TLS, and its
/// certificate.
pub fn acceptor(
    kind: Kind,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (TlsAcceptor, Vec<u8>) {
    let name = match kind {
        Kind::OtherName => "other.example",
        _ => "example.org",
    };
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    match kind {
        Kind::Expired => params.not_after = date_time_ymd(2001, 1, 1),
        Kind::NotYet => params.not_before = date_time_ymd(4000, 1, 1),
        _ => {}
    }
    let key = KeyPair::generate().unwrap();
    let certificate = if kind == Kind::UnknownIssuer {
        params.signed_by(&key, &Authority::new("Mallory").issuer)
    } else {
        params.signed_by(&key, &trusted().issuer)
    };
    let certificate = certificate.unwrap().der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = if kind == Kind::AsksForOwn {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(trusted().pem.as_bytes()).unwrap();
        roots.add(root).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .allow_unauthenticated()
            .build();
        builder.with_client_cert_verifier(verifier.unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    if kind != Kind::Web {
        config.alpn_protocols = vec![b"xmpp-client".to_vec()];
    }
    (TlsAcceptor::from(Arc::new(config)), certificate.to_vec())
}
