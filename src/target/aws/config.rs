//! What the entry of a function tells the shim.

use serde_json::{Map, Value, json};

use super::names::Names;
use crate::model::{App, Function, Name, TriggerKind, Verb};

/// Returns the shim's config of a function. To what every target says it adds the AWS names by which events tell
/// where they come from.
pub(super) fn config(app: &App, names: &Names, function: &Function) -> Value {
    let mut can = Map::new();
    for verb in Verb::ALL {
        let granted: Vec<&str> = function.granted(verb).map(Name::as_str).collect();
        if !granted.is_empty() {
            can.insert(verb.word().to_owned(), json!(granted));
        }
    }
    let triggers = function.triggers.iter();
    let triggers: Vec<Value> = triggers
        .map(|it| trigger(app, names, function, &it.kind))
        .collect();
    let timeout = function.timeout.value.as_millis();
    json!({
        "app": app.name.value,
        "stage": app.stage,
        "function": function.name.value,
        "handler": format!("{}:{}", function.handler.file, function.handler.symbol),
        "timeout_ms": u64::try_from(timeout).unwrap_or(u64::MAX),
        "can": can,
        "triggers": triggers,
    })
}

fn trigger(app: &App, names: &Names, function: &Function, kind: &TriggerKind) -> Value {
    match kind {
        TriggerKind::Http(it) => json!({
            "kind": "http",
            "method": it.method.value.word(),
            "route": it.route.value.to_string(),
        }),
        TriggerKind::Schedule(it) => json!({
            "kind": "schedule",
            "cron": it.cron.value.text,
            "zone": it.zone.as_ref().map_or("UTC", |it| it.as_str()),
            "input": it.input,
        }),
        TriggerKind::Every(it) => json!({
            "kind": "schedule",
            "every_ms": u64::try_from(it.interval.value.as_millis()).unwrap_or(u64::MAX),
            "input": it.input,
        }),
        TriggerKind::Queue(it) => {
            let queue = app.queues.get(it.queue.as_str());
            json!({
                "kind": "queue",
                "source": it.queue.value,
                "batch": it.batch.value,
                "fifo": queue.is_some_and(|it| it.fifo.value),
                "name": queue.map(|it| names.queue(it)),
            })
        }
        TriggerKind::Topic(it) => topic(app, names, function, it.topic.as_str()),
    }
}

fn topic(app: &App, names: &Names, function: &Function, source: &str) -> Value {
    let Some(topic) = app.topics.get(source) else {
        return Value::Null;
    };
    if !topic.fifo.value {
        return json!({ "kind": "topic", "source": source, "name": names.topic(topic) });
    }
    let name = names.inbox(source, function.name.as_str());
    let mut made = json!({ "kind": "topic", "source": source, "fifo": true, "name": name });
    if function.retry.value.park.is_none()
        && let Some(members) = made.as_object_mut()
    {
        // Where nothing parks, the shim ends it: a queue would deliver until its messages expire.
        members.insert("attempts".to_owned(), json!(function.retry.value.count + 1));
    }
    made
}
