//! A program on the virtual clock: the engine, its processes, and all that was seen of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::agenda::Agenda;
use super::answer::{Answered, outcome};
use super::history::{History, readable};
use super::stub::Stubbed;
use crate::engine::{
    Action, Engine, Fate, FunctionId, Input, Invoke, Nanos, Profile, Report, SourceId, Time,
    Verdict,
};
use crate::event::{Body, Event, Time as Stamp, Trigger};
use crate::runtime::asked::{Asked as Change, Row};
use crate::runtime::host::{Answer, Message, Refused};
use crate::runtime::payload::{Caller, Payload, Sent, portable};
use crate::runtime::{Called, Invocation, Place, Plan, Reply, Serial};

/// So much may happen at one moment before a test is given up.
pub(super) const RESTLESS: u32 = 3_000;

/// What is going to happen.
#[derive(Debug)]
enum Happening {
    Ready(u64),
    Exited(u64),
    Call(Invoke<Payload>),
    Ended(u64, Trigger, Answer),
}

/// The program of one test.
pub(super) struct World {
    pub(super) plan: Arc<Plan>,
    pub(super) engine: Engine<Payload>,
    pub(super) now: Time,
    pub(super) history: History,
    pub(super) stubs: BTreeMap<String, Stubbed>,
    /// How often each function was called.
    pub(super) calls: BTreeMap<String, u32>,
    /// How many instances of each function there were at most at a time.
    pub(super) peaks: BTreeMap<FunctionId, usize>,
    /// What callers were answered, by event.
    pub(super) answers: BTreeMap<u64, Answered>,
    serial: Serial,
    agenda: Agenda<Happening>,
    alive: BTreeMap<u64, FunctionId>,
    /// Numbers and ids of the events of calls that go on.
    open: BTreeMap<u64, Vec<(u64, String)>>,
    started: bool,
    /// So many handlers wait for functions that they have called.
    nested: u32,
}

/// So many calls may wait for each other.
const NESTED: u32 = 16;

/// A program that never comes to rest: so much happens at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Restless;

impl World {
    /// Returns a program that has not begun.
    pub(super) fn new(plan: &Arc<Plan>, profile: Profile, start: Time, serial: Serial) -> Self {
        World {
            engine: Engine::new(plan.program.clone(), profile, start),
            plan: Arc::clone(plan),
            now: start,
            history: History::new(start),
            stubs: BTreeMap::new(),
            calls: BTreeMap::new(),
            peaks: BTreeMap::new(),
            answers: BTreeMap::new(),
            serial,
            agenda: Agenda::default(),
            alive: BTreeMap::new(),
            open: BTreeMap::new(),
            started: false,
            nested: 0,
        }
    }

    /// Starts the program, if that hasn't been done; stubs that stand first hold from the start.
    pub(super) fn begin(&mut self) -> Result<(), Restless> {
        if !self.started {
            self.started = true;
            self.input(Input::Start);
            self.settle()?;
        }
        Ok(())
    }

    /// Takes a request or a direct call, and returns its event's number.
    pub(super) fn ask(&mut self, source: SourceId, request_id: String, event: Bytes) -> u64 {
        let number = self.engine.next_event();
        let caller = Caller { request_id, event };
        self.input(Input::Arrive {
            source,
            payload: Payload::Call(Arc::new(caller)),
            group: None,
            delay: None,
        });
        number
    }

    /// Takes what handlers have sent.
    fn take_sent(&mut self) {
        for (to, sent) in self.serial.sent() {
            self.input(self.plan.arrival(to, sent));
        }
    }

    /// Changes what tables, buckets and streams hold, from outside.
    pub(super) fn change(&mut self, name: &str, asked: Change) -> Result<(), String> {
        self.serial.set_time(self.now);
        let changed = self.serial.change(name, asked);
        changed.map_err(Refused::words)?;
        self.take_sent();
        Ok(())
    }

    /// Returns the rows of a table.
    pub(super) fn rows(&self, table: &str) -> Vec<Row> {
        self.serial.rows(table)
    }

    /// Returns the keys of a bucket's objects.
    pub(super) fn keys(&self, bucket: &str) -> Vec<String> {
        self.serial.keys(bucket)
    }

    /// Takes a message from outside, if the program would.
    pub(super) fn send(&mut self, queue: &str, message: Message) -> Result<(), String> {
        let queue = self.plan.queue(queue).map_err(Refused::words)?;
        self.bring(Place::Queue(queue), message)
    }

    fn bring(&mut self, to: Place, message: Message) -> Result<(), String> {
        self.plan.admit(to, &message).map_err(Refused::words)?;
        let sent = Sent {
            id: self.serial.id(),
            time: self.now,
            message,
            log: None,
        };
        self.input(self.plan.arrival(to, Arc::new(sent)));
        Ok(())
    }

