//! The scheduler under AWS's rules against closed forms: requests that find no environment are refused, so the pool is
//! a loss system (Erlang B), and how often an environment must be started follows from how long idle ones stay.
//!
//! With a constant time to live T and one environment, idle periods are exponential: `p_cold = e^(−λT)` of what is
//! accepted, `P_rej = λE[S] / (1 + λE[S])`. With an exponential one the pool is a Markov chain on running and idle
//! environments, solved numerically. All times may be scaled alike, so Lambda's T of 600 s serves for each.

use std::collections::BTreeMap;

use fnc::engine::{
    Fate, Function, FunctionId, Input, Invoke, Kind, Nanos, Outcome, Profile, Program, Scale,
    Source, SourceId, Time, Verdict,
};

use super::queueing::{assert_close, nanos};
use super::random::Random;
use super::world::{Model, START, World};

/// What is run under AWS's rules: a function with one line of callers.
struct Case {
    reserved: u32,
    rate: f64,
    warm: f64,
    cold: f64,
    /// Whether the times are exponential; else they are all the same.
    random: bool,
    /// The mean of an exponential time to live; none: Lambda's 600 s.
    ttl: Option<f64>,
    customers: u64,
}

/// Environments that are ready at once; the first call of each takes another time.
struct Environments {
    services: Random,
    warm: f64,
    cold: f64,
    random: bool,
    called: BTreeMap<u64, u64>,
}

impl Model for Environments {
    fn init(&mut self, _instance: u64) -> (Nanos, bool) {
        (Nanos::ZERO, true)
    }

    fn call(&mut self, invoke: &Invoke<()>) -> (Nanos, Option<Outcome>) {
        let calls = self.called.entry(invoke.instance).or_default();
        *calls += 1;
        let mean = if *calls == 1 { self.cold } else { self.warm };
        let time = if self.random {
            self.services.exponential(mean)
        } else {
            mean
        };
        (nanos(time), Some(Outcome::Done))
    }
}

/// What came of it, a value for each customer: 1 for who was refused; of those served, 1 for who came first to a new
/// environment.
struct Found {
    refused: Vec<f64>,
    cold: Vec<f64>,
}

fn program(reserved: u32, kind: Kind) -> Program {
    Program {
        functions: vec![Function {
            name: "f".to_owned(),
            scale: Scale {
                min: 0,
                max: reserved,
                concurrency: 1,
                target: 100,
                idle: Nanos::DAY,
            },
            timeout: Nanos::DAY,
            init_limit: Nanos::DAY,
        }],
        sources: vec![Source::new("s", Some(FunctionId(0)), kind)],
        topics: Vec::new(),
    }
}

fn arrival() -> Input<()> {
    Input::Arrive {
        source: SourceId(0),
        payload: (),
        group: None,
        delay: None,
    }
}

fn run(case: &Case) -> Found {
    let model = Environments {
        services: Random::new(1, 2),
        warm: case.warm,
        cold: case.cold,
        random: case.random,
        called: BTreeMap::new(),
    };
    let program = program(case.reserved, Kind::Http);
    let mut world = World::under(Profile::Aws, program, model, false);
    world.ttl = case.ttl.map(|mean| (Random::new(1, 3), mean));
    let mut arrivals = Random::new(1, 1);
    let mut at: Time = world.now;
    let mut refused = Vec::new();
    for _ in 0..case.customers {
        at = at + nanos(arrivals.exponential(1.0 / case.rate));
        world.run_until(at);
        let before = world.refused;
        world.input(arrival());
        refused.push(f64::from(u8::from(world.refused > before)));
    }
    world.run_for(Nanos::DAY);
    assert!(world.now > START);
    let served = world.reports.iter().map(|(_, it)| it);
    let cold = served.map(|it| {
        assert_eq!(it.verdict, Verdict::Done);
        f64::from(u8::from(it.cold))
    });
    Found {
        cold: cold.collect(),
        refused,
    }
}

/// A pool that never shrinks within the run.
fn loss(servers: u32, load: f64, random: bool, expected: f64) {
    let found = run(&Case {
        reserved: servers,
        rate: load,
        warm: 1.0,
        cold: 1.0,
        random,
        ttl: None,
        customers: 60_000,
    });
    assert_close("share refused", &found.refused, expected);
}

