//! What starts a function.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Cron, Method, Name, Route, Setting};
use crate::source::{Span, Spanned};

/// `on …`
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Its documentation comment.
    pub doc: Option<String>,
    /// All of it.
    pub span: Span,
    /// What starts the function.
    pub kind: TriggerKind,
}

/// The kinds of trigger.
#[derive(Debug, Clone, PartialEq)]
pub enum TriggerKind {
    /// `on http METHOD "/path"`
    Http(HttpTrigger),
    /// `on schedule "CRON" in "ZONE"`
    Schedule(Box<ScheduleTrigger>),
    /// `on every D`
    Every(EveryTrigger),
    /// `on queue NAME`
    Queue(QueueTrigger),
    /// `on topic NAME`
    Topic(TopicTrigger),
}

impl TriggerKind {
    /// Tells whether events are pushed at the function, so that its own `retry` applies.
    pub fn is_pushed(&self) -> bool {
        match self {
            TriggerKind::Schedule(_) | TriggerKind::Every(_) | TriggerKind::Topic(_) => true,
            TriggerKind::Http(_) | TriggerKind::Queue(_) => false,
        }
    }
}

/// `on http METHOD "/path" { auth none }`
#[derive(Debug, Clone, PartialEq)]
pub struct HttpTrigger {
    /// The method.
    pub method: Spanned<Method>,
    /// The path.
    pub route: Spanned<Route>,
    /// Who may call it.
    pub auth: Setting<Auth>,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Anybody.
    None,
}

/// `on schedule "CRON" in "ZONE" { input { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleTrigger {
    /// When.
    pub cron: Spanned<Cron>,
    /// The IANA time zone; `None`: UTC.
    pub zone: Option<Name>,
    /// What the handler gets; empty when nothing is said.
    pub input: Map<String, Value>,
}

/// `on every D { input { … } }`; ticks from midnight UTC
#[derive(Debug, Clone, PartialEq)]
pub struct EveryTrigger {
    /// The time between two ticks; at least a minute, and it divides an hour or a day.
    pub interval: Spanned<Duration>,
    /// What the handler gets; empty when nothing is said.
    pub input: Map<String, Value>,
}

impl EveryTrigger {
    /// Returns the same ticks as a five-field cron expression in UTC; every allowed interval has one.
    pub fn cron(&self) -> Cron {
        Cron::every(self.interval.value)
    }
}

/// `on queue NAME { batch N within D; concurrency N }`
#[derive(Debug, Clone, PartialEq)]
pub struct QueueTrigger {
    /// Which queue.
    pub queue: Name,
    /// Records a call at most.
    pub batch: Setting<u32>,
    /// How long to wait for a full batch; zero: not at all.
    pub within: Setting<Duration>,
    /// Batches of this queue at once, all instances together; `None`: MAX × C.
    pub concurrency: Option<Setting<u32>>,
}

/// `on topic NAME`
#[derive(Debug, Clone, PartialEq)]
pub struct TopicTrigger {
    /// Which topic.
    pub topic: Name,
}
