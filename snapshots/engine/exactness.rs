//! The scheduler under AWS's rules against closed forms: requests that find no environment are refused, so the pool is
//! a loss system (Erlang B), and how often an environment must be started follows from how long idle ones stay.
//!
//! With a constant time to live T and one environment, idle periods are exponential: `p_cold = e^(−λT)` of what is
//! accepted, `P_rej = λE[S] / (1 + λE[S])`. With an exponential one the pool is a Markov chain on running and idle
//! environments, solved numerically (N. Mahmoudi and H. Khazaei, "Performance Modeling of Serverless Computing Platforms",
//! IEEE Transactions on Cloud Computing 10, 2022). Erlang B: L. Kleinrock, "Queueing Systems", volume 1, 1975. All times may be scaled alike, so Lambda's T of 600 s serves for each.

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
/// environment; and how many environments each found running and idle, whose means are those over time, since
/// arrivals are Poisson (R. Wolff, "Poisson Arrivals See Time Averages", Operations Research 30, 1982).
struct Found {
    refused: Vec<f64>,
    cold: Vec<f64>,
    running: Vec<f64>,
    idle: Vec<f64>,
}

/// What a pool comes to: its means by the closed forms; none: not told.
#[derive(Clone, Copy, Default)]
struct Expected {
    /// Share of all customers.
    refused: Option<f64>,
    /// Share of those served.
    cold: f64,
    running: Option<f64>,
    idle: f64,
}

impl Found {
    fn check(&self, expected: &Expected) {
        assert_close("share of cold starts", &self.cold, expected.cold);
        assert_close("idle environments", &self.idle, expected.idle);
        if let Some(refused) = expected.refused {
            assert_close("share refused", &self.refused, refused);
        }
        if let Some(running) = expected.running {
            assert_close("running environments", &self.running, running);
        }
    }
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
    let (mut refused, mut running, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    let mut accepted = 0;
    let count = |it: usize| f64::from(u32::try_from(it).unwrap());
    for _ in 0..case.customers {
        at = at + nanos(arrivals.exponential(1.0 / case.rate));
        world.run_until(at);
        let busy = accepted - world.reports.len();
        running.push(count(busy));
        idle.push(count(world.alive() - busy));
        let before = world.refused;
        world.input(arrival());
        let turned_away = world.refused > before;
        accepted += usize::from(!turned_away);
        refused.push(f64::from(u8::from(turned_away)));
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
        running,
        idle,
    }
}

/// A pool that never shrinks within the run.
fn loss(servers: u32, load: f64, random: bool, expected: f64) {
    lose(servers, load, random, 60_000, expected);
}

fn lose(servers: u32, load: f64, random: bool, customers: u64, expected: f64) {
    let found = run(&Case {
        reserved: servers,
        rate: load,
        warm: 1.0,
        cold: 1.0,
        random,
        ttl: None,
        customers,
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
    lose(100, 90.0, true, 120_000, 0.026_957_4);
}

#[test]
fn erlang_b_of_a_thousand() {
    lose(1_000, 950.0, true, 400_000, 0.003_649_3);
    lose(1_000, 1_000.0, false, 100_000, 0.024_811_9);
    // A thousand requests a second of 2.016 s each.
    lose(1_000, 2_016.0, true, 60_000, 0.504_454_6);
}

/// One environment with a constant time to live of 600 s; times are given for `ttl` seconds and scaled.
fn one(ttl: f64, rate: f64, warm: f64, cold: f64, expected: &Expected) {
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
    found.check(expected);
}

#[test]
fn one_environment_that_is_taken_back_after_a_while() {
    let expected = |cold, refused, idle| Expected {
        refused: Some(refused),
        cold,
        idle,
        ..Expected::default()
    };
    let seldom = expected(0.548_811_64, 0.022_238_27, 0.441_154_72);
    one(60.0, 0.01, 2.0, 2.5, &seldom);
    let often = expected(0.049_787_07, 0.021_041_36, 0.930_219_16);
    one(30.0, 0.1, 0.2, 0.5, &often);
    let slow = expected(0.223_130_16, 0.007_179_39, 0.771_292_39);
    one(300.0, 0.005, 1.0, 3.0, &slow);
}

/// A pool with an exponential time to live; `cold` is a share of all customers; all times are divided so that 600 s hardly ever end it.
fn pool(ttl: f64, reserved: u32, rate: f64, times: (f64, f64), expected: &Expected) {
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
    let accepted = expected.refused.map_or(1.0, |it| 1.0 - it);
    found.check(&Expected {
        cold: expected.cold / accepted,
        ..*expected
    });
}

#[test]
fn pools_that_forget_idle_environments() {
    let free = |cold, running, idle| Expected {
        refused: None,
        cold,
        running,
        idle,
    };
    let busy = free(0.008_584_51, Some(1.793_85), 4.635_25);
    pool(600.0, 1_000, 0.9, (1.991, 2.244), &busy);
    let forgetful = free(0.055_297_00, Some(1.8), 2.985_45);
    pool(60.0, 1_000, 0.9, (2.0, 2.0), &forgetful);
    let quiet = free(0.188_581_48, Some(0.218_858_13), 1.131_49);
    pool(60.0, 1_000, 0.1, (2.0, 3.0), &quiet);
    let bounded = Expected {
        refused: Some(0.180_267_06),
        ..free(0.026_223_46, Some(1.475_519_29), 1.416_066_82)
    };
    pool(60.0, 3, 0.9, (2.0, 2.0), &bounded);
    let full = Expected {
        refused: Some(0.199_066_87),
        ..free(0.070_733_15, Some(3.203_732_5), 1.414_66)
    };
    pool(10.0, 5, 2.0, (2.0, 2.0), &full);
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
