//! Numbers with units: how a literal is read, and how a value is written back.

use std::fmt;
use std::time::Duration;

/// A size in bytes; 1 KB = 1024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl Size {
    /// Returns the size of this many mebibytes, written `MB` in programs.
    pub const fn mb(n: u64) -> Size {
        Size(n << 20)
    }

    /// Returns the size in whole mebibytes, rounded up.
    pub const fn to_mb(self) -> u64 {
        self.0.div_ceil(1 << 20)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0KB"),
            n if n % (1 << 30) == 0 => write!(f, "{}GB", n >> 30),
            n if n % (1 << 20) == 0 => write!(f, "{}MB", n >> 20),
            n if n % (1 << 10) == 0 => write!(f, "{}KB", n >> 10),
            n => write!(f, "{n} bytes"),
        }
    }
}

/// Events in a time: `200/s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many events.
    pub events: u64,
    /// In how long.
    pub per: Duration,
}

impl Rate {
    /// Returns the rate in events per second.
    #[expect(clippy::cast_precision_loss, reason = "rates are small numbers")]
    pub fn per_second(self) -> f64 {
        self.events as f64 / self.per.as_secs_f64()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "m",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.events)
    }
}

/// A numeric literal with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unit {
    /// `12`
    Int(i64),
    /// `1.5`
    Decimal(f64),
    /// `10s`
    Duration(Duration),
    /// `256MB`
    Size(Size),
    /// `200/s`
    Rate(Rate),
    /// `70%`
    Percent(u32),
}

/// Why a literal is no number of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitError {
    /// The letters after the digits are no unit.
    Unknown,
    /// A unit other than none needs a whole number: `1.5GB`.
    Fraction,
    /// More than 64 bits hold.
    TooLarge,
}

const MS: u64 = 1;
const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Every unit that a number may carry, for suggestions.
pub(crate) const UNITS: [&str; 12] = [
    "ms", "s", "m", "h", "d", "KB", "MB", "GB", "%", "/s", "/m", "/h",
];

/// Reads a numeric literal such as `250ms`, `256MB`, `200/s`, `70%`, `12` or `1.5`.
pub fn number(text: &str) -> Result<Unit, UnitError> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (digits, unit) = text.split_at(digits.unwrap_or(text.len()));
    if unit.is_empty() && digits.contains('.') {
        return digits
            .parse()
            .map(Unit::Decimal)
            .map_err(|_| UnitError::Unknown);
    }
    if !UNITS.contains(&unit) && !unit.is_empty() {
        return Err(UnitError::Unknown);
    }
    if digits.contains('.') {
        return Err(UnitError::Fraction);
    }
    let n: u64 = digits.parse().map_err(|_| UnitError::TooLarge)?;
    let times = |factor: u64| n.checked_mul(factor).ok_or(UnitError::TooLarge);
    let duration = |factor| times(factor).map(|ms| Unit::Duration(Duration::from_millis(ms)));
    let rate = |ms| {
        Ok(Unit::Rate(Rate {
            events: n,
            per: Duration::from_millis(ms),
        }))
    };
    match unit {
        "" => i64::try_from(n)
            .map(Unit::Int)
            .map_err(|_| UnitError::TooLarge),
        "ms" => duration(MS),
        "s" => duration(SECOND),
        "m" => duration(MINUTE),
        "h" => duration(HOUR),
        "d" => duration(DAY),
        "KB" => times(1 << 10).map(|it| Unit::Size(Size(it))),
        "MB" => times(1 << 20).map(|it| Unit::Size(Size(it))),
        "GB" => times(1 << 30).map(|it| Unit::Size(Size(it))),
        "%" => u32::try_from(n)
            .map(Unit::Percent)
            .map_err(|_| UnitError::TooLarge),
        "/s" => rate(SECOND),
        "/m" => rate(MINUTE),
        "/h" => rate(HOUR),
        _ => Err(UnitError::Unknown),
    }
}

/// Reads a duration such as `15m`, as tables of limits write it.
pub fn duration_value(text: &str) -> Option<Duration> {
    match number(text) {
        Ok(Unit::Duration(it)) => Some(it),
        Ok(Unit::Int(0)) => Some(Duration::ZERO),
        _ => None,
    }
}

/// Writes a duration in the largest unit that divides it: `90s`, `15m`, `14d`.
pub fn duration_text(duration: Duration) -> String {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")];
    let whole = units.iter().find(|(unit, _)| ms >= *unit && ms % unit == 0);
    match whole {
        Some((unit, letter)) => format!("{}{letter}", ms / unit),
        None if ms == 0 => "0s".to_owned(),
        None => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        assert_eq!(
            number("250ms"),
            Ok(Unit::Duration(Duration::from_millis(250)))
        );
        assert_eq!(number("256MB"), Ok(Unit::Size(Size::mb(256))));
        assert_eq!(number("12"), Ok(Unit::Int(12)));
        assert_eq!(number("1.5"), Ok(Unit::Decimal(1.5)));
        assert_eq!(number("1.5GB"), Err(UnitError::Fraction));
        assert_eq!(number("5x"), Err(UnitError::Unknown));
        assert_eq!(number("99999999999999999999"), Err(UnitError::TooLarge));
        assert_eq!(number("9999999999999999999d"), Err(UnitError::TooLarge));
    }

    #[test]
    fn durations_are_written_shortest() {
        let text = |ms| duration_text(Duration::from_millis(ms));
        assert_eq!(text(90_000), "90s");
        assert_eq!(text(900_000), "15m");
        assert_eq!(text(1_500), "1500ms");
        assert_eq!(text(14 * 86_400_000), "14d");
    }
}
