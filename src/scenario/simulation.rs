//! `fnc simulate`: the engine in virtual time, under a modelled load and with modelled handlers.

use std::collections::BTreeMap;

use super::agenda::Agenda;
use super::load::{Aim, Handler, Load, Plan, Spread, Stream};
use super::random::Random;
use super::statistics::{Measured, Series};
use crate::check::START;
use crate::engine::{
    Action, Engine, FunctionId, Input, Invoke, Ledger, Nanos, Outcome, Profile, Program, SourceId,
    Time, lower,
};
use crate::model::App;

/// What came of a simulation.
#[derive(Debug)]
pub(crate) struct Simulated {
    /// How long it lasted.
    pub(crate) length: Nanos,
    /// A member for each function that anything came to.
    pub(crate) functions: Vec<Simulation>,
}

/// What came of one function.
#[derive(Debug)]
pub(crate) struct Simulation {
    /// Its name.
    pub(crate) name: String,
    /// What became of its events.
    pub(crate) ledger: Ledger,
    /// How many of them wait at the end.
    pub(crate) waiting: usize,
    /// How long calls waited, for a slot and for the start of an instance.
    pub(crate) wait: Measured,
    /// How long calls took with all waiting.
    pub(crate) total: Measured,
    /// How many calls came first to an instance that was started for them.
    pub(crate) cold: u64,
    /// How many instances there were.
    pub(crate) instances: Series,
    /// How many events waited.
    pub(crate) backlog: Series,
    /// How long calls took, all together.
    pub(crate) busy: Nanos,
    /// Memory of an instance, in MB.
    pub(crate) memory: u64,
}

/// Simulates a program; `Err` says what of the load doesn't fit it.
pub(crate) fn simulate(
    app: &App,
    load: &Load,
    profile: Profile,
    seed: u64,
) -> Result<Simulated, String> {
    let program = lower(app, u32::MAX).map_err(|it| it.to_string())?;
    let plan = load.plan(app, &program)?;
    if plan.streams.is_empty() {
        return Err(
            "no load is known: write `expect RATE taking DURATION` in a function, or give a file with `--load`"
                .to_owned(),
        );
    }
    let memory = app.functions.values().map(|it| it.memory.value.to_mb());
    let mut world = World::new(program, plan, profile, seed, memory.collect());
    world.run();
    Ok(world.end())
}

/// What is going to happen.
#[derive(Debug)]
enum Happening {
    /// The next event of a stream.
    Arrival(usize),
    Ready(u64),
    Exited(u64),
    Ended(u64, Outcome),
}

struct World {
    program: Program,
    plan: Plan,
    engine: Engine<()>,
    now: Time,
    start: Time,
    agenda: Agenda<Happening>,
    arrivals: Vec<Random>,
    services: Vec<Random>,
    alive: BTreeMap<u64, FunctionId>,
    /// The sources of each function.
    sources: Vec<Vec<SourceId>>,
    seen: Vec<Seen>,
    memory: Vec<u64>,
}

/// What was seen of a function.
struct Seen {
    wait: Measured,
    total: Measured,
    cold: u64,
    busy: Nanos,
    alive: u64,
    instances: Series,
    backlog: Series,
}

impl World {
    fn new(program: Program, plan: Plan, profile: Profile, seed: u64, memory: Vec<u64>) -> Self {
        let start = Time(u64::try_from(START).unwrap_or(0) * 1_000_000);
        let length = nanos(plan.length.as_secs_f64() * 1e9);
        let functions = 0..program.functions.len();
        // One stream of numbers for each load and each function, so that changing a limit keeps the same arrivals.
        let number = |it: usize| u64::try_from(it).unwrap_or(0);
        World {
            engine: Engine::new(program.clone(), profile, start),
            now: start,
            start,
            agenda: Agenda::default(),
            arrivals: (0..plan.streams.len())
                .map(|it| Random::new(seed, 2 * number(it) + 1))
                .collect(),
            services: functions
                .clone()
                .map(|it| Random::new(seed, 2 * number(it) + 2))
                .collect(),
            alive: BTreeMap::new(),
            sources: functions
                .clone()
                .map(|it| program.sources_of(FunctionId(it)).collect())
                .collect(),
            seen: functions
                .map(|_| Seen {
                    wait: Measured::default(),
                    total: Measured::default(),
                    cold: 0,
                    busy: Nanos::ZERO,
                    alive: 0,
                    instances: Series::new(start, length),
                    backlog: Series::new(start, length),
                })
                .collect(),
            memory,
            program,
            plan,
        }
    }

    fn run(&mut self) {
        let end = self.start + nanos(self.plan.length.as_secs_f64() * 1e9);
        self.input(Input::Start);
        for at in 0..self.plan.streams.len() {
            let Some(stream) = self.plan.streams.get(at).cloned() else {
                continue;
            };
            let from = self.start + nanos(stream.from.as_secs_f64() * 1e9);
            for _ in 0..stream.burst {
                self.agenda.plan(from, Happening::Arrival(usize::MAX - at));
            }
            self.next_arrival(at, &stream, from);
        }
        loop {
            let alarm = self.engine.next_alarm();
            let next = alarm.into_iter().chain(self.agenda.next()).min();
            let Some(next) = next.filter(|it| *it < end) else {
                break;
            };
            self.now = self.now.max(next);
            if alarm.is_some_and(|it| it <= self.now) {
                self.input(Input::Wake);
            } else if let Some(what) = self.agenda.due(self.now) {
                self.happen(what);
            }
        }
        self.now = end;
        self.observe();
    }

