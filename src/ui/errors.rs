//! Every error of the engine in words a person can use.
//!
//! The engine says what happened; the sentences are made here and nowhere
//! else. There is no `_` arm: a new variant does not compile until somebody
//! has written what it means, what was kept, and who can mend it.
#![warn(clippy::wildcard_enum_match_arm)]

mod keeping;
mod taking;
mod weaker;

pub use keeping::{password, store};
pub use taking::not_taken;

use super::i18n::{fill, gettext};
use crate::engine::error::{ExportError, OpenChatError, SignInError, StartError, VerifyError};
use crate::engine::model::{ConnectionProblem, PasswordTrouble, SendFailure, ServerLacks};

/// What went wrong, for a card, a page or a banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, as a title.
    pub title: String,
    /// What it means, what was not sent or lost, and who can mend it.
    pub text: String,
    /// The field of the sign-in form that is to be looked at.
    pub field: Field,
}

/// A field of the sign-in form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// None of them.
    None,
    /// The address.
    Address,
    /// The password.
    Password,
    /// The host.
    Server,
    /// The port.
    Port,
    /// The proxy.
    Proxy,
    /// The switch that allows an open password.
    Consent,
}

fn trouble(title: String, text: String, field: Field) -> Trouble {
    Trouble { title, text, field }
}

/// Explains why signing in with `address` failed. `host` is the one given by hand.
pub fn sign_in(error: &SignInError, address: &str, host: Option<&str>) -> Trouble {
    match error {
        SignInError::AddressWithoutDomain => trouble(
            gettext("The address is not complete"),
            gettext(
                "An XMPP address has a name, an @ and a server, such as romeo@example.org. Nothing was sent.",
            ),
            Field::Address,
        ),
        SignInError::AddressInvalid => trouble(
            gettext("This is not an XMPP address"),
            gettext(
                "It holds something that an address cannot have, such as a space. Nothing was sent.",
            ),
            Field::Address,
        ),
        SignInError::AddressNotAPerson => trouble(
            gettext("This is not the address of a person"),
            gettext("Write only name@server, without anything after a slash. Nothing was sent."),
            Field::Address,
        ),
        SignInError::AlreadyAdded => trouble(
            gettext("This account is here already"),
            fill(
                &gettext("Stonechat is signed in as {address}. Its chats are in the list."),
                &[("address", address)],
            ),
            Field::Address,
        ),
        SignInError::Connection(problem) => {
            let mut trouble = connection(problem, address);
            match host {
                Some(host) => {
                    if let Some(text) = given_host(problem, host) {
                        trouble.text = text;
                        trouble.field = Field::Server;
                    }
                }
                // A field that was left empty is not wrong.
                None if trouble.field == Field::Server => trouble.field = Field::None,
                None => {}
            }
            trouble
        }
        SignInError::Store(error) => store(error),
    }
}

/// Says what is wrong with a host given by hand; `None` when it is not the host.
fn given_host(problem: &ConnectionProblem, host: &str) -> Option<String> {
    if let ConnectionProblem::ServerNotFound { domain } = problem
        && !is_onion(domain)
    {
        let sentence = gettext("{host} cannot be found. Check the host in the server settings.");
        return Some(fill(&sentence, &[("host", host)]));
    }
    if let ConnectionProblem::Unreachable { port, .. } = problem {
        let sentence = gettext(
            "{host} does not answer on port {port}. Check host and port in the server settings. The server may also be down, or a firewall in between.",
        );
        let port = port.to_string();
        return Some(fill(&sentence, &[("host", host), ("port", &port)]));
    }
    None
}

