//! Real instances that are called one call at a time, and waited for: what virtual time is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant as Moment, timeout_at};

use super::host::{Answer, Call, Host, Message, Receipt, Refused, Signal, Spec};
use super::instance::{self, Instance};
use super::plan::Plan;
use super::store::Saved;
use crate::engine::{FunctionId, Nanos, SourceId, TopicId};
use crate::model::Verb;

/// Instances of a program's functions.
pub(crate) struct Serial {
    runtime: Runtime,
    plan: Arc<Plan>,
    desk: Arc<Desk>,
    signals: mpsc::UnboundedReceiver<(u64, Signal)>,
    instances: BTreeMap<u64, Started>,
    /// What instances have written and nobody has read.
    lines: Vec<(u64, String)>,
    warnings: BTreeSet<String>,
}

/// What is known of an instance.
struct Started {
    handle: Instance,
    ready: bool,
    /// Why it ended or could not be loaded.
    ended: Option<String>,
    answer: Option<Answer>,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Called {
    /// What it sent, in order.
    pub(crate) sent: Vec<Sent>,
    /// What it answered.
    pub(crate) reply: Reply,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// With this answer.
    Answered(Answer),
    /// It took longer than its timeout, in real time.
    TimedOut,
    /// Its process ended in the middle.
    Ended,
}

/// A message that a handler sent and the program took.
#[derive(Debug)]
pub(crate) struct Sent {
    /// Where to.
    pub(crate) to: Place,
    /// The id that its sender was told.
    pub(crate) id: String,
    /// What it is.
    pub(crate) message: Message,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// Into a queue.
    Queue(SourceId),
    /// To all subscribers of a topic.
    Topic(TopicId),
}

/// Takes what handlers send, and gives out ids: the same ones on every run.
struct Desk {
    plan: Arc<Plan>,
    signals: mpsc::UnboundedSender<(u64, Signal)>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    ids: u64,
    sent: Vec<Sent>,
}

impl Desk {
    fn with<T>(&self, change: impl FnOnce(&mut Taken) -> T) -> T {
        change(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self, to: Place, message: Message) -> Receipt {
        self.with(|taken| {
            let id = taken.id();
            taken.sent.push(Sent {
                to,
                id: id.clone(),
                message,
            });
            Receipt::new(id, Saved::at_once())
        })
    }
}

impl Taken {
    /// Returns the next id, in the form of a UUID.
    fn id(&mut self) -> String {
        self.ids += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.ids)
    }
}

impl Host for Desk {
    fn signal(&self, instance: u64, signal: Signal) {
        // The receiver goes only when nobody waits any more.
        let _ = self.signals.send((instance, signal));
    }

    fn send(&self, function: &str, queue: &str, message: Message) -> Result<Receipt, Refused> {
        self.plan.allow(function, Verb::Send, queue)?;
        let source = self.plan.queue(queue)?;
        self.plan.admit_to_queue(source, &message)?;
        Ok(self.take(Place::Queue(source), message))
    }

    fn publish(&self, function: &str, topic: &str, message: Message) -> Result<Receipt, Refused> {
        self.plan.allow(function, Verb::Publish, topic)?;
        let topic = self.plan.topic(topic)?;
        self.plan.admit_to_topic(topic, &message)?;
        Ok(self.take(Place::Topic(topic), message))
    }
}

impl Serial {
    /// Returns a program without instances.
    pub(crate) fn new(plan: Arc<Plan>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (sender, signals) = mpsc::unbounded_channel();
        let desk = Desk {
            plan: Arc::clone(&plan),
            signals: sender,
            taken: Mutex::default(),
        };
        Ok(Serial {
            runtime,
            plan,
            desk: Arc::new(desk),
            signals,
            instances: BTreeMap::new(),
            lines: Vec::new(),
            warnings: BTreeSet::new(),
        })
    }

    /// Returns an id for a request or message that comes from outside.
    pub(crate) fn id(&self) -> String {
        self.desk.with(Taken::id)
    }

    /// Starts an instance, and doesn't wait for it.
    pub(crate) fn start(&mut self, function: FunctionId, instance: u64) {
        let plan = self.plan.function(function);
        let spec = Spec {
            instance,
            function: plan.name.to_string(),
            runtime: plan.runtime.to_owned(),
            folder: self.plan.folder.clone(),
            config: plan.config.clone(),
            concurrency: plan.concurrency,
            memory: plan.memory,
            env: plan.env.clone(),
        };
        let host: Arc<dyn Host> = Arc::clone(&self.desk) as Arc<dyn Host>;
        let _inside = self.runtime.enter();
        let started = Started {
            handle: instance::start(spec, host),
            ready: false,
            ended: None,
            answer: None,
        };
        self.instances.insert(instance, started);
    }

