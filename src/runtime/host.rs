//! What the runtime asks of an instance, and what an instance tells the runtime.
//!
//! An instance is one operating-system process that speaks the Lambda Runtime API. Starting one
//! (`instance::start(spec, host) -> Instance`) returns at once; everything that happens afterwards
//! is told through [`Host`], whose methods never block and may be called from any task.
//!
//! `Instance` offers three verbs, none of which blocks:
//! - `call(Call)`: hands over one invocation; at most `concurrency` are open at a time;
//! - `stop()`: asks the process to end (end of input or SIGTERM, SIGKILL after two seconds);
//! - `kill()`: SIGKILL at once, the whole process group.
//!
//! After `start`, exactly one [`Signal::Exited`] comes, last, whatever happens, also when the
//! process could not be started at all.

use std::path::PathBuf;
use std::pin::Pin;

use bytes::Bytes;

use super::asked::Asked;
use super::store::{Saved, StoreError};

/// What is needed to start one instance of a function.
#[derive(Debug, Clone)]
pub struct Spec {
    /// A number that no other instance of this run has.
    pub instance: u64,
    /// The function's name.
    pub function: String,
    /// The runtime as the program names it, such as `python3.13` or `node22`.
    pub runtime: String,
    /// The folder of the program; the handler's file is relative to it.
    pub folder: PathBuf,
    /// The configuration of the shim: app, stage, function, handler, `timeout_ms`, can, triggers.
    pub config: serde_json::Value,
    /// How many calls it takes at a time.
    pub concurrency: u32,
    /// How much memory it may hold, in bytes; it is killed when it holds more.
    pub memory: u64,
    /// The environment that the program gives it; the instance adds the runtime's own variables.
    pub env: Vec<(String, String)>,
}

/// One invocation, as an instance gets it.
#[derive(Debug, Clone)]
pub struct Call {
    /// A number that no other invocation of this run has; comes back in the answer.
    pub invocation: u64,
    /// The request id that the handler sees.
    pub request_id: String,
    /// When it is killed, in milliseconds since 1970.
    pub deadline_ms: u64,
    /// The portable event as JSON.
    pub event: Bytes,
}

/// What a handler made of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The value it returned, as JSON text.
    Returned(Bytes),
    /// It raised, or its answer is no JSON.
    Raised {
        /// The kind of error, such as `ValueError`.
        kind: String,
        /// What it says.
        message: String,
        /// The stack trace, a line each.
        trace: Vec<String>,
    },
}

/// Which of a process's streams a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What happens to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// It has loaded its handler and takes calls (its first `next`).
    Ready {
        /// The process's number in the operating system.
        pid: u32,
    },
    /// A call has ended.
    Answered {
        /// The call's number.
        invocation: u64,
        /// What came of it.
        answer: Answer,
    },
    /// It could not load its handler; `Exited` follows.
    InitFailed {
        /// Why, for the log.
        message: String,
        /// The stack trace, a line each.
        trace: Vec<String>,
    },
    /// A line it wrote.
    Output {
        /// Where.
        stream: Stream,
        /// The line, without its end.
        line: String,
    },
    /// The process is gone; nothing follows.
    Exited {
        /// How, in words: `exit code 1`, `signal 9`, `memory 300 MB of 256 MB`,
        /// `not started: python3.13 not found`.
        how: String,
    },
}

/// Why a verb of a handler was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The function's `can` does not hold it.
    NotAllowed(String),
    /// The message is wrong: too big, no group for a fifo queue, an unknown name.
    Invalid(String),
    /// The function that was called has failed.
    CallFailed(String),
}

impl Refused {
    /// Returns why, in words.
    pub(crate) fn words(self) -> String {
        match self {
            Refused::NotAllowed(why) | Refused::Invalid(why) | Refused::CallFailed(why) => why,
        }
    }
}

/// A message that a handler sends or publishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The body, as the handler gave it.
    pub body: Bytes,
    /// Whether the body is not UTF-8 text.
    pub binary: bool,
    /// The attributes, in the order given.
    pub attributes: Vec<(String, String)>,
    /// The fifo group.
    pub group: Option<String>,
    /// How long it stays unseen, in milliseconds.
    pub delay_ms: Option<u64>,
    /// The event's type, for a bus.
    pub kind: Option<String>,
    /// What the event is about, for a bus.
    pub subject: Option<String>,
    /// By which a stream orders, or the table's and bucket's own: what is changed.
    pub key: Option<String>,
}

/// A message that was taken, and will be accepted once it is on disk.
#[derive(Debug)]
#[must_use = "a message is accepted when it is on disk"]
pub struct Receipt {
    id: String,
    saved: Saved,
}

impl Receipt {
    /// Returns the receipt of a message that is kept when `saved` says so.
    pub fn new(id: String, saved: Saved) -> Receipt {
        Receipt { id, saved }
    }

    /// Waits until the message is on disk, and returns its id.
    pub async fn accepted(self) -> Result<String, StoreError> {
        self.saved.wait().await.map(|()| self.id)
    }
}

/// The runtime, as an instance sees it.
pub trait Host: Send + Sync {
    /// Takes note of what happened to an instance.
    fn signal(&self, instance: u64, signal: Signal);

    /// Sends a message to a queue on behalf of a function.
    fn send(&self, function: &str, queue: &str, message: Message) -> Result<Receipt, Refused>;

    /// Publishes a message to a topic or an event to a bus on behalf of a function.
    fn publish(&self, function: &str, topic: &str, message: Message) -> Result<Receipt, Refused>;

    /// Carries out any other verb on behalf of a function; the answer is JSON text.
    fn ask(&self, function: &str, resource: &str, asked: Asked) -> Doing;
}

/// What is being carried out.
pub type Doing = Pin<Box<dyn Future<Output = Result<Bytes, Refused>> + Send>>;

/// Returns what is carried out already.
pub fn done(answer: Result<Bytes, Refused>) -> Doing {
    Box::pin(std::future::ready(answer))
}