#[test]
fn erlang_b() {
    loss(2, 1.6, true, 0.329_896_9);
    loss(5, 4.0, true, 0.199_066_9);
    loss(10, 5.0, true, 0.018_384_6);
    loss(10, 8.0, false, 0.121_661_1);
    loss(100, 100.0, true, 0.075_700_5);
}

/// One environment with a constant time to live of 600 s; times are given for `ttl` seconds and scaled.
fn one(ttl: f64, rate: f64, warm: f64, cold: f64, expected: (f64, f64)) {
    let scale = 600.0 / ttl;
    let found = run(&Case {
        reserved: 1,
        rate: rate / scale,
        warm: warm * scale,
        cold: cold * scale,
        random: true,
        ttl: None,
        customers: 100_000,
    });
    assert_close("share of cold starts", &found.cold, expected.0);
    assert_close("share refused", &found.refused, expected.1);
}

#[test]
fn one_environment_that_is_taken_back_after_a_while() {
    one(60.0, 0.01, 2.0, 2.5, (0.548_811_64, 0.022_238_27));
    one(30.0, 0.1, 0.2, 0.5, (0.049_787_07, 0.021_041_36));
    one(300.0, 0.005, 1.0, 3.0, (0.223_130_16, 0.007_179_39));
}

/// A pool with an exponential time to live; all times are divided so that 600 s hardly ever end it.
fn pool(ttl: f64, reserved: u32, rate: f64, times: (f64, f64), cold: f64, refused: Option<f64>) {
    let scale = ttl / 6.0;
    let found = run(&Case {
        reserved,
        rate: rate * scale,
        warm: times.0 / scale,
        cold: times.1 / scale,
        random: true,
        ttl: Some(6.0),
        customers: 50_000,
    });
    let accepted = refused.map_or(1.0, |it| 1.0 - it);
    assert_close("share of cold starts", &found.cold, cold / accepted);
    if let Some(refused) = refused {
        assert_close("share refused", &found.refused, refused);
    }
}

#[test]
fn pools_that_forget_idle_environments() {
    pool(600.0, 1_000, 0.9, (1.991, 2.244), 0.008_584_51, None);
    pool(60.0, 1_000, 0.9, (2.0, 2.0), 0.055_297_00, None);
    pool(60.0, 1_000, 0.1, (2.0, 3.0), 0.188_581_48, None);
    pool(60.0, 3, 0.9, (2.0, 2.0), 0.026_223_46, Some(0.180_267_06));
    pool(10.0, 5, 2.0, (2.0, 2.0), 0.070_733_15, Some(0.199_066_87));
}

/// Calls that all take as long.
struct Steady(Nanos);

impl Model for Steady {
    fn init(&mut self, _instance: u64) -> (Nanos, bool) {
        (Nanos::ZERO, true)
    }

    fn call(&mut self, _invoke: &Invoke<()>) -> (Nanos, Option<Outcome>) {
        (self.0, Some(Outcome::Done))
    }
}

#[test]
fn a_burst_finds_a_thousand_environments() {
    let model = Steady(Nanos::seconds(30));
    let mut world = World::under(Profile::Aws, program(10_000, Kind::Http), model, false);
    for _ in 0..3_000 {
        world.input(arrival());
    }
    assert_eq!((world.alive(), world.refused), (1_000, 2_000));
}

#[test]
fn a_queue_is_drained_by_more_and_more_pollers() {
    // c(t) = 5 + 5t batches at a time, of a second each: 10,000 batches take 2.5 T² + 5 T seconds.
    let mut program = program(u32::MAX, Kind::Queue);
    program.sources[0].batch = 10;
    let mut world = World::under(Profile::Aws, program, Steady(Nanos::SECOND), false);
    for _ in 0..100_000 {
        world.input(arrival());
    }
    world.run_for(Nanos::seconds(300));
    let last = world
        .reports
        .last()
        .map(|(at, _)| at.since(START).0 / 1_000_000_000);
    assert_eq!(world.reports.len(), 10_000);
    assert!(last.is_some_and(|it| (62..=64).contains(&it)), "{last:?}");
    let fates = world.engine.source_view(SourceId(0)).ledger;
    assert_eq!(fates.done, 100_000, "{fates:?} {:?}", Fate::Done);
}
