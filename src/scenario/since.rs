//! How long it is since a test began, as people say it.

use std::fmt;

use crate::engine::Nanos;

/// A time since the start of a test: `0s`, `250ms`, `1m 3.5s`, `14d`.
pub(super) struct Since(pub(super) Nanos);

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, rest) = (self.0.0 / 1_000_000_000, self.0.0 % 1_000_000_000);
        let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
        let mut left = seconds;
        let mut parts = Vec::new();
        for (length, name) in units {
            if left >= length {
                parts.push(format!("{}{name}", left / length));
                left %= length;
            }
        }
        let last = Nanos(left * 1_000_000_000 + rest);
        if last.0 > 0 || parts.is_empty() {
            parts.push(last.to_string());
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_say_them() {
        let since = |it: u64| Since(Nanos::millis(it)).to_string();
        assert_eq!(since(0), "0s");
        assert_eq!(since(250), "250ms");
        assert_eq!(since(63_500), "1m 3.5s");
        assert_eq!(since(14 * 86_400_000), "14d");
    }
}