    fn next_arrival(&mut self, at: usize, stream: &Stream, after: Time) {
        let (Some(gap), Some(random)) = (stream.gap, self.arrivals.get_mut(at)) else {
            return;
        };
        let gap = match stream.spread {
            Spread::Random => random.exponential(gap),
            Spread::Even => gap,
        };
        let next = after + nanos(gap);
        if next < self.start + nanos(stream.until.as_secs_f64() * 1e9) {
            self.agenda.plan(next, Happening::Arrival(at));
        }
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Arrival(at) => {
                let burst = at > self.plan.streams.len();
                let at = if burst { usize::MAX - at } else { at };
                let Some(stream) = self.plan.streams.get(at).cloned() else {
                    return;
                };
                if !burst {
                    self.next_arrival(at, &stream, self.now);
                }
                self.input(match stream.aim {
                    Aim::Source(source) => Input::Arrive {
                        source,
                        payload: (),
                        group: None,
                        delay: None,
                    },
                    Aim::Topic(topic) => Input::Publish {
                        topic,
                        payload: (),
                        group: None,
                        passed_over: Vec::new(),
                    },
                });
            }
            Happening::Ready(instance) if self.alive.contains_key(&instance) => {
                self.input(Input::Ready { instance });
            }
            Happening::Exited(instance) => {
                if let Some(function) = self.alive.remove(&instance)
                    && let Some(seen) = self.seen.get_mut(function.0)
                {
                    seen.alive -= 1;
                    self.input(Input::Exited { instance });
                }
            }
            Happening::Ended(invocation, outcome) => self.input(Input::Ended {
                invocation,
                outcome,
            }),
            Happening::Ready(_) => {}
        }
    }

    fn input(&mut self, input: Input<()>) {
        let mut actions = Vec::new();
        self.engine.step(self.now, input, &mut actions);
        for action in actions {
            match action {
                Action::Start { function, instance } => {
                    self.alive.insert(instance, function);
                    if let Some(seen) = self.seen.get_mut(function.0) {
                        seen.alive += 1;
                    }
                    let start = self.plan.handlers.get(function.0).map(|it| it.start);
                    let start = start.map_or(Nanos::ZERO, |it| nanos(it.as_secs_f64() * 1e9));
                    self.agenda
                        .plan(self.now + start, Happening::Ready(instance));
                }
                Action::Stop { instance } | Action::Kill { instance } => {
                    self.agenda.plan(self.now, Happening::Exited(instance));
                }
                Action::Invoke(invoke) => self.call(&invoke),
                Action::Ended(report) => {
                    if let Some(seen) = self.seen.get_mut(report.function.0) {
                        let wait = report.wait + report.init;
                        seen.wait.add(wait);
                        seen.total.add(wait + report.func);
                        seen.cold += u64::from(report.cold);
                        seen.busy = seen.busy + report.func;
                    }
                }
                Action::Settled { .. } | Action::Keep { .. } | Action::Accepted { .. } => {}
            }
        }
        self.observe();
    }

    fn call(&mut self, invoke: &Invoke<()>) {
        let handler = self.plan.handlers.get(invoke.function.0);
        let (Some(handler), Some(random)) = (handler, self.services.get_mut(invoke.function.0))
        else {
            return;
        };
        let Handler { takes, spread, .. } = handler;
        let mean = takes.as_secs_f64() * 1e9;
        let time = match spread {
            Spread::Random => random.exponential(mean),
            Spread::Even => mean,
        };
        let fails = random.unit() * 100.0 < f64::from(handler.fails);
        let outcome = if fails {
            Outcome::Failed
        } else {
            Outcome::Done
        };
        let what = Happening::Ended(invoke.invocation, outcome);
        self.agenda.plan(self.now + nanos(time), what);
    }

    /// Takes note of how many instances there are and how many events wait.
    fn observe(&mut self) {
        for (at, seen) in self.seen.iter_mut().enumerate() {
            seen.instances.set(self.now, seen.alive);
            let own = self.sources.get(at).into_iter().flatten();
            let waiting = own.map(|it| self.engine.waiting(*it) as u64).sum();
            seen.backlog.set(self.now, waiting);
        }
    }

    fn end(self) -> Simulated {
        let mut functions = Vec::new();
        let names = self.program.functions.iter().map(|it| it.name.clone());
        for (at, (name, seen)) in names.zip(self.seen).enumerate() {
            let mut ledger = Ledger::default();
            let mut waiting = 0;
            for source in self.program.sources_of(FunctionId(at)) {
                let view = self.engine.source_view(source);
                waiting += view.waiting;
                ledger += view.ledger;
            }
            if ledger.arrived == 0 {
                continue;
            }
            functions.push(Simulation {
                name,
                ledger,
                waiting,
                wait: seen.wait,
                total: seen.total,
                cold: seen.cold,
                instances: seen.instances,
                backlog: seen.backlog,
                busy: seen.busy,
                memory: self.memory.get(at).copied().unwrap_or(0),
            });
        }
        Simulated {
            length: self.now.since(self.start),
            functions,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are positive, and it saturates"
)]
fn nanos(value: f64) -> Nanos {
    Nanos(value as u64)
}
