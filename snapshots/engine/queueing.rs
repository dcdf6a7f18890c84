//! The scheduler against queueing theory: the portable rule with MIN = MAX is M/M/c, with `0..1` an
//! M/G/1 queue whose first customer of a busy period pays for the start.
//!
//! Erlang C: L. Kleinrock, "Queueing Systems", volume 1, 1975. Means are taken over batches after a
//! warm-up, and accepted within four standard errors.

use fnc::engine::{
    Function, FunctionId, Input, Kind, Nanos, Program, Scale, Source, SourceId, Time,
};

use super::random::Random;
use super::world::{START, Steady, World};

const BATCHES: usize = 40;

pub(super) fn nanos(seconds: f64) -> Nanos {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times are short and positive"
    )]
    Nanos((seconds * 1e9) as u64)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean of batch means, and its standard error.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn estimate(values: &[f64]) -> (f64, f64) {
    let values = &values[values.len() / 10..];
    let means: Vec<f64> = values
        .chunks_exact(values.len() / BATCHES)
        .map(mean)
        .collect();
    let centre = mean(&means);
    let squares: Vec<f64> = means
        .iter()
        .map(|it| (it - centre) * (it - centre))
        .collect();
    let variance = squares.iter().sum::<f64>() / (means.len() - 1) as f64;
    (centre, (variance / means.len() as f64).sqrt())
}

/// Asserts that a mean is what it should be, within four standard errors.
pub(super) fn assert_close(name: &str, values: &[f64], expected: f64) {
    let (found, error) = estimate(values);
    assert!(
        error < expected * 0.2,
        "{name}: too noisy to tell, {found} ± {error}"
    );
    let off = (found - expected).abs() / error;
    assert!(
        off <= 4.0,
        "{name}: expected {expected}, found {found} ± {error}, {off:.1} errors off"
    );
}

/// What is run: a function with one line of callers.
struct Case {
    scale: Scale,
    init: f64,
    rate: f64,
    service: f64,
    /// Whether service times are exponential; else they are all the same.
    random: bool,
    customers: u64,
}

/// What came of it, a value for each customer.
struct Found {
    /// `T_wait + T_init` in seconds.
    wait: Vec<f64>,
    /// 1 for who had to wait.
    waited: Vec<f64>,
    /// 1 for who came first to a new instance.
    cold: Vec<f64>,
}

fn run(case: &Case) -> Found {
    let function = Function {
        name: "f".to_owned(),
        scale: case.scale,
        timeout: Nanos::DAY,
        init_limit: Nanos::DAY,
    };
    let program = Program {
        functions: vec![function],
        sources: vec![Source::new("http", Some(FunctionId(0)), Kind::Http)],
        topics: Vec::new(),
    };
    let (mut arrivals, mut services) = (Random::new(1, 1), Random::new(1, 2));
    let (service, random) = (case.service, case.random);
    let call = move |_: &_| {
        let time = if random {
            services.exponential(service)
        } else {
            service
        };
        (nanos(time), Some(fnc::engine::Outcome::Done))
    };
    let mut world = World::new(
        program,
        Steady {
            init: nanos(case.init),
            call,
        },
        false,
    );
    world.run_for(nanos(case.init) + Nanos(1));
    let mut at: Time = world.now;
    for _ in 0..case.customers {
        at = at + nanos(arrivals.exponential(1.0 / case.rate));
        world.run_until(at);
        world.input(Input::Arrive {
            source: SourceId(0),
            payload: (),
            group: None,
            delay: None,
        });
    }
    world.run_for(Nanos::DAY);
    assert!(world.now > START && world.reports.len() as u64 == case.customers);
    let all = |of: fn(&fnc::engine::Report) -> f64| {
        world
            .reports
            .iter()
            .map(|(_, it)| of(it))
            .collect::<Vec<f64>>()
    };
    #[expect(clippy::cast_precision_loss, reason = "times are short")]
    let seconds = |it: &fnc::engine::Report| (it.wait + it.init).0 as f64 / 1e9;
    Found {
        wait: all(seconds),
        waited: all(|it| f64::from(it.wait + it.init > Nanos::ZERO)),
        cold: all(|it| f64::from(it.cold)),
    }
}

/// Instances that are always there: `servers` slots, `concurrency` of them in each instance.
fn always(servers: u32, concurrency: u32) -> Scale {
    let instances = servers / concurrency;
    Scale {
        min: instances,
        max: instances,
        concurrency,
        target: 100,
        idle: Nanos::DAY,
    }
}

/// M/M/c at `load` erlangs; `erlang_c` is the share of customers that wait, `wait` how long all do.
fn erlang(servers: u32, concurrency: u32, load: f64, erlang_c: f64, wait: f64, customers: u64) {
    let found = run(&Case {
        scale: always(servers, concurrency),
        init: 0.0,
        rate: load,
        service: 1.0,
        random: true,
        customers,
    });
    assert_close("share that waits", &found.waited, erlang_c);
    assert_close("mean wait", &found.wait, wait);
}

#[test]
fn one_server() {
    erlang(1, 1, 0.8, 0.8, 4.0, 100_000);
}

#[test]
fn two_servers() {
    erlang(2, 1, 1.6, 0.711_111_1, 1.777_777_8, 40_000);
}

#[test]
fn five_servers() {
    erlang(5, 1, 4.0, 0.554_112_6, 0.554_112_6, 40_000);
}

#[test]
fn ten_servers() {
    erlang(10, 1, 8.0, 0.409_180_2, 0.204_590_1, 40_000);
}

#[test]
fn a_hundred_servers() {
    erlang(100, 10, 90.0, 0.216_940_5, 0.021_694_05, 150_000);
}

#[test]
fn a_thousand_servers() {
    erlang(1_000, 50, 950.0, 0.068_253_4, 0.001_365_068, 2_000_000);
}

#[test]
fn slots_of_an_instance_are_servers() {
    erlang(2, 2, 1.6, 0.711_111_1, 1.777_777_8, 40_000);
    erlang(10, 5, 8.0, 0.409_180_2, 0.204_590_1, 40_000);
}

/// `scale 0..1 { idle T }`, and a start that takes `init`.
fn vacation(case: (f64, f64, bool), init: f64, idle: f64, wait: f64, cold: f64) {
    let (rate, service, random) = case;
    let scale = Scale {
        min: 0,
        max: 1,
        concurrency: 1,
        target: 100,
        idle: nanos(idle),
    };
    let found = run(&Case {
        scale,
        init,
        rate,
        service,
        random,
        customers: 40_000,
    });
    assert_close("mean wait and start", &found.wait, wait);
    assert_close("share of cold starts", &found.cold, cold);
}

#[test]
fn an_instance_that_stops_when_idle() {
    vacation((0.5, 1.0, true), 2.0, 1.0, 2.132_622_01, 0.188_770_33);
    vacation((0.8, 1.0, false), 3.0, 2.0, 2.897_588_86, 0.027_199_66);
    vacation((0.1, 2.0, true), 5.0, 10.0, 2.442_030_04, 0.248_579_85);
    vacation((0.3, 1.0, false), 0.5, 0.0, 0.681_677_02, 0.608_695_65);
}
