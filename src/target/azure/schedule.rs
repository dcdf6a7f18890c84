//! Schedules as Azure takes them: six-field NCRONTAB expressions in UTC, in which both day fields must match.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{Cron, CronField};

/// One timer of Azure's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timer {
    /// Second, minute, hour, day of month, month, day of week; Sunday is 0.
    pub(super) ncrontab: String,
    /// Days of the month on which the shim lets a tick pass, since another timer has it.
    pub(super) skip_days: Vec<u32>,
}

/// Returns the timers that tick when `cron` does. Where either of two day fields suffices, that takes two.
pub(super) fn timers(cron: &Cron) -> Vec<Timer> {
    let weekday = ranges(&cron.weekday);
    let timer = |day: &str, weekday: &str, skip_days| Timer {
        ncrontab: format!(
            "0 {} {} {day} {} {weekday}",
            cron.minute.text, cron.hour.text, cron.month.text
        ),
        skip_days,
    };
    if cron.either_day() {
        vec![
            timer(&cron.day.text, "*", Vec::new()),
            timer("*", &weekday, cron.day.list()),
        ]
    } else {
        vec![timer(&cron.day.text, &weekday, Vec::new())]
    }
}

/// Returns a day-of-week field in numbers from 0, since Azure's has no 7.
fn ranges(field: &CronField) -> String {
    if field.is_every() {
        return "*".to_owned();
    }
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for day in field.list() {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => parts.push((day, day)),
        }
    }
    let text = |(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    parts.iter().map(text).collect::<Vec<_>>().join(",")
}

/// Why a schedule in a zone can't be said in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ZoneFault {
    /// The zone changes its offset, so no UTC time is right all year.
    Changes,
    /// The days would shift over the end of a month, or the times fall apart.
    Days,
}

/// Returns the expression in UTC that ticks when `cron` does in `zone`.
pub(super) fn in_utc(cron: &Cron, zone: &str) -> Result<Cron, ZoneFault> {
    let offset = fixed_offset(zone).ok_or(ZoneFault::Changes)?;
    if offset == 0 {
        return Ok(cron.clone());
    }
    shifted(cron, offset).ok_or(ZoneFault::Days)
}

/// Returns a zone's offset in minutes when it never changes after 2026, by the time-zone database.
fn fixed_offset(zone: &str) -> Option<i32> {
    let zone = TimeZone::get(zone).ok()?;
    let start = Timestamp::from_second(1_767_225_600).ok()?;
    if zone.following(start).next().is_some() {
        return None;
    }
    let seconds = zone.to_offset(start).seconds();
    (seconds % 60 == 0).then_some(seconds / 60)
}

fn shifted(cron: &Cron, offset: i32) -> Option<Cron> {
    let day = i32::try_from(Duration::from_hours(24).as_secs() / 60).ok()?;
    let (mut minutes, mut hours, mut days) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    for hour in cron.hour.list() {
        for minute in cron.minute.list() {
            let at = i32::try_from(hour * 60 + minute).ok()? - offset;
            count += 1;
            insert(&mut minutes, at.rem_euclid(60));
            insert(&mut hours, at.rem_euclid(day) / 60);
            insert(&mut days, at.div_euclid(day));
        }
    }
    let every_day = cron.day.is_every() && cron.month.is_every();
    let shift = match days.as_slice() {
        [0] => 0,
        [shift] if every_day => *shift,
        _ if every_day && cron.weekday.is_every() => 0,
        _ => return None,
    };
    if minutes.len() * hours.len() != count {
        return None;
    }
    let weekday = if shift == 0 {
        cron.weekday.text.clone()
    } else {
        let moved = cron.weekday.list().into_iter();
        let mut moved: Vec<i32> = moved
            .filter_map(|it| Some((i32::try_from(it).ok()? + shift).rem_euclid(7)))
            .collect();
        moved.sort_unstable();
        if cron.weekday.is_every() {
            "*".to_owned()
        } else {
            joined(&moved)
        }
    };
    let (minutes, hours) = (joined(&minutes), joined(&hours));
    let text = format!(
        "{minutes} {hours} {} {} {weekday}",
        cron.day.text, cron.month.text
    );
    Cron::parse(&text).ok()
}

fn insert(into: &mut Vec<i32>, value: i32) {
    if let Err(at) = into.binary_search(&value) {
        into.insert(at, value);
    }
}

fn joined(values: &[i32]) -> String {
    let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ncrontabs(cron: &str) -> Vec<String> {
        let made = timers(&Cron::parse(cron).unwrap());
        made.into_iter().map(|it| it.ncrontab).collect()
    }

    #[test]
    fn six_fields() {
        assert_eq!(ncrontabs("0 3 * * *"), ["0 0 3 * * *"]);
        assert_eq!(ncrontabs("*/5 * * * *"), ["0 */5 * * * *"]);
        assert_eq!(ncrontabs("0 8-18/2 * jan 5-7"), ["0 0 8-18/2 * JAN 0,5,6"]);
        assert_eq!(ncrontabs("0 0 * * mon-fri"), ["0 0 0 * * 1-5"]);
    }

    #[test]
    fn either_day_takes_two_timers() {
        let made = timers(&Cron::parse("0 4 1,15 * MON").unwrap());
        let [first, second] = made.as_slice() else {
            panic!("two timers: {made:?}");
        };
        assert_eq!(first.ncrontab, "0 0 4 1,15 * *");
        assert_eq!(second.ncrontab, "0 0 4 * * 1");
        assert_eq!(second.skip_days, [1, 15]);
        assert!(first.skip_days.is_empty());
        assert_eq!(ncrontabs("0 4 */2 * MON").len(), 1);
    }

    #[test]
    fn zones_that_never_change() {
        let utc = |cron: &str, zone| in_utc(&Cron::parse(cron).unwrap(), zone).map(|it| it.text);
        assert_eq!(utc("0 3 * * *", "Etc/UTC"), Ok("0 3 * * *".to_owned()));
        assert_eq!(utc("0 3 * * *", "Asia/Tokyo"), Ok("0 18 * * *".to_owned()));
        assert_eq!(
            utc("30 3 * * MON", "Asia/Tokyo"),
            Ok("30 18 * * 0".to_owned())
        );
        assert_eq!(
            utc("0 9 * * *", "Asia/Kolkata"),
            Ok("30 3 * * *".to_owned())
        );
        assert_eq!(utc("0 3 * * *", "Europe/Berlin"), Err(ZoneFault::Changes));
        assert_eq!(utc("0 3 1 * *", "Asia/Tokyo"), Err(ZoneFault::Days));
        assert_eq!(utc("0 8,9 * * MON", "Asia/Tokyo"), Err(ZoneFault::Days));
        assert_eq!(utc("0,30 9 * * *", "Asia/Kolkata"), Err(ZoneFault::Days));
    }
}
