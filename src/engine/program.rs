//! What the engine needs to know of a program: who is triggered by what, and within which limits.

use std::sync::Arc;

use super::clock::Nanos;
use super::ticks::Ticks;
use crate::model::Thing;

/// Names a function; an index into [`Program::functions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub usize);

/// Names a source; an index into [`Program::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// Names a topic; an index into [`Program::topics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub usize);

/// A program, as the engine sees it.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// The functions.
    pub functions: Vec<Function>,
    /// Where events come from; each feeds one function, a queue that only parks feeds none.
    pub sources: Vec<Source>,
    /// The topics, each with the sources that get a copy of what is published.
    pub topics: Vec<Topic>,
}

/// A function and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// How it scales.
    pub scale: Scale,
    /// How long one invocation may take; then its instance is killed.
    pub timeout: Nanos,
    /// How long an instance may take to be ready; then it is killed.
    pub init_limit: Nanos,
}

/// `scale MIN..MAX { concurrency C; target P%; idle D }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// So many instances are kept ready.
    pub min: u32,
    /// Never more than so many are alive.
    pub max: u32,
    /// So many invocations an instance takes at a time; at least 1.
    pub concurrency: u32,
    /// How full an instance should be, in whole percent; at least 1.
    pub target: u32,
    /// How long an instance may have nothing to do before it is stopped.
    pub idle: Nanos,
}

/// One line of events to one function.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name of the queue or topic; `http`, `invoke` or the schedule of a function.
    pub name: String,
    /// Who handles its events; none: they only wait there.
    pub function: Option<FunctionId>,
    /// What else tells it from the function's other sources of this kind and name: an event's type, a bucket's prefix.
    pub detail: String,
    /// What kind it is.
    pub kind: Kind,
    /// At most so many events an invocation; at least 1.
    pub batch: u32,
    /// How long an incomplete batch waits for more.
    pub window: Nanos,
    /// At most so many invocations at a time, all instances together.
    pub concurrency: Option<u32>,
    /// What happens when an event fails.
    pub retry: Retry,
    /// How long an event is kept; none: as long as it takes.
    pub keep: Option<Nanos>,
    /// How long an event stays unseen when its sender doesn't say.
    pub delay: Nanos,
    /// How long an unanswered event stays hidden; none: until its invocation ends.
    pub hidden: Option<Nanos>,
    /// How long a failed event stays hidden where the platform sets no other wait before its next attempt.
    pub returns: Option<Nanos>,
    /// Whether events of a group are handled in order, one invocation at a time.
    pub fifo: bool,
    /// Whether a failed batch is tried again in two halves; of logs only.
    pub split_on_error: bool,
}

impl Source {
    /// Returns a source with no limits of its own: one event an invocation, no retry.
    pub fn new(name: impl Into<String>, function: Option<FunctionId>, kind: Kind) -> Self {
        Source {
            name: name.into(),
            detail: String::new(),
            function,
            kind,
            batch: 1,
            window: Nanos::ZERO,
            concurrency: None,
            retry: Retry::NONE,
            keep: None,
            delay: Nanos::ZERO,
            hidden: None,
            returns: None,
            fifo: false,
            split_on_error: false,
        }
    }

    /// Tells whether somebody waits for the answer.
    pub fn synchronous(&self) -> bool {
        match self.kind {
            Kind::Http | Kind::Invoke => true,
            Kind::Queue
            | Kind::Topic
            | Kind::Stream(_)
            | Kind::Table(_)
            | Kind::Bucket
            | Kind::Event
            | Kind::Schedule(_) => false,
        }
    }

    /// Returns the kind of thing whose events it gets a copy of.
    pub fn reads(&self) -> Option<Thing> {
        match self.kind {
            Kind::Topic => Some(Thing::Topic),
            Kind::Stream(_) => Some(Thing::Stream),
            Kind::Table(_) => Some(Thing::Table),
            Kind::Bucket => Some(Thing::Bucket),
            Kind::Event => Some(Thing::Bus),
            Kind::Http | Kind::Invoke | Kind::Queue | Kind::Schedule(_) => None,
        }
    }

