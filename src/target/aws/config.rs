//! What the entry of a function tells the shim.

use serde_json::{Value, json};

use super::names::Names;
use crate::event;
use crate::model::{App, Function, TriggerKind};

/// Returns the shim's config of a function. To what every target says it adds the AWS names by which events tell
/// where they come from.
pub(super) fn config(app: &App, names: &Names, function: &Function) -> Value {
    event::config::config(app, function, |it| trigger(app, names, function, it))
}

fn trigger(app: &App, names: &Names, function: &Function, kind: &TriggerKind) -> Value {
    let mut made = event::config::trigger(app, kind);
    match kind {
        TriggerKind::Topic(it) => return topic(app, names, function, it.topic.as_str()),
        TriggerKind::Queue(it) => {
            let queue = app.queues.get(it.queue.as_str());
            if let Some(members) = made.as_object_mut() {
                members.insert("name".to_owned(), json!(queue.map(|it| names.queue(it))));
            }
        }
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => {}
    }
    made
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
