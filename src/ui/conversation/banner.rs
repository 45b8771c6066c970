//! The line that says why messages do not leave, and what one can do.
//!
//! Pure: from the connections of all accounts and what waits in them to one
//! sentence and at most one button.

use std::collections::BTreeMap;

use crate::engine::error::StoreTrouble;
use crate::engine::model::{Account, AccountId, ConnectionProblem, ConnectionState, ServerLacks};
use crate::ui::encryption::words;
use crate::ui::errors;
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::widgets::account_mark;

/// What the banner says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// The sentence, or two.
    pub text: String,
    /// Its button.
    pub action: Action,
    /// The account it is about.
    pub account: AccountId,
}

/// What the banner's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect now.
    TryNow,
    /// Ask for the password.
    EnterPassword,
    /// Show what protects the account, and why it is not connected.
    Security,
    /// Show the user's own devices.
    Devices,
    /// Put the banner away: it was read.
    Dismiss,
}

impl Action {
    /// Returns the button's words.
    pub fn label(self) -> String {
        match self {
            Self::TryNow => gettext("Try Now"),
            Self::EnterPassword => gettext("Enter Password…"),
            // Translators: a button that says more about a problem.
            Self::Security => gettext("Details"),
            Self::Devices => gettext("Devices"),
            // Translators: a button that puts a notice away.
            Self::Dismiss => gettext("Got It"),
        }
    }
}

/// Returns what to say about the account that needs it most, if any.
pub fn banner(
    accounts: &[Account],
    connections: &BTreeMap<AccountId, ConnectionState>,
    waiting: &BTreeMap<AccountId, u32>,
) -> Option<Banner> {
    let (account, state) = accounts
        .iter()
        .filter(|account| account.is_enabled)
        .filter_map(|account| Some((account, connections.get(&account.id)?)))
        .filter(|(_, state)| urgency(state) > 0)
        .max_by_key(|(_, state)| urgency(state))?;
    let mut text = match state {
        ConnectionState::Stopped(problem) => {
            sentence(&errors::connection(problem, &account.address).title)
        }
        ConnectionState::Waiting { problem, .. } if !is_plainly_offline(problem) => {
            let title = errors::connection(problem, &account.address).title;
            // Translators: the reason is a title such as "The server does not answer".
            fill(&gettext("Offline: {reason}."), &[("reason", &title)])
        }
        _ => gettext("Offline."),
    };
    if accounts.len() > 1 {
        text = fill(
            // Translators: account is what the user calls it, or its address.
            &gettext("{account}: {text}"),
            &[("account", account_mark::name(account)), ("text", &text)],
        );
    }
    let waits = waiting.get(&account.id).copied().unwrap_or(0);
    if waits > 0 {
        text.push(' ');
        text.push_str(&count(
            "{count} message is waiting.",
            "{count} messages are waiting.",
            waits,
        ));
    }
    let action = match state {
        ConnectionState::Stopped(
            ConnectionProblem::PasswordMissing(_) | ConnectionProblem::WrongPassword,
        ) => Action::EnterPassword,
        ConnectionState::Stopped(problem) if is_about_security(problem) => Action::Security,
        _ => Action::TryNow,
    };
    Some(Banner {
        text,
        action,
        account: account.id,
    })
}

/// Returns what to say when nothing can be kept. It comes before everything
/// else: as long as it lasts, nothing is sent and nothing received.
pub fn store(trouble: StoreTrouble) -> Banner {
    let text = match trouble {
        StoreTrouble::Full => gettext(
            "The disk is full. Until there is room nothing is sent or received, and what you write stays in the field.",
        ),
        StoreTrouble::ReadOnly => gettext(
            "The history cannot be written. Until it can, nothing is sent or received, and what you write stays in the field.",
        ),
        StoreTrouble::Broken => gettext(
            "The history is damaged, or its disk fails. Nothing is sent or received, and what you write stays in the field.",
        ),
    };
    Banner {
        text,
        action: Action::TryNow,
        // About none of them.
        account: AccountId(0),
    }
}

/// Returns what to say about devices that were added to the user's accounts, if
/// any: whoever did it reads along from now on (attack A43).
pub fn new_devices(accounts: &[Account], new: &BTreeMap<AccountId, u32>) -> Option<Banner> {
    accounts.iter().find_map(|account| {
        Some(Banner {
            text: words::own_new_devices(&account.address, *new.get(&account.id)?),
            action: Action::Devices,
            account: account.id,
        })
    })
}

/// Returns what to say about servers that lack something, if any; it can wait
/// until everything else is well.
pub fn lacks(accounts: &[Account], lacks: &BTreeMap<AccountId, ServerLacks>) -> Option<Banner> {
    accounts.iter().find_map(|account| {
        let text = errors::server_lacks(*lacks.get(&account.id)?, &account.address)?;
        Some(Banner {
            text,
            action: Action::Dismiss,
            account: account.id,
        })
    })
}

/// What only the user can mend comes first; 0 needs no banner.
fn urgency(state: &ConnectionState) -> u8 {
    match state {
        ConnectionState::Stopped(_) => 3,
        ConnectionState::Waiting { .. } => 2,
        ConnectionState::Offline => 1,
        ConnectionState::Connecting | ConnectionState::CatchingUp | ConnectionState::Online => 0,
    }
}