/// Explains why the connection of the account `address` failed.
pub fn connection(problem: &ConnectionProblem, address: &str) -> Trouble {
    let domain = address
        .rsplit_once('@')
        .map_or(address, |(_, domain)| domain);
    let places = [("address", address), ("domain", domain)];
    let say = |sentence: String| fill(&sentence, &places);
    match problem {
        ConnectionProblem::WrongPassword => trouble(
            gettext("The password is not right"),
            say(gettext(
                "{domain} answered over an encrypted connection and refused this password for {address}. What you typed is kept.",
            )),
            Field::Password,
        ),
        ConnectionProblem::NoSuchAccount => trouble(
            gettext("There is no such account"),
            say(gettext(
                "{domain} does not know {address}. Is the name spelt as it was when the account was made?",
            )),
            Field::Address,
        ),
        ConnectionProblem::AccountDisabled => trouble(
            gettext("The account is switched off"),
            say(gettext(
                "{domain} has switched {address} off. Only its operator can change that.",
            )),
            Field::None,
        ),
        ConnectionProblem::NeedsPlainConsent => trouble(
            gettext("The server wants the password itself"),
            say(gettext(
                "{domain} offers only a way to sign in that hands it your password as you type it. The connection is encrypted, so nobody else can read it, but the server can. Your password was not sent. You can agree below.",
            )),
            Field::Consent,
        ),
        ConnectionProblem::NoCommonSignIn => trouble(
            gettext("No way to sign in"),
            say(gettext(
                "{domain} offers no way to sign in that Stonechat knows. Your password was not sent. The operator of {domain} can tell which programs it works with.",
            )),
            Field::None,
        ),
        ConnectionProblem::WeakerThanBefore(weaker) => trouble(
            weaker::title(weaker),
            weaker::text(weaker, domain),
            Field::None,
        ),
        ConnectionProblem::ClientCertificateRefused => trouble(
            gettext("Your certificate was not accepted"),
            say(gettext(
                "{domain} does not accept the certificate file of this account. Choose another file in the settings of the account, or none to sign in by the password.",
            )),
            Field::None,
        ),
        ConnectionProblem::ServerNotGenuine => trouble(
            gettext("The server could not prove who it is"),
            say(gettext(
                "A server that knows your account can prove it, and this one could not. Somebody could be in between. Your password was not sent; please tell the operator of {domain}.",
            )),
            Field::None,
        ),
        ConnectionProblem::CertificateExpired => trouble(
            gettext("Not connected: the certificate has expired"),
            say(gettext(
                "The certificate of {domain} is over, or not valid yet. Somebody could be listening, so your password was not sent. Only the operator of {domain} can renew it. If the date of this computer is wrong, set it right.",
            )),
            Field::None,
        ),
        ConnectionProblem::CertificateOtherName => trouble(
            gettext("Not connected: the certificate is for another name"),
            say(gettext(
                "The server that answered has no certificate for {domain}. Somebody could be in between, so your password was not sent. Check the address; else only the operator of {domain} can mend it.",
            )),
            Field::Address,
        ),
        ConnectionProblem::CertificateUnknownIssuer => trouble(
            gettext("Not connected: nobody vouches for the certificate"),
            say(gettext(
                "The certificate of {domain} was not issued by anybody this computer trusts. Somebody could be in between, so your password was not sent. Only the operator of {domain} can mend it.",
            )),
            Field::None,
        ),
        ConnectionProblem::CertificateOtherKey => trouble(
            gettext("Not connected: the server has another key"),
            say(gettext(
                "You tied this account to one key, and the server that answered as {domain} has another. Somebody could be in between, so your password was not sent. If the operator of {domain} says that the key is new, enter the new one in the settings of the account.",
            )),
            Field::None,
        ),
        ConnectionProblem::CertificateInvalid => trouble(
            gettext("Not connected: the certificate is not valid"),
            say(gettext(
                "The certificate of {domain} cannot be accepted. Somebody could be in between, so your password was not sent. Only the operator of {domain} can mend it.",
            )),
            Field::None,
        ),
        ConnectionProblem::OwnCertificateUnusable => trouble(
            gettext("Your certificate cannot be used"),
            say(gettext(
                "The file with your certificate and key for {address} cannot be read, or does not hold both. Nothing was sent. Choose another file in the account’s settings, or none.",
            )),
            Field::None,
        ),
        ConnectionProblem::NoEncryption => trouble(
            gettext("Not connected: no encryption"),
            say(gettext(
                "{domain} offers no encrypted connection, so your password was not sent. Only the operator of {domain} can change that.",
            )),
            Field::None,
        ),
        ConnectionProblem::SignedInElsewhere => trouble(
            gettext("Signed in elsewhere"),
            say(gettext(
                "Another program took over this connection of {address}. Stonechat keeps still until you try again.",
            )),
            Field::None,
        ),
        ConnectionProblem::PasswordMissing(PasswordTrouble::AskedEachTime) => trouble(
            gettext("Enter your password"),
            say(gettext(
                "As you chose, the password of {address} is kept nowhere, so Stonechat asks each time it starts. Your messages are kept until you enter it.",
            )),
            Field::Password,
        ),
        ConnectionProblem::PasswordMissing(why) => trouble(
            gettext("The password is missing"),
            format!(
                "{} {}",
                password(*why, address),
                gettext("Your messages are kept until you enter it.")
            ),
            Field::Password,
        ),
        ConnectionProblem::ServerNotFound { domain } if is_onion(domain) => trouble(
            gettext("No way there without Tor"),
            fill(
                &gettext(
                    "{domain} is reached only through Tor, so it was not looked up. Start Tor and write its proxy, 127.0.0.1:9050, into the server settings.",
                ),
                &[("domain", domain)],
            ),
            Field::Proxy,
        ),
        ConnectionProblem::ServerNotFound { domain } => trouble(
            gettext("No server found"),
            fill(
                &gettext(
                    "There is no chat server at {domain}, or this computer is offline. Check the part after the @.",
                ),
                &[("domain", domain)],
            ),
            Field::Address,
        ),
        ConnectionProblem::Unreachable { host, port } => trouble(
            gettext("The server does not answer"),
            fill(
                &gettext(
                    "Nothing answers at {host}, port {port}. The server may be down, or a firewall may be in between.",
                ),
                &[("host", host), ("port", &port.to_string())],
            ),
            Field::Server,
        ),
        ConnectionProblem::ProxyFailed { host, port } => trouble(
            gettext("The proxy does not work"),
            fill(
                &gettext(
                    "Nothing that speaks SOCKS5 answers at {host}, port {port}, so {domain} was not asked. Is the proxy, such as Tor, running? Nothing went around it.",
                ),
                &[
                    ("host", host),
                    ("port", &port.to_string()),
                    ("domain", domain),
                ],
            ),
            Field::Proxy,
        ),
        ConnectionProblem::TimedOut => trouble(
            gettext("The server took too long"),
            say(gettext(
                "{domain} was reached but did not answer in time. It may be busy; trying again may help.",
            )),
            Field::None,
        ),
        ConnectionProblem::ConnectionLost => trouble(
            gettext("The connection was lost"),
            say(gettext(
                "The connection to {domain} broke off. Nothing is lost; trying again may help.",
            )),
            Field::None,
        ),
        ConnectionProblem::ClosedByServer { condition } => trouble(
            gettext("The server ended the connection"),
            fill(
                &gettext(
                    "{domain} ended the connection and gave the reason “{reason}”. Trying again later may help.",
                ),
                &[("domain", domain), ("reason", condition)],
            ),
            Field::None,
        ),
        ConnectionProblem::TooLarge => trouble(
            gettext("The server sent too much at once"),
            say(gettext(
                "Something larger than Stonechat accepts came from {domain}, so the connection was ended. Nothing of yours is lost.",
            )),
            Field::None,
        ),
        ConnectionProblem::NotUnderstood { what: _ } => trouble(
            gettext("The server’s answer was not understood"),
            say(gettext(
                "{domain} answered, but not as a chat server should. Is the address right? A report in the log says more.",
            )),
            Field::None,
        ),
    }
}

