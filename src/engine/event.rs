//! One event on its way: what it carries, where it came from, and what became of it.

use std::sync::Arc;

use super::clock::Time;
use super::program::SourceId;

/// What events carry; the engine never looks inside.
pub trait Payload: Clone {
    /// Returns the payload of a schedule's tick that was planned for `planned`.
    fn tick(planned: Time) -> Self;
}

/// Where only numbers matter, events carry nothing.
impl Payload for () {
    fn tick(_planned: Time) -> Self {}
}

/// An event that waits or is being handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<P> {
    /// A number that no other event of this engine has; later events have higher ones.
    pub id: u64,
    /// What it carries.
    pub payload: P,
    /// When it came to the source where it is now.
    pub arrived: Time,
    /// Since when it could be handled: after its delay, or the wait before its next attempt.
    pub since: Time,
    /// Which attempt comes next, or is going on; from 1.
    pub attempt: u32,
    /// The source that parked it here.
    pub origin: Option<SourceId>,
    /// Its group, on a fifo source.
    pub group: Option<Arc<str>>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has been handled.
    Done,
    /// It failed, and its next attempt comes then.
    Retry(Time, Why),
    /// It failed with others, and is tried again then with half of them: that is no attempt.
    Split(Time, Why),
    /// It failed for the last time and waits in that queue now.
    Parked(SourceId, Why),
    /// It failed for the last time and is gone.
    Failed(Why),
    /// It is gone without a last attempt.
    Dropped(Why),
    /// It was taken out of a parking queue and sent back to that source.
    Redriven(SourceId),
}

/// Why an event was not handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The handler raised, or named it among the failures.
    Raised,
    /// The handler took too long.
    TimedOut,
    /// The process ended in the middle.
    Crashed,
    /// No process could be made ready.
    InitFailed,
    /// No answer came while it was hidden.
    Hidden,
    /// It waited longer than it is kept.
    Expired,
    /// Whoever waited for the answer went away.
    Withdrawn,
    /// Its source is no longer part of the program.
    Removed,
    /// The platform has no room for it.
    Throttled,
}

impl Why {
    /// Returns the words for a log line.
    pub fn words(self) -> &'static str {
        match self {
            Why::Raised => "failed",
            Why::TimedOut => "timed out",
            Why::Crashed => "crashed",
            Why::InitFailed => "init failed",
            Why::Hidden => "no answer",
            Why::Expired => "expired",
            Why::Withdrawn => "withdrawn",
            Why::Removed => "removed",
            Why::Throttled => "throttled",
        }
    }
}
