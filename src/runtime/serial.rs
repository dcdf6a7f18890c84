//! Real instances that are called one call at a time, and waited for: what virtual time is made of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::arrival::Place;
use super::asked::{Asked, Row};
use super::held::{Deed, Held, Moment};
use super::host::{Answer, Call, Doing, Host, Message, Receipt, Refused, Signal, Spec, done};
use super::instance::{self, Instance};
use super::payload::Sent;
use super::plan::Plan;
use super::store::Saved;
use crate::engine::{FunctionId, Nanos, Time};
use crate::model::Verb;

/// Instances of a program's functions.
pub(crate) struct Serial {
    runtime: Runtime,
    plan: Arc<Plan>,
    desk: Arc<Desk>,
    heard: mpsc::UnboundedReceiver<Heard>,
    instances: BTreeMap<u64, Started>,
    /// Calls of functions by handlers that wait for the answers.
    invokes: VecDeque<Invoke>,
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

/// What comes from instances.
enum Heard {
    Signal(u64, Signal),
    Invoke(Invoke),
}

/// A handler calls another function and waits for the answer.
pub(crate) struct Invoke {
    /// Which function.
    pub(crate) function: String,
    /// With what, as JSON text.
    pub(crate) data: String,
    /// Who waits.
    pub(crate) answer: oneshot::Sender<Result<Bytes, Refused>>,
}

/// What came of a call so far.
pub(crate) enum Called {
    /// It calls another function: it waits, and is to be listened to again.
    Invokes(Invoke),
    /// It is over.
    Over(Reply),
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

/// A message that a handler sent and the program took, and where it goes.
pub(crate) type Taking = (Place, Arc<Sent>);

/// Takes what handlers send, and gives out ids: the same ones on every run.
struct Desk {
    plan: Arc<Plan>,
    heard: mpsc::UnboundedSender<Heard>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    ids: u64,
    now: Time,
    held: Held,
    sent: Vec<Taking>,
}

impl Desk {
    fn with<T>(&self, change: impl FnOnce(&mut Taken) -> T) -> T {
        change(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self, to: Place, message: Message) -> Receipt {
        self.with(|taken| {
            let id = taken.id();
            let sent = Sent {
                id: id.clone(),
                time: taken.now,
                message,
                log: None,
            };
            taken.sent.push((to, Arc::new(sent)));
            Receipt::new(id, Saved::at_once())
        })
    }

    /// Changes or reads what is held.
    fn change(&self, name: &str, asked: Asked) -> Result<Bytes, Refused> {
        self.with(|taken| {
            let Taken { ids, now, held, .. } = taken;
            let mut moment = Moment {
                now: *now,
                id: &mut || next_id(ids),
            };
            let deed = held.ask(&self.plan, &mut moment, name, asked)?;
            let answer = deed.answer.clone();
            taken.told(&self.plan, deed);
            Ok(answer)
        })
    }
}

impl Taken {
    /// Returns the next id, in the form of a UUID.
    fn id(&mut self) -> String {
        next_id(&mut self.ids)
    }

    fn told(&mut self, plan: &Plan, deed: Deed) {
        let news = deed.news.into_iter();
        self.sent.extend(news.filter_map(|(name, sent)| {
            let topic = plan.program.topic(&name)?;
            Some((Place::Topic(topic), sent))
        }));
    }
}

fn next_id(ids: &mut u64) -> String {
    *ids += 1;
    format!("00000000-0000-4000-8000-{ids:012x}")
}

impl Host for Desk {
    fn signal(&self, instance: u64, signal: Signal) {
        // The receiver goes only when nobody waits any more.
        let _ = self.heard.send(Heard::Signal(instance, signal));
    }

    fn send(&self, function: &str, queue: &str, message: Message) -> Result<Receipt, Refused> {
        self.plan.allow(function, Verb::Send, queue)?;
        let queue = Place::Queue(self.plan.queue(queue)?);
        self.plan.admit(queue, &message)?;
        Ok(self.take(queue, message))
    }

    fn publish(&self, function: &str, topic: &str, message: Message) -> Result<Receipt, Refused> {
        self.plan.allow(function, Verb::Publish, topic)?;
        let topic = Place::Topic(self.plan.topic(topic)?);
        self.plan.admit(topic, &message)?;
        Ok(self.take(topic, message))
    }

