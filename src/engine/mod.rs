//! The scheduler: a pure state machine, `(state, input at time t) → (state, actions)`.
//!
//! No threads, no input or output, no clock and no randomness of its own: the local runtime drives it
//! with real time and real processes, tests and simulations with virtual time. The same inputs give
//! the same actions, always.
//!
//! - `schedule`: which event runs where and when, `T_exec = T_wait + T_init + T_func`;
//! - `deliver`: what becomes of events, `N_event = Σ E_i`;
//! - `scale`: how many instances, `N_instance = ceil(L_load / (C_instance × target))`.

mod action;
mod clock;
mod deliver;
mod event;
mod group;
mod ledger;
mod line;
mod lower;
mod profile;
mod program;
mod reload;
mod restore;
mod scale;
mod schedule;
mod state;
mod ticks;
mod trace;
mod view;

pub use action::{Action, Delivery, Input, Invoke, Outcome, Report, Verdict};
pub use clock::{Nanos, Time};
pub use event::{Event, Fate, Payload, Why};
pub use ledger::Ledger;
pub use lower::{LowerError, bucket_detail, every_name, lower};
pub use profile::Profile;
pub use program::{
    Function, FunctionId, Kind, Log, Program, Retry, Scale, Source, SourceId, Topic, TopicId,
};
pub use ticks::Ticks;
pub use trace::Trace;
pub use view::{FunctionView, Parked, SourceView};

use clock::Timers;
use state::{FunctionState, Invocation, SourceState};

/// What rings when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alarm {
    /// An event of the source can be handled after its delay or wait.
    Due(SourceId),
    /// An incomplete batch of the source has waited long enough.
    Window(SourceId),
    /// An event of the source may have expired.
    Expiry(SourceId),
    /// The schedule ticks.
    Tick(SourceId, Time),
    /// An invocation of the function may have taken too long.
    Deadline(FunctionId),
    /// The events of an invocation are no longer hidden.
    Hidden(u64),
    /// The instance has taken too long to be ready.
    Init(u64),
    /// An instance of the function may have been idle for long enough.
    Idle(FunctionId),
    /// The platform's rule decides on the function again.
    Review(FunctionId),
    /// Instances may be started ahead again after one failed to start.
    Hold(FunctionId),
}

/// The scheduler of one program.
#[derive(Debug)]
pub struct Engine<P> {
    program: Program,
    profile: Profile,
    now: Time,
    timers: Timers<Alarm>,
    functions: Vec<FunctionState>,
    sources: Vec<SourceState<P>>,
    invocations: std::collections::BTreeMap<u64, Invocation<P>>,
    instances: std::collections::BTreeMap<u64, FunctionId>,
    numbers: Numbers,
    /// Functions whose events or instances have changed since the last decision.
    dirty: std::collections::BTreeSet<FunctionId>,
    draining: bool,
    /// The instance that has just become ready.
    fresh: Option<u64>,
}

/// The next number of each kind.
#[derive(Debug, Default)]
struct Numbers {
    event: u64,
    instance: u64,
    invocation: u64,
    /// Events that were set aside for later; ties are broken by it.
    set_aside: u64,
}

impl Numbers {
    fn next(counter: &mut u64) -> u64 {
        *counter += 1;
        *counter
    }
}

impl<P: Payload> Engine<P> {
    /// Returns the scheduler of a program; nothing happens before [`Input::Start`].
    pub fn new(mut program: Program, profile: Profile, now: Time) -> Self {
        profile.adapt(&mut program);
        let functions = program.functions.iter().map(|_| FunctionState::default());
        let sources = program.sources.iter().map(|it| SourceState::new(it.fifo));
        let mut engine = Engine {
            profile,
            now,
            timers: Timers::default(),
            functions: functions.collect(),
            sources: sources.collect(),
            invocations: std::collections::BTreeMap::new(),
            instances: std::collections::BTreeMap::new(),
            numbers: Numbers::default(),
            dirty: std::collections::BTreeSet::new(),
            draining: false,
            fresh: None,
            program,
        };
        engine.connect();
        engine
    }

    /// Lets time pass until `now`, takes one input, and adds what is to be done to `out`.
    pub fn step(&mut self, now: Time, input: Input<P>, out: &mut Vec<Action<P>>) {
        self.now = self.now.max(now);
        while let Some(alarm) = self.timers.due(self.now) {
            self.ring(alarm, out);
            self.decide(out);
        }
        match input {
            Input::Wake => {}
            Input::Start => self.start(),
            Input::Arrive {
                source,
                payload,
                group,
                delay,
            } => self.arrive(source, payload, group, delay, out),
            Input::Publish {
                topic,
                payload,
                group,
                passed_over,
            } => self.publish(topic, &payload, group.as_ref(), &passed_over, out),
            Input::Spread {
                to,
                payload,
                group,
                passed_over,
            } => self.spread(&to, &payload, group.as_ref(), &passed_over, out),
            Input::PassOver { source } => self.pass_over(source),
            Input::Restore { events } => self.restore(events),
            Input::Fire { source } => self.fire(source, self.now, out),
            Input::Ready { instance } => self.ready(instance, out),
            Input::Ended {
                invocation,
                outcome,
            } => self.ended(invocation, &outcome, out),
            Input::Exited { instance } => self.exited(instance, out),
            Input::Reclaim { instance } => self.reclaim(instance, out),
            Input::Withdraw { source, event } => self.withdraw(source, event, out),
            Input::Redrive { queue, events } => self.redrive(queue, events.as_deref(), out),
            Input::Reload { program, changed } => self.reload(program, &changed, out),
            Input::Drain => self.drain(),
        }
        self.decide(out);
    }

    /// Returns when [`Input::Wake`] is due next.
    pub fn next_alarm(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Returns the program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    fn ring(&mut self, alarm: Alarm, out: &mut Vec<Action<P>>) {
        match alarm {
            Alarm::Due(source) => self.due(source),
            Alarm::Window(source) => self.window_over(source),
            Alarm::Expiry(source) => self.expire(source, out),
            Alarm::Tick(source, planned) => self.tick(source, planned, out),
            Alarm::Deadline(function) => self.check_deadlines(function, out),
            Alarm::Hidden(invocation) => self.unhide(invocation, out),
            Alarm::Init(instance) => self.init_took_too_long(instance, out),
            Alarm::Idle(function) => self.idle_alarm(function),
            Alarm::Review(function) => self.review(function),
            Alarm::Hold(function) => drop(self.dirty.insert(function)),
        }
    }

    /// Places events and adjusts the number of instances wherever something has changed.
    fn decide(&mut self, out: &mut Vec<Action<P>>) {
        while let Some(function) = self.dirty.pop_first() {
            self.dispatch(function, out);
            self.resize(function, out);
        }
    }

    fn start(&mut self) {
        for (at, source) in self.program.sources.iter().enumerate() {
            if let Kind::Schedule(ticks) = &source.kind
                && let Some(next) = ticks.after(self.now)
            {
                self.timers.set(next, Alarm::Tick(SourceId(at), next));
            }
        }
        self.dirty = (0..self.functions.len()).map(FunctionId).collect();
    }

    fn drain(&mut self) {
        self.draining = true;
        self.dirty = (0..self.functions.len()).map(FunctionId).collect();
    }
}
