//! Five-field cron expressions.
//!
//! Minute, hour, day of month, month, day of week, as in POSIX crontab: `*`, numbers, ranges `a-b`, steps
//! `*/n` and `a-b/n`, lists with `,`, and the English three-letter names of months and days. Where both day
//! fields are given, either suffices (POSIX.1-2017, crontab, "Input files").

use std::fmt;
use std::time::Duration;

/// One field of a cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronField {
    /// As written.
    pub text: String,
    /// Bit n is set when the value n matches; Sunday is 0.
    pub values: u64,
    /// Whether it begins with `*`, so that in a day field the other one decides.
    pub star: bool,
}

impl CronField {
    /// Returns the values that match, ascending.
    pub fn list(&self) -> Vec<u32> {
        (0..60).filter(|n| self.values >> n & 1 == 1).collect()
    }

    /// Tells whether every value of the field's range matches.
    pub fn is_every(&self) -> bool {
        self.text == "*"
    }
}

/// A five-field cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    /// As written, blanks folded.
    pub text: String,
    /// 0 to 59.
    pub minute: CronField,
    /// 0 to 23.
    pub hour: CronField,
    /// 1 to 31.
    pub day: CronField,
    /// 1 to 12.
    pub month: CronField,
    /// 0 to 6, Sunday first; 7 is read as 0.
    pub weekday: CronField,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    /// Reads an expression; the error says what is wrong, in words that go on "the cron expression …".
    pub fn parse(text: &str) -> Result<Cron, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(format!(
                "has {} fields; it needs five: minute, hour, day of month, month, day of week",
                fields.len()
            ));
        };
        Ok(Cron {
            text: fields.join(" "),
            minute: field(minute, "minute", 0, 59, &[])?,
            hour: field(hour, "hour", 0, 23, &[])?,
            day: field(day, "day of month", 1, 31, &[])?,
            month: field(month, "month", 1, 12, &MONTHS)?,
            weekday: field(weekday, "day of week", 0, 7, &DAYS)?,
        })
    }

    /// Returns the expression that ticks at every multiple of `interval` from midnight, for an interval of at
    /// least a minute that divides an hour or a day in whole minutes.
    pub fn every(interval: Duration) -> Cron {
        let minutes = interval.as_secs() / 60;
        let text = match minutes {
            0 | 1 => "* * * * *".to_owned(),
            n if n < 60 && 60 % n == 0 => format!("*/{n} * * * *"),
            60 => "0 * * * *".to_owned(),
            n if n < 1440 && n % 60 == 0 => format!("0 */{} * * *", n / 60),
            _ => "0 0 * * *".to_owned(),
        };
        Cron::parse(&text).expect("these expressions are well-formed")
    }

    /// Tells whether both day fields restrict the days, so that either suffices.
    pub fn either_day(&self) -> bool {
        !self.day.star && !self.weekday.star
    }

    /// Tells whether any date matches: `0 0 31 2 *` never does.
    pub fn can_fire(&self) -> bool {
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let first_day = self.day.values.trailing_zeros();
        let fits = |(month, days): (usize, &u32)| {
            self.month.values >> (month + 1) & 1 == 1 && first_day <= *days
        };
        self.either_day() || longest.iter().enumerate().any(fits)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn field(text: &str, what: &str, low: u32, high: u32, names: &[&str]) -> Result<CronField, String> {
    let value = |word: &str| -> Result<u32, String> {
        let by_name = names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(word));
        if let Some(index) = by_name {
            return Ok(low + u32::try_from(index).unwrap_or(0));
        }
        let digits = !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
        match word.parse::<u32>() {
            Ok(n) if digits && (low..=high).contains(&n) => Ok(n),
            _ => Err(format!(
                "has `{word}` as {what}, which goes from {low} to {high}"
            )),
        }
    };
    let mut values = 0u64;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => match step.parse::<u32>() {
                Ok(n) if (1..=high).contains(&n) => (range, n),
                _ => {
                    return Err(format!(
                        "has the step `/{step}` as {what}; a step goes from 1 to {high}"
                    ));
                }
            },
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (low, if names == DAYS { 6 } else { high }),
            Some((first, last)) => (value(first)?, value(last)?),
            None if part.contains('/') => {
                return Err(format!(
                    "has `{part}` as {what}; a step needs a range: `{range}-{high}/{step}`"
                ));
            }
            None => (value(range)?, value(range)?),
        };
        if first > last {
            return Err(format!(
                "has the range `{range}` as {what}, which ends before it begins"
            ));
        }
        for n in (first..=last).step_by(step as usize) {
            values |= 1 << if names == DAYS && n == 7 { 0 } else { n };
        }
    }
    Ok(CronField {
        text: text.to_ascii_uppercase(),
        values,
        star: text.starts_with('*'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str, field: fn(Cron) -> CronField) -> Vec<u32> {
        field(Cron::parse(text).unwrap()).list()
    }

    #[test]
    fn fields_are_read() {
        assert_eq!(list("*/20 3 * * *", |it| it.minute), [0, 20, 40]);
        assert_eq!(list("0 8-12/2,22 * * *", |it| it.hour), [8, 10, 12, 22]);
        assert_eq!(list("0 0 * jan,Mar *", |it| it.month), [1, 3]);
        assert_eq!(list("0 0 * * MON-FRI", |it| it.weekday), [1, 2, 3, 4, 5]);
        assert_eq!(list("0 0 * * 7", |it| it.weekday), [0]);
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &str| Cron::parse(text).unwrap_err();
        assert!(fault("0 3 * *").contains("4 fields"));
        assert!(fault("60 3 * * *").contains("`60` as minute"));
        assert!(fault("0 3 * * 5-1").contains("ends before it begins"));
        assert!(fault("*/0 3 * * *").contains("step"));
        assert!(fault("5/15 3 * * *").contains("needs a range"));
        assert!(fault("0 3 L * *").contains("`L`"));
    }

    #[test]
    fn dates_that_never_come() {
        assert!(!Cron::parse("0 0 31 2 *").unwrap().can_fire());
        assert!(Cron::parse("0 0 29 2 *").unwrap().can_fire());
        assert!(Cron::parse("0 0 31 2 MON").unwrap().can_fire());
    }
}
