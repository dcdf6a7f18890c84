//! Queues, topics and secrets.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Name, Setting, Size, Target};
use crate::source::Span;

/// `retry N then QUEUE`: N more attempts after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Attempts after the first.
    pub count: u32,
    /// Where an event goes after the last one; without, it is dropped (queue: at the end of `keep`).
    pub park: Option<Name>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// How often a message is tried; `None`: until `keep` ends.
    pub retry: Option<Setting<Retry>>,
    /// How long a message waits at most.
    pub keep: Setting<Duration>,
    /// How long a message is held back before its first delivery.
    pub delay: Setting<Duration>,
    /// How long a delivered message without an answer stays hidden.
    pub hidden: Setting<Duration>,
    /// Whether order within a group is kept.
    pub fifo: Setting<bool>,
    /// The largest message.
    pub max_size: Setting<Size>,
}

/// A topic: each subscriber gets every message.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Whether order within a group is kept.
    pub fifo: Setting<bool>,
}

/// A deploy-time secret; its value never enters any output.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Where each target's store holds it, where the program says so: `name`, `key` and `ssm`.
    pub stores: BTreeMap<Target, BTreeMap<String, String>>,
}
