//! Where a message goes in a program: to a queue, or to all that read a topic, a bus, a stream, a table or a bucket.

use std::sync::Arc;

use super::host::Message;
use super::payload::{Payload, Sent, message_record};
use super::plan::{Of, Plan};
use crate::engine::{Input, Nanos, SourceId, TopicId};
use crate::event::filter::takes;
use crate::model::BucketChange;

/// Where a message goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// Into a queue.
    Queue(SourceId),
    /// To all that read a topic or the like.
    Topic(TopicId),
}

impl Plan {
    /// Returns what the engine is told of a message that comes in.
    pub(crate) fn arrival(&self, to: Place, sent: Arc<Sent>) -> Input<Payload> {
        match to {
            Place::Queue(source) if self.passes_over(source, &sent) => Input::PassOver { source },
            Place::Queue(source) => Input::Arrive {
                source,
                group: sent.message.order(),
                delay: sent.message.delay_ms.map(Nanos::millis),
                payload: Payload::Message(sent),
            },
            Place::Topic(topic) => {
                let topic = self.program.topics.get(topic.0);
                let readers = topic.map_or(&[][..], |it| &it.subscribers);
                let readers = readers.iter().copied();
                let to: Vec<SourceId> = readers.filter(|it| self.concerns(*it, &sent)).collect();
                self.spread(to, sent)
            }
        }
    }

    /// Returns what the engine is told of a message that comes to these sources.
    pub(super) fn spread(&self, to: Vec<SourceId>, sent: Arc<Sent>) -> Input<Payload> {
        let over = to.iter().copied();
        let passed_over = over.filter(|it| self.passes_over(*it, &sent)).collect();
        Input::Spread {
            to,
            group: sent.message.order(),
            payload: Payload::Message(sent),
            passed_over,
        }
    }

    /// Tells whether a message is done where it arrives, since the consumer's filter doesn't take it.
    fn passes_over(&self, source: SourceId, sent: &Sent) -> bool {
        let source = self.source(source);
        let filter = source.filter.as_ref();
        filter.is_some() && !takes(filter, &message_record(source, sent))
    }

    /// Tells whether a source is about such an event at all.
    fn concerns(&self, source: SourceId, sent: &Sent) -> bool {
        let kind = sent.message.kind.as_deref();
        match &self.source(source).of {
            Of::All => true,
            Of::Type(wanted) => kind == Some(wanted),
            Of::Objects {
                change,
                prefix,
                suffix,
            } => {
                let key = sent.message.key.as_deref().unwrap_or("");
                kind == Some(object_event(*change)) && fits(key, prefix, suffix)
            }
        }
    }
}

impl Message {
    /// Returns within what its order is kept.
    fn order(&self) -> Option<Arc<str>> {
        let order = self.group.as_deref().or(self.key.as_deref());
        order.map(Arc::from)
    }
}

/// Returns the type of the events of a bucket.
pub(super) fn object_event(change: BucketChange) -> &'static str {
    match change {
        BucketChange::Created => "fnc.bucket.created",
        BucketChange::Deleted => "fnc.bucket.deleted",
    }
}

/// Tells whether a key begins and ends so, each for itself: `aba` begins with `ab` and ends with `ba`.
fn fits(key: &str, prefix: &str, suffix: &str) -> bool {
    key.starts_with(prefix) && key.ends_with(suffix)
}
