//! The cases of knative/serving's own tests of its autoscaler (`pkg/autoscaler/scaling/autoscaler_test.go`, Apache-2.0):
//! inputs and expected numbers. There, total = target ÷ 0.75, the panic threshold is 2, and both rates are 10.

use super::decider::{Decider, Settings};
use crate::engine::clock::{Nanos, Time};

/// An autoscaler under test.
struct Case {
    decider: Decider,
    settings: Settings,
}

fn at(seconds: u64) -> Time {
    Time((1_000_000 + seconds) * 1_000_000_000)
}

fn case(target: f64, burst: f64) -> Case {
    Case {
        decider: Decider::default(),
        settings: Settings {
            target,
            total: target / 0.75,
            burst,
            max_up: 10.0,
            max_down: 10.0,
            panic_threshold: 2.0,
            stable_window: Nanos::seconds(60),
            activation: 1,
            delay: Nanos::ZERO,
            reachable: true,
        },
    }
}

impl Case {
    /// Decides at a time, and compares; the original allows the excess to be off by one.
    #[track_caller]
    fn at(
        &mut self,
        seconds: u64,
        (ready, stable, panic): (u32, f64, f64),
        want: u32,
        excess: i64,
    ) {
        let decided = self
            .decider
            .decide(&self.settings, at(seconds), ready, stable, panic);
        assert_eq!(decided.want, want);
        assert!((decided.excess - excess).abs() <= 1, "{}", decided.excess);
    }

    /// The same at second 0.
    #[track_caller]
    fn now(&mut self, input: (u32, f64, f64), want: u32, excess: i64) {
        self.at(0, input, want, excess);
    }

    fn panics(mut self, since_before: u64, most: u32) -> Self {
        self.decider.panic = Some(Time(at(0).0 - since_before * 1_000_000_000));
        self.decider.most = most;
        self
    }
}

#[test]
fn stable_mode() {
    case(10.0, 100.0).now((1, 0.0, 0.0), 0, -87);
    case(10.0, 100.0).now((1, 50.0, 50.0), 5, -137);
    case(10.0, 100.0).now((5, 50.0, 50.0), 5, -84);
    case(181.0, -1.0).now((1, 21.0, 26.0), 1, -1);
    case(10.0, 0.0).now((1, 50.0, 49.0), 5, 0);
}

#[test]
fn rates() {
    let mut slow = case(1.0, 1982.0);
    slow.settings.max_up = 1.1;
    slow.now((2, 3.0, 3.1), 3, -1983);
    let mut slow = case(10.0, 1982.0);
    slow.settings.max_down = 1.1;
    slow.now((100, 1.0, 1.0), 90, -650);
    let mut gone = case(10.0, 1982.0);
    gone.settings.max_down = 1.1;
    gone.settings.reachable = false;
    gone.now((100, 1.0, 1.0), 1, -650);
    case(10.0, 84.0).now((1, 50.0, 100.0), 10, -171);
    case(10.0, 81.0).now((0, 1000.0, 888.0), 10, -969);
}

#[test]
fn panic_mode() {
    case(1.0, 100.0).panics(5, 5).now((5, 50.0, 30.0), 50, -124);
    case(1.0, 100.0).now((5, 20.0, 30.0), 30, -124);
    let mut it = case(1.0, 98.0);
    it.at(0, (10, 11.0, 25.0), 25, -110);
    assert_eq!(it.decider.panic, Some(at(0)));
    it.at(30, (40, 30.0, 41.0), 41, -86);
    assert_eq!(it.decider.panic, Some(at(0)), "it isn't extended");
    it.at(62, (55, 50.0, 56.0), 50, -81);
    assert_eq!(it.decider.panic, None);
    let mut it = case(1.0, 98.0);
    it.at(0, (10, 11.0, 25.0), 25, -110);
    it.at(30, (40, 30.0, 80.0), 80, -125);
    assert_eq!(it.decider.panic, Some(at(30)));
}

