//! What the engine's events carry here, and the portable events that are made of them.

use std::sync::Arc;

use bytes::Bytes;

use super::clock::stamp;
use super::host::Message;
use super::plan::SourcePlan;
use crate::engine::{self, Delivery};
use crate::event::{Body, Event, Record};

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

/// Returns the record that a handler would get of a message, its first attempt.
pub(super) fn message_record(source: &SourcePlan, sent: &Sent) -> Record {
    let kind = source.trigger.record_type().unwrap_or_default();
    let body = Body::of(&sent.message.body);
    let mut record = Record::new(&sent.id, &source.resource, kind, stamp(sent.time), body);
    record.attributes = sent.message.attributes.clone().into_iter().collect();
    record.group.clone_from(&sent.message.group);
    record
}

fn record(source: &SourcePlan, function: &str, delivery: &Delivery<Payload>) -> Record {
    let id = delivery.payload.id(function);
    let record = match (&delivery.payload, &source.input) {
        (Payload::Tick(planned), Some(input)) => {
            let (now, planned) = (stamp(delivery.arrived), stamp(*planned));
            Record::tick(&id, function, now, planned, input)
        }
        _ => {
            let message = delivery.payload.message();
            let kind = source.trigger.record_type().unwrap_or_default();
            let time = match &delivery.payload {
                Payload::Message(it) => it.time,
                Payload::Call(_) | Payload::Tick(_) => delivery.arrived,
            };
            let body = Body::of(&message.body);
            let mut record = Record::new(&id, &source.resource, kind, stamp(time), body);
            record.attributes = message.attributes.into_iter().collect();
            record
        }
    };
    Record {
        attempt: delivery.attempt,
        group: delivery.group.as_ref().map(ToString::to_string),
        ..record
    }
}
