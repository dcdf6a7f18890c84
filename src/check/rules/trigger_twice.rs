//! FN0411: the same trigger twice on one function.

use std::collections::BTreeMap;

use super::route_twice::shape;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Trigger, TriggerKind};

/// Reports triggers that start the function for the same events as an earlier one.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &Trigger> = BTreeMap::new();
    for trigger in &function.triggers {
        let Some(first) = seen.get(&events(trigger)) else {
            seen.insert(events(trigger), trigger);
            continue;
        };
        found.push(
            Diagnostic::new(
                Code::FN0411,
                format!("`{}` has the same trigger twice", function.name.value),
            )
            .label(trigger.span, "starts it for the same events")
            .label(first.span, "first declared here")
            .help("remove one of the two"),
        );
    }
}

/// Returns a text that is the same for triggers that start a function for the same events.
fn events(trigger: &Trigger) -> String {
    match &trigger.kind {
        TriggerKind::Http(it) => format!("http {} {}", it.method.value, shape(&it.route.value)),
        // Two schedules at the same time with other inputs are two jobs.
        TriggerKind::Schedule(it) => {
            let zone = it.zone.as_ref().map_or("UTC", |it| it.as_str());
            let input = serde_json::Value::from(it.input.clone());
            format!("schedule {} {zone} {input}", it.cron.value)
        }
        TriggerKind::Every(it) => {
            let input = serde_json::Value::from(it.input.clone());
            format!("every {} {input}", it.interval.value.as_millis())
        }
        TriggerKind::Queue(it) => format!("queue {}", it.queue.value),
        TriggerKind::Topic(it) => format!("topic {}", it.topic.value),
        TriggerKind::Stream(it) => format!("stream {}", it.source.value),
        TriggerKind::Table(it) => format!("table {}", it.source.value),
        TriggerKind::Bucket(it) => {
            let (change, bucket) = (it.change.word(), &it.bucket.value);
            format!(
                "bucket {bucket} {change} {} {}",
                it.prefix.value, it.suffix.value
            )
        }
        TriggerKind::Event(it) => format!("event {} {}", it.event.value, it.bus.value),
        TriggerKind::Websocket(it) => format!("websocket {}", it.event),
        // In a target's own words: only the target can tell.
        TriggerKind::Raw(it) => format!("raw {:?}", it.body.span),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn function(triggers: &str) -> String {
        format!(r#"function a {{ handler "src/a.py:handle"; {triggers}; retry 2 }}"#)
    }

    #[test]
    fn a_trigger_stands_once() {
        finds(
            &function("on every 60m; on every 1h"),
            "FN0411 at `on every 1h`",
        );
        let cron = r#"on schedule "0 3 * * *"; on schedule "0  3 * * *""#;
        finds(&function(cron), "FN0411 at `on schedule \"0  3 * * *\"`");
    }

    #[test]
    fn other_inputs_are_other_jobs() {
        let source = r#"
function a {
  handler "src/a.py:handle"
  on schedule "0 3 * * *" { input { kind = "full" } }
  on schedule "0 3 * * *" { input { kind = "quick" } }
  retry 2
}"#;
        finds(source, "");
    }

    #[test]
    fn a_queue_twice_on_one_function_is_said_once() {
        let source = r#"
queue orders { retry 5 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders; on queue orders { batch 5 } }"#;
        finds(source, "FN0411 at `on queue orders { batch 5 }`");
    }

    #[test]
    fn a_route_twice_on_one_function_is_said_once() {
        let source = r#"
function a {
  handler "src/a.py:handle"
  on http GET "/a" { auth none }
  on http GET "/a" { auth none }
}"#;
        finds(source, "FN0411 at `on http GET \"/a\" { auth none }`");
    }
}
