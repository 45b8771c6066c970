//! The way to an account's server, from what the user set.
//!
//! What was set and cannot be read is never taken for "not set": a proxy that
//! is passed over shows the server, and the local network, who we are.

use std::path::PathBuf;

use crate::engine::link::LinkSettings;
use crate::engine::model::{Account, ConnectionProblem, place};

/// The port of a host that was given without one.
const PORT: u16 = 5222;

/// Sets the way to an account's server.
///
/// # Errors
/// `ProxyFailed` or `CertificateOtherKey` when what was set cannot be read.
pub(super) fn lead(
    mut settings: LinkSettings,
    account: &Account,
) -> Result<LinkSettings, ConnectionProblem> {
    settings.host = host(account.host.clone(), account.port);
    settings.proxy = proxy(&account.proxy)?;
    settings.pinned_key = pinned_key(&account.pinned_key)?;
    let file = Some(&account.client_certificate).filter(|path| !path.is_empty());
    settings.client_certificate = file.map(PathBuf::from);
    settings.allows_plain = account.allows_plain;
    Ok(settings)
}

/// Returns the place that stands for what the DNS says.
pub(super) fn host(host: Option<String>, port: Option<u16>) -> Option<(String, u16)> {
    host.map(|host| (host, port.unwrap_or(PORT)))
}

/// Reads a proxy; empty is none.
///
/// # Errors
/// `ProxyFailed` when it is not written as `host:port`.
pub(super) fn proxy(text: &str) -> Result<Option<(String, u16)>, ConnectionProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    place(text)
        .map(Some)
        .ok_or_else(|| ConnectionProblem::ProxyFailed {
            host: text.to_owned(),
            port: 0,
        })
}

/// Reads a SHA-256 sum in hex; empty is none.
fn pinned_key(text: &str) -> Result<Option<[u8; 32]>, ConnectionProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
        .collect();
    digits
        .filter(|digits| digits.len() == 64)
        .and_then(|digits| {
            let bytes: Vec<u8> = digits
                .chunks(2)
                .map(|pair| pair[0] << 4 | pair[1])
                .collect();
            bytes.try_into().ok()
        })
        .map(Some)
        // No server has a key that is none.
        .ok_or(ConnectionProblem::CertificateOtherKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_cannot_be_read_is_not_taken_for_none() {
        let key = format!("{}ff", "0a".repeat(31));

        let mut expected = [10; 32];
        expected[31] = 255;
        assert_eq!(pinned_key(&key), Ok(Some(expected)));
        assert_eq!(pinned_key(""), Ok(None));
        for odd in ["0a", "zz", &"0a".repeat(33), &format!("{key}0")] {
            assert_eq!(
                pinned_key(odd),
                Err(ConnectionProblem::CertificateOtherKey),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_read_is_not_taken_for_none() {
        assert_eq!(proxy(" "), Ok(None));
        assert_eq!(proxy("[::1]:9050"), Ok(Some(("::1".to_owned(), 9050))));
        assert!(proxy("localhost").is_err());
    }
}