/// Returns whether a name is one that only Tor knows.
fn is_onion(domain: &str) -> bool {
    domain.rsplit('.').next() == Some("onion")
}

/// Explains why the program could not start.
pub fn start(error: &StartError) -> Trouble {
    match error {
        StartError::AlreadyRunning => trouble(
            gettext("Stonechat is running already"),
            gettext(
                "Another Stonechat uses the same history, and two at once would do it harm. Use the window that is open, or close it first.",
            ),
            Field::None,
        ),
        StartError::Store(error) => store(error),
        StartError::Certificates(_) => trouble(
            gettext("A certificate file cannot be used"),
            gettext(
                "STONECHAT_EXTRA_CA names a file that cannot be read or holds no certificates. Mend or unset it, and start again.",
            ),
            Field::None,
        ),
        StartError::NoFolder(_) => trouble(
            gettext("There is no place to keep messages"),
            gettext(
                "The folder for Stonechat’s history could not be made or opened. Check the permissions of your home folder, and whether the disk is full.",
            ),
            Field::None,
        ),
    }
}

/// Says what an account's server lacks and what that costs; `None` when nothing.
pub fn server_lacks(lacks: ServerLacks, address: &str) -> Option<String> {
    let domain = address
        .rsplit_once('@')
        .map_or(address, |(_, domain)| domain);
    let ServerLacks {
        stream_management,
        archive,
        copies,
    } = lacks;
    let mut costs = Vec::new();
    if archive {
        costs.push(gettext(
            "What arrives while Stonechat is closed may be missing here.",
        ));
    }
    if copies {
        costs.push(gettext(
            "What you write or receive on other devices does not show here.",
        ));
    }
    if stream_management {
        costs.push(gettext("A broken connection is noticed late."));
    }
    if costs.is_empty() {
        return None;
    }
    let start = fill(
        &gettext("{domain} lacks something that most servers have."),
        &[("domain", domain)],
    );
    Some(format!("{start} {}", costs.join(" ")))
}

