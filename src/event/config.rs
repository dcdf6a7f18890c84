//! What a shim is told of its function: the same locally and on every target, but for the names that only a target has.

use serde_json::{Map, Value, json};

use super::filter;
use crate::model::{
    App, Auth, BucketTrigger, Contract, EventTrigger, Function, HttpTrigger, Name, StreamTrigger,
    Thing, TriggerKind, Verb, WebsocketEvent,
};

/// Returns a function's config, with `trigger` saying what of each trigger.
pub fn config(app: &App, function: &Function, trigger: impl Fn(&TriggerKind) -> Value) -> Value {
    let mut can = Map::new();
    for verb in Verb::ALL {
        let granted: Vec<&str> = function.granted(verb).map(Name::as_str).collect();
        if !granted.is_empty() {
            can.insert(verb.word().to_owned(), json!(granted));
        }
    }
    // `put`, `get` and the like mean another thing for each kind.
    let kinds: Map<String, Value> = function
        .can
        .iter()
        .filter(|it| !matches!(it.of, Thing::Queue | Thing::Topic) && it.verb != Verb::Reply)
        .map(|it| (it.resource.value.clone(), json!(it.of.word())))
        .collect();
    let triggers: Vec<Value> = function
        .triggers
        .iter()
        .map(|it| {
            let mut said = trigger(&it.kind);
            if let (Some(filter), Value::Object(members)) = (&it.filter, &mut said) {
                members.insert("where".to_owned(), filter::form(&filter.predicate));
            }
            said
        })
        .collect();
    let mut config = json!({
        "app": app.name.value,
        "stage": app.stage,
        "function": function.name.value,
        "handler": format!("{}:{}", function.handler.file, function.handler.symbol),
        "timeout_ms": millis(function.timeout.value),
        "can": can,
        "triggers": triggers,
    });
    let Some(members) = config.as_object_mut() else {
        return config;
    };
    if function.contract.value == Contract::Lambda {
        members.insert("contract".to_owned(), json!("lambda"));
    }
    if !kinds.is_empty() {
        members.insert("kinds".to_owned(), Value::Object(kinds));
    }
    config
}

/// Returns what the program itself says of a trigger.
pub fn trigger(app: &App, kind: &TriggerKind) -> Value {
    match kind {
        TriggerKind::Http(it) => http(it),
        TriggerKind::Schedule(it) => json!({
            "kind": "schedule",
            "cron": it.cron.value.text,
            "zone": it.zone.as_ref().map_or("UTC", |it| it.as_str()),
            "input": it.input,
        }),
        TriggerKind::Every(it) => json!({
            "kind": "schedule",
            "every_ms": millis(it.interval.value),
            "input": it.input,
        }),
        TriggerKind::Queue(it) => json!({
            "kind": "queue",
            "source": it.queue.value,
            "batch": it.batch.value,
            "fifo": app.queues.get(it.queue.as_str()).is_some_and(|it| it.fifo.value),
        }),
        TriggerKind::Topic(it) => json!({
            "kind": "topic",
            "source": it.topic.value,
            "fifo": app.topics.get(it.topic.as_str()).is_some_and(|it| it.fifo.value),
        }),
        TriggerKind::Stream(it) => log("stream", it),
        TriggerKind::Table(it) => log("table", it),
        TriggerKind::Bucket(it) => bucket(it),
        TriggerKind::Event(it) => event(it),
        TriggerKind::Websocket(it) => match &it.event {
            WebsocketEvent::Connect => match &it.auth.value {
                Auth::Key(secret) => {
                    json!({ "kind": "websocket", "event": "connect", "key": secret.value })
                }
                Auth::None | Auth::Jwt(_) | Auth::Custom(_) => {
                    json!({ "kind": "websocket", "event": "connect" })
                }
            },
            WebsocketEvent::Disconnect => json!({ "kind": "websocket", "event": "disconnect" }),
            WebsocketEvent::Message(route) => json!({
                "kind": "websocket",
                "event": "message",
                "route": route.as_ref().map(Name::as_str),
            }),
        },
        TriggerKind::Raw(_) => json!({ "kind": "raw" }),
    }
}

fn http(it: &HttpTrigger) -> Value {
    let (method, route) = (it.method.value.word(), it.route.value.to_string());
    match &it.auth.value {
        Auth::Key(secret) => {
            json!({ "kind": "http", "method": method, "route": route, "key": secret.value })
        }
        Auth::None | Auth::Jwt(_) | Auth::Custom(_) => {
            json!({ "kind": "http", "method": method, "route": route })
        }
    }
}

fn log(kind: &str, it: &StreamTrigger) -> Value {
    json!({ "kind": kind, "source": it.source.value, "batch": it.batch.value })
}

fn bucket(it: &BucketTrigger) -> Value {
    json!({
        "kind": "bucket",
        "source": it.bucket.value,
        "change": it.change.word(),
        "prefix": it.prefix.value,
        "suffix": it.suffix.value,
    })
}

fn event(it: &EventTrigger) -> Value {
    json!({ "kind": "event", "source": it.bus.value, "type": it.event.value })
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
