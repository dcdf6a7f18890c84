//! The portable event, version 1: what a handler sees, the same on every target and locally.
//!
//! `targets/common/portable.py` and `portable.mjs` do the same in the clouds; the golden vectors in
//! `targets/vectors` hold all of them together.

mod answer;
pub mod aws;
pub mod config;
pub mod filter;
mod record;
mod request;
mod time;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

pub use answer::{HttpAnswer, failed_records, http_answer, http_error};
pub use record::{BASE64_ATTRIBUTE, Body, Json, Record, data_of, json_of};
pub use request::{Incoming, Request, params_of};
pub use time::Time;

/// The version of the contract.
pub const VERSION: u32 = 1;

/// What started a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// Messages of a queue.
    Queue,
    /// A message of a topic.
    Topic,
    /// Records of a stream.
    Stream,
    /// Changes of a bucket's objects.
    Bucket,
    /// Changes of a table's rows.
    Table,
    /// An event of a bus.
    Event,
    /// A schedule's tick.
    Schedule,
    /// An HTTP request.
    Http,
    /// A direct call.
    Invoke,
}

impl Trigger {
    /// Returns the type of its records where all have the same; a request has none.
    pub fn record_type(self) -> Option<&'static str> {
        match self {
            Trigger::Queue => Some("fnc.queue.message"),
            Trigger::Topic => Some("fnc.topic.message"),
            Trigger::Schedule => Some("fnc.schedule.tick"),
            Trigger::Invoke => Some("fnc.invoke"),
            Trigger::Stream => Some("fnc.stream.record"),
            Trigger::Http | Trigger::Bucket | Trigger::Table | Trigger::Event => None,
        }
    }
}

/// What a handler is called with.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Event {
    /// What started it.
    pub trigger: Trigger,
    /// The resource's name, or the function's own.
    pub source: String,
    /// The function.
    pub function: String,
    /// What it is about.
    pub content: Content,
}

/// What an event is about.
#[derive(Debug, Clone)]
pub enum Content {
    /// An HTTP request.
    Request(Box<Request>),
    /// One record or more.
    Records(Vec<Record>),
}

impl Event {
    /// Returns the event of messages of a queue or topic, or of a schedule's tick.
    pub fn records(trigger: Trigger, source: &str, function: &str, records: Vec<Record>) -> Self {
        Event {
            trigger,
            source: source.to_owned(),
            function: function.to_owned(),
            content: Content::Records(records),
        }
    }

    /// Returns the event of an HTTP request.
    pub fn http(function: &str, incoming: &Incoming) -> Self {
        Event {
            trigger: Trigger::Http,
            source: function.to_owned(),
            function: function.to_owned(),
            content: Content::Request(Box::new(Request::new(incoming))),
        }
    }

    /// Returns the event of a direct call with this body.
    pub fn invoke(function: &str, id: &str, time: Time, body: Body) -> Self {
        let record = Record::new(id, function, "fnc.invoke", time, body);
        Event::records(Trigger::Invoke, function, function, vec![record])
    }

    /// Returns the ids of its records; none for a request.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let records = match &self.content {
            Content::Records(records) => records.as_slice(),
            Content::Request(_) => &[],
        };
        records.iter().map(|it| it.id.as_str())
    }

    /// Returns it as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an event holds text, numbers and JSON only")
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut made = serializer.serialize_struct("Event", 5)?;
        made.serialize_field("version", &VERSION)?;
        made.serialize_field("trigger", &self.trigger)?;
        made.serialize_field("source", &self.source)?;
        made.serialize_field("function", &self.function)?;
        match &self.content {
            Content::Request(request) => made.serialize_field("request", request)?,
            Content::Records(records) => made.serialize_field("records", records)?,
        }
        made.end()
    }
}

/// An event as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    trigger: Trigger,
    source: String,
    function: String,
    request: Option<Box<Request>>,
    records: Option<Vec<Record>>,
}

impl TryFrom<Wire> for Event {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        if wire.version != VERSION {
            return Err(format!(
                "version {} of the event; this is {VERSION}",
                wire.version
            ));
        }
        let content = match (wire.trigger, wire.request, wire.records) {
            (Trigger::Http, Some(request), None) => Content::Request(request),
            (Trigger::Http, _, _) => return Err("an http event holds `request` alone".into()),
            (_, None, Some(records)) if !records.is_empty() => Content::Records(records),
            _ => return Err("this event holds `records`, one or more, alone".into()),
        };
        Ok(Event {
            trigger: wire.trigger,
            source: wire.source,
            function: wire.function,
            content,
        })
    }
}

#[cfg(test)]
mod vectors;
