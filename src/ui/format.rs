//! Times as the user's language writes them.
//!
//! What is shown depends on how far away a time is, so the present moment is
//! given by the caller.

use relm4::gtk::glib;

use super::i18n::gettext;
use crate::engine::model::Timestamp;

/// Returns a stored time on the clock of this place.
pub fn local(time: Timestamp) -> glib::DateTime {
    let utc = glib::DateTime::from_unix_utc(time.div_euclid(1000));
    utc.and_then(|utc| utc.to_local()).unwrap_or_else(|_| now())
}

/// Returns the present moment on the clock of this place.
///
/// # Panics
///
/// After the year 9999.
pub fn now() -> glib::DateTime {
    #[cfg(feature = "testing")]
    if let Some(standing) = standing_time() {
        return standing;
    }
    glib::DateTime::now_local().expect("the clock shows a year before 10000")
}

/// The moment at which pictures are drawn, in seconds since 1970: they show
/// the same on any day.
#[cfg(feature = "testing")]
fn standing_time() -> Option<glib::DateTime> {
    let seconds = std::env::var("STONECHAT_STANDING_TIME").ok()?;
    glib::DateTime::from_unix_utc(seconds.parse().ok()?)
        .and_then(|utc| utc.to_local())
        .ok()
}

/// Returns a number for the day of a time; the next day has the next number.
pub fn day_number(time: &glib::DateTime) -> i64 {
    let wall_clock = time.to_unix() + time.utc_offset().as_seconds();
    wall_clock.div_euclid(24 * 60 * 60)
}

/// Returns the time of day: "21:47" or "9:47 PM", as the language has it.
pub fn clock(time: &glib::DateTime) -> String {
    let half = written(time, "%p");
    if !half.is_empty() && written(time, "%X").contains(&half) {
        written(time, "%-I:%M %p")
    } else {
        written(time, "%H:%M")
    }
}

/// Returns the time of day with seconds: "21:47:05".
pub fn clock_with_seconds(time: &glib::DateTime) -> String {
    written(time, "%H:%M:%S")
}

/// Returns a time for a narrow place: today the clock, this week the day, else the date.
pub fn short(time: &glib::DateTime, now: &glib::DateTime) -> String {
    match day_number(now) - day_number(time) {
        0 => clock(time),
        1..=6 => written(time, "%a"),
        _ if time.year() == now.year() => written(time, "%-d %b"),
        _ => written(time, "%x"),
    }
}

/// Returns the name of a day: "Today", "Thursday", "3 May", "3 May 2024".
pub fn day(time: &glib::DateTime, now: &glib::DateTime) -> String {
    match day_number(now) - day_number(time) {
        0 => gettext("Today"),
        1 => gettext("Yesterday"),
        2..=6 => written(time, "%A"),
        // Translators: day and month, as strftime has it.
        _ if time.year() == now.year() => written(time, &gettext("%-d %B")),
        // Translators: day, month and year, as strftime has it.
        _ => written(time, &gettext("%-d %B %Y")),
    }
}

/// Returns a day with its year: "3 February 2027".
pub fn date(time: &glib::DateTime) -> String {
    // Translators: day, month and year, as strftime has it.
    written(time, &gettext("%-d %B %Y"))
}

/// Returns day and time of day, for those who hear a message read out.
pub fn whole(time: &glib::DateTime, now: &glib::DateTime) -> String {
    if day_number(now) == day_number(time) {
        clock(time)
    } else {
        format!("{}, {}", day(time, now), clock(time))
    }
}

/// Returns day and time of day as they are wherever they are read later.
pub fn full(time: &glib::DateTime) -> String {
    format!("{}, {}", written(time, "%x"), clock(time))
}

fn written(time: &glib::DateTime, form: &str) -> String {
    match time.format(form) {
        Ok(text) => text.into(),
        Err(error) => {
            // A translation holds a form that glib does not know.
            tracing::warn!(%error, form, "a time could not be written");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> glib::DateTime {
        glib::DateTime::from_iso8601(text, None).expect("a time as in ISO 8601")
    }

    #[test]
    fn today_shows_the_clock() {
        let now = at("2026-11-21T22:00:00+01:00");

        assert_eq!(short(&at("2026-11-21T00:05:00+01:00"), &now), "00:05");
        assert_eq!(day(&at("2026-11-21T00:05:00+01:00"), &now), "Today");
    }

    #[test]
    fn a_day_ends_at_midnight_and_not_after_24_hours() {
        let now = at("2026-11-21T00:05:00+01:00");

        assert_eq!(short(&at("2026-11-20T23:55:00+01:00"), &now), "Fri");
        assert_eq!(day(&at("2026-11-20T23:55:00+01:00"), &now), "Yesterday");
    }

    #[test]
    fn the_week_before_shows_the_name_of_the_day() {
        let now = at("2026-11-21T12:00:00Z");

        assert_eq!(day(&at("2026-11-15T12:00:00Z"), &now), "Sunday");
        assert_eq!(day(&at("2026-11-14T12:00:00Z"), &now), "14 November");
    }

    #[test]
    fn another_year_is_named() {
        let now = at("2026-01-01T12:00:00Z");

        assert_eq!(day(&at("2025-12-20T12:00:00Z"), &now), "20 December 2025");
        assert_eq!(short(&at("2025-12-20T12:00:00Z"), &now), "12/20/25");
    }

    #[test]
    fn a_clock_that_runs_ahead_still_gets_a_date() {
        let now = at("2026-11-21T12:00:00Z");

        assert_eq!(day(&at("2026-11-22T12:00:00Z"), &now), "22 November");
    }

    #[test]
    fn neighbouring_days_have_neighbouring_numbers() {
        let first = day_number(&at("2026-11-20T23:59:00-05:00"));
        let second = day_number(&at("2026-11-21T00:00:00-05:00"));

        assert_eq!(second - first, 1);
    }
}
