//! What is measured in a simulation: times of calls, and numbers over time.

use crate::engine::{Nanos, Time};

/// Times that were measured; exact, for all of them are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    times: Vec<u64>,
    sum: u128,
}

/// A summary of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Summary {
    /// The mean.
    pub(crate) mean: Nanos,
    /// Half are no longer.
    pub(crate) p50: Nanos,
    /// 95 of 100 are no longer.
    pub(crate) p95: Nanos,
    /// 99 of 100 are no longer.
    pub(crate) p99: Nanos,
    /// The longest.
    pub(crate) max: Nanos,
}

impl Measured {
    /// Adds a time.
    pub(super) fn add(&mut self, time: Nanos) {
        self.times.push(time.0);
        self.sum += u128::from(time.0);
    }

    /// Returns how many there are.
    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    /// Sums them up.
    pub(crate) fn summary(&self) -> Summary {
        let mut times = self.times.clone();
        times.sort_unstable();
        // The nearest rank: the smallest time that so many percent don't exceed.
        let rank = |percent: usize| {
            let at = (times.len() * percent).div_ceil(100).max(1) - 1;
            Nanos(times.get(at).copied().unwrap_or(0))
        };
        let mean = self.sum / (times.len().max(1) as u128);
        Summary {
            mean: Nanos(u64::try_from(mean).unwrap_or(u64::MAX)),
            p50: rank(50),
            p95: rank(95),
            p99: rank(99),
            max: rank(100),
        }
    }
}

/// So many points of a series are kept.
const POINTS: u64 = 12;

/// A number over time.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    start: Time,
    length: Nanos,
    last: Time,
    value: u64,
    area: u128,
    most: u64,
    points: Vec<u64>,
}

impl Series {
    /// Returns a number that is 0 at the start.
    pub(super) fn new(start: Time, length: Nanos) -> Self {
        Series {
            start,
            length,
            last: start,
            value: 0,
            area: 0,
            most: 0,
            points: Vec::new(),
        }
    }

    /// Takes note of the value from now on.
    pub(super) fn set(&mut self, now: Time, value: u64) {
        self.area += u128::from(self.value) * u128::from(now.since(self.last).0);
        let step = Nanos((self.length.0 / POINTS).max(1));
        while (self.points.len() as u64) < POINTS
            && self.start + Nanos(step.0 * (self.points.len() as u64 + 1)) <= now
        {
            self.points.push(self.value);
        }
        self.last = now;
        self.value = value;
        self.most = self.most.max(value);
    }

    /// Returns the mean over time.
    #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
    pub(crate) fn mean(&self) -> f64 {
        let time = self.last.since(self.start).0.max(1);
        self.area as f64 / time as f64
    }

    /// Returns the largest value.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    /// Returns the values at the ends of twelve parts of the time.
    pub(crate) fn points(&self) -> &[u64] {
        &self.points
    }

    /// Returns by how much the value grows in a second, when it grows without an end: over the last third of the time.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(crate) fn growth(&self) -> Option<f64> {
        let two_thirds = usize::try_from(POINTS * 2 / 3)
            .unwrap_or(0)
            .checked_sub(1)?;
        let before = *self.points.get(two_thirds)?;
        let now = *self.points.last()?;
        let rising = self.points.get(two_thirds..)?.is_sorted() && now > before + before / 10 + 10;
        let seconds = self.length.0 as f64 / 3e9;
        rising.then(|| (now - before) as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut times = Measured::default();
        for n in (1..=200).rev() {
            times.add(Nanos(n));
        }
        let summary = times.summary();
        let found = [
            summary.mean,
            summary.p50,
            summary.p95,
            summary.p99,
            summary.max,
        ];
        assert_eq!(found.map(|it| it.0), [100, 100, 190, 198, 200]);
        assert_eq!(Measured::default().summary(), Summary::default());
    }

    #[test]
    fn a_series_has_a_mean_and_points() {
        let mut series = Series::new(Time(0), Nanos(1_200));
        series.set(Time(300), 10);
        series.set(Time(900), 4);
        series.set(Time(1_200), 4);
        assert_eq!(series.points(), [0, 0, 0, 10, 10, 10, 10, 10, 10, 4, 4, 4]);
        assert!((series.mean() - 6.0).abs() < 1e-9);
        assert_eq!((series.most(), series.growth()), (10, None));
    }
}
