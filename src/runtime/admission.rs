//! Which messages a program takes: from whom, how large, and with or without a group.

use super::arrival::Place;
use super::asked::{Asked, NewObject};
use super::host::{Message, Refused};
use super::plan::Plan;
use crate::diagnostic::closest;
use crate::engine::{SourceId, TopicId};
use crate::model::{Thing, Verb};

impl Plan {
    /// Refuses a verb that a function's `can` doesn't hold.
    pub(crate) fn allow(&self, function: &str, verb: Verb, resource: &str) -> Result<(), Refused> {
        if self.allows(function, verb, resource) {
            return Ok(());
        }
        let verb = verb.word();
        Err(Refused::NotAllowed(format!(
            "`{function}` may not {verb} `{resource}`: its `can` doesn't hold it"
        )))
    }

    /// Returns the line of a queue.
    pub(crate) fn queue(&self, name: &str) -> Result<SourceId, Refused> {
        self.program.queue(name).ok_or_else(|| {
            let names = self.app.queues.keys().map(String::as_str);
            unknown("queue", name, names)
        })
    }

    /// Returns the number of a topic or a bus.
    pub(crate) fn topic(&self, name: &str) -> Result<TopicId, Refused> {
        let topics = &self.program.topics;
        let found = topics
            .iter()
            .position(|it| it.name == name && matches!(it.of, Thing::Topic | Thing::Bus));
        found.map(TopicId).ok_or_else(|| {
            let names = self.app.topics.keys().chain(self.app.buses.keys());
            unknown("topic or bus", name, names.map(String::as_str))
        })
    }

    /// Returns what it means to send a message to a stream, a table or a bucket.
    pub(crate) fn sending(&self, name: &str, message: Message) -> Result<Asked, Refused> {
        let app = &self.app;
        if app.streams.contains_key(name) {
            return Ok(Asked::Write(message));
        }
        if app.tables.contains_key(name) {
            let row = serde_json::from_slice(&message.body);
            let why = || format!("a row of `{name}` is a JSON object");
            return row.map(Asked::PutRow).map_err(|_| Refused::Invalid(why()));
        }
        if app.buckets.contains_key(name) {
            let why = || format!("`{name}` is a bucket: an object needs a key");
            let key = message.key.clone();
            let key = key.ok_or_else(|| Refused::Invalid(why()))?;
            return Ok(Asked::PutObject(NewObject {
                key,
                message,
                content_type: None,
            }));
        }
        let names = app.queues.keys().chain(app.topics.keys());
        let names = names.chain(app.buses.keys()).chain(app.streams.keys());
        let names = names.chain(app.tables.keys()).chain(app.buckets.keys());
        let kinds = "queue, topic, bus, stream, table or bucket";
        Err(unknown(kinds, name, names.map(String::as_str)))
    }

    /// Refuses a message that isn't fit for where it goes.
    pub(crate) fn admit(&self, to: Place, message: &Message) -> Result<(), Refused> {
        match to {
            Place::Queue(source) => self.admit_to_queue(source, message),
            Place::Topic(topic) => self.admit_to_topic(topic, message),
        }
    }

    /// Refuses a message that a queue doesn't take.
    fn admit_to_queue(&self, source: SourceId, message: &Message) -> Result<(), Refused> {
        let name = &self.source(source).resource;
        let Some(queue) = self.app.queues.get(name) else {
            let names = self.app.queues.keys().map(String::as_str);
            return Err(unknown("queue", name, names));
        };
        let attributes = message.attributes.iter();
        let attributes: usize = attributes
            .map(|(name, value)| name.len() + value.len())
            .sum();
        let (size, most) = (message.body.len() + attributes, queue.max_size.value);
        if size as u64 > most.0 {
            let why = format!("the message has {size} bytes; `{name}` takes {most} at most");
            return Err(Refused::Invalid(why));
        }
        check_group("queue", name, queue.fifo.value, message)?;
        if queue.fifo.value && message.delay_ms.is_some() {
            let why = format!("`{name}` is fifo: it delays all its messages alike, by its `delay`");
            return Err(Refused::Invalid(why));
        }
        Ok(())
    }

    /// Refuses a message that a topic or a bus doesn't take.
    fn admit_to_topic(&self, topic: TopicId, message: &Message) -> Result<(), Refused> {
        let topic = self.program.topics.get(topic.0);
        let name = topic.map_or("", |it| it.name.as_str());
        let of = topic.map_or(Thing::Topic, |it| it.of);
        let fifo = self.app.topics.get(name).is_some_and(|it| it.fifo.value);
        check_group(of.word(), name, fifo, message)?;
        if message.delay_ms.is_some() {
            let why = format!("`{name}` is a {}: it delays nothing", of.word());
            return Err(Refused::Invalid(why));
        }
        if of == Thing::Bus && message.kind.as_deref().is_none_or(str::is_empty) {
            let why = format!("`{name}` is a bus: an event needs a type");
            return Err(Refused::Invalid(why));
        }
        Ok(())
    }
}

fn check_group(kind: &str, name: &str, fifo: bool, message: &Message) -> Result<(), Refused> {
    match (fifo, &message.group) {
        (true, None) => Err(Refused::Invalid(format!(
            "`{name}` is a fifo {kind}: a message needs a group"
        ))),
        (false, Some(_)) => Err(Refused::Invalid(format!(
            "`{name}` is not a fifo {kind}: a message has no group"
        ))),
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// Says that there is no such thing, and which name is near.
pub(super) fn unknown<'a>(kind: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Refused {
    Refused::Invalid(match closest(name, names) {
        Some(near) => format!("there is no {kind} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {kind} `{name}`"),
    })
}