#[test]
fn growth_and_shrinking() {
    let mut it = case(10.0, 98.0);
    it.now((8, 100.0, 100.0), 10, -92);
    it.now((8, 50.0, 50.0), 5, -42);
    let mut it = case(10.0, 75.0);
    it.now((1, 1.0, 0.0), 1, -62);
    it.now((1, 0.0, 0.0), 0, -62);
    let mut it = case(10.0, 75.0);
    it.settings.activation = 2;
    it.now((1, 0.0, 0.0), 0, -62);
    it.now((1, 1.0, 0.0), 2, -62);
    let mut it = case(10.0, 93.0);
    it.at(0, (1, 100.0, 100.0), 10, -180);
    it.at(0, (10, 100.0, 1000.0), 100, -960);
    it.at(30, (10, 1.0, 1.0), 100, 39);
    it.at(61, (10, 1.0, 1.0), 1, 39);
    let mut it = case(10.0, 61.0);
    it.now((1, 1000.0, 1001.0), 10, -1049);
    it.now((10, 1000.0, 1001.0), 100, -929);
    let mut it = case(10.0, 61.0);
    it.now((100, 1.0, 1.0), 10, 1271);
    it.now((10, 1.0, 1.0), 1, 71);
}

#[test]
fn steps() {
    let mut it = case(10.0, 101.0);
    it.now((1, 50.0, 10.0), 5, -98);
    it.now((1, 100.0, 10.0), 10, -98);
    // Requests a second instead of concurrency: the same arithmetic.
    let mut it = case(10.0, 101.0);
    it.now((1, 50.0, 50.0), 5, -138);
    it.now((1, 100.0, 99.0), 10, -187);
    case(10.0, 100.0).now((1, 100.0, 99.0), 10, -186);
    let mut it = case(1.0, 101.0);
    it.at(0, (1, 6.0, 6.0), 6, -106);
    it.at(0, (6, 36.0, 36.0), 36, -129);
    it.at(1, (36, 216.0, 216.0), 216, -269);
    it.at(1, (216, 1296.0, 1296.0), 1296, -1109);
    it.at(2, (1296, 1296.0, 1296.0), 1296, 331);
    let mut it = case(10.0, 77.0);
    it.now((1, 100.0, 101.0), 10, -165);
    it.settings = case(1.0, 71.0).settings;
    it.now((10, 100.0, 101.0), 100, -159);
}

#[test]
fn delay() {
    let delayed = |seconds| {
        let mut it = case(10.0, 0.0);
        it.settings.panic_threshold = 100.0;
        it.settings.delay = Nanos::seconds(seconds);
        it
    };
    let mut it = delayed(300);
    let minutes = [
        (2, 40.0, 4),
        (300, 0.0, 4),
        (302, 0.0, 0),
        (540, 40.0, 4),
        (600, 30.0, 4),
        (660, 0.0, 4),
        (840, 0.0, 3),
        (900, 0.0, 0),
    ];
    for (second, load, want) in minutes {
        it.at(second, (0, load, load), want, 0);
    }
    let mut it = delayed(300);
    it.at(2, (0, 40.0, 40.0), 4, 0);
    it.at(60, (0, 0.0, 0.0), 4, 0);
    it.settings.reachable = false;
    it.at(60, (0, 0.0, 0.0), 0, 0);
    let mut it = delayed(0);
    it.at(0, (0, 40.0, 40.0), 4, 0);
    it.at(0, (0, 20.0, 20.0), 2, 0);
}

#[test]
fn it_begins_in_panic_when_there_are_pods() {
    assert!(Decider::with(0, at(0)).panic.is_none());
    assert!(Decider::with(1, at(0)).panic.is_none());
    let begun = Decider::with(2, at(0));
    assert_eq!((begun.panic, begun.most), (Some(at(0)), 2));
}