    fn ask(&self, function: &str, resource: &str, asked: Asked) -> Doing {
        if let Err(why) = self.plan.allow(function, asked.right(), resource) {
            return done(Err(why));
        }
        match asked {
            Asked::Invoke(data) => {
                let (answer, waiting) = oneshot::channel();
                let function = resource.to_owned();
                let call = Heard::Invoke(Invoke {
                    function,
                    data,
                    answer,
                });
                let _ = self.heard.send(call);
                Box::pin(async move {
                    let gone = || Err(Refused::CallFailed("the test is over".to_owned()));
                    waiting.await.unwrap_or_else(|_| gone())
                })
            }
            asked @ (Asked::Write(_)
            | Asked::PutObject(_)
            | Asked::GetObject(_)
            | Asked::ListObjects(..)
            | Asked::DeleteObject(_)
            | Asked::PutRow(_)
            | Asked::GetRow(_)
            | Asked::QueryRows(_)
            | Asked::DeleteRow(_)) => done(self.change(resource, asked)),
        }
    }
}

impl Serial {
    /// Returns a program without instances.
    pub(crate) fn new(plan: Arc<Plan>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (sender, heard) = mpsc::unbounded_channel();
        let mut held = Held::default();
        held.align(&plan);
        let taken = Taken {
            held,
            ..Taken::default()
        };
        let desk = Desk {
            plan: Arc::clone(&plan),
            heard: sender,
            taken: Mutex::new(taken),
        };
        Ok(Serial {
            runtime,
            plan,
            desk: Arc::new(desk),
            heard,
            instances: BTreeMap::new(),
            invokes: VecDeque::new(),
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

    /// Calls an instance; [`Serial::listen`] tells what comes of it.
    pub(crate) fn call(
        &mut self,
        instance: u64,
        invocation: u64,
        request_id: String,
        event: Bytes,
        limit: Nanos,
    ) {
        if let Some(started) = self.instances.get(&instance) {
            started.handle.call(Call {
                invocation,
                request_id,
                deadline_ms: deadline(limit),
                event,
            });
        }
    }

    /// Waits for what comes of a call.
    pub(crate) fn listen(&mut self, instance: u64, limit: Nanos) -> Called {
        let answered = self.wait(instance, limit, |it| it.answer.is_some());
        if let Some(invoke) = self.invokes.pop_front() {
            return Called::Invokes(invoke);
        }
        let started = self.instances.get_mut(&instance);
        let answer = started.and_then(|it| it.answer.take());
        let reply = match answer {
            Some(answer) => Reply::Answered(answer),
            None if answered => Reply::Ended,
            None => Reply::TimedOut,
        };
        Called::Over(reply)
    }

    /// Returns what handlers have sent since this was last asked, in order.
    pub(crate) fn sent(&self) -> Vec<Taking> {
        self.desk.with(|it| std::mem::take(&mut it.sent))
    }

    /// Tells what time it is.
    pub(crate) fn set_time(&self, now: Time) {
        self.desk.with(|it| it.now = now);
    }

    /// Changes what is held, on behalf of nobody; [`Serial::sent`] tells what comes of it.
    pub(crate) fn change(&self, name: &str, asked: Asked) -> Result<(), Refused> {
        self.desk.change(name, asked).map(|_| ())
    }

    /// Returns the rows of a table.
    pub(crate) fn rows(&self, table: &str) -> Vec<Row> {
        self.desk.with(|it| it.held.rows(table).cloned().collect())
    }

    /// Returns the keys of a bucket's objects.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        self.desk
            .with(|it| it.held.keys(bucket).map(str::to_owned).collect())
    }

    /// Returns when the next row or object expires.
    pub(crate) fn next_expiry(&self) -> Option<Time> {
        self.desk.with(|it| it.held.next_expiry())
    }

    /// Lets go what has expired; [`Serial::sent`] tells what comes of it.
    pub(crate) fn expire(&self) {
        self.desk.with(|taken| {
            let Taken { ids, now, held, .. } = taken;
            let mut moment = Moment {
                now: *now,
                id: &mut || next_id(ids),
            };
            for deed in held.expire(&self.plan, &mut moment) {
                taken.told(&self.plan, deed);
            }
        });
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
            if started.ended.is_some() || enough(started) || !self.invokes.is_empty() {
                break;
            }
            let heard = self.runtime.block_on(async {
                let until = Instant::now() + limit;
                timeout_at(until, self.heard.recv()).await
            });
            match heard {
                Ok(Some(Heard::Signal(from, signal))) => self.hear(from, signal),
                Ok(Some(Heard::Invoke(invoke))) => self.invokes.push_back(invoke),
                Ok(None) | Err(_) => return false,
            }
        }
        // What it wrote before it answered is in its pipes by now.
        let pause = tokio::time::sleep_until;
        self.runtime
            .block_on(async { pause(Instant::now() + Duration::from_millis(2)).await });
        while let Ok(heard) = self.heard.try_recv() {
            match heard {
                Heard::Signal(from, signal) => self.hear(from, signal),
                Heard::Invoke(invoke) => self.invokes.push_back(invoke),
            }
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