    /// Tells whether an instance was started and not stopped.
    pub(crate) fn has(&self, instance: u64) -> bool {
        self.instances.contains_key(&instance)
    }

    /// Waits until an instance takes calls; tells whether it does.
    pub(crate) fn ready(&mut self, instance: u64, limit: Nanos) -> bool {
        self.wait(instance, limit, |it| it.ready);
        let started = self.instances.get(&instance);
        started.is_some_and(|it| it.ready && it.ended.is_none())
    }

    /// Calls an instance, and waits for what comes of it.
    pub(crate) fn call(
        &mut self,
        instance: u64,
        invocation: u64,
        request_id: String,
        event: Bytes,
        limit: Nanos,
    ) -> Called {
        if let Some(started) = self.instances.get(&instance) {
            started.handle.call(Call {
                invocation,
                request_id,
                deadline_ms: deadline(limit),
                event,
            });
        }
        let answered = self.wait(instance, limit, |it| it.answer.is_some());
        let started = self.instances.get_mut(&instance);
        let answer = started.and_then(|it| it.answer.take());
        let reply = match answer {
            Some(answer) => Reply::Answered(answer),
            None if answered => Reply::Ended,
            None => Reply::TimedOut,
        };
        let sent = self.desk.with(|it| std::mem::take(&mut it.sent));
        Called { sent, reply }
    }

    /// Ends an instance at once.
    pub(crate) fn stop(&mut self, instance: u64) {
        // Dropping it kills its process.
        self.instances.remove(&instance);
    }

    /// Returns the lines that instances have written since this was last asked.
    pub(crate) fn lines(&mut self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.lines)
    }

    /// Returns what was odd when instances were started.
    pub(crate) fn warnings(&self) -> &BTreeSet<String> {
        &self.warnings
    }

    /// Waits until something is known of an instance, or it has ended; false when it takes too long.
    fn wait(&mut self, instance: u64, limit: Nanos, enough: impl Fn(&Started) -> bool) -> bool {
        let limit = Duration::from_nanos(limit.0);
        loop {
            let Some(started) = self.instances.get(&instance) else {
                return true;
            };
            if started.ended.is_some() || enough(started) {
                break;
            }
            let heard = self.runtime.block_on(async {
                let until = Moment::now() + limit;
                timeout_at(until, self.signals.recv()).await
            });
            match heard {
                Ok(Some((from, signal))) => self.hear(from, signal),
                Ok(None) | Err(_) => return false,
            }
        }
        // What it wrote before it answered is in its pipes by now.
        let pause = tokio::time::sleep_until;
        self.runtime
            .block_on(async { pause(Moment::now() + Duration::from_millis(2)).await });
        while let Ok((from, signal)) = self.signals.try_recv() {
            self.hear(from, signal);
        }
        true
    }

    fn hear(&mut self, from: u64, signal: Signal) {
        let mut lines = Vec::new();
        if let Some(started) = self.instances.get_mut(&from) {
            match signal {
                Signal::Ready { .. } => started.ready = true,
                Signal::Answered { answer, .. } => started.answer = Some(answer),
                Signal::InitFailed { message, trace } => {
                    lines.push(format!("could not be loaded: {message}"));
                    lines.extend(trace.iter().map(|it| format!("  {}", it.trim_end())));
                    started.ended = Some(message);
                }
                // Before it is ready only the runtime itself warns.
                Signal::Output { line, .. } if !started.ready && line.starts_with("warning: ") => {
                    self.warnings.insert(line);
                }
                Signal::Output { line, .. } => lines.push(line),
                Signal::Exited { how } => {
                    lines.push(format!("ended: {how}"));
                    started.ended.get_or_insert(how);
                }
            }
        }
        self.lines.extend(lines.into_iter().map(|it| (from, it)));
    }
}

/// Returns when a call must be over, by the clock on the wall: handlers have no other one.
#[expect(clippy::disallowed_methods, reason = "handlers live in real time")]
fn deadline(limit: Nanos) -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.map_or(0, |it| it.as_millis());
    let limit = u128::from(limit.0 / 1_000_000);
    u64::try_from(now + limit).unwrap_or(u64::MAX)
}
