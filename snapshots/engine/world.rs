//! A virtual clock and modelled processes that drive the engine, and check it at every step.

use std::collections::BTreeMap;

use fnc::engine::{
    Action, Engine, Event, Fate, FunctionId, Input, Invoke, Kind, Ledger, Nanos, Outcome, Profile,
    Program, Report, SourceId, Time, Trace, Why,
};

use super::random::Random;

/// How a modelled process behaves.
pub(crate) trait Model {
    /// Returns how long an instance takes to be ready; none: it ends instead, after that long.
    fn init(&mut self, instance: u64) -> (Nanos, bool);

    /// Returns how long a call takes and what comes of it; none: its process crashes.
    fn call(&mut self, invoke: &Invoke<()>) -> (Nanos, Option<Outcome>);

    /// Returns how long an instance takes to be gone after it was stopped or killed.
    fn stop(&mut self) -> Nanos {
        Nanos::ZERO
    }
}

/// The start of virtual time: 2026-01-01T00:00:00Z.
pub(crate) const START: Time = Time(1_767_225_600_000_000_000);

/// What is going to happen to processes.
#[derive(Debug, Clone)]
enum Happening {
    Ready(u64),
    Exited(u64),
    Ended(u64, Outcome),
    /// An idle instance is taken back if it hasn't been called since; so often it had been.
    Reclaimed(u64, u64),
}

/// The engine, its clock and its modelled processes.
pub(crate) struct World<M> {
    pub(crate) engine: Engine<()>,
    pub(crate) now: Time,
    pub(crate) model: M,
    pub(crate) trace: Trace,
    pub(crate) reports: Vec<(Time, Report)>,
    /// Whether every step is written down and checked; costs time.
    pub(crate) watch: bool,
    /// How long idle instances live on average, where that is random; the engine's own limit holds too.
    pub(crate) ttl: Option<(Random, f64)>,
    /// How many events were refused.
    pub(crate) refused: u64,
    profile: Profile,
    agenda: BTreeMap<(Time, u64), Happening>,
    sequence: u64,
    books: Books,
    begun: BTreeMap<u64, u64>,
    /// What somebody who keeps events has written down by now.
    kept: BTreeMap<u64, (SourceId, Event<()>)>,
}

/// An event that isn't settled.
struct Open {
    /// When it came in, counted in events.
    order: u64,
    /// How often it has failed.
    failures: u32,
    /// When its next attempt may come.
    not_before: Time,
}

/// The world's own account of what the engine said, to compare with the engine's.
#[derive(Default)]
struct Books {
    /// Processes by number: their function.
    alive: BTreeMap<u64, FunctionId>,
    /// Calls that go on, by instance.
    calls: BTreeMap<u64, u32>,
    /// Events that came in and aren't settled, per source, by number.
    open: BTreeMap<(SourceId, u64), Open>,
    /// The last event delivered for the first time, per source, by when it came in.
    newest: BTreeMap<SourceId, u64>,
    entries: u64,
    /// Open events of each fifo group, in order.
    groups: BTreeMap<(SourceId, String), Vec<u64>>,
    group_of: BTreeMap<u64, String>,
    /// What came in and what became of it, per source; what runs isn't counted.
    ledgers: BTreeMap<SourceId, Ledger>,
    /// Events whose sender said how long they stay unseen: until when.
    unseen: BTreeMap<u64, Time>,
}

impl<M: Model> World<M> {
    /// Returns a world at the start of time, with the program started.
    pub(crate) fn new(program: Program, model: M, watch: bool) -> Self {
        Self::under(Profile::Portable, program, model, watch)
    }

    /// Returns a world where these rules hold.
    pub(crate) fn under(profile: Profile, program: Program, model: M, watch: bool) -> Self {
        let mut world = Self::before(profile, program, model, watch);
        world.input(Input::Start);
        world
    }

    /// Returns a world in which a program goes on with what was kept of another one, all of whose processes
    /// are gone.
    pub(crate) fn after<N: Model>(ended: World<N>, program: Program, model: M) -> Self {
        let mut world = Self::before(Profile::Portable, program, model, true);
        world.now = ended.now;
        let mut events: Vec<_> = ended.kept.values().cloned().collect();
        events.sort_by_key(|(source, it)| {
            let fifo = world.engine.program().sources[source.0].fifo;
            (*source, if fifo { it.arrived } else { it.since }, it.id)
        });
        for (source, event) in &events {
            world.opened(*source, event.id);
            let open = world.books.open.get_mut(&(*source, event.id));
            let open = open.expect("it was just opened");
            open.failures = event.attempt - 1;
            open.not_before = event.since;
            let group = event.group.as_deref().unwrap_or("").to_owned();
            world.books.group_of.insert(event.id, group.clone());
            let groups = &mut world.books.groups;
            groups.entry((*source, group)).or_default().push(event.id);
        }
        world.kept = ended.kept;
        world.input(Input::Restore { events });
        world.input(Input::Start);
        world
    }