    /// Publishes a message from outside, if the program would take it.
    pub(super) fn publish(&mut self, topic: &str, message: Message) -> Result<(), String> {
        let topic = self.plan.topic(topic).map_err(Refused::words)?;
        self.bring(Place::Topic(topic), message)
    }

    /// Returns what is odd about the machine.
    pub(super) fn warnings(&self) -> BTreeSet<String> {
        self.serial.warnings().clone()
    }

    /// Returns an id for something that comes from outside.
    pub(super) fn id(&self) -> String {
        self.serial.id()
    }

    /// Tells the engine what happened.
    pub(super) fn input(&mut self, input: Input<Payload>) {
        let mut actions = Vec::new();
        self.engine.step(self.now, input, &mut actions);
        let mut over: Option<(Report, Vec<Fate>)> = None;
        // So many of the fates that follow are of events of the call that is over.
        let mut own = 0;
        for action in actions {
            if let Action::Settled {
                event,
                fate,
                source,
            } = action
            {
                self.settled(source, event, fate);
                if let Some((_, fates)) = &mut over
                    && own > 0
                {
                    own -= 1;
                    fates.push(fate);
                }
                continue;
            }
            if let Action::Keep { .. } = action {
                continue;
            }
            self.tell(over.take());
            match action {
                Action::Start { function, instance } => self.launch(function, instance),
                Action::Stop { instance } | Action::Kill { instance } => {
                    self.serial.stop(instance);
                    self.agenda.plan(self.now, Happening::Exited(instance));
                }
                Action::Invoke(invoke) => self.agenda.plan(self.now, Happening::Call(invoke)),
                Action::Ended(report) => {
                    own = report.events;
                    over = Some((report, Vec::new()));
                }
                Action::Accepted { source, .. } => self.accepted(source),
                Action::Settled { .. } | Action::Keep { .. } => {}
            }
        }
        self.tell(over);
    }

    fn launch(&mut self, function: FunctionId, instance: u64) {
        self.alive.insert(instance, function);
        let count = self.alive.values().filter(|it| **it == function).count();
        let peak = self.peaks.entry(function).or_default();
        *peak = (*peak).max(count);
        let name = &self.plan.function(function).name;
        if !self.stubs.get(&**name).is_some_and(Stubbed::is_whole) {
            self.serial.start(function, instance);
        }
        self.agenda.plan(self.now, Happening::Ready(instance));
    }

    fn accepted(&mut self, source: SourceId) {
        let plan = self.plan.source(source);
        if !matches!(
            plan.trigger,
            Trigger::Http | Trigger::Invoke | Trigger::Schedule
        ) {
            let owner = self.plan.program.sources.get(source.0);
            let owner = owner.and_then(|it| it.function);
            let owner = owner.map_or("", |it| &*self.plan.function(it).name);
            let text = format!("{}: a message comes in", plan.label);
            let about = [plan.resource.as_str(), owner];
            self.history.add(self.now, &about, text);
        }
    }

    fn settled(&mut self, source: SourceId, event: u64, fate: Fate) {
        let plan = self.plan.source(source);
        if matches!(plan.trigger, Trigger::Http | Trigger::Invoke) {
            if let Some(answered) = Answered::of_fate(fate) {
                self.answers.entry(event).or_insert(answered);
            }
        } else if let Fate::Dropped(why) = fate {
            let text = format!("{}: a message is dropped: {}", plan.label, why.words());
            self.history.add(self.now, &[plan.resource.as_str()], text);
        }
    }

