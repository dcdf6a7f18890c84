//! How often an event is tried, and what becomes of it then.

use std::time::Duration;

use crate::model::{Name, Queue, Retry, Setting};

/// How often, and then.
pub(super) struct Attempts {
    /// Attempts after the first.
    pub(super) retry: u32,
    /// Where it goes after the last one.
    pub(super) park: Option<Name>,
    /// How long one may take; empty: as long as Knative waits.
    pub(super) timeout: String,
}

impl Attempts {
    /// Returns what a function's `retry` says.
    pub(super) fn of(retry: &Retry) -> Attempts {
        Attempts {
            retry: retry.count,
            park: retry.park.clone(),
            timeout: String::new(),
        }
    }

    /// Returns what a reader of a stream says; without `retry` it tries as long as the stream keeps a record.
    pub(super) fn of_log(retry: Option<&Setting<Retry>>, keep: Duration) -> Attempts {
        match retry {
            Some(retry) => Attempts::of(&retry.value),
            None => Attempts {
                retry: retries_within(keep),
                park: None,
                timeout: String::new(),
            },
        }
    }

    /// Returns what a queue says; without `retry` it tries as long as it keeps a message.
    pub(super) fn of_queue(queue: &Queue) -> Attempts {
        let mut made = match &queue.retry {
            Some(retry) => Attempts::of(&retry.value),
            None => Attempts {
                retry: retries_within(queue.keep.value),
                park: None,
                timeout: String::new(),
            },
        };
        if queue.hidden.is_written() {
            made.timeout = period(queue.hidden.value);
        }
        made
    }
}

/// Returns how many retries begin within `keep` when they wait 1, 2, 4 … seconds.
fn retries_within(keep: Duration) -> u32 {
    (keep.as_secs() + 1).checked_ilog2().unwrap_or(0).max(1)
}

/// Returns an ISO 8601 period.
pub(super) fn period(duration: Duration) -> String {
    let ms = duration.as_millis();
    match (ms % 3_600_000, ms % 1000) {
        (0, _) => format!("PT{}H", ms / 3_600_000),
        (_, 0) => format!("PT{}S", ms / 1000),
        _ => format!("PT{}.{:03}S", ms / 1000, ms % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        assert_eq!(period(Duration::from_hours(96)), "PT96H");
        assert_eq!(period(Duration::from_secs(90)), "PT90S");
        assert_eq!(period(Duration::from_millis(1250)), "PT1.250S");
    }

    #[test]
    fn retries_fill_the_time_a_message_is_kept() {
        assert_eq!(retries_within(Duration::from_secs(6)), 2);
        assert_eq!(retries_within(Duration::from_secs(7)), 3);
        assert_eq!(retries_within(Duration::from_hours(96)), 18);
    }
}
