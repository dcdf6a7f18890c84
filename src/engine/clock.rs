//! Time as the engine counts it: whole nanoseconds, given from outside, never read.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, Sub};

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(pub u64);

impl Nanos {
    /// No time at all.
    pub const ZERO: Nanos = Nanos(0);
    /// One second.
    pub const SECOND: Nanos = Nanos(1_000_000_000);
    /// One minute.
    pub const MINUTE: Nanos = Nanos(60_000_000_000);
    /// One day of 24 hours.
    pub const DAY: Nanos = Nanos(86_400_000_000_000);

    /// Returns that many milliseconds.
    pub const fn millis(count: u64) -> Nanos {
        Nanos(count.saturating_mul(1_000_000))
    }

    /// Returns that many seconds.
    pub const fn seconds(count: u64) -> Nanos {
        Nanos(count.saturating_mul(1_000_000_000))
    }
}

impl Add for Nanos {
    type Output = Nanos;

    fn add(self, other: Nanos) -> Nanos {
        Nanos(self.0.saturating_add(other.0))
    }
}

impl Sub for Nanos {
    type Output = Nanos;

    fn sub(self, other: Nanos) -> Nanos {
        Nanos(self.0.saturating_sub(other.0))
    }
}

/// Shows whole units where it can: `0s`, `250ms`, `1.5s`, `20s`, `17us`.
impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0 => return f.write_str("0s"),
            1_000_000_000.. => (1_000_000_000, "s"),
            1_000_000.. => (1_000_000, "ms"),
            1_000.. => (1_000, "us"),
            _ => (1, "ns"),
        };
        let (whole, rest) = (self.0 / unit, self.0 % unit * 1000 / unit);
        if rest == 0 {
            return write!(f, "{whole}{name}");
        }
        let digits = format!("{rest:03}");
        write!(f, "{whole}.{}{name}", digits.trim_end_matches('0'))
    }
}

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// Returns the length of time since `earlier`; zero when that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Time) -> Nanos {
        Nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Nanos> for Time {
    type Output = Time;

    fn add(self, length: Nanos) -> Time {
        Time(self.0.saturating_add(length.0))
    }
}

/// Names one alarm, so that it can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Token(Time, u64);

impl Token {
    /// Returns when it rings.
    pub(super) fn at(self) -> Time {
        self.0
    }
}

/// The alarms that are set, in the order in which they ring; ties ring as they were set.
#[derive(Debug)]
pub(super) struct Timers<T> {
    list: BTreeMap<Token, T>,
    sequence: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers {
            list: BTreeMap::new(),
            sequence: 0,
        }
    }
}

impl<T> Timers<T> {
    /// Sets an alarm.
    pub(super) fn set(&mut self, at: Time, what: T) -> Token {
        self.sequence += 1;
        let token = Token(at, self.sequence);
        self.list.insert(token, what);
        token
    }

    /// Takes an alarm back; nothing happens when it has rung.
    pub(super) fn cancel(&mut self, token: Token) {
        self.list.remove(&token);
    }

    /// Returns when the next one rings.
    pub(super) fn next(&self) -> Option<Time> {
        self.list.keys().next().map(|it| it.at())
    }

    /// Takes the next one that has rung by `now`.
    pub(super) fn due(&mut self, now: Time) -> Option<T> {
        let first = self.list.first_entry()?;
        (first.key().at() <= now).then(|| first.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_ring_in_order_and_ties_as_they_were_set() {
        let mut timers = Timers::default();
        timers.set(Time(2), 'c');
        timers.set(Time(1), 'a');
        let gone = timers.set(Time(1), 'x');
        timers.set(Time(1), 'b');
        timers.cancel(gone);
        let rung: String = std::iter::from_fn(|| timers.due(Time(2))).collect();
        assert_eq!(rung, "abc");
    }

    #[test]
    fn lengths_of_time_are_shown_in_whole_units() {
        let shown = |it: u64| Nanos(it).to_string();
        assert_eq!(shown(0), "0s");
        assert_eq!(shown(250_000_000), "250ms");
        assert_eq!(shown(1_500_000_000), "1.5s");
        assert_eq!(shown(1_050_000), "1.05ms");
        assert_eq!(shown(17_000), "17us");
    }
}