    /// Writes down that a call is over.
    fn tell(&mut self, over: Option<(Report, Vec<Fate>)>) {
        let Some((report, fates)) = over else { return };
        let (function, source) = (
            self.plan.function(report.function),
            self.plan.source(report.source),
        );
        let verdict = match report.verdict {
            Verdict::Partial(failed) => format!("{failed} of {} failed", report.events),
            Verdict::Done
            | Verdict::Failed
            | Verdict::TimedOut
            | Verdict::Crashed
            | Verdict::InitFailed => report.verdict.word().to_owned(),
        };
        let mut text = format!("{}  {}  {verdict}", function.name, source.label);
        let mut about = vec![&*function.name, source.resource.as_str()];
        if report.events > 1 {
            let _ = write!(text, "  {} events", report.events);
        }
        if report.attempt > 1 {
            let _ = write!(text, "  attempt {}", report.attempt);
        }
        for (length, what) in [(report.wait, "waited"), (report.func, "took")] {
            if length > Nanos::ZERO {
                let _ = write!(text, "  {what} {length}");
            }
        }
        let synchronous = matches!(source.trigger, Trigger::Http | Trigger::Invoke);
        let mut told: BTreeMap<String, usize> = BTreeMap::new();
        for fate in fates.iter().filter(|_| !synchronous) {
            let said = match fate {
                Fate::Done => continue,
                Fate::Retry(at, _) => format!("again in {}", at.since(self.now)),
                Fate::Parked(queue, _) => {
                    let name = self.plan.source(*queue).resource.as_str();
                    about.push(name);
                    format!("parked in {name}")
                }
                Fate::Split(at, _) => format!("halved, again in {}", at.since(self.now)),
                Fate::Failed(_) => "given up".to_owned(),
                Fate::Dropped(why) => format!("dropped: {}", why.words()),
                Fate::Redriven(to) => {
                    format!("sent back to {}", self.plan.source(*to).resource)
                }
            };
            *told.entry(said).or_default() += 1;
        }
        for (said, count) in told {
            match count {
                1 => {
                    let _ = write!(text, "  {said}");
                }
                n => {
                    let _ = write!(text, "  {n} {said}");
                }
            }
        }
        self.history.add(self.now, &about, text);
    }

    /// Lets everything happen that happens now.
    pub(super) fn settle(&mut self) -> Result<(), Restless> {
        self.pass_until(self.now)
    }