/// Explains why a chat could not be opened, in one sentence.
pub fn open_chat(error: &OpenChatError) -> String {
    match error {
        OpenChatError::AddressWithoutDomain => {
            gettext("Write the whole address, with an @ and a server, such as ros@example.org.")
        }
        OpenChatError::AddressInvalid => gettext("This is not an XMPP address."),
        OpenChatError::Store(error) => store(error).text,
    }
}

/// Explains why a chat was not written to a file, in one sentence.
pub fn export(error: &ExportError) -> String {
    match error {
        ExportError::Gone => gettext("The chat is not here any more."),
        ExportError::Full => gettext("The chat was not exported: there is no room on the disk."),
        ExportError::NotAllowed => {
            gettext("The chat was not exported: nothing may be written there.")
        }
        ExportError::File(_) => gettext("The chat was not exported: the file cannot be written."),
        ExportError::Store(error) => store(error).text,
    }
}

/// Explains why a code verified nothing.
pub fn verify(error: &VerifyError) -> Trouble {
    match error {
        VerifyError::OtherAddress { address } => trouble(
            gettext("This code is somebody else’s"),
            fill(
                &gettext("It belongs to {address}. Nothing was verified."),
                &[("address", address)],
            ),
            Field::None,
        ),
        VerifyError::DifferentKey { .. } => trouble(
            gettext("The keys are not the same"),
            gettext(
                "This code shows another key than the one you have. Somebody may be reading along. Nothing was verified. Ask them in another way before you write anything private.",
            ),
            Field::None,
        ),
        VerifyError::Nothing => trouble(
            gettext("There is no key in this code"),
            gettext("Nothing was verified. Ask for the code for verifying keys."),
            Field::None,
        ),
        VerifyError::Store(error) => store(error),
    }
}

/// Explains why the user's reaction was taken away again.
pub fn reaction_refused(failure: SendFailure) -> String {
    match failure {
        SendFailure::NoSuchAddress => {
            gettext("Your reaction was not accepted. This address does not exist.")
        }
        SendFailure::ServerUnreachable => {
            gettext("Your reaction was not accepted. The server did not answer.")
        }
        SendFailure::NotAllowed
        | SendFailure::TooLarge
        | SendFailure::Refused
        | SendFailure::NoKeys
        | SendFailure::NotConfirmed => {
            gettext("Your reaction was not accepted there. It is as it was before.")
        }
    }
}

/// Explains why a message was not sent, in one sentence.
pub fn send_failure(failure: SendFailure) -> String {
    match failure {
        SendFailure::NoSuchAddress => gettext("Not sent. This address does not exist."),
        SendFailure::ServerUnreachable => gettext("Not sent. The server did not answer."),
        SendFailure::NotAllowed => gettext("Not sent. Messages from you are not accepted there."),
        SendFailure::TooLarge => gettext("Not sent. The message is too long."),
        SendFailure::Refused => gettext("Not sent. A server refused it."),
        SendFailure::NoKeys => {
            gettext("Not sent. It could not be encrypted: no device there has keys for it.")
        }
        SendFailure::NotConfirmed => {
            gettext("Not sent. It could not be encrypted: no device there is confirmed by you.")
        }
    }
}
