//! FN0508: messages that expire before their last attempt.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Queue, duration_text};

/// Compares `keep` with the delay and the waits between attempts.
pub(super) fn check(queue: &Queue, found: &mut Diagnostics) {
    let (name, keep) = (&queue.name.value, queue.keep.value);
    if queue.delay.value >= keep {
        let span = queue.delay.span().unwrap_or(queue.name.span);
        found.push(
            Diagnostic::new(
                Code::FN0508,
                format!("a message of `{name}` expires before it is delivered"),
            )
            .label(span, "held back for this long")
            .label(
                queue.keep.span().unwrap_or(queue.name.span),
                format!("gone after {}", duration_text(keep)),
            )
            .help("make `keep` longer than `delay`"),
        );
        return;
    }
    let Some(retry) = queue.retry.as_ref().filter(|it| it.value.park.is_some()) else {
        return;
    };
    let needed = queue.delay.value + waits(retry.value.count);
    if needed < keep {
        return;
    }
    found.push(
        Diagnostic::new(
            Code::FN0508,
            format!("a message of `{name}` expires before it can be parked"),
        )
        .label(
            retry.span().unwrap_or(queue.name.span),
            format!("the last attempt comes after {}", duration_text(needed)),
        )
        .label(
            queue.keep.span().unwrap_or(queue.name.span),
            format!("gone after {}", duration_text(keep)),
        )
        .help("keep messages longer, or try less often"),
    );
}

/// Returns the sum of the waits before each attempt after the first: 1 s, 2 s, 4 s … and 5 min from the tenth on.
fn waits(attempts: u32) -> Duration {
    let doubling = attempts.min(9);
    let constant = u64::from(attempts - doubling);
    Duration::from_secs((1 << doubling) - 1 + 300 * constant)
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let by_hand = |attempts: u32| -> u64 {
            let wait = |k: u32| (1u64 << (k - 1).min(20)).min(300);
            (1..=attempts).map(wait).sum()
        };
        for attempts in 0..40 {
            assert_eq!(waits(attempts).as_secs(), by_hand(attempts), "{attempts}");
        }
    }

    fn program(settings: &str) -> String {
        format!(
            r#"
queue orders {{ {settings} }}
queue failed {{ keep 14d }}
function bill {{ handler "src/bill.py:handle"; on queue orders }}"#
        )
    }

    #[test]
    fn keep_outlasts_the_attempts() {
        let short = "keep 31s; retry 5 then failed";
        finds(&program(short), "FN0508 at `5 then failed`");
        finds(&program("keep 32s; retry 5 then failed"), "");
        finds(
            &program("keep 32s; delay 1s; retry 5 then failed"),
            "FN0508 at `5 then failed`",
        );
    }

    #[test]
    fn keep_outlasts_the_delay() {
        finds(
            &program("keep 1m; delay 1m; retry 0 then failed"),
            "FN0508 at `1m`",
        );
    }
}
