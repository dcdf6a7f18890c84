//! Drives the engine: gives it the time and what happens, and carries out what it decides.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::clock::{Clock, stamp};
use super::gateway::Served;
use super::host::{Answer, Call, Host, Spec};
use super::id::request_id;
use super::instance::{self, Instance};
use super::journal::{Journal, Listeners, Over, fate};
use super::kept::Kept;
use super::metrics::Metrics;
use super::payload::{Caller, Payload, portable};
use super::plan::Plan;
use super::store::StoreError;
use crate::engine::{
    Action, Engine, Fate, FunctionId, Input, Invoke, Outcome, Profile, Report, SourceId, Time, Why,
};
use crate::event::{Trigger, failed_records, http_answer};

/// A program that runs.
pub struct Driver {
    pub(super) inner: Mutex<Inner>,
    /// The engine's next alarm is earlier than it was.
    alarm: Notify,
    /// Something has ended.
    ended: Notify,
    me: Weak<Driver>,
}

/// What changes while it runs.
pub(super) struct Inner {
    pub(super) plan: Arc<Plan>,
    pub(super) engine: Engine<Payload>,
    pub(super) processes: BTreeMap<u64, Process>,
    pub(super) listeners: Listeners,
    pub(super) metrics: Metrics,
    pub(super) draining: bool,
    pub(super) kept: Kept,
    clock: Clock,
    calls: HashMap<u64, Open>,
    /// Who waits for the answer to an event.
    waiters: BTreeMap<u64, Waiter>,
    armed: Option<Time>,
    actions: Vec<Action<Payload>>,
}

/// A process that was started.
pub(super) struct Process {
    pub(super) function: Arc<str>,
    pub(super) pid: Option<u32>,
    /// Whether it was told to end.
    pub(super) ending: bool,
    pub(super) handle: Instance,
}

struct Waiter {
    source: SourceId,
    answer: oneshot::Sender<Served>,
}

/// A call that a process has and hasn't answered.
struct Open {
    function: Arc<str>,
    instance: u64,
    trigger: Trigger,
    request_id: String,
    /// Numbers and ids of its events.
    events: Vec<(u64, String)>,
}

