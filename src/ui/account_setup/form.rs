//! The sign-in form's contents, and a file that can fill it.

use std::path::Path;

use crate::engine::api::SignIn;
use crate::engine::error::SignInError;
use crate::engine::model::{Secret, place};

/// What the form holds, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The address.
    pub address: String,
    /// The password.
    pub password: Secret,
    /// Host, when given by hand.
    pub host: String,
    /// Port, when given by hand.
    pub port: String,
    /// The proxy, as `host:port`.
    pub proxy: String,
    /// An open password is agreed to.
    pub allows_plain: bool,
}

/// What can be told without any network.
#[derive(Debug)]
pub enum FormError {
    /// The address, as the engine would say.
    Address(SignInError),
    /// There is no password.
    NoPassword,
    /// The port is not a number from 1 to 65535.
    Port,
    /// There is a port and no host.
    PortWithoutHost,
    /// The host holds what no host can hold.
    Host,
    /// The proxy is not a host and a port.
    Proxy,
}

/// Returns host and port as the engine takes them; empty ones are not given.
///
/// # Errors
///
/// One of them is none, or a port stands alone.
pub fn host_and_port(host: &str, port: &str) -> Result<(Option<String>, Option<u16>), FormError> {
    let port = match port.trim() {
        "" => None,
        port => Some(
            port.parse::<u16>()
                .ok()
                .filter(|port| *port > 0)
                .ok_or(FormError::Port)?,
        ),
    };
    let host = host.trim();
    // One colon would part a port; more of them are an address of IPv6.
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "/@?#".contains(c);
    if host.contains(is_odd) || host.matches(':').count() == 1 {
        return Err(FormError::Host);
    }
    if host.is_empty() && port.is_some() {
        return Err(FormError::PortWithoutHost);
    }
    Ok((Some(host.to_owned()).filter(|host| !host.is_empty()), port))
}

/// Returns a proxy as the engine takes it; an empty one is none.
///
/// # Errors
///
/// It is not a host and a port.
pub fn proxy(typed: &str) -> Result<String, FormError> {
    let typed = typed.trim();
    if !typed.is_empty() && place(typed).is_none() {
        return Err(FormError::Proxy);
    }
    Ok(typed.to_owned())
}

impl Form {
    /// Reads a form from a file of up to five lines: address, password, host,
    /// port, proxy.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let mut lines = text.lines();
        let mut line = || lines.next().unwrap_or_default().to_owned();
        Ok(Self {
            address: line().trim().to_owned(),
            password: Secret::new(line()),
            host: line().trim().to_owned(),
            port: line().trim().to_owned(),
            proxy: line().trim().to_owned(),
            allows_plain: false,
        })
    }

    /// Returns what the engine is given.
    ///
    /// # Errors
    ///
    /// Something is missing that no server needs to be asked about.
    pub fn checked(&self) -> Result<SignIn, FormError> {
        let address = self.address.trim();
        let Some((name, domain)) = address.split_once('@') else {
            return Err(FormError::Address(SignInError::AddressWithoutDomain));
        };
        if domain.is_empty() {
            return Err(FormError::Address(SignInError::AddressWithoutDomain));
        }
        if name.is_empty() || address.contains(char::is_whitespace) {
            return Err(FormError::Address(SignInError::AddressInvalid));
        }
        if domain.contains('/') {
            return Err(FormError::Address(SignInError::AddressNotAPerson));
        }
        if self.password.reveal().is_empty() {
            return Err(FormError::NoPassword);
        }
        let (host, port) = host_and_port(&self.host, &self.port)?;
        Ok(SignIn {
            address: address.to_owned(),
            password: self.password.clone(),
            host,
            port,
            allows_plain: self.allows_plain,
            proxy: proxy(&self.proxy)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(address: &str) -> Form {
        Form {
            address: address.to_owned(),
            password: Secret::new("secret"),
            host: String::new(),
            port: String::new(),
            proxy: String::new(),
            allows_plain: false,
        }
    }

    #[test]
    fn a_name_alone_is_no_address() {
        for address in ["romeo", "", "romeo@"] {
            let checked = form(address).checked();

            assert!(
                matches!(
                    checked,
                    Err(FormError::Address(SignInError::AddressWithoutDomain))
                ),
                "{address}"
            );
        }
    }

    #[test]
    fn spaces_around_are_forgiven_and_inside_are_not() {
        assert_eq!(
            form(" romeo@example.org ")
                .checked()
                .map(|sign_in| sign_in.address)
                .ok()
                .as_deref(),
            Some("romeo@example.org")
        );
        assert!(form("ro meo@example.org").checked().is_err());
    }

    #[test]
    fn host_and_port_go_together() {
        let with = |host: &str, port: &str| Form {
            host: host.to_owned(),
            port: port.to_owned(),
            ..form("romeo@example.org")
        };

        assert!(matches!(
            with("", "5222").checked(),
            Err(FormError::PortWithoutHost)
        ));
        assert!(matches!(
            with("localhost", "99999").checked(),
            Err(FormError::Port)
        ));
        let sign_in = with("localhost", "5222")
            .checked()
            .expect("a form that is whole");
        assert_eq!(
            (sign_in.host.as_deref(), sign_in.port),
            (Some("localhost"), Some(5222))
        );
    }

    #[test]
    fn a_host_is_a_name_or_a_number_and_nothing_more() {
        for host in [
            "localhost",
            "192.0.2.1",
            "2001:db8::1",
            " chat.example.org ",
        ] {
            assert!(host_and_port(host, "").is_ok(), "{host}");
        }
        for host in [
            "chat.example.org:5222",
            "https://example.org",
            "a b",
            "romeo@example.org",
        ] {
            assert!(
                matches!(host_and_port(host, ""), Err(FormError::Host)),
                "{host}"
            );
        }
        assert!(matches!(host_and_port("", ""), Ok((None, None))));
    }

    #[test]
    fn a_proxy_is_a_host_and_a_port() {
        let with = |proxy: &str| Form {
            proxy: proxy.to_owned(),
            ..form("romeo@example.org")
        };

        let sign_in = with(" 127.0.0.1:9050 ").checked().expect("a whole form");
        assert_eq!(sign_in.proxy, "127.0.0.1:9050");
        assert!(matches!(with("127.0.0.1").checked(), Err(FormError::Proxy)));
    }

    #[test]
    fn a_file_of_four_lines_fills_the_form() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sign-in");
        std::fs::write(&path, "romeo@example.org\n pass word \n127.0.0.1\n5222\n").expect("a file");

        let form = Form::read(&path).expect("the file can be read");

        assert_eq!(
            (form.address.as_str(), form.password.reveal()),
            ("romeo@example.org", " pass word ")
        );
        assert_eq!(
            (form.host.as_str(), form.port.as_str()),
            ("127.0.0.1", "5222")
        );
    }

    #[test]
    fn a_password_is_needed() {
        let empty = Form {
            password: Secret::new(""),
            ..form("romeo@example.org")
        };

        assert!(matches!(empty.checked(), Err(FormError::NoPassword)));
    }
}