    /// Lets time pass until then.
    pub(super) fn pass_until(&mut self, end: Time) -> Result<(), Restless> {
        let mut at_once = 0;
        while let Some(next) = self.next().filter(|it| *it <= end) {
            at_once = if next > self.now { 0 } else { at_once + 1 };
            if at_once > RESTLESS {
                return Err(Restless);
            }
            self.happens(next);
        }
        self.now = self.now.max(end);
        Ok(())
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Ready(instance) => {
                let Some(function) = self.alive.get(&instance).copied() else {
                    return;
                };
                let limit = self.plan.program.functions.get(function.0);
                let limit = limit.map_or(Nanos::ZERO, |it| it.init_limit);
                if !self.serial.has(instance) || self.serial.ready(instance, limit) {
                    self.input(Input::Ready { instance });
                } else {
                    self.exited(instance);
                }
                self.write_lines();
            }
            Happening::Exited(instance) => self.exited(instance),
            Happening::Call(invoke) => self.call(&invoke),
            Happening::Ended(invocation, trigger, answer) => {
                self.answered(invocation, trigger, &answer);
            }
        }
    }

    fn exited(&mut self, instance: u64) {
        self.write_lines();
        self.serial.stop(instance);
        if self.alive.remove(&instance).is_some() {
            self.input(Input::Exited { instance });
        }
    }

    /// Calls a handler; virtual time stands still meanwhile.
    fn call(&mut self, invoke: &Invoke<Payload>) {
        if !self.alive.contains_key(&invoke.instance) {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let (function, source) = (plan.function(invoke.function), plan.source(invoke.source));
        *self.calls.entry(function.name.to_string()).or_default() += 1;
        let ids = invoke.events.iter();
        let ids = ids.map(|it| (it.event, it.payload.id(&function.name)));
        self.open.insert(invoke.invocation, ids.collect());
        let stub = self.stubs.entry(function.name.to_string()).or_default();
        let takes = stub.takes();
        if let Some(answer) = stub.answer() {
            let end = self.now + takes;
            let what = Happening::Ended(invoke.invocation, source.trigger, answer);
            self.agenda.plan(end, what);
            return;
        }
        let limit = plan.program.functions.get(invoke.function.0);
        let (limit, init) =
            limit.map_or((Nanos::ZERO, Nanos::ZERO), |it| (it.timeout, it.init_limit));
        if !self.serial.has(invoke.instance) {
            self.serial.start(invoke.function, invoke.instance);
            self.serial.ready(invoke.instance, init);
        }
        let request_id = match invoke.events.first().map(|it| &it.payload) {
            Some(Payload::Call(caller)) => caller.request_id.clone(),
            Some(Payload::Message(_) | Payload::Tick(_)) | None => self.serial.id(),
        };
        let event = portable(source, &function.name, &invoke.events);
        let (instance, invocation) = (invoke.instance, invoke.invocation);
        self.serial.set_time(self.now);
        self.serial
            .call(instance, invocation, request_id, event, limit);
        let reply = loop {
            let called = self.serial.listen(instance, limit);
            self.write_lines();
            self.take_sent();
            match called {
                Called::Invokes(invoke) => {
                    self.call_another(instance, invoke);
                    self.serial.set_time(self.now);
                }
                Called::Over(reply) => break reply,
            }
        };
        match reply {
            Reply::Answered(answer) => {
                if let Answer::Raised { kind, message, .. } = &answer {
                    let text = format!("{} #{instance} | {kind}: {message}", function.name);
                    self.history.add(self.now, &[&*function.name], text);
                }
                let what = Happening::Ended(invocation, source.trigger, answer);
                self.agenda.plan(self.now + takes, what);
            }
            Reply::Ended => self.agenda.plan(self.now, Happening::Exited(instance)),
            // The engine ends it when its time is over, in virtual time too.
            Reply::TimedOut => {}
        }
    }

    /// Calls a function for a handler that waits for the answer; time passes until there is one, or until the
    /// handler's own time is over.
    fn call_another(&mut self, instance: u64, invoke: Invocation) {
        let Invocation {
            function,
            data,
            answer,
        } = invoke;
        let failed = |why: &str| Err(Refused::CallFailed(format!("`{function}` {why}")));
        let source = self.plan.invoke(&function);
        let Some(source) = source.filter(|_| self.nested < NESTED) else {
            let _ = answer.send(failed("is unavailable: too many calls wait for each other"));
            return;
        };
        let id = self.serial.id();
        let body = Body::of(data.as_bytes());
        let event = Event::invoke(&function, &id, self.stamp(), body).to_json();
        let event = self.ask(source, id, event.into());
        self.nested += 1;
        self.wait_for(event, |it| it.serial.has(instance));
        self.nested -= 1;
        // A handler whose time is over waits no more.
        let _ = answer.send(match self.answers.get(&event) {
            Some(it) if it.status == 200 => Ok(it.body.to_string().into()),
            Some(it) if it.status == 504 => failed("timed out"),
            Some(_) => failed("failed"),
            None => failed("is unavailable"),
        });
    }

    /// Asks a function whether a caller may go on; returns its answer, if it gives one.
    pub(super) fn decide(&mut self, function: &str, event: &str) -> Option<Value> {
        let source = self.plan.invoke(function)?;
        let id = self.serial.id();
        let event = self.ask(source, id, event.to_owned().into());
        self.wait_for(event, |_| true);
        let answered = self.answers.get(&event)?;
        (answered.status == 200).then(|| answered.body.clone())
    }

    /// Lets time pass until there is an answer, as long as somebody waits for it.
    fn wait_for(&mut self, event: u64, waits: impl Fn(&World) -> bool) {
        while !self.answers.contains_key(&event) && waits(self) && self.pass_on() {}
    }

    /// Returns the time as events say it.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp(i64::try_from(self.now.0 / 1_000_000).unwrap_or(i64::MAX))
    }

    /// Lets time pass until something has happened; false when nothing is going to.
    fn pass_on(&mut self) -> bool {
        let next = self.next();
        next.is_some_and(|it| {
            self.happens(it);
            true
        })
    }

    /// Returns when something happens next.
    fn next(&self) -> Option<Time> {
        let alarm = self.engine.next_alarm().into_iter();
        let expiry = self.serial.next_expiry();
        alarm.chain(self.agenda.next()).chain(expiry).min()
    }

    /// Lets happen what happens then.
    fn happens(&mut self, at: Time) {
        self.now = self.now.max(at);
        if self.serial.next_expiry().is_some_and(|it| it <= self.now) {
            self.serial.set_time(self.now);
            self.serial.expire();
            self.take_sent();
        }
        if self.engine.next_alarm().is_some_and(|it| it <= self.now) {
            self.input(Input::Wake);
        }
        if let Some(what) = self.agenda.due(self.now) {
            self.happen(what);
        }
    }

    fn answered(&mut self, invocation: u64, trigger: Trigger, answer: &Answer) {
        let Some(events) = self.open.remove(&invocation) else {
            return;
        };
        if let (Answer::Returned(text), [(event, _)]) = (answer, events.as_slice()) {
            let text = std::str::from_utf8(text).unwrap_or("");
            match trigger {
                Trigger::Http => {
                    self.answers.insert(*event, Answered::of_route(text));
                }
                Trigger::Invoke => {
                    self.answers.insert(*event, Answered::of_call(text));
                }
                Trigger::Queue
                | Trigger::Topic
                | Trigger::Stream
                | Trigger::Bucket
                | Trigger::Table
                | Trigger::Event
                | Trigger::Schedule => {}
            }
        }
        let outcome = outcome(trigger, &events, answer);
        self.input(Input::Ended {
            invocation,
            outcome,
        });
    }

    /// Takes what processes have written into the history.
    fn write_lines(&mut self) {
        for (instance, line) in self.serial.lines() {
            let function = self.alive.get(&instance);
            let name = function.map_or("?", |it| &*self.plan.function(*it).name);
            let text = format!("{name} #{instance} | {}", readable(&line));
            self.history.add(self.now, &[name], text);
        }
    }
}
