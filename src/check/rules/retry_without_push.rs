//! FN0503: a `retry` on a function at which nothing is pushed.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Origin, TriggerKind};

/// Reports a written `retry` without anything that pushes; one from `defaults` is simply not used.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let Origin::Written(span) = function.retry.origin else {
        return;
    };
    if function.has_pushed() {
        return;
    }
    let source = function.triggers.iter().find_map(|it| match &it.kind {
        TriggerKind::Queue(it) => Some(("queue", &it.queue)),
        TriggerKind::Stream(it) => Some(("stream", &it.source)),
        TriggerKind::Table(it) => Some(("table", &it.source)),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    });
    let finding = Diagnostic::new(
        Code::FN0503,
        format!(
            "`retry` of `{}` has nothing to try again",
            function.name.value
        ),
    )
    .label(
        span,
        "no topic, schedule, bucket or bus pushes events at it",
    );
    let retry = &function.retry.value;
    let then = retry.park.as_ref();
    let then = then.map_or_else(String::new, |it| format!(" then {}", it.value));
    found.push(match source {
        Some((kind @ ("stream" | "table"), source)) => finding
            .label(
                source.span,
                "its records are tried again as its trigger says",
            )
            .help(format!(
                "move it to the trigger: `on {kind} {}{} {{ retry {}{then} }}`",
                source.value,
                if kind == "table" { " changed" } else { "" },
                retry.count
            )),
        Some((_, queue)) => finding
            .label(queue.span, "this queue tries its messages again itself")
            .help(format!(
                "move it to the queue: `queue {} {{ retry {}{then} }}`",
                queue.value, retry.count
            )),
        None if function.has_http() => finding
            .help("remove it: the caller of an http route sees the failure, and may try again"),
        None => {
            finding.help("remove it: who invokes the function sees the failure, and may try again")
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finds, help};

    #[test]
    fn a_queue_has_its_own_retry() {
        let source = r#"
queue orders { retry 1 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders; retry 5 then failed }"#;
        finds(source, "FN0503 at `5 then failed`");
        assert_eq!(
            help(source),
            "move it to the queue: `queue orders { retry 5 then failed }`"
        );
    }

    #[test]
    fn a_stream_trigger_has_its_own_retry() {
        let source = r#"
queue failed { keep 14d }
stream clicks
function a { handler "src/a.py:handle"; on stream clicks; retry 5 then failed }"#;
        finds(source, "FN0503 at `5 then failed`");
        assert_eq!(
            help(source),
            "move it to the trigger: `on stream clicks { retry 5 then failed }`"
        );
    }

    #[test]
    fn a_route_has_a_caller() {
        let source =
            r#"function a { handler "src/a.py:handle"; on http GET "/a" { auth none }; retry 5 }"#;
        finds(source, "FN0503 at `5`");
    }

    #[test]
    fn from_defaults_it_is_simply_not_used() {
        let source = r#"
defaults { retry 2 }
function a { handler "src/a.py:handle"; on http GET "/a" { auth none } }"#;
        finds(source, "FN0540 at `retry`");
    }

    #[test]
    fn one_pushed_trigger_suffices() {
        let source = r#"
function a {
  handler "src/a.py:handle"
  on http GET "/a" { auth none }
  on every 5m
  retry 5
}"#;
        finds(source, "");
    }
}
