//! The report for the operator of a server: what the page shows, as text.
//!
//! Pure. It holds facts the server knows anyway and the address of the
//! account, and nothing that lets anybody in: no password, proof or token is
//! in what it is made of.

use super::facts::{self, Fact, Standing};
use crate::engine::model::{Account, ConnectionState, SecurityReport, Timestamp};
use crate::ui::i18n::{fill, gettext};
use crate::ui::{errors, format};

/// Returns the report.
pub fn text(
    account: &Account,
    state: &ConnectionState,
    report: Option<&SecurityReport>,
    now: Timestamp,
) -> String {
    let mut lines = vec![fill(
        &gettext("Stonechat {version}: connection of {address}"),
        &[
            ("version", env!("CARGO_PKG_VERSION")),
            ("address", &account.address),
        ],
    )];
    let moment = format::local(now);
    lines.push(format!(
        "{} {}",
        format::date(&moment),
        format::clock(&moment)
    ));
    if let ConnectionState::Stopped(problem) | ConnectionState::Waiting { problem, .. } = state {
        let trouble = errors::connection(problem, &account.address);
        lines.extend([String::new(), trouble.title, trouble.text]);
        lines.extend(facts::weaker(problem).iter().map(line));
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

fn line(fact: &Fact) -> String {
    let mark = if fact.standing == Standing::Weak {
        "! "
    } else {
        ""
    };
    format!("{mark}{}: {}", fact.title, fact.value)
}
