//! Calls of Amazon EventBridge ("Amazon EventBridge API Reference").

use serde::Deserialize;
use serde_json::{Value, json};

use super::Caller;
use super::fault::Fault;
use super::parameters::{name, read};
use crate::runtime::host::Message;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutEvents {
    entries: Vec<Entry>,
}

/// An event; the bus takes events of any source.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    event_bus_name: Option<String>,
    detail_type: String,
    detail: String,
    #[serde(rename = "Source")]
    _source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
}

pub(super) async fn call(caller: Caller<'_>, action: &str, body: &[u8]) -> Result<Value, Fault> {
    if action != "PutEvents" {
        return Err(Fault::unknown("EventBridge", action));
    }
    let asked: PutEvents = read(action, body)?;
    let (mut told, mut failed) = (Vec::new(), 0);
    for entry in asked.entries {
        match put(caller, entry).await {
            Ok(id) => told.push(json!({ "EventId": id })),
            Err(it) => {
                failed += 1;
                told.push(json!({ "ErrorCode": it.code, "ErrorMessage": it.message }));
            }
        }
    }
    Ok(json!({ "FailedEntryCount": failed, "Entries": told }))
}

async fn put(caller: Caller<'_>, entry: Entry) -> Result<String, Fault> {
    let bus = entry.event_bus_name.as_deref();
    let bus = bus.ok_or_else(|| Fault::not_here("events for the account's default bus"))?;
    let message = Message {
        body: entry.detail.into(),
        kind: Some(entry.detail_type),
        subject: entry.resources.into_iter().next(),
        ..Message::default()
    };
    caller.publish(name(bus), message).await
}
