//! `FNC_CONFIG`: what the shim must know of its function.

use serde_json::{Map, Value, json};

use crate::event;
use crate::model::{App, Auth, Contract, Function, TriggerKind, Verb, duration_text};

/// Returns what the shim must know of a function.
pub(super) fn config(app: &App, function: &Function, concurrency: u32) -> Value {
    let lambda = function.contract.value == Contract::Lambda;
    let mut said = event::config::config(app, function, |it| trigger(app, it, lambda));
    let Some(members) = said.as_object_mut() else {
        return said;
    };
    let mut resources = Map::new();
    for verb in Verb::ALL {
        for name in function.granted(verb) {
            resources.insert(name.value.clone(), about(app, name.as_str()));
        }
    }
    members.insert("concurrency".to_owned(), json!(concurrency));
    if app.decides(function) {
        members.insert("authorizes".to_owned(), json!(true));
    }
    members.insert("resources".to_owned(), Value::Object(resources));
    if lambda {
        members.insert("region".to_owned(), json!("knative"));
        members.insert("memory_mb".to_owned(), json!(function.memory.value.to_mb()));
    }
    said
}

/// Returns what a sender must know of a queue or topic.
fn about(app: &App, name: &str) -> Value {
    match (app.queues.get(name), app.topics.get(name)) {
        (Some(queue), _) => json!({ "fifo": queue.fifo.value, "max_size": queue.max_size.value.0 }),
        (_, Some(topic)) => json!({ "fifo": topic.fifo.value }),
        (None, None) => json!({}),
    }
}

fn trigger(app: &App, kind: &TriggerKind, lambda: bool) -> Value {
    match kind {
        TriggerKind::Http(it) => {
            let mut made = json!({
                "kind": "http",
                "method": it.method.value.word(),
                "route": it.route.value.to_string(),
            });
            // Lambda's events say what the claims of a token stand for.
            if let (true, Auth::Jwt(_), Some(it)) = (lambda, &it.auth.value, made.as_object_mut()) {
                it.insert("jwt".to_owned(), json!(true));
            }
            made
        }
        TriggerKind::Schedule(it) => json!({
            "kind": "schedule",
            "cron": it.cron.value.text,
            "zone": it.zone.as_ref().map_or("UTC", |zone| zone.as_str()),
        }),
        TriggerKind::Every(it) => {
            json!({ "kind": "schedule", "every": duration_text(it.interval.value) })
        }
        TriggerKind::Queue(it) => {
            let fifo = app
                .queues
                .get(it.queue.as_str())
                .is_some_and(|it| it.fifo.value);
            json!({ "kind": "queue", "source": it.queue.value, "fifo": fifo })
        }
        TriggerKind::Topic(it) => {
            let fifo = app
                .topics
                .get(it.topic.as_str())
                .is_some_and(|it| it.fifo.value);
            json!({ "kind": "topic", "source": it.topic.value, "fifo": fifo })
        }
        TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => event::config::trigger(app, kind),
    }
}