/// Where there is more to say than fits on a banner.
fn is_about_security(problem: &ConnectionProblem) -> bool {
    matches!(
        problem,
        ConnectionProblem::WeakerThanBefore(_)
            | ConnectionProblem::ServerNotGenuine
            | ConnectionProblem::CertificateExpired
            | ConnectionProblem::CertificateOtherName
            | ConnectionProblem::CertificateUnknownIssuer
            | ConnectionProblem::CertificateInvalid
            | ConnectionProblem::CertificateOtherKey
            | ConnectionProblem::NoEncryption
    )
}

/// Where the reason says no more than that one is offline.
fn is_plainly_offline(problem: &ConnectionProblem) -> bool {
    matches!(
        problem,
        ConnectionProblem::ConnectionLost | ConnectionProblem::TimedOut
    )
}

fn sentence(title: &str) -> String {
    // Translators: makes a sentence of a title such as "The password is not right".
    fill(&gettext("{title}."), &[("title", title)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::{PasswordPlace, PasswordTrouble};

    fn account(id: i64, address: &str) -> Account {
        Account {
            nickname: String::new(),
            picture: String::new(),
            id: AccountId(id),
            address: address.to_owned(),
            is_enabled: true,
            host: None,
            port: None,
            allows_plain: false,
            label: String::new(),
            colour: 0,
            password_place: PasswordPlace::Keyring,
            proxy: String::new(),
            pinned_key: String::new(),
            client_certificate: String::new(),
            encrypts_by_default: true,
            keeps_days: 0,
        }
    }

    fn text(state: ConnectionState, waiting: u32) -> Option<String> {
        let accounts = [account(1, "romeo@example.org")];
        let connections = BTreeMap::from([(AccountId(1), state)]);
        let waiting = BTreeMap::from([(AccountId(1), waiting)]);
        banner(&accounts, &connections, &waiting).map(|banner| banner.text)
    }

    fn lost() -> ConnectionState {
        ConnectionState::Waiting {
            problem: ConnectionProblem::ConnectionLost,
            retry_at: 0,
        }
    }

    #[test]
    fn what_waits_is_counted_in_words() {
        assert_eq!(
            text(lost(), 3).as_deref(),
            Some("Offline. 3 messages are waiting.")
        );
        assert_eq!(
            text(lost(), 1).as_deref(),
            Some("Offline. 1 message is waiting.")
        );
        assert_eq!(
            text(ConnectionState::Offline, 0).as_deref(),
            Some("Offline.")
        );
    }

    #[test]
    fn a_connection_that_is_there_or_coming_needs_no_banner() {
        for state in [
            ConnectionState::Online,
            ConnectionState::CatchingUp,
            ConnectionState::Connecting,
        ] {
            assert_eq!(text(state, 2), None);
        }
    }

    #[test]
    fn a_reason_the_user_may_know_something_about_is_named() {
        let problem = ConnectionProblem::Unreachable {
            host: "example.org".to_owned(),
            port: 5222,
        };

        let text = text(
            ConnectionState::Waiting {
                problem,
                retry_at: 0,
            },
            2,
        );

        assert_eq!(
            text.as_deref(),
            Some("Offline: The server does not answer. 2 messages are waiting.")
        );
    }

    #[test]
    fn the_account_that_only_the_user_can_mend_comes_first_and_is_named() {
        let accounts = [
            account(1, "romeo@example.org"),
            account(2, "romeo@verona.example"),
        ];
        let connections = BTreeMap::from([
            (AccountId(1), lost()),
            (
                AccountId(2),
                ConnectionState::Stopped(ConnectionProblem::PasswordMissing(
                    PasswordTrouble::NoKeyring,
                )),
            ),
        ]);

        let banner = banner(&accounts, &connections, &BTreeMap::new()).expect("a banner");

        assert_eq!(
            banner.text,
            "romeo@verona.example: The password is missing."
        );
        assert_eq!(banner.action, Action::EnterPassword);
    }

    #[test]
    fn a_server_without_an_archive_is_named_with_what_that_costs() {
        let accounts = [account(1, "romeo@example.org")];
        let known = BTreeMap::from([(
            AccountId(1),
            ServerLacks {
                archive: true,
                ..ServerLacks::default()
            },
        )]);

        let banner = lacks(&accounts, &known).expect("a banner");

        assert!(
            banner.text.starts_with("example.org lacks"),
            "{}",
            banner.text
        );
        assert!(
            banner.text.ends_with("may be missing here."),
            "{}",
            banner.text
        );
        assert_eq!(banner.action, Action::Dismiss);
    }

    #[test]
    fn a_new_device_names_the_account_it_was_added_to() {
        let accounts = [
            account(1, "romeo@example.org"),
            account(2, "romeo@verona.example"),
        ];

        let banner = new_devices(&accounts, &[(AccountId(2), 1)].into()).expect("a banner");

        assert_eq!(
            banner.text,
            "A new device signed in to romeo@verona.example. If it is not yours, change the password."
        );
        assert_eq!(
            (banner.action, banner.account),
            (Action::Devices, AccountId(2))
        );
        assert_eq!(new_devices(&accounts, &BTreeMap::new()), None);
    }

    #[test]
    fn an_account_that_is_switched_off_is_not_mourned() {
        let off = Account {
            is_enabled: false,
            ..account(1, "romeo@example.org")
        };
        let connections = BTreeMap::from([(AccountId(1), ConnectionState::Offline)]);

        assert_eq!(banner(&[off], &connections, &BTreeMap::new()), None);
    }
}
