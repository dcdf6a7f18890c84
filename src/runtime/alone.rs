//! One function called once, without the rest of its program.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::asked::{Asked, NewObject, Row};
use super::host::{
    Answer, Call, Doing, Host, Message, Receipt, Refused, Signal, Spec, Stream, done,
};
use super::instance;
use super::store::Saved;

/// How long a handler may take to load.
const LOAD_TIME: Duration = Duration::from_secs(30);

/// What is told while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A line it wrote.
    Line(Stream, String),
    /// A message it sent, which nobody takes: the queue or topic, and the body.
    Sent(String, String),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It could not be started or loaded.
    #[error("the function could not be loaded: {0}")]
    NotLoaded(String),
    /// It took longer than its timeout, or than loading may take.
    #[error("the function took longer than {0:?} and was killed")]
    TimedOut(Duration),
    /// Its process ended.
    #[error("the function's process ended: {0}")]
    Crashed(String),
}

struct Ear {
    signals: mpsc::UnboundedSender<Heard>,
}

enum Heard {
    Signal(Signal),
    Sent(String, Message),
}

impl Ear {
    fn take(&self, resource: &str, message: Message) -> Receipt {
        // The receiver goes only when the answer is there, and then nobody asks.
        let _ = self.signals.send(Heard::Sent(resource.to_owned(), message));
        Receipt::new("not-delivered".to_owned(), Saved::at_once())
    }
}

impl Host for Ear {
    fn signal(&self, _: u64, signal: Signal) {
        let _ = self.signals.send(Heard::Signal(signal));
    }

    fn send(&self, _: &str, queue: &str, message: Message) -> Result<Receipt, Refused> {
        Ok(self.take(queue, message))
    }

    fn publish(&self, _: &str, topic: &str, message: Message) -> Result<Receipt, Refused> {
        Ok(self.take(topic, message))
    }

    fn ask(&self, _: &str, resource: &str, asked: Asked) -> Doing {
        let text = |row: Row| Message {
            body: Value::Object(row).to_string().into(),
            ..Message::default()
        };
        let sent = match asked {
            Asked::Write(message) | Asked::PutObject(NewObject { message, .. }) => Some(message),
            Asked::PutRow(row) => Some(text(row)),
            Asked::DeleteObject(_)
            | Asked::DeleteRow(_)
            | Asked::GetObject(_)
            | Asked::GetRow(_) => None,
            Asked::ListObjects(..) | Asked::QueryRows(_) => return done(Ok("[]".into())),
            Asked::Invoke(_) => {
                let why = format!("`{resource}` can't be called: the program doesn't run");
                return done(Err(Refused::CallFailed(why)));
            }
        };
        if let Some(message) = sent {
            drop(self.take(resource, message));
        }
        done(Ok("null".into()))
    }
}

/// Starts an instance, calls it once, and returns what the handler made of it. `call.deadline_ms` should
/// lie `limit` ahead. What it sends goes nowhere, but is told.
pub async fn call_alone(
    spec: Spec,
    call: Call,
    limit: Duration,
    mut tell: impl FnMut(Told),
) -> Result<Answer, Unanswered> {
    let (signals, mut heard) = mpsc::unbounded_channel();
    let instance = instance::start(spec, Arc::new(Ear { signals }));
    let mut allowed = LOAD_TIME;
    let mut deadline = Instant::now() + allowed;
    let mut call = Some(call);
    let mut result = None;
    // Lasts until the process is gone, so that all its output has been told.
    loop {
        let Ok(next) = timeout_at(deadline, heard.recv()).await else {
            instance.kill();
            deadline += LOAD_TIME;
            result.get_or_insert(Err(Unanswered::TimedOut(allowed)));
            continue;
        };
        match next {
            Some(Heard::Signal(Signal::Ready { .. })) => {
                allowed = limit;
                deadline = Instant::now() + limit;
                if let Some(call) = call.take() {
                    instance.call(call);
                }
            }
            Some(Heard::Signal(Signal::Answered { answer, .. })) => {
                result.get_or_insert(Ok(answer));
                deadline += LOAD_TIME;
                instance.stop();
            }
            Some(Heard::Signal(Signal::InitFailed { message, trace })) => {
                for line in trace {
                    tell(Told::Line(Stream::Err, line));
                }
                result.get_or_insert(Err(Unanswered::NotLoaded(message)));
            }
            Some(Heard::Signal(Signal::Output { stream, line })) => tell(Told::Line(stream, line)),
            Some(Heard::Sent(resource, message)) => {
                tell(Told::Sent(resource, shown(&message.body)));
            }
            Some(Heard::Signal(Signal::Exited { how })) => {
                return result.unwrap_or(Err(Unanswered::Crashed(how)));
            }
            None => return result.unwrap_or(Err(Unanswered::Crashed("unknown".to_owned()))),
        }
    }
}

fn shown(body: &Bytes) -> String {
    String::from_utf8_lossy(body).into_owned()
}
