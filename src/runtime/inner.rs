//! What changes while a program runs: the engine, the processes, and what is known of their calls.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::oneshot;

use super::clock::{Clock, stamp};
use super::gateway::Served;
use super::host::Call;
use super::id::request_id;
use super::instance::Instance;
use super::journal::{Listeners, Over};
use super::kept::Kept;
use super::metrics::Metrics;
use super::payload::{Payload, portable};
use super::plan::Plan;
use crate::engine::{Action, Engine, Fate, Invoke, Outcome, Report, SourceId, Time, Why};
use crate::event::{Trigger, http_answer};

/// What changes while it runs.
pub(super) struct Inner {
    pub(super) plan: Arc<Plan>,
    pub(super) engine: Engine<Payload>,
    pub(super) processes: BTreeMap<u64, Process>,
    pub(super) listeners: Listeners,
    pub(super) metrics: Metrics,
    pub(super) draining: bool,
    pub(super) kept: Kept,
    pub(super) clock: Clock,
    pub(super) calls: HashMap<u64, Open>,
    /// Who waits for the answer to an event.
    pub(super) waiters: BTreeMap<u64, Waiter>,
    pub(super) armed: Option<Time>,
    pub(super) actions: Vec<Action<Payload>>,
}

/// A process that was started.
pub(super) struct Process {
    pub(super) function: Arc<str>,
    pub(super) pid: Option<u32>,
    /// Whether it was told to end.
    pub(super) ending: bool,
    pub(super) handle: Instance,
}

pub(super) struct Waiter {
    pub(super) source: SourceId,
    pub(super) answer: oneshot::Sender<Served>,
}

/// A call that a process has and hasn't answered.
pub(super) struct Open {
    pub(super) function: Arc<str>,
    pub(super) instance: u64,
    pub(super) trigger: Trigger,
    pub(super) request_id: String,
    /// Numbers and ids of its events.
    pub(super) events: Vec<(u64, String)>,
}

impl Inner {
    pub(super) fn invoke(&mut self, invoke: &Invoke<Payload>) {
        let plan = Arc::clone(&self.plan);
        let source = plan.source(invoke.source);
        let function = plan.function(invoke.function);
        let event = portable(source, &function.name, &invoke.events);
        let request_id = match invoke.events.first().map(|it| &it.payload) {
            Some(Payload::Call(caller)) => caller.request_id.clone(),
            Some(Payload::Message(_) | Payload::Tick(_)) | None => request_id(),
        };
        let ids = invoke.events.iter();
        let ids = ids.map(|it| (it.event, it.payload.id(&function.name)));
        self.calls.insert(
            invoke.invocation,
            Open {
                function: Arc::clone(&function.name),
                instance: invoke.instance,
                trigger: source.trigger,
                request_id: request_id.clone(),
                events: ids.collect(),
            },
        );
        if let Some(process) = self.processes.get(&invoke.instance) {
            process.handle.call(Call {
                invocation: invoke.invocation,
                request_id,
                deadline_ms: u64::try_from(stamp(invoke.deadline).0).unwrap_or(u64::MAX),
                event,
            });
        }
    }

    /// Tells whether what a handler returned can be an answer.
    pub(super) fn judge(&self, open: &Open, text: &[u8]) -> Outcome {
        let text = std::str::from_utf8(text).unwrap_or("");
        if open.trigger == Trigger::Http
            && text.contains("\"statusCode\"")
            && let Err(why) = http_answer(text)
        {
            let line = format!("what it returned is no answer: {why}");
            self.listeners
                .instance(&open.function, open.instance, &line);
            return Outcome::Failed;
        }
        Outcome::Done
    }

    /// Finds the lines of callers who wait in a changed program.
    pub(super) fn move_waiters(&mut self, new: &Plan) {
        let old = Arc::clone(&self.plan);
        self.waiters.retain(|_, it| {
            let source = old.source(it.source);
            let place = match source.trigger {
                Trigger::Http => new.http(&source.resource),
                Trigger::Invoke
                | Trigger::Queue
                | Trigger::Topic
                | Trigger::Stream
                | Trigger::Bucket
                | Trigger::Table
                | Trigger::Event
                | Trigger::Schedule => new.invoke(&source.resource),
            };
            // Who waits for a function that is gone is told so by the end of the channel.
            place.map(|place| it.source = place).is_some()
        });
    }

    pub(super) fn settled(&mut self, event: u64, fate: Fate) {
        let (Fate::Failed(why) | Fate::Dropped(why)) = fate else {
            return;
        };
        if let Some(waiter) = self.waiters.remove(&event) {
            let served = match why {
                Why::TimedOut => Served::TimedOut,
                Why::Raised | Why::Crashed | Why::Hidden => Served::Failed,
                Why::Throttled => Served::Throttled,
                Why::InitFailed | Why::Expired | Why::Withdrawn | Why::Removed => {
                    Served::Unavailable
                }
            };
            let _ = waiter.answer.send(served);
        }
    }

    /// Forgets the calls of a process that is gone.
    pub(super) fn forget_calls(&mut self, instance: u64) {
        self.calls.retain(|_, it| it.instance != instance);
    }

    /// Returns the time of the last thing that happened.
    pub(super) fn now(&self) -> Time {
        self.engine.now()
    }

    /// Tells everybody about an invocation that is over.
    pub(super) fn told(&mut self, now: Time, over: Option<(Report, Vec<String>)>) {
        let Some((report, mut fates)) = over else {
            return;
        };
        let open = report.invocation.and_then(|it| self.calls.remove(&it));
        let plan = Arc::clone(&self.plan);
        let (function, source) = (plan.function(report.function), plan.source(report.source));
        self.metrics.count(&function.name, &source.label, &report);
        if matches!(source.trigger, Trigger::Http | Trigger::Invoke) {
            // The caller has been told; nothing more becomes of a call.
            fates.clear();
        }
        fold(&mut fates);
        self.listeners.over(&Over {
            now,
            function: &function.name,
            trigger: &source.label,
            request_id: open.as_ref().map_or("", |it| &it.request_id),
            report,
            fates,
        });
    }
}

/// Writes what happened to several events once: `3 again in 2.00s`.
fn fold(fates: &mut Vec<String>) {
    if fates.len() > 1 {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for it in fates.iter() {
            *counts.entry(it).or_default() += 1;
        }
        *fates = counts
            .iter()
            .map(|(it, count)| format!("{count} {it}"))
            .collect();
    }
}
