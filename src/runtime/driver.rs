//! Drives the engine: gives it the time and what happens, and carries out what it decides.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::clock::Clock;
use super::gateway::Served;
use super::held::Moment;
use super::host::{Answer, Host, Spec};
use super::id::request_id;
use super::inner::{Inner, Process, Waiter};
use super::instance;
use super::journal::{Journal, Listeners, fate};
use super::kept::Kept;
use super::metrics::Metrics;
use super::payload::{Caller, Payload};
use super::plan::Plan;
use super::store::StoreError;
use crate::engine::{
    Action, Engine, Fate, FunctionId, Input, Outcome, Profile, Report, SourceId, Time, Why,
};
use crate::event::{Trigger, failed_records};

/// A program that runs.
pub struct Driver {
    pub(super) inner: Mutex<Inner>,
    /// The engine's next alarm is earlier than it was.
    alarm: Notify,
    /// Something has ended.
    ended: Notify,
    me: Weak<Driver>,
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
        driver.align(&mut driver.lock());
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
        self.align(&mut inner);
        if inner.kept.has_away()
            && let Some(driver) = self.me.upgrade()
        {
            tokio::spawn(async move { driver.bring_back().await });
        }
        names
    }

    /// Lets what is held follow the program, and gives those who begin to read what they haven't had.
    fn align(&self, inner: &mut Inner) {
        let plan = Arc::clone(&inner.plan);
        for (table, count) in inner.kept.held.align(&plan) {
            let line = format!("table {table}: {count} rows are kept, but don't fit its key");
            inner.listeners.say(&line);
        }
        let (backlog, changes) = inner.kept.held.begin(&plan);
        inner.kept.change(changes);
        for (source, records) in backlog {
            for sent in records {
                self.step(inner, plan.spread(vec![source], sent));
            }
        }
        inner.kept.write();
    }

    /// Lets go rows and records that have expired.
    fn expire(&self) {
        let mut inner = self.lock();
        let plan = Arc::clone(&inner.plan);
        let mut moment = Moment {
            now: inner.clock.now(),
            id: &mut request_id,
        };
        for deed in inner.kept.held.expire(&plan, &mut moment) {
            self.tell(&mut inner, deed);
        }
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

/// Looks now and then whether callers have gone away, and what has expired.
async fn look_after_callers(driver: Weak<Driver>) {
    while let Some(driver) = driver.upgrade() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        driver.forget_callers();
        driver.expire();
    }
}

fn align(listeners: &mut Listeners, plan: &Plan) {
    let function = plan.functions.iter().map(|it| it.name.len()).max();
    let trigger = plan.sources.iter().map(|it| it.label.len()).max();
    listeners.align(function.unwrap_or(0), trigger.unwrap_or(0));
}
