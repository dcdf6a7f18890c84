//! Schedules as EventBridge Scheduler writes them: six fields, `?` in one day field, English day names.
//! ("EventBridge Scheduler User Guide", "Schedule types".)

use crate::model::{Cron, CronField};

/// A schedule, and the days of the month on which the shim lets a tick pass without a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// `cron(…)`
    pub(super) text: String,
    /// Days of the month in the schedule's zone.
    pub(super) skipped_days: Vec<u32>,
}

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Returns the schedules that tick together as a five-field expression does.
pub(super) fn from_cron(cron: &Cron) -> Vec<Expression> {
    let time = format!(
        "{} {}",
        field(&cron.minute, 0, 59),
        field(&cron.hour, 0, 23)
    );
    let month = field(&cron.month, 1, 12);
    let days = field(&cron.day, 1, 31);
    let by_day = |skipped_days| Expression {
        text: format!("cron({time} {days} {month} ? *)"),
        skipped_days,
    };
    let by_weekday = |skipped_days| Expression {
        text: format!("cron({time} ? {month} {} *)", weekdays(&cron.weekday)),
        skipped_days,
    };
    if cron.either_day() {
        // Either field suffices, and a day that both name ticks once.
        vec![by_day(Vec::new()), by_weekday(cron.day.list())]
    } else if cron.weekday.list().len() == DAYS.len() {
        vec![by_day(Vec::new())]
    } else {
        // Both must match; one expression can't say so.
        let others = (1..=31).filter(|day| cron.day.values >> day & 1 == 0);
        vec![by_weekday(others.collect())]
    }
}

fn field(field: &CronField, low: u32, high: u32) -> String {
    values(field.values, low, high)
}

/// Writes a set of values shortly: `*`, `0/15`, `1-5` or a list.
fn values(set: u64, low: u32, high: u32) -> String {
    let chosen: Vec<u32> = (low..=high).filter(|n| set >> n & 1 == 1).collect();
    let [first, .., last] = chosen.as_slice() else {
        return chosen.first().map(u32::to_string).unwrap_or_default();
    };
    let step = chosen.get(1).map_or(1, |second| second - first);
    let even = chosen.windows(2).all(|it| match it {
        [a, b] => b - a == step,
        _ => true,
    });
    match step {
        1 if even && *first == low && *last == high => "*".to_owned(),
        1 if even => format!("{first}-{last}"),
        _ if even && last + step > high => format!("{first}/{step}"),
        _ => chosen
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(","),
    }
}

fn weekdays(field: &CronField) -> String {
    let names = DAYS.iter().enumerate();
    let chosen = names.filter(|(at, _)| field.values >> at & 1 == 1);
    let chosen: Vec<&str> = chosen.map(|(_, name)| *name).collect();
    if field.values == 0b011_1110 {
        return "MON-FRI".to_owned();
    }
    chosen.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cron(text: &str) -> Vec<String> {
        let list = from_cron(&Cron::parse(text).unwrap());
        let shown = |it: Expression| match it.skipped_days.as_slice() {
            [] => it.text,
            days => format!("{} without {days:?}", it.text),
        };
        list.into_iter().map(shown).collect()
    }

    #[test]
    fn five_fields_become_six() {
        assert_eq!(cron("0 3 * * *"), ["cron(0 3 * * ? *)"]);
        assert_eq!(cron("*/15 8-18 * * *"), ["cron(0/15 8-18 * * ? *)"]);
        assert_eq!(
            cron("10-40/10 * 1 jan,jul *"),
            ["cron(10,20,30,40 * 1 1/6 ? *)"]
        );
        assert_eq!(cron("0 0 * * 0"), ["cron(0 0 ? * SUN *)"]);
        assert_eq!(cron("0 0 * * 7"), ["cron(0 0 ? * SUN *)"]);
        assert_eq!(cron("30 6 * * 1-5"), ["cron(30 6 ? * MON-FRI *)"]);
        assert_eq!(cron("0 0 * * 5-7"), ["cron(0 0 ? * SUN,FRI,SAT *)"]);
    }

    #[test]
    fn either_of_two_day_fields_suffices() {
        assert_eq!(
            cron("0 0 1,15 * MON"),
            [
                "cron(0 0 1,15 * ? *)",
                "cron(0 0 ? * MON *) without [1, 15]"
            ]
        );
        let both = cron("0 0 */10 * FRI");
        assert_eq!(both.len(), 1);
        assert!(both[0].starts_with("cron(0 0 ? * FRI *) without [2, 3,"));
    }
}
