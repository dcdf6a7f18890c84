//! The time of day for the engine: it never goes back, and follows the wall clock when that leaps ahead.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::engine::{Nanos, Time};
use crate::event;

/// Where time comes from.
#[derive(Debug)]
pub(super) struct Clock {
    wall: Time,
    monotonic: Instant,
}

impl Clock {
    /// Returns a clock that is set now.
    #[expect(clippy::disallowed_methods, reason = "the runtime has a clock")]
    pub(super) fn new() -> Self {
        Clock {
            wall: wall(),
            monotonic: Instant::now(),
        }
    }

    /// Returns the time. A machine that was asleep has missed ticks of the monotonic clock, not of the wall's.
    pub(super) fn now(&mut self) -> Time {
        let passed = u64::try_from(self.monotonic.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let now = self.wall + Nanos(passed);
        let wall = wall();
        if wall > now + Nanos::SECOND {
            *self = Clock::new();
            return self.wall;
        }
        now
    }
}

#[expect(clippy::disallowed_methods, reason = "the runtime has a clock")]
fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = since.map_or(0, |it| it.as_nanos());
    Time(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Returns the time as events write it.
pub(super) fn stamp(time: Time) -> event::Time {
    event::Time(i64::try_from(time.0 / 1_000_000).unwrap_or(i64::MAX))
}
