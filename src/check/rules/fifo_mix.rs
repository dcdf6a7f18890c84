//! FN0502: fifo and not fifo mixed.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Name, Queue, StreamTrigger, TriggerKind};

/// Compares a queue with the one it parks in.
pub(super) fn queue(queue: &Queue, app: &App, found: &mut Diagnostics) {
    let Some(park) = queue.retry.as_ref().and_then(|it| it.value.park.as_ref()) else {
        return;
    };
    compare(
        Source::new("queue", &queue.name, queue.fifo.value),
        park,
        app,
        found,
    );
}

/// Compares what is pushed at a function with the queue it parks in.
pub(super) fn function(function: &Function, app: &App, found: &mut Diagnostics) {
    let Some(park) = &function.retry.value.park else {
        return;
    };
    for trigger in &function.triggers {
        let source = match &trigger.kind {
            TriggerKind::Topic(it) => {
                let fifo = app
                    .topics
                    .get(it.topic.as_str())
                    .is_some_and(|it| it.fifo.value);
                Source::new("topic", &it.topic, fifo)
            }
            TriggerKind::Schedule(_) | TriggerKind::Every(_) => {
                Source::new("schedule of", &function.name, false)
            }
            TriggerKind::Bucket(it) => Source::new("bucket", &it.bucket, false),
            TriggerKind::Event(it) => Source::new("bus", &it.bus, false),
            TriggerKind::Http(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => continue,
        };
        if compare(source, park, app, found) {
            return;
        }
    }
}

/// Compares a stream or table with the queue that a trigger parks its records in.
pub(super) fn log(kind: &'static str, trigger: &StreamTrigger, app: &App, found: &mut Diagnostics) {
    let park = trigger.retry.as_ref().and_then(|it| it.value.park.as_ref());
    if let Some(park) = park {
        compare(Source::new(kind, &trigger.source, false), park, app, found);
    }
}

/// Where events come from before they are parked.
#[derive(Clone, Copy)]
struct Source<'a> {
    word: &'static str,
    name: &'a Name,
    fifo: bool,
}

impl<'a> Source<'a> {
    fn new(word: &'static str, name: &'a Name, fifo: bool) -> Self {
        Source { word, name, fifo }
    }
}

fn compare(source: Source<'_>, park: &Name, app: &App, found: &mut Diagnostics) -> bool {
    let Some(target) = app.queues.get(park.as_str()) else {
        return false;
    };
    if target.fifo.value == source.fifo {
        return false;
    }
    let (word, name) = (source.word, &source.name.value);
    let (message, help) = if source.fifo {
        (
            format!(
                "the {word} `{name}` is fifo, but `{}`, where its events are parked, is not",
                park.value
            ),
            format!("make it fifo too: `queue {} {{ fifo … }}`", park.value),
        )
    } else {
        (
            format!(
                "the {word} `{name}` is not fifo, but `{}`, where its events are parked, is",
                park.value
            ),
            format!("park in a queue without `fifo`: events of the {word} `{name}` have no group"),
        )
    };
    found.push(
        Diagnostic::new(Code::FN0502, message)
            .label(park.span, "parked here")
            .label(
                target.fifo.span().unwrap_or(target.name.span),
                format!("`{}`", park.value),
            )
            .label(source.name.span, format!("the {word} `{name}`"))
            .help(help),
    );
    true
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn queues(orders: &str, failed: &str) -> String {
        format!(
            r#"
queue orders {{ {orders}retry 5 then failed }}
queue failed {{ {failed}keep 14d }}
function bill {{ handler "src/bill.py:handle"; on queue orders }}"#
        )
    }

    #[test]
    fn queues_park_in_their_like() {
        finds(&queues("fifo; ", ""), "FN0502 at `failed`");
        finds(&queues("", "fifo; "), "FN0502 at `failed`");
        finds(&queues("fifo; ", "fifo; "), "");
    }

    #[test]
    fn pushed_events_too() {
        let topic = |placed: &str, failed: &str| {
            format!(
                r#"
topic placed {{ {placed} }}
queue failed {{ {failed}keep 14d }}
function mail {{ handler "src/mail.py:handle"; on topic placed; retry 2 then failed }}"#
            )
        };
        finds(&topic("fifo", ""), "FN0502 at `failed`");
        finds(&topic("fifo", "fifo; "), "");
        finds(&topic("", "fifo; "), "FN0502 at `failed`");
    }

    #[test]
    fn logs_buckets_and_buses_have_no_groups() {
        let source = r#"
queue failed { fifo; keep 14d }
stream clicks
bucket files
bus events
function a { handler "src/a.py:handle"; on stream clicks { retry 2 then failed } }
function b { handler "src/a.py:handle"; on bucket files created; retry 2 then failed }
function c { handler "src/a.py:handle"; on event "x" from events; retry 2 then failed }"#;
        finds(
            source,
            "FN0502 at `failed`\nFN0502 at `failed`\nFN0502 at `failed`",
        );
    }

    #[test]
    fn a_schedule_has_no_groups() {
        let source = r#"
queue failed { fifo; keep 14d }
function beat { handler "src/beat.py:handle"; on every 5m; on every 10m; retry 2 then failed }"#;
        finds(source, "FN0502 at `failed`");
    }
}
