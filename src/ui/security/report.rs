//! The report for the operator of a server: what the page shows, as text.
//!
//! Pure. It holds facts the server knows anyway and the address of the
//! account, and nothing that lets anybody in: no password, proof or token is
//! in what it is made of.

use super::facts::{self, Fact, Standing};
use crate::engine::model::{
    Account, ConnectionProblem, ConnectionState, SecurityReport, Timestamp,
};
use crate::ui::i18n::{fill, gettext};
use crate::ui::{errors, format};

/// Returns the report.
pub fn text(
    account: &Account,
    state: &ConnectionState,
    report: Option<&SecurityReport>,
    now: Timestamp,
) -> String {
    let mut lines = head(&account.address, now);
    if let ConnectionState::Stopped(problem) | ConnectionState::Waiting { problem, .. } = state {
        lines.extend(about(problem, &account.address));
    } else if let Some(verdict) = facts::verdict(report, state) {
        lines.extend([
            String::new(),
            format!("{}. {}", verdict.title, verdict.text),
        ]);
    }
    if let Some(report) = report {
        lines.push(String::new());
        lines.extend(facts::connection(report).iter().map(line));
        lines.push(line(&facts::certificate(report, now)));
        lines.extend(facts::sign_in(report, now).iter().map(line));
        for certificate in &report.certificates {
            lines.push(String::new());
            lines.extend(super::certificate::facts(certificate).iter().map(line));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Returns the report of a sign-in that failed, with nothing known but why.
pub fn failure(address: &str, problem: &ConnectionProblem, now: Timestamp) -> String {
    let mut lines = head(address, now);
    lines.extend(about(problem, address));
    lines.push(String::new());
    lines.join("\n")
}

fn head(address: &str, now: Timestamp) -> Vec<String> {
    let moment = format::local(now);
    vec![
        fill(
            &gettext("Stonechat {version}: connection of {address}"),
            &[("version", env!("CARGO_PKG_VERSION")), ("address", address)],
        ),
        format!("{} {}", format::date(&moment), format::clock(&moment)),
    ]
}

fn about(problem: &ConnectionProblem, address: &str) -> Vec<String> {
    let trouble = errors::connection(problem, address);
    let mut lines = vec![String::new(), trouble.title, trouble.text];
    lines.extend(facts::weaker(problem).iter().map(line));
    lines
}

fn line(fact: &Fact) -> String {
    let mark = if fact.standing == Standing::Weak {
        "! "
    } else {
        ""
    };
    format!("{mark}{}: {}", fact.title, fact.value)
}
