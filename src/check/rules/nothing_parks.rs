//! FN0506: events that nothing parks.

use super::flow::QueueUse;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Origin, Queue, StreamTrigger, duration_text};

/// Reports a queue with a consumer whose failing messages have nowhere to go.
pub(super) fn queue(queue: &Queue, used: &QueueUse<'_>, found: &mut Diagnostics) {
    let Some((consumer, _)) = used.consumers.first().filter(|_| queue.retry.is_none()) else {
        return;
    };
    // A `retry` in the wrong place is FN0503, which says where it belongs.
    if matches!(consumer.retry.origin, Origin::Written(_)) && !consumer.has_pushed() {
        return;
    }
    let (name, keep) = (&queue.name.value, duration_text(queue.keep.value));
    found.push(
        Diagnostic::new(
            Code::FN0506,
            format!("messages of `{name}` that keep failing are lost after {keep}"),
        )
        .label(queue.name.span, "no `retry` says where they go")
        .label(
            consumer.name.span,
            format!(
                "until then, `{}` gets them again and again",
                consumer.name.value
            ),
        )
        .help("park them in another queue: `retry 5 then QUEUE`"),
    );
}

/// Reports a function whose pushed events are dropped without a word about it in the program.
pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    if function.retry.origin != Origin::Language || function.retry.value.park.is_some() {
        return;
    }
    let Some(pushed) = function.triggers.iter().find(|it| it.kind.is_pushed()) else {
        return;
    };
    let attempts = function.retry.value.count + 1;
    found.push(
        Diagnostic::new(
            Code::FN0506,
            format!(
                "events of `{}` that fail are dropped after {attempts} attempts",
                function.name.value
            ),
        )
        .label(pushed.span, "its events are pushed, so no queue keeps them")
        .help(format!(
            "park them in a queue: `retry {} then QUEUE`; or say that they may be lost: `retry {0}`",
            function.retry.value.count
        )),
    );
}

/// Reports a trigger on a stream or a table whose failing records hold up all behind them.
pub(super) fn log(
    function: &Function,
    kind: &str,
    trigger: &StreamTrigger,
    found: &mut Diagnostics,
) {
    // A `retry` in the wrong place is FN0503, which says where it belongs; `max_age` says how long to try.
    let misplaced = matches!(function.retry.origin, Origin::Written(_)) && !function.has_pushed();
    if trigger.retry.is_some() || trigger.max_age.is_some() || misplaced {
        return;
    }
    let source = &trigger.source;
    found.push(
        Diagnostic::new(
            Code::FN0506,
            format!(
                "a record of `{}` that keeps failing holds up its shard until it expires",
                source.value
            ),
        )
        .label(source.span, "no `retry` says where it goes")
        .help(format!(
            "park it in a queue: `on {kind} {}{} {{ retry 5 then QUEUE }}`",
            source.value,
            if kind == "table" { " changed" } else { "" }
        )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn messages_of_a_queue_are_parked() {
        let lost = r#"
queue orders { keep 1d }
function bill { handler "src/bill.py:handle"; on queue orders }"#;
        finds(lost, "FN0506 at `orders`");
    }

    #[test]
    fn pushed_events_are_parked_or_dropped_on_purpose() {
        let nightly = |retry: &str| {
            format!(
                r#"
queue failed {{ keep 14d }}
queue jobs {{ retry 5 then failed }}
function work {{ handler "src/work.py:handle"; on queue jobs }}
function nightly {{ handler "src/nightly.py:handle"; on schedule "0 3 * * *"{retry} }}"#
            )
        };
        finds(&nightly(""), "FN0506 at `on schedule \"0 3 * * *\"`");
        finds(&nightly("; retry 2"), "");
        finds(&nightly("; retry 2 then failed"), "");
        let defaults = format!("defaults {{ retry 3 then failed }}\n{}", nightly(""));
        finds(&defaults, "");
    }

    #[test]
    fn records_of_a_log_are_parked_or_have_an_age() {
        let program = |block: &str| {
            format!(
                r#"
queue failed {{ keep 14d }}
stream clicks
table notes {{ key id string }}
function a {{ handler "src/a.py:handle"; on stream clicks {block} }}
function b {{ handler "src/a.py:handle"; on table notes changed {block} }}
function c {{ handler "src/a.py:handle"; on every 5m; retry 2 then failed }}"#
            )
        };
        finds(&program(""), "FN0506 at `clicks`\nFN0506 at `notes`");
        finds(&program("{ retry 3 }"), "");
        finds(&program("{ retry 3 then failed }"), "");
        finds(&program("{ max_age 1h }"), "");
    }

    #[test]
    fn http_has_a_caller_who_sees_the_failure() {
        let source = r#"function a { handler "src/a.py:handle"; on http GET "/a" { auth none } }"#;
        finds(source, "");
    }
}
