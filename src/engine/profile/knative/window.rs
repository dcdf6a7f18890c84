//! Means over the last seconds.

use std::collections::VecDeque;

/// So many seconds are kept.
const KEPT: u64 = 60;

/// What was measured, a value for each second.
#[derive(Debug, Default)]
pub(super) struct Window {
    first: u64,
    last: u64,
    /// The values of the seconds up to the last one, the last one at the end.
    values: VecDeque<f64>,
}

impl Window {
    /// Writes down the value of a second that is over.
    pub(super) fn write(&mut self, second: u64, value: f64) {
        if self.values.is_empty() || second.saturating_sub(self.last) >= KEPT {
            self.values.clear();
            self.first = second;
        } else {
            for _ in self.last + 1..second {
                self.values.push_back(0.0);
            }
        }
        self.values.push_back(value);
        self.last = second;
        while self.values.len() as u64 > KEPT {
            self.values.pop_front();
        }
    }

    /// Returns the mean over the `length` seconds before the end of second `now`.
    pub(super) fn mean(&self, now: u64, length: u64) -> f64 {
        let gap = now.saturating_sub(self.last);
        if self.values.is_empty() || gap >= length {
            return 0.0;
        }
        let seconds = self.last - self.first + 1;
        let inside = usize::try_from(length - gap).unwrap_or(usize::MAX);
        let sum: f64 = self.values.iter().rev().take(inside).sum();
        #[expect(clippy::cast_precision_loss, reason = "at most 60")]
        let count = seconds.min(length - gap) as f64;
        (sum / count * 1e6).round() / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_what_was_measured() {
        let mut window = Window::default();
        assert!(window.mean(5, 60).abs() < 1e-9);
        for (second, value) in [(10, 4.0), (11, 2.0), (13, 6.0)] {
            window.write(second, value);
        }
        let mean = |now, length| format!("{}", window.mean(now, length));
        assert_eq!(
            mean(13, 60),
            "3",
            "four seconds, one of them without a value"
        );
        assert_eq!(mean(13, 2), "3");
        assert_eq!(mean(14, 2), "6", "one second of two was measured");
        assert_eq!(mean(73, 60), "0");
    }
}
