//! What the engine's events carry here, and the portable events that are made of them.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::clock::stamp;
use super::host::Message;
use super::plan::SourcePlan;
use crate::engine::{self, Delivery};
use crate::event::{Body, Event, Record, Trigger};

/// What an event carries.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    /// The event of a request or a direct call, ready to be handed over.
    Call(Arc<Caller>),
    /// A message.
    Message(Arc<Sent>),
    /// A schedule's tick, planned for then.
    Tick(engine::Time),
}

/// A request or a direct call.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) request_id: String,
    pub(crate) event: Bytes,
}

/// A message that was accepted.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) time: engine::Time,
    pub(crate) message: Message,
    /// Where in its stream it is, of a stream's record.
    pub(crate) log: Option<LogPlace>,
}

/// Where a record is in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogPlace {
    /// Which part of the stream.
    pub(crate) shard: u32,
    /// The how manieth of the stream.
    pub(crate) sequence: u64,
}

impl LogPlace {
    /// Returns the names of the shard and of the place, as handlers see them.
    pub(crate) fn names(self) -> (String, String) {
        let LogPlace { shard, sequence } = self;
        (format!("shardId-{shard:012}"), format!("{sequence:020}"))
    }
}

impl engine::Payload for Payload {
    fn tick(planned: engine::Time) -> Self {
        Payload::Tick(planned)
    }
}

impl Payload {
    /// Returns the id that a handler sees.
    pub(crate) fn id(&self, function: &str) -> String {
        match self {
            Payload::Call(it) => it.request_id.clone(),
            Payload::Message(it) => it.id.clone(),
            Payload::Tick(planned) => format!("{function}-{}", stamp(*planned)),
        }
    }

    /// Returns what it holds, and its attributes; a tick parked in a queue keeps its planned time only.
    pub(crate) fn message(&self) -> Message {
        match self {
            Payload::Message(it) => it.message.clone(),
            Payload::Call(it) => Message {
                body: it.event.clone(),
                ..Message::default()
            },
            Payload::Tick(planned) => Message {
                body: format!("{{\"scheduled\":\"{}\"}}", stamp(*planned)).into(),
                ..Message::default()
            },
        }
    }
}

/// Returns the portable event of a delivery.
pub(crate) fn portable(source: &SourcePlan, function: &str, events: &[Delivery<Payload>]) -> Bytes {
    if let [only] = events
        && let Payload::Call(caller) = &only.payload
    {
        return caller.event.clone();
    }
    let records = events.iter().map(|it| record(source, function, it));
    let (trigger, name) = (source.trigger, &source.resource);
    let event = Event::records(trigger, name, function, records.collect());
    event.to_json().into()
}

/// Returns the record that a handler gets of a message at its first attempt.
pub(super) fn message_record(source: &SourcePlan, sent: &Sent) -> Record {
    let Sent {
        id, time, message, ..
    } = sent;
    let (time, name) = (stamp(*time), source.resource.as_str());
    let body = Body::of(&message.body);
    match source.trigger {
        Trigger::Stream => {
            let (shard, sequence) = sent.log.map(LogPlace::names).unwrap_or_default();
            let key = message.key.as_deref();
            Record::of_stream(id, name, time, body, key, (&shard, &sequence))
        }
        Trigger::Bucket => {
            let Object { key, size, etag } =
                serde_json::from_slice(&message.body).unwrap_or_default();
            let created = size.zip(etag.as_deref());
            Record::of_object(id, name, time, &key, created)
        }
        Trigger::Table => {
            let Row { keys, new, old } = serde_json::from_slice(&message.body).unwrap_or_default();
            Record::of_row(id, name, time, &keys, (new.as_ref(), old.as_ref()))
        }
        Trigger::Queue
        | Trigger::Topic
        | Trigger::Event
        | Trigger::Schedule
        | Trigger::Http
        | Trigger::Invoke => {
            let own = source.trigger.record_type();
            let kind = own.or(message.kind.as_deref()).unwrap_or_default();
            let event = source.trigger == Trigger::Event;
            Record {
                attributes: message.attributes.iter().cloned().collect(),
                group: message.group.clone(),
                subject: message.subject.clone().filter(|_| event),
                ..Record::new(id, name, kind, time, body)
            }
        }
    }
}

/// What the body of a bucket's event says.
#[derive(Default, Deserialize)]
struct Object {
    key: String,
    size: Option<u64>,
    etag: Option<String>,
}

/// What the body of a table's event says.
#[derive(Default, Deserialize)]
struct Row {
    keys: Value,
    new: Option<Value>,
    old: Option<Value>,
}

fn record(source: &SourcePlan, function: &str, delivery: &Delivery<Payload>) -> Record {
    let record = match (&delivery.payload, &source.input) {
        (Payload::Tick(planned), Some(input)) => {
            let (now, planned) = (stamp(delivery.arrived), stamp(*planned));
            let id = delivery.payload.id(function);
            Record::tick(&id, function, now, planned, input)
        }
        (Payload::Message(sent), _) => message_record(source, sent),
        // Parked, and read by another function.
        (payload @ (Payload::Tick(_) | Payload::Call(_)), _) => {
            let sent = Sent {
                id: payload.id(function),
                time: delivery.arrived,
                message: payload.message(),
                log: None,
            };
            message_record(source, &sent)
        }
    };
    Record {
        attempt: delivery.attempt,
        ..record
    }
}