    fn before(profile: Profile, program: Program, model: M, watch: bool) -> Self {
        World {
            engine: Engine::new(program, profile, START),
            now: START,
            model,
            trace: Trace::new(START),
            reports: Vec::new(),
            watch,
            ttl: None,
            refused: 0,
            profile,
            agenda: BTreeMap::new(),
            sequence: 0,
            books: Books::default(),
            begun: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Gives the engine an input now.
    pub(crate) fn input(&mut self, input: Input<()>) {
        if let Input::Exited { instance } = input {
            self.books.alive.remove(&instance);
            self.books.calls.remove(&instance);
        }
        self.expect(&input);
        let mut out = Vec::new();
        if self.watch {
            self.trace.input(self.engine.program(), self.now, &input);
        }
        self.engine.step(self.now, input, &mut out);
        if self.watch {
            self.trace.actions(self.engine.program(), self.now, &out);
        }
        for action in out {
            self.carry_out(action);
        }
        if self.watch {
            self.check();
        }
    }

    /// Writes down which events are about to come in: where, in which groups, and those that come without a call.
    fn expect(&mut self, input: &Input<()>) {
        let (to, group, passed_over) = match input {
            Input::Arrive { source, group, .. } => (vec![*source], group, [].as_slice()),
            Input::Publish {
                topic,
                group,
                passed_over,
                ..
            } => {
                let topic = &self.engine.program().topics[topic.0];
                (topic.subscribers.clone(), group, passed_over.as_slice())
            }
            Input::Spread {
                to,
                group,
                passed_over,
                ..
            } => (to.clone(), group, passed_over.as_slice()),
            Input::PassOver { source } => {
                let ledger = self.books.ledgers.entry(*source).or_default();
                ledger.arrived += 1;
                ledger.done += 1;
                return;
            }
            Input::Start
            | Input::Wake
            | Input::Restore { .. }
            | Input::Fire { .. }
            | Input::Ready { .. }
            | Input::Ended { .. }
            | Input::Exited { .. }
            | Input::Reclaim { .. }
            | Input::Withdraw { .. }
            | Input::Redrive { .. }
            | Input::Reload { .. }
            | Input::Drain => return,
        };
        let mut next = self.engine.next_event();
        if let Input::Arrive {
            delay: Some(delay), ..
        } = input
        {
            self.books.unseen.insert(next, self.now + *delay);
        }
        for source in to {
            if passed_over.contains(&source) {
                let ledger = self.books.ledgers.entry(source).or_default();
                ledger.arrived += 1;
                ledger.done += 1;
                continue;
            }
            if let Some(group) = self.lane(source, group.as_deref()) {
                self.books.group_of.insert(next, group.clone());
                let key = (source, group);
                self.books.groups.entry(key).or_default().push(next);
            }
            next += 1;
        }
    }

    /// Returns the group that an event comes to, or the part of a log.
    fn lane(&self, source: SourceId, group: Option<&str>) -> Option<String> {
        let kind = &self.engine.program().sources[source.0].kind;
        if let Kind::Stream(log) | Kind::Table(log) = kind {
            return Some(log.lane(group).to_string());
        }
        group.map(ToOwned::to_owned)
    }

    fn plan(&mut self, after: Nanos, what: Happening) {
        self.sequence += 1;
        self.agenda.insert((self.now + after, self.sequence), what);
    }

    /// Lets a process end, now, by itself.
    pub(crate) fn crash(&mut self, nth: usize) {
        if let Some(instance) = self.books.alive.keys().nth(nth).copied() {
            self.input(Input::Exited { instance });
        }
    }

    fn carry_out(&mut self, action: Action<()>) {
        match action {
            Action::Start { function, instance } => {
                self.books.alive.insert(instance, function);
                let (after, ready) = self.model.init(instance);
                let what = if ready {
                    Happening::Ready(instance)
                } else {
                    Happening::Exited(instance)
                };
                self.plan(after, what);
            }
            Action::Stop { instance } | Action::Kill { instance } => {
                self.books.calls.remove(&instance);
                let after = self.model.stop();
                self.plan(after, Happening::Exited(instance));
            }
            Action::Invoke(invoke) => {
                if self.watch {
                    self.delivered(&invoke);
                }
                *self.begun.entry(invoke.instance).or_default() += 1;
                let (after, outcome) = self.model.call(&invoke);
                self.plan(
                    after,
                    match outcome {
                        Some(outcome) => Happening::Ended(invoke.invocation, outcome),
                        None => Happening::Exited(invoke.instance),
                    },
                );
            }
            Action::Ended(report) => {
                if self.watch
                    && report.invocation.is_some()
                    && let Some(calls) = self.books.calls.get_mut(&report.instance)
                {
                    *calls -= 1;
                }
                if let Some((random, mean)) = &mut self.ttl {
                    let life = super::queueing::nanos(random.exponential(*mean));
                    let what = Happening::Reclaimed(report.instance, self.begun(report.instance));
                    self.plan(life, what);
                }
                self.reports.push((self.now, report));
            }
            Action::Accepted { source, event } => {
                if self.watch {
                    self.opened(source, event);
                    self.stays_unseen(source, event);
                }
            }
            Action::Settled {
                fate: Fate::Dropped(Why::Throttled),
                ..
            } if !self.watch => self.refused += 1,
            Action::Keep { source, event } => drop(self.kept.insert(event.id, (source, event))),
            Action::Settled {
                source,
                event,
                fate,
            } if self.watch => self.settled(source, event, fate),
            Action::Settled { .. } => {}
        }
    }

    fn delivered(&mut self, invoke: &Invoke<()>) {
        let program = self.engine.program();
        let source = &program.sources[invoke.source.0];
        let calls = self.books.calls.entry(invoke.instance).or_default();
        *calls += 1;
        let slots = program.functions[invoke.function.0].scale.concurrency;
        assert!(*calls <= slots, "an instance handles {calls} of {slots}");
        assert!(
            invoke.events.len() <= source.batch as usize,
            "batch too big"
        );
        for delivery in &invoke.events {
            let key = (invoke.source, delivery.event);
            let open = self.books.open.get(&key);
            let open = open.expect("what is delivered was accepted and isn't settled");
            assert_eq!(open.failures + 1, delivery.attempt, "attempts are counted");
            assert!(open.not_before <= self.now, "the wait before an attempt");
            let delayed =
                source.delay > Nanos::ZERO || self.books.unseen.contains_key(&delivery.event);
            if delivery.attempt == 1 && !source.fifo && !delayed {
                let newest = self.books.newest.entry(invoke.source).or_default();
                assert!(*newest < open.order, "first come, first served");
                *newest = open.order;
            }
        }
        if source.fifo {
            self.check_groups(invoke);
        }
    }

    /// What has just come in is not handed over before its delay is over.
    fn stays_unseen(&mut self, source: SourceId, event: u64) {
        let delay = self.engine.program().sources[source.0].delay;
        let until = self.books.unseen.get(&event).copied();
        if let Some(open) = self.books.open.get_mut(&(source, event)) {
            open.not_before = until.unwrap_or(self.now + delay);
        }
    }

    fn opened(&mut self, source: SourceId, event: u64) {
        self.books.ledgers.entry(source).or_default().arrived += 1;
        self.books.entries += 1;
        let order = self.books.entries;
        let open = Open {
            order,
            failures: 0,
            not_before: self.now,
        };
        self.books.open.insert((source, event), open);
    }

    /// The events of a group in a batch are the first ones of the group that are open.
    fn check_groups(&self, invoke: &Invoke<()>) {
        let mut groups: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for delivery in &invoke.events {
            let group = delivery.group.as_deref().unwrap_or("");
            groups.entry(group).or_default().push(delivery.event);
        }
        for (group, events) in groups {
            let open = &self.books.groups[&(invoke.source, group.to_owned())];
            assert_eq!(open[..events.len()], events, "order within a group");
        }
    }

    fn settled(&mut self, source: SourceId, event: u64, fate: Fate) {
        let moved = match fate {
            Fate::Retry(at, _) => {
                let open = self.books.open.get_mut(&(source, event));
                let open = open.expect("what failed was open");
                let wait = Nanos::seconds((1 << open.failures.min(9)).min(300));
                open.not_before = at;
                if self.profile == Profile::Portable {
                    assert_eq!(at, self.now + wait, "the wait doubles");
                }
                open.failures += 1;
                return;
            }
            Fate::Split(at, _) => {
                let open = self.books.open.get_mut(&(source, event));
                open.expect("what failed was open").not_before = at;
                return;
            }
            Fate::Parked(queue, _) => Some(queue),
            Fate::Redriven(origin) => Some(origin),
            Fate::Done | Fate::Failed(_) | Fate::Dropped(_) => {
                self.kept.remove(&event);
                None
            }
        };
        let open = self.books.open.remove(&(source, event));
        assert!(open.is_some(), "event {event} is settled once: {fate:?}");
        let group = self.books.group_of.get(&event).cloned().unwrap_or_default();
        if let Some(list) = self.books.groups.get_mut(&(source, group.clone())) {
            list.retain(|it| *it != event);
        }
        if let Some(to) = moved {
            self.opened(to, event);
            self.books
                .groups
                .entry((to, group))
                .or_default()
                .push(event);
        }
        let ledger = self.books.ledgers.entry(source).or_default();
        match fate {
            Fate::Done | Fate::Redriven(_) => ledger.done += 1,
            Fate::Parked(..) => ledger.parked += 1,
            Fate::Failed(_) => ledger.failed += 1,
            Fate::Dropped(Why::Throttled) => ledger.throttled += 1,
            Fate::Dropped(_) => ledger.dropped += 1,
            Fate::Retry(..) | Fate::Split(..) => {}
        }
    }

    /// Checks what must hold at every instant.
    fn check(&self) {
        let program = self.engine.program();
        for (at, function) in program.functions.iter().enumerate() {
            let id = FunctionId(at);
            let view = self.engine.function_view(id);
            let alive = self.books.alive.values().filter(|it| **it == id).count();
            assert_eq!(view.alive(), alive, "{}: processes", function.name);
            assert!(
                alive <= function.scale.max as usize,
                "MAX exceeded: {alive}"
            );
            assert!(view.fullest <= function.scale.concurrency, "C exceeded");
            assert!(
                view.startable == 0 || view.free == 0,
                "{} waits while a slot is free: {view:?}",
                function.name
            );
        }
        for (at, source) in program.sources.iter().enumerate() {
            let id = SourceId(at);
            let view = self.engine.source_view(id);
            let open = self.books.open.range((id, 0)..=(id, u64::MAX)).count();
            let ledger = view.ledger;
            let own = self.books.ledgers.get(&id).copied().unwrap_or_default();
            let counted = Ledger {
                running: ledger.running,
                ..own
            };
            assert_eq!(ledger, counted, "{}: what became of events", source.name);
            assert_eq!(
                view.waiting as u64,
                ledger.waiting(),
                "{}: the book",
                source.name
            );
            assert_eq!(
                open as u64,
                ledger.waiting() + ledger.running,
                "{}: open",
                source.name
            );
        }
        // Whenever the process may be killed: what is kept is what isn't settled, each where it is now.
        let asynchronous = |source: &SourceId| !program.sources[source.0].synchronous();
        let open = self.books.open.keys().filter(|(it, _)| asynchronous(it));
        let open: Vec<(SourceId, u64)> = open.copied().collect();
        let mut kept: Vec<_> = self.kept.iter().map(|(id, it)| (it.0, *id)).collect();
        kept.sort_unstable();
        assert_eq!(open, kept, "what is kept");
    }

    /// Lets time pass: everything that happens until then happens, in order.
    pub(crate) fn run_until(&mut self, end: Time) {
        loop {
            let alarm = self.engine.next_alarm();
            let happening = self.agenda.keys().next().map(|(at, _)| *at);
            let next = alarm.into_iter().chain(happening).min();
            let Some(next) = next.filter(|it| *it <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if alarm.is_some_and(|it| it <= next) {
                self.input(Input::Wake);
            }
            while let Some(entry) = self.agenda.first_entry()
                && entry.key().0 <= self.now
            {
                let what = entry.remove();
                self.happen(what);
            }
        }
        self.now = self.now.max(end);
    }

    /// Lets that much time pass.
    pub(crate) fn run_for(&mut self, length: Nanos) {
        self.run_until(self.now + length);
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Ready(instance) if self.books.alive.contains_key(&instance) => {
                self.input(Input::Ready { instance });
            }
            Happening::Exited(instance) if self.books.alive.contains_key(&instance) => {
                self.input(Input::Exited { instance });
            }
            Happening::Ended(invocation, outcome) => self.input(Input::Ended {
                invocation,
                outcome,
            }),
            Happening::Reclaimed(instance, begun) if self.begun(instance) == begun => {
                self.input(Input::Reclaim { instance });
            }
            Happening::Ready(_) | Happening::Exited(_) | Happening::Reclaimed(..) => {}
        }
    }

    /// Returns how many calls an instance has begun.
    fn begun(&self, instance: u64) -> u64 {
        self.begun.get(&instance).copied().unwrap_or(0)
    }

    /// Returns how many processes are alive, of all functions.
    pub(crate) fn alive(&self) -> usize {
        self.books.alive.len()
    }
}

/// Processes that are ready after a fixed time and never fail; calls take what a function says.
pub(crate) struct Steady<F> {
    pub(crate) init: Nanos,
    pub(crate) call: F,
}

impl<F: FnMut(&Invoke<()>) -> (Nanos, Option<Outcome>)> Model for Steady<F> {
    fn init(&mut self, _instance: u64) -> (Nanos, bool) {
        (self.init, true)
    }

    fn call(&mut self, invoke: &Invoke<()>) -> (Nanos, Option<Outcome>) {
        (self.call)(invoke)
    }
}
