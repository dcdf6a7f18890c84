//! What starts a function.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    Auth, Cors, Cron, Filter, Hatch, Method, Name, RawBody, Retry, Route, Setting, Target,
};
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
    /// Which records it takes; the others are done without a call.
    pub filter: Option<Filter>,
    /// What each target's manifest holds beyond the language.
    pub hatches: Vec<Hatch>,
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
    /// `on stream NAME`
    Stream(StreamTrigger),
    /// `on table NAME changed`
    Table(StreamTrigger),
    /// `on bucket NAME created` or `deleted`
    Bucket(BucketTrigger),
    /// `on event "type" from BUS`
    Event(EventTrigger),
    /// `on websocket connect`, `disconnect` or `message "route"`
    Websocket(WebsocketTrigger),
    /// `on aws { … }`
    Raw(RawTrigger),
}

impl TriggerKind {
    /// Returns the route that it is.
    pub fn http(&self) -> Option<&HttpTrigger> {
        if let TriggerKind::Http(it) = self {
            Some(it)
        } else {
            None
        }
    }

    /// Returns the queue trigger that it is.
    pub fn queue(&self) -> Option<&QueueTrigger> {
        if let TriggerKind::Queue(it) = self {
            Some(it)
        } else {
            None
        }
    }

    /// Returns the trigger on a stream or a table that it is.
    pub fn log(&self) -> Option<&StreamTrigger> {
        if let TriggerKind::Stream(it) | TriggerKind::Table(it) = self {
            Some(it)
        } else {
            None
        }
    }

    /// Returns the topic trigger that it is.
    pub fn topic(&self) -> Option<&TopicTrigger> {
        if let TriggerKind::Topic(it) = self {
            Some(it)
        } else {
            None
        }
    }

    /// Returns its word on who may call or connect.
    pub fn auth(&self) -> Option<&Setting<Auth>> {
        match self {
            TriggerKind::Http(it) => Some(&it.auth),
            TriggerKind::Websocket(it) => Some(&it.auth),
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Raw(_) => None,
        }
    }

    /// Tells whether events are pushed at the function, so that its own `retry` applies.
    pub fn is_pushed(&self) -> bool {
        match self {
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_) => true,
            TriggerKind::Http(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => false,
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
    /// Which other sites' pages may call it; `None`: no page of another site.
    pub cors: Option<Setting<Cors>>,
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

/// `on stream NAME { … }` and `on table NAME changed { … }`: records of a log, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamTrigger {
    /// Which stream or table.
    pub source: Name,
    /// Records a call at most.
    pub batch: Setting<u32>,
    /// How long to wait for a full batch; zero: not at all.
    pub within: Setting<Duration>,
    /// Where reading begins when the trigger is new.
    pub from: Setting<StartFrom>,
    /// Batches of one shard at once; above 1 order holds per key.
    pub parallel: Setting<u32>,
    /// How often a failed batch is tried; `None`: until its records expire.
    pub retry: Option<Setting<Retry>>,
    /// Whether a failed batch is tried again in two halves.
    pub split_on_error: Setting<bool>,
    /// Records older than this aren't delivered; `None`: all that are kept.
    pub max_age: Option<Setting<Duration>>,
}

/// Where reading a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartFrom {
    /// `from oldest`: all that is kept.
    Oldest,
    /// `from latest`: what comes after the deployment.
    Latest,
}

impl StartFrom {
    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            StartFrom::Oldest => "oldest",
            StartFrom::Latest => "latest",
        }
    }
}

/// `on bucket NAME created { prefix "…"; suffix "…" }`
#[derive(Debug, Clone, PartialEq)]
pub struct BucketTrigger {
    /// Which bucket.
    pub bucket: Name,
    /// What happened to an object.
    pub change: BucketChange,
    /// How the object's key begins; empty: any way.
    pub prefix: Setting<String>,
    /// How the object's key ends; empty: any way.
    pub suffix: Setting<String>,
}

impl BucketTrigger {
    /// Tells whether some key fires both triggers: the same change of the same bucket, one prefix beginning with the
    /// other and one suffix ending with the other.
    pub fn overlaps(&self, other: &BucketTrigger) -> bool {
        let (prefix, suffix) = (&self.prefix.value, &self.suffix.value);
        let (prefixes, suffixes) = (&other.prefix.value, &other.suffix.value);
        self.bucket.value == other.bucket.value
            && self.change == other.change
            && (prefix.starts_with(prefixes) || prefixes.starts_with(prefix))
            && (suffix.ends_with(suffixes) || suffixes.ends_with(suffix))
    }
}

/// What can happen to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BucketChange {
    /// Written, whether new or over an old one.
    Created,
    /// Deleted.
    Deleted,
}

impl BucketChange {
    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            BucketChange::Created => "created",
            BucketChange::Deleted => "deleted",
        }
    }
}

/// `on event "type" from BUS`
#[derive(Debug, Clone, PartialEq)]
pub struct EventTrigger {
    /// The event's type, as published.
    pub event: Spanned<String>,
    /// The bus it is published to.
    pub bus: Name,
}

/// `on websocket connect`, `on websocket disconnect`, `on websocket message "route"`
#[derive(Debug, Clone, PartialEq)]
pub struct WebsocketTrigger {
    /// Which part of a connection's life.
    pub event: WebsocketEvent,
    /// Who may connect; of `connect` only.
    pub auth: Setting<Auth>,
}

/// What happens on a websocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebsocketEvent {
    /// A client connects.
    Connect,
    /// A client has gone.
    Disconnect,
    /// A message whose `action` member is this; `None`: any that no other route takes.
    Message(Option<Spanned<String>>),
}

impl WebsocketEvent {
    /// Returns what API Gateway calls it, in events too: `$connect`, `$disconnect`, `$default`, or the route.
    pub fn route_key(&self) -> &str {
        match self {
            WebsocketEvent::Connect => "$connect",
            WebsocketEvent::Disconnect => "$disconnect",
            WebsocketEvent::Message(None) => "$default",
            WebsocketEvent::Message(Some(route)) => &route.value,
        }
    }
}

impl fmt::Display for WebsocketEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WebsocketEvent::Connect => f.write_str("connect"),
            WebsocketEvent::Disconnect => f.write_str("disconnect"),
            WebsocketEvent::Message(None) => f.write_str("message"),
            WebsocketEvent::Message(Some(route)) => write!(f, "message \"{}\"", route.value),
        }
    }
}

/// `on aws { … }`: an event source of one target, in its own words.
#[derive(Debug, Clone, PartialEq)]
pub struct RawTrigger {
    /// The target; the others leave the trigger out.
    pub target: Target,
    /// What its manifest says.
    pub body: RawBody,
}
