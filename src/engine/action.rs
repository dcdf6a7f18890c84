//! What goes into the engine and what comes out of it.

use std::sync::Arc;

use super::clock::{Nanos, Time};
use super::event::{Event, Fate};
use super::program::{FunctionId, Program, SourceId, TopicId};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Input<P> {
    /// The program starts: instances are started ahead and schedules begin to tick.
    Start,
    /// Time has passed; whatever was due by now happens.
    Wake,
    /// An event comes to a source.
    Arrive {
        /// Where.
        source: SourceId,
        /// What it carries.
        payload: P,
        /// Its group, on a fifo source.
        group: Option<Arc<str>>,
        /// How long it stays unseen; none: as the source says.
        delay: Option<Nanos>,
    },
    /// An event is published to a topic, or the like: every subscriber gets a copy.
    Publish {
        /// Where.
        topic: TopicId,
        /// What it carries.
        payload: P,
        /// Its group, on a fifo topic; its key, on a stream or table.
        group: Option<Arc<str>>,
        /// Whose filter it doesn't pass: done there, without a call.
        passed_over: Vec<SourceId>,
    },
    /// An event comes to several sources, as what happens to a bucket or a bus: each gets a copy.
    Spread {
        /// Where.
        to: Vec<SourceId>,
        /// What it carries.
        payload: P,
        /// Its group, on a fifo source; its key, on a stream or table.
        group: Option<Arc<str>>,
        /// Whose filter it doesn't pass: done there, without a call.
        passed_over: Vec<SourceId>,
    },
    /// An event comes whose source's filter it doesn't pass: it is done without a call.
    PassOver {
        /// Where.
        source: SourceId,
    },
    /// Events that were kept from an earlier run wait again, as [`Action::Keep`] told them.
    Restore {
        /// Each with its source.
        events: Vec<(SourceId, Event<P>)>,
    },
    /// A schedule fires now, out of turn.
    Fire {
        /// Which one.
        source: SourceId,
    },
    /// An instance takes invocations.
    Ready {
        /// Which one.
        instance: u64,
    },
    /// A handler has answered.
    Ended {
        /// Which invocation.
        invocation: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// An instance is gone: it ended as asked, crashed, or never became ready.
    Exited {
        /// Which one.
        instance: u64,
    },
    /// The platform takes an instance back that has nothing to do.
    Reclaim {
        /// Which one.
        instance: u64,
    },
    /// Nobody waits for this event's answer any more.
    Withdraw {
        /// Its source.
        source: SourceId,
        /// Its number.
        event: u64,
    },
    /// What was parked in a queue goes back to where it came from.
    Redrive {
        /// The parking queue.
        queue: SourceId,
        /// Which events; none: all.
        events: Option<Vec<u64>>,
    },
    /// The program has changed; instances of these functions (numbers in the new program) are renewed.
    Reload {
        /// The new program.
        program: Program,
        /// The functions whose handlers have changed.
        changed: Vec<FunctionId>,
    },
    /// Nothing new starts; what runs may end, and callers who wait are still served.
    Drain,
}

/// What a handler made of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All are handled.
    Done,
    /// All failed.
    Failed,
    /// These failed, the others are handled; a number that isn't in the batch fails all of it.
    Partial(Vec<u64>),
}

/// Something to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action<P> {
    /// An instance is to be started.
    Start {
        /// Of which function.
        function: FunctionId,
        /// Its number.
        instance: u64,
    },
    /// An instance is to end; it has nothing to do.
    Stop {
        /// Which one.
        instance: u64,
    },
    /// An instance is to be killed.
    Kill {
        /// Which one.
        instance: u64,
    },
    /// A handler is to be called.
    Invoke(Invoke<P>),
    /// An invocation is over.
    Ended(Report),
    /// Something became of an event.
    Settled {
        /// Its source.
        source: SourceId,
        /// Its number.
        event: u64,
        /// What became of it.
        fate: Fate,
    },
    /// An event waits, and nobody waits for its answer: whoever keeps events beyond this run keeps this one
    /// as it is now, in place of what was told of it before. [`Action::Settled`] says when it is gone.
    Keep {
        /// Its source.
        source: SourceId,
        /// All that is known of it.
        event: Event<P>,
    },
    /// An event was accepted under this number.
    Accepted {
        /// Its source.
        source: SourceId,
        /// Its number.
        event: u64,
    },
}

/// One call of a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoke<P> {
    /// Its number.
    pub invocation: u64,
    /// Which function.
    pub function: FunctionId,
    /// Where its events come from.
    pub source: SourceId,
    /// Which instance handles it.
    pub instance: u64,
    /// When that instance is killed if it hasn't answered.
    pub deadline: Time,
    /// The events.
    pub events: Vec<Delivery<P>>,
}

/// An event as it is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery<P> {
    /// Its number.
    pub event: u64,
    /// When it came to its source.
    pub arrived: Time,
    /// Which attempt this is; from 1.
    pub attempt: u32,
    /// Its group.
    pub group: Option<Arc<str>>,
    /// What it carries.
    pub payload: P,
}

/// How an invocation went: `T_exec = T_wait + T_init + T_func`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its number; none when no instance could be made ready for it.
    pub invocation: Option<u64>,
    /// Which function.
    pub function: FunctionId,
    /// Where its events came from.
    pub source: SourceId,
    /// Which instance.
    pub instance: u64,
    /// How many events.
    pub events: usize,
    /// The highest attempt among them.
    pub attempt: u32,
    /// What came of it.
    pub verdict: Verdict,
    /// `T_wait`: how long its first event waited, since it could be handled, for a free slot.
    pub wait: Nanos,
    /// `T_init`: how long it waited for the start of the instance that handled it.
    pub init: Nanos,
    /// `T_func`: how long the handler took.
    pub func: Nanos,
    /// Whether the instance was started for waiting events, and this was its first call.
    pub cold: bool,
}

/// What came of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All events handled.
    Done,
    /// So many failed, the others are handled.
    Partial(usize),
    /// All failed.
    Failed,
    /// It took too long, and its instance was killed.
    TimedOut,
    /// Its instance ended in the middle.
    Crashed,
    /// Its instance never became ready.
    InitFailed,
}

impl Verdict {
    /// Returns the word for a log line.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Done => "done",
            Verdict::Partial(_) => "partial",
            Verdict::Failed => "failed",
            Verdict::TimedOut => "timeout",
            Verdict::Crashed => "crashed",
            Verdict::InitFailed => "init failed",
        }
    }
}
