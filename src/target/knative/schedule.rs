//! Schedules: `PingSource`s, whose cron is robfig/cron's.

use serde::Serialize;

use super::names::Names;
use crate::model::{App, Cron, CronField, Function, Trigger, TriggerKind};

/// A `PingSource`.
#[derive(Debug, Serialize)]
pub(super) struct Source {
    name: String,
    description: String,
    schedule: String,
    zone: String,
    data: String,
    /// Which schedule it is, for the Trigger that lets its events through; empty when it has none.
    key: String,
    sink_api: &'static str,
    sink_kind: &'static str,
    sink_name: String,
    path: &'static str,
}

/// Tells whether a function's schedules go through a Broker: a `PingSource` by itself has no retry to set.
pub(super) fn has_delivery(function: &Function) -> bool {
    let scheduled =
        |it: &Trigger| matches!(it.kind, TriggerKind::Schedule(_) | TriggerKind::Every(_));
    function.retry.is_written() && function.triggers.iter().any(scheduled)
}

/// Returns what tells one schedule's events from another's: `bill-1`.
pub(super) fn key(function: &Function, index: usize) -> String {
    format!("{}-{}", function.name.value, index + 1)
}

/// Returns the `PingSource`s of the program.
pub(super) fn sources(app: &App, names: &Names) -> Vec<Source> {
    let mut made = Vec::new();
    for function in app.functions.values() {
        for (index, trigger) in function.triggers.iter().enumerate() {
            let (cron, zone, input) = match &trigger.kind {
                TriggerKind::Schedule(it) => {
                    let zone = it.zone.as_ref().map_or("UTC", |zone| zone.as_str());
                    (it.cron.value.clone(), zone, &it.input)
                }
                TriggerKind::Every(it) => (it.cron(), "UTC", &it.input),
                TriggerKind::Http(_)
                | TriggerKind::Queue(_)
                | TriggerKind::Topic(_)
                | TriggerKind::Stream(_)
                | TriggerKind::Table(_)
                | TriggerKind::Bucket(_)
                | TriggerKind::Event(_)
                | TriggerKind::Websocket(_)
                | TriggerKind::Raw(_) => continue,
            };
            let through = has_delivery(function);
            let (sink_api, sink_kind, sink_name) = if through {
                ("eventing.knative.dev/v1", "Broker", names.schedules.clone())
            } else {
                let name = names.function(function.name.as_str());
                ("serving.knative.dev/v1", "Service", name)
            };
            made.push(Source {
                name: names.trigger(function.name.as_str(), index),
                description: trigger.doc.clone().unwrap_or_default(),
                schedule: written(&cron),
                zone: zone.to_owned(),
                data: serde_json::to_string(input).expect("a JSON object can be written"),
                key: if through {
                    key(function, index)
                } else {
                    String::new()
                },
                sink_api,
                sink_kind,
                sink_name,
                path: if through { "" } else { "/_fnc/schedule" },
            });
        }
    }
    made
}

/// Tells whether robfig/cron means the same days: for it `*/2` is no star, so that either day field suffices.
pub(super) fn is_sayable(cron: &Cron) -> bool {
    let star = |field: &CronField| field.text == "*" || field.text == "*/1";
    cron.either_day() != (star(&cron.day) || star(&cron.weekday))
}

/// Returns the expression as robfig/cron reads it: its week has no day 7.
fn written(cron: &Cron) -> String {
    let weekday = if cron.weekday.text.contains('7') {
        let days = cron.weekday.list();
        let days = days.iter().map(ToString::to_string).collect::<Vec<_>>();
        days.join(",")
    } else {
        cron.weekday.text.clone()
    };
    let fields = [&cron.minute, &cron.hour, &cron.day, &cron.month];
    let fields = fields.map(|it| it.text.as_str()).join(" ");
    format!("{fields} {weekday}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cron(text: &str) -> Cron {
        Cron::parse(text).unwrap()
    }

    #[test]
    fn sunday_is_zero() {
        assert_eq!(written(&cron("0 3 * * 5-7")), "0 3 * * 0,5,6");
        assert_eq!(
            written(&cron("*/5 8-17/3 1,15 jan mon-fri")),
            "*/5 8-17/3 1,15 JAN MON-FRI"
        );
    }

    #[test]
    fn days_that_mean_something_else() {
        assert!(is_sayable(&cron("0 3 1 * MON")));
        assert!(is_sayable(&cron("0 3 */2 * *")));
        assert!(!is_sayable(&cron("0 3 */2 * MON")));
        assert!(!is_sayable(&cron("0 3 1-10 * */2")));
    }
}