    /// Tells whether its events are the records of a log: in order within a shard, or a key.
    pub fn is_log(&self) -> bool {
        matches!(self.kind, Kind::Stream(_) | Kind::Table(_))
    }
}

/// The kinds of sources.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Requests to the function's routes.
    Http,
    /// Direct calls.
    Invoke,
    /// Messages of a queue.
    Queue,
    /// A function's subscription to a topic.
    Topic,
    /// A function's reading of a stream.
    Stream(Log),
    /// A function's reading of a table's changes.
    Table(Log),
    /// What happens to the objects of a bucket.
    Bucket,
    /// Events of a bus.
    Event,
    /// A function's schedule.
    Schedule(Box<Ticks>),
}

impl Kind {
    /// Tells whether it is requests.
    pub(super) fn is_http(&self) -> bool {
        matches!(self, Kind::Http)
    }

    /// Tells whether it is messages of a queue.
    pub(super) fn is_queue(&self) -> bool {
        matches!(self, Kind::Queue)
    }
}

/// How the records of a log are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Into so many shards, by key; at least 1.
    pub shards: u32,
    /// So many batches of a shard are handled at a time; above 1 order holds per key.
    pub parallel: u32,
}

impl Log {
    /// Returns the shard that records with this key are in.
    pub fn shard(self, key: &str) -> u32 {
        spread(key.as_bytes(), self.shards)
    }

    /// Returns the line within which the order of records with this key is kept.
    pub fn lane(self, key: Option<&str>) -> Arc<str> {
        let key = key.unwrap_or("");
        let shard = self.shard(key);
        if self.parallel <= 1 {
            return Arc::from(format!("{shard}"));
        }
        // Another hash than the shard's, or the lanes of a shard would get no even share.
        let part = spread(
            key.bytes().rev().collect::<Vec<_>>().as_slice(),
            self.parallel,
        );
        Arc::from(format!("{shard}.{part}"))
    }
}

/// Returns a number below `parts` for a key: always the same, and evenly spread. The hash is FNV-1a with 64 bits
/// (RFC draft-eastlake-fnv, section 6).
fn spread(key: &[u8], parts: u32) -> u32 {
    let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The last bytes reach the upper bits only by another round of mixing: keys such as `user1` and `user2` spread too.
    let hash = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from((hash >> 32) % u64::from(parts.max(1))).unwrap_or(0)
}

/// `retry N then QUEUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// So many more attempts after the first; none: until the event expires.
    pub more: Option<u32>,
    /// Where an event is parked after its last attempt; none: it is dropped and counted as failed.
    pub then: Option<SourceId>,
}

impl Retry {
    /// One attempt only.
    pub const NONE: Retry = Retry {
        more: Some(0),
        then: None,
    };
}

/// A topic, stream, table, bucket or bus: what comes in goes to every source that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// What it is in the program.
    pub of: Thing,
    /// The sources that get a copy.
    pub subscribers: Vec<SourceId>,
}

impl Program {
    /// Returns the function with this name.
    pub fn function(&self, name: &str) -> Option<FunctionId> {
        let at = self.functions.iter().position(|it| it.name == name);
        at.map(FunctionId)
    }

    /// Returns the queue with this name.
    pub fn queue(&self, name: &str) -> Option<SourceId> {
        let is_queue = |it: &Source| matches!(it.kind, Kind::Queue) && it.name == name;
        self.sources.iter().position(is_queue).map(SourceId)
    }

    /// Returns the topic, or the like, with this name.
    pub fn topic(&self, name: &str) -> Option<TopicId> {
        let at = self.topics.iter().position(|it| it.name == name);
        at.map(TopicId)
    }

    /// Returns the sources of a function, in the order of the program.
    pub fn sources_of(&self, function: FunctionId) -> impl Iterator<Item = SourceId> {
        let sources = self.sources.iter().enumerate();
        let own = sources.filter(move |(_, it)| it.function == Some(function));
        own.map(|(at, _)| SourceId(at))
    }
}
