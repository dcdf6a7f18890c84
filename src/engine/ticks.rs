//! When a schedule fires: five-field cron expressions on the wall clock of a time zone.
//!
//! Where clocks go forward, a fixed time that is skipped fires at the end of the gap; where they go
//! back, a fixed time that comes twice fires the first time only. An expression with `*` in its
//! hours or minutes follows real time through both.

use std::fmt;

use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::clock::Time;
use crate::model;

/// The ticks of one schedule.
#[derive(Clone)]
pub struct Ticks {
    cron: croner::Cron,
    zone: TimeZone,
}

impl Ticks {
    /// Returns the ticks of an expression on the wall clock of an IANA zone; UTC without one.
    ///
    /// The error names what is wrong: the zone, or the expression.
    pub fn new(cron: &model::Cron, zone: Option<&str>) -> Result<Ticks, String> {
        let zone = match zone {
            None | Some("UTC") => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| format!("no time zone `{name}`"))?,
        };
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .dom_and_dow(!cron.either_day())
            .build();
        let cron = parser.parse(&cron.text).map_err(|it| it.to_string())?;
        Ok(Ticks { cron, zone })
    }

    /// Returns the first tick after `now`; none when no date ever matches.
    pub fn after(&self, now: Time) -> Option<Time> {
        let now = Timestamp::from_nanosecond(i128::from(now.0)).ok()?;
        let next = self
            .cron
            .find_next_occurrence(&Zoned::new(now, self.zone.clone()), false);
        let nanos = next.ok()?.timestamp().as_nanosecond();
        u64::try_from(nanos).ok().map(Time)
    }
}

/// Shows the expression and the zone.
impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "Ticks({} in {zone})", self.cron.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ticks after a point in time, as they are written in UTC.
    fn ticks(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let ticks = Ticks::new(&model::Cron::parse(cron).unwrap(), Some(zone)).unwrap();
        let start: Timestamp = after.parse().unwrap();
        let mut now = Time(u64::try_from(start.as_nanosecond()).unwrap());
        let mut list = Vec::new();
        for _ in 0..count {
            now = ticks.after(now).unwrap();
            let shown = Timestamp::from_nanosecond(i128::from(now.0)).unwrap();
            list.push(shown.to_string());
        }
        list
    }

    #[test]
    fn a_time_of_day_in_utc() {
        let found = ticks("0 3 * * *", "UTC", "2026-01-01T03:00:00Z", 2);
        assert_eq!(found, ["2026-01-02T03:00:00Z", "2026-01-03T03:00:00Z"]);
    }

    #[test]
    fn either_day_field_suffices() {
        let found = ticks("0 0 13 * FRI", "UTC", "2026-01-07T00:00:00Z", 3);
        let expected = ["2026-01-09", "2026-01-13", "2026-01-16"];
        assert_eq!(found, expected.map(|it| format!("{it}T00:00:00Z")));
    }

    #[test]
    fn a_day_field_with_a_star_must_match_too() {
        let found = ticks("0 0 */2 * MON", "UTC", "2026-01-01T00:00:00Z", 2);
        let expected = ["2026-01-05", "2026-01-19"];
        assert_eq!(found, expected.map(|it| format!("{it}T00:00:00Z")));
    }

    #[test]
    fn clocks_that_go_forward() {
        let found = ticks("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
        assert_eq!(found, ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
        let found = ticks("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3);
        let expected = ["00:30", "01:30", "02:30"];
        assert_eq!(found, expected.map(|it| format!("2026-03-29T{it}:00Z")));
    }

    #[test]
    fn clocks_that_go_back() {
        let found = ticks("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(found, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        let found = ticks("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3);
        let expected = ["00:30", "01:30", "02:30"];
        assert_eq!(found, expected.map(|it| format!("2026-10-25T{it}:00Z")));
    }

    #[test]
    fn dates_that_never_come_and_zones_that_are_not() {
        let never = model::Cron::parse("0 0 31 2 *").unwrap();
        let ticks = Ticks::new(&never, None).unwrap();
        assert_eq!(ticks.after(Time(0)), None);
        assert!(Ticks::new(&never, Some("Mars/Olympus")).is_err());
    }
}