impl Driver {
    /// Starts a program with what was kept of its last run. Needs a tokio runtime.
    pub fn start(
        plan: Plan,
        profile: Profile,
        journal: Arc<dyn Journal>,
        mut kept: Kept,
    ) -> Arc<Driver> {
        let mut clock = Clock::new();
        let now = clock.now();
        let mut engine = Engine::new(plan.program.clone(), profile, now);
        engine.skip_events(kept.last());
        let events = kept.back(&plan.program);
        let mut listeners = Listeners::new(journal);
        align(&mut listeners, &plan);
        let inner = Inner {
            plan: Arc::new(plan),
            engine,
            processes: BTreeMap::new(),
            listeners,
            metrics: Metrics::default(),
            draining: false,
            kept,
            clock,
            calls: HashMap::new(),
            waiters: BTreeMap::new(),
            armed: None,
            actions: Vec::new(),
        };
        let driver = Arc::new_cyclic(|me| Driver {
            inner: Mutex::new(inner),
            alarm: Notify::new(),
            ended: Notify::new(),
            me: Weak::clone(me),
        });
        driver.input(Input::Restore { events });
        driver.input(Input::Start);
        tokio::spawn(ring(Weak::clone(&driver.me)));
        tokio::spawn(look_after_callers(Weak::clone(&driver.me)));
        driver
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the engine what happened, and carries out what it decides.
    pub(super) fn input(&self, input: Input<Payload>) {
        let mut inner = self.lock();
        self.step(&mut inner, input);
    }

    pub(super) fn step(&self, inner: &mut Inner, input: Input<Payload>) {
        let now = inner.clock.now();
        let mut actions = std::mem::take(&mut inner.actions);
        inner.engine.step(now, input, &mut actions);
        self.carry_out(inner, now, &mut actions);
        inner.actions = actions;
        let next = inner.engine.next_alarm();
        if next.is_some_and(|next| inner.armed.is_none_or(|armed| next < armed)) {
            inner.armed = next;
            self.alarm.notify_one();
        }
    }

    fn carry_out(&self, inner: &mut Inner, now: Time, actions: &mut Vec<Action<Payload>>) {
        let mut over: Option<(Report, Vec<String>)> = None;
        // So many of the fates that follow are of events of the invocation that is over.
        let mut own = 0;
        let mut removed = 0;
        for action in actions.drain(..) {
            if let Action::Settled {
                source,
                event,
                fate: it,
            } = action
            {
                inner.settled(event, it);
                inner.kept.settled(&inner.plan.program, source, event, it);
                if let Some((_, fates)) = &mut over
                    && own > 0
                {
                    own -= 1;
                    let name = |at| inner.plan.source(SourceId(at)).resource.clone();
                    fates.extend(fate(it, now, name));
                } else if it == Fate::Dropped(Why::Expired) {
                    let label = &inner.plan.source(source).label;
                    let line = format!("{label}: a message is dropped, it was kept long enough");
                    inner.listeners.say(&line);
                } else if it == Fate::Dropped(Why::Removed) {
                    removed += 1;
                }
                continue;
            }
            if let Action::Keep { source, event } = action {
                inner.kept.keep(&inner.plan.program, source, &event);
                continue;
            }
            inner.told(now, over.take());
            match action {
                Action::Start { function, instance } => self.launch(inner, function, instance),
                Action::Stop { instance } => {
                    if let Some(process) = inner.processes.get_mut(&instance) {
                        process.ending = true;
                        process.handle.stop();
                    }
                }
                Action::Kill { instance } => {
                    if let Some(process) = inner.processes.get_mut(&instance) {
                        process.ending = true;
                        process.handle.kill();
                    }
                }
                Action::Invoke(invoke) => inner.invoke(&invoke),
                Action::Ended(report) => {
                    own = report.events;
                    over = Some((report, Vec::new()));
                    self.ended.notify_waiters();
                }
                Action::Settled { .. } | Action::Keep { .. } | Action::Accepted { .. } => {}
            }
        }
        inner.told(now, over);
        inner.kept.write();
        if removed > 0 {
            let what = inner.kept.of_removed();
            let line = format!("{removed} events {what}: what they were for is gone");
            inner.listeners.say(&line);
        }
    }

    fn launch(&self, inner: &mut Inner, function: FunctionId, instance: u64) {
        let Some(host) = self.me.upgrade() else {
            return;
        };
        let host: Arc<dyn Host> = host;
        let plan = inner.plan.function(function);
        let spec = Spec {
            instance,
            function: plan.name.to_string(),
            runtime: plan.runtime.to_owned(),
            folder: inner.plan.folder.clone(),
            config: plan.config.clone(),
            concurrency: plan.concurrency,
            memory: plan.memory,
            env: plan.env.clone(),
        };
        let process = Process {
            function: Arc::clone(&plan.name),
            pid: None,
            ending: false,
            handle: instance::start(spec, host),
        };
        inner.processes.insert(instance, process);
    }

    /// Takes a request or a direct call; the receiver gets its answer.
    pub(super) fn call(&self, source: SourceId, caller: Caller) -> oneshot::Receiver<Served> {
        let (answer, waiting) = oneshot::channel();
        let mut inner = self.lock();
        if !inner.draining {
            let event = inner.engine.next_event();
            inner.waiters.insert(event, Waiter { source, answer });
            let input = Input::Arrive {
                source,
                payload: Payload::Call(Arc::new(caller)),
                group: None,
                delay: None,
            };
            self.step(&mut inner, input);
        }
        waiting
    }

    /// Takes a handler's answer.
    pub(super) fn answered(&self, invocation: u64, answer: Answer) {
        let mut inner = self.lock();
        let Some(open) = inner.calls.get(&invocation) else {
            return;
        };
        if let Answer::Raised {
            kind,
            message,
            trace,
        } = &answer
        {
            let (listeners, name, number) = (&inner.listeners, &open.function, open.instance);
            let say = |line: &str| listeners.instance(name, number, line);
            let short = format!("{kind}: {message}");
            // Most traces hold it, at their beginning or end.
            if !trace.iter().any(|it| it.contains(&short)) {
                say(&short);
            }
            for line in trace {
                say(line.trim_end());
            }
        }
        let synchronous = matches!(open.trigger, Trigger::Http | Trigger::Invoke);
        let outcome = match &answer {
            Answer::Raised { .. } => Outcome::Failed,
            Answer::Returned(text) if synchronous => inner.judge(open, text),
            Answer::Returned(text) => {
                let ids: Vec<&str> = open.events.iter().map(|(_, id)| id.as_str()).collect();
                let text = std::str::from_utf8(text).unwrap_or("");
                let failed = failed_records(text, &ids).into_iter();
                let failed = failed.filter_map(|at| open.events.get(at).map(|(event, _)| *event));
                Outcome::Partial(failed.collect())
            }
        };
        let only = open.events.first().map(|(event, _)| *event);
        if synchronous
            && let Some(event) = only
            && let Some(waiter) = inner.waiters.remove(&event)
        {
            let served = match answer {
                Answer::Returned(text) => Served::Returned(text),
                Answer::Raised { .. } => Served::Failed,
            };
            // A caller that has gone away needs no answer.
            let _ = waiter.answer.send(served);
        }
        let input = Input::Ended {
            invocation,
            outcome,
        };
        self.step(&mut inner, input);
    }

    /// Forgets what callers that have gone away wait for.
    fn forget_callers(&self) {
        let mut inner = self.lock();
        let waiters = inner.waiters.iter();
        let gone = waiters.filter(|(_, it)| it.answer.is_closed());
        let gone: Vec<(u64, SourceId)> = gone.map(|(event, it)| (*event, it.source)).collect();
        for (event, source) in gone {
            inner.waiters.remove(&event);
            self.step(&mut inner, Input::Withdraw { source, event });
        }
    }

    /// Lets a changed program take over; `files` are the ones that have changed. Returns the functions whose
    /// instances are renewed.
    pub fn reload(&self, plan: Plan, files: &[std::path::PathBuf]) -> Vec<String> {
        let mut inner = self.lock();
        let mut changed = plan.changed_since(&inner.plan);
        changed.extend(plan.touched_by(files));
        changed.sort();
        changed.dedup();
        inner.move_waiters(&plan);
        let program = plan.program.clone();
        align(&mut inner.listeners, &plan);
        let names = changed.iter().map(|it| plan.function(*it).name.to_string());
        let names = names.collect();
        inner.plan = Arc::new(plan);
        self.step(&mut inner, Input::Reload { program, changed });
        if inner.kept.has_away()
            && let Some(driver) = self.me.upgrade()
        {
            tokio::spawn(async move { driver.bring_back().await });
        }
        names
    }

    /// Lets wait again what was kept for resources that are part of the program once more.
    async fn bring_back(&self) {
        let reading = self.lock().kept.read();
        // A store that can't be read has told so, and the run ends.
        let Ok(stored) = reading.await else { return };
        let mut inner = self.lock();
        let plan = Arc::clone(&inner.plan);
        let events = inner.kept.returned(&plan.program, stored);
        if !events.is_empty() {
            let line = format!("{} events that were kept wait again", events.len());
            inner.listeners.say(&line);
            self.step(&mut inner, Input::Restore { events });
        }
    }

    /// Waits until something can't be kept, and tells why; forever when all goes well.
    pub async fn failure(&self) -> StoreError {
        let store = self.lock().kept.store();
        match store {
            Some(store) => store.failure().await,
            None => std::future::pending().await,
        }
    }

    /// Keeps all that has happened so far, and nothing that happens from now on: what is killed at the end
    /// hasn't failed. Tells whether anything is kept at all.
    pub fn close(&self) -> Result<bool, StoreError> {
        let store = self.lock().kept.close();
        store.map_or(Ok(false), |it| it.close().map(|()| true))
    }

    /// Returns how many messages wait or are being handled.
    pub fn waiting(&self) -> u64 {
        let inner = self.lock();
        let sources = inner.plan.program.sources.iter().enumerate();
        let messages = sources.filter(|(_, it)| !it.synchronous());
        let views = messages.map(|(at, _)| inner.engine.source_view(SourceId(at)));
        views.map(|it| it.waiting as u64 + it.ledger.running).sum()
    }

    /// Stops taking events, and waits until nothing runs, at most for so long.
    pub async fn drain(&self, time: Duration) {
        {
            let mut inner = self.lock();
            inner.draining = true;
            self.step(&mut inner, Input::Drain);
        }
        let quiet = async {
            while !self.lock().engine.is_quiet() {
                let wait = self.ended.notified();
                let _ = tokio::time::timeout(Duration::from_millis(50), wait).await;
            }
        };
        let _ = tokio::time::timeout(time, quiet).await;
    }

    /// Kills every process, and waits until they are gone, at most for so long.
    pub async fn kill_all(&self, time: Duration) {
        for process in self.lock().processes.values_mut() {
            process.ending = true;
            process.handle.kill();
        }
        let gone = async {
            while !self.lock().processes.is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = tokio::time::timeout(time, gone).await;
    }

    async fn next_alarm(&self) {
        // A machine that was asleep wakes up late, so it looks at the clock now and then.
        let longest = Duration::from_secs(20);
        let wait = {
            let mut inner = self.lock();
            inner.armed = inner.engine.next_alarm();
            let now = inner.clock.now();
            let left = inner.armed.map(|it| Duration::from_nanos(it.since(now).0));
            left.unwrap_or(longest).min(longest)
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => self.input(Input::Wake),
            () = self.alarm.notified() => {}
        }
    }
}

/// Wakes the engine whenever something is due.
async fn ring(driver: Weak<Driver>) {
    while let Some(driver) = driver.upgrade() {
        driver.next_alarm().await;
    }
}

/// Looks now and then whether callers have gone away.
async fn look_after_callers(driver: Weak<Driver>) {
    while let Some(driver) = driver.upgrade() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        driver.forget_callers();
    }
}

fn align(listeners: &mut Listeners, plan: &Plan) {
    let function = plan.functions.iter().map(|it| it.name.len()).max();
    let trigger = plan.sources.iter().map(|it| it.label.len()).max();
    listeners.align(function.unwrap_or(0), trigger.unwrap_or(0));
}

impl Inner {
    fn invoke(&mut self, invoke: &Invoke<Payload>) {
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
    fn judge(&self, open: &Open, text: &[u8]) -> Outcome {
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
    fn move_waiters(&mut self, new: &Plan) {
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

    fn settled(&mut self, event: u64, fate: Fate) {
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
    fn told(&mut self, now: Time, over: Option<(Report, Vec<String>)>) {
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
