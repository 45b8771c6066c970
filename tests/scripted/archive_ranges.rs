//! Whatever happens while an archive is read: in the end each message is here
//! once and in its order, or stands behind a gap.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

/// So many messages does the server give at a time.
const ITS_PAGE: usize = 7;
/// Between two messages, in milliseconds: more than the time by which clocks
/// are allowed to differ.
const APART: Timestamp = 30 * 60 * 60 * 1000;

/// What happens between two times online.
#[derive(Clone, Debug)]
struct Absence {
    /// So many messages come meanwhile.
    messages: usize,
    /// Up to so many of the oldest go from the archive.
    expires: usize,
    /// The connection breaks after so many messages were given back.
    breaks_after: Option<usize>,
    /// So many come once everything is caught up.
    live: usize,
}

fn absence() -> impl Strategy<Value = Absence> {
    let breaks_after = proptest::option::of(0..12_usize);
    (0..25_usize, 0..20_usize, breaks_after, 0..3_usize).prop_map(
        |(messages, expires, breaks_after, live)| Absence {
            messages,
            expires,
            breaks_after,
            live,
        },
    )
}

/// An archive of messages numbered from 0, of which the oldest are gone.
#[derive(Default)]
struct Archive {
    count: usize,
    expired: usize,
}

fn archive_id(n: usize) -> String {
    format!("a{n}")
}

fn stamp(n: usize) -> String {
    let time = NOW - APART * 400 + APART * Timestamp::try_from(n).unwrap();
    written(time)
}

/// A time as XEP-0082 writes it, of whole days and seconds after 2026 began.
fn written(time: Timestamp) -> String {
    let (mut days, rest) = (time / 86_400_000, time % 86_400_000 / 1000);
    let mut year = 1970;
    let is_leap = |year: i64| year % 4 == 0;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + i64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!(
        "{year}-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        days + 1,
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

fn message(n: usize) -> String {
    by_juliet(
        &format!("j{n}"),
        &format!("<body>{n}</body><origin-id xmlns='urn:xmpp:sid:0' id='o{n}'/>"),
    )
}

impl Archive {
    /// Answers one page; false when the connection was to break before its end.
    /// Returns whether it was the last one.
    async fn answers(
        &self,
        link: &Dialled,
        page: &minidom::Element,
        left: &mut Option<usize>,
    ) -> Option<bool> {
        let (way, id) = edge(page);
        let known = |n: usize| (self.expired..self.count).contains(&n);
        let place = id.strip_prefix('a').and_then(|n| n.parse::<usize>().ok());
        let range = match (way.as_str(), place) {
            ("after", Some(n)) if known(n) => n + 1..self.count.min(n + 1 + ITS_PAGE),
            ("before", Some(n)) if known(n) => self.expired.max(n.saturating_sub(ITS_PAGE))..n,
            ("before", None) => self.expired.max(self.count.saturating_sub(ITS_PAGE))..self.count,
            ("", None) => {
                let start = selected(page, "start").unwrap_or_default();
                let first = (self.expired..self.count)
                    .find(|n| stamp(*n) >= start)
                    .unwrap_or(self.count);
                first..self.count.min(first + ITS_PAGE)
            }
            _ => {
                refuses(link, page, "item-not-found").await;
                return Some(false);
            }
        };
        for n in range.clone() {
            if left.is_some_and(|left| left == 0) {
                return None;
            }
            *left = left.map(|left| left - 1);
            archived(link, page, &archive_id(n), &stamp(n), &message(n)).await;
        }
        let is_last = match way.as_str() {
            "before" => range.start == self.expired,
            _ => range.end == self.count,
        };
        let set = if range.is_empty() {
            String::new()
        } else {
            format!(
                "<first>{}</first><last>{}</last>",
                archive_id(range.start),
                archive_id(range.end - 1)
            )
        };
        let attributes = if is_last { "complete='true'" } else { "" };
        page_ends(link, page, attributes, &set).await;
        Some(is_last)
    }

    /// Answers everything that is asked, until nothing is missing; false when
    /// the connection broke before.
    async fn is_read(&self, stage: &Stage, link: &mut Dialled, mut left: Option<usize>) -> bool {
        // A new account begins with so many pages, and no more.
        let mut pages_back = 5;
        loop {
            let page = link.sent().await;
            pages_back -= usize::from(edge(&page).0 == "before");
            match self.answers(link, &page, &mut left).await {
                Some(is_last) if is_last || pages_back == 0 => break,
                Some(_) => {}
                None => return false,
            }
        }
        stage.until_online().await;
        true
    }
}

async fn lives_through(absences: Vec<Absence>) {
    let (mut stage, mut link) = romeo().await;
    let mut archive = Archive {
        count: 3,
        expired: 0,
    };
    begins(&mut link, true).await;
    assert!(archive.is_read(&stage, &mut link, None).await);
    let whole = Absence {
        messages: 1,
        expires: 0,
        breaks_after: None,
        live: 0,
    };
    for absence in absences.into_iter().chain([whole]) {
        link.breaks(ConnectionProblem::ConnectionLost).await;
        archive.count += absence.messages;
        archive.expired = archive.count.min(archive.expired + absence.expires);
        // A wish to try now that comes before the end was noticed is none.
        let account = stage.account;
        stage
            .until("the end was noticed", || async {
                let state = stage.engine.connections().remove(&account);
                matches!(state, Some(ConnectionState::Waiting { .. }))
            })
            .await;
        stage.engine.command(Command::TryNow);
        link = stage.script.dialled().await;
        link.refuses_to_resume(None, "again").await;
        begins(&mut link, true).await;
        if !archive
            .is_read(&stage, &mut link, absence.breaks_after)
            .await
        {
            continue;
        }
        for _ in 0..absence.live {
            let n = archive.count;
            archive.count += 1;
            let id = format!(
                "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='{}'/>\
                 <delay xmlns='urn:xmpp:delay' from='example.org' stamp='{}'/></message>",
                archive_id(n),
                stamp(n)
            );
            link.brings(&message(n).replace("</message>", &id)).await;
            stage
                .until("it came live", || async {
                    stage.bodies().await.last() == Some(&n.to_string())
                })
                .await;
        }
    }

    let bodies = stage.bodies().await;
    let shown: Vec<usize> = bodies.iter().map(|body| body.parse().unwrap()).collect();
    assert!(
        shown.is_sorted_by(|one, next| one < next),
        "once, and in order: {shown:?}"
    );
    let missing: Vec<usize> = (0..archive.count).filter(|n| !shown.contains(n)).collect();
    assert!(
        missing.iter().all(|n| *n < archive.expired),
        "the server had it: {missing:?}"
    );
    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let gaps = stage.gaps().await;
    let above: Vec<usize> = gaps
        .iter()
        .map(|gap| {
            assert_eq!(gap.reason, GapReason::Expired);
            rows.iter()
                .position(|row| Some(row.id) == gap.above)
                .unwrap()
        })
        .collect();
    for (place, pair) in shown.windows(2).enumerate() {
        assert!(
            pair[0] + 1 == pair[1] || above.contains(&(place + 1)),
            "nothing tells that something is missing between {pair:?}: {gaps:?}"
        );
    }
}

#[test]
fn each_message_is_here_once_or_behind_a_gap_whatever_breaks_and_expires() {
    let config = Config {
        cases: 12,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    TestRunner::new(config)
        .run(&proptest::collection::vec(absence(), 1..6), |absences| {
            runtime.block_on(lives_through(absences));
            Ok(())
        })
        .unwrap();
}
