//! What the entry of a function tells the shim.

use serde_json::{Value, json};

use super::cfn::Cfn;
use super::located::{changes_arn, known_name};
use super::names::Names;
use crate::event;
use crate::model::{App, Function, Thing, TriggerKind};

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
            let name = known_name(app, names, Thing::Queue, it.queue.as_str());
            add(&mut made, "name", json!(name));
        }
        TriggerKind::Stream(it) => {
            let name = known_name(app, names, Thing::Stream, it.source.as_str());
            add(&mut made, "name", json!(name));
        }
        TriggerKind::Table(it) => {
            let stream = match changes_arn(app, it.source.as_str()) {
                Cfn::Text(arn) => arn.split('/').nth(1).map(str::to_owned),
                Cfn::Ref(_)
                | Cfn::Att(..)
                | Cfn::Sub(_)
                | Cfn::Import(_)
                | Cfn::Part(..)
                | Cfn::Join(_) => None,
            };
            let own = || known_name(app, names, Thing::Table, it.source.as_str());
            add(&mut made, "name", json!(stream.or_else(own)));
        }
        TriggerKind::Bucket(it) => {
            let name = it.bucket.as_str();
            match known_name(app, names, Thing::Bucket, name) {
                Some(name) => add(&mut made, "name", json!(name)),
                // Account and region follow.
                None => add(&mut made, "name_begins", json!(names.bucket_begins(name))),
            }
        }
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => {}
    }
    made
}

fn add(made: &mut Value, name: &str, value: Value) {
    if let Some(members) = made.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn topic(app: &App, names: &Names, function: &Function, source: &str) -> Value {
    let Some(topic) = app.topics.get(source) else {
        return Value::Null;
    };
    if !topic.fifo.value {
        let name = known_name(app, names, Thing::Topic, source);
        return json!({ "kind": "topic", "source": source, "name": name });
    }
    let name = names.inbox(source, function.name.as_str());
    let mut made = json!({ "kind": "topic", "source": source, "fifo": true, "name": name });
    if function.retry.value.park.is_none() {
        // Where nothing parks, the shim ends it: a queue would deliver until its messages expire.
        add(&mut made, "attempts", json!(function.retry.value.count + 1));
    }
    made
}
