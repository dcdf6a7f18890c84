//! Knative's pod autoscaler: mean concurrency over a stable and a panic window, looked at every two seconds.
//!
//! knative/serving, `pkg/autoscaler/scaling/autoscaler.go`, `pkg/autoscaler/metrics`, `pkg/reconciler/autoscaling/kpa`
//! and `config/core/configmaps/autoscaler.yaml`.

mod decider;
#[cfg(test)]
mod vectors;
mod window;

use super::{Pool, Want};
use crate::engine::clock::{Nanos, Time};
use decider::{Decider, Settings};
use window::Window;

/// How often it decides.
const TICK: Nanos = Nanos::seconds(2);
/// How long the last pod stays when nothing is wanted any more: the activator must be in the path.
const GRACE: Nanos = Nanos::seconds(30);

pub(super) const ASSUMPTIONS: &[&str] = &[
    "the cluster's autoscaler has its default settings, and scales to zero",
    "the pod that a new revision begins with is not counted",
    "requests wait in one line, as behind the activator",
];

/// The autoscaler of one revision.
#[derive(Debug)]
pub(in crate::engine) struct Autoscaler {
    decider: Decider,
    window: Window,
    /// The load since `seen`, and what of it lies in the second that is going on, in nanoseconds × invocations.
    load: u64,
    seen: Time,
    area: u128,
    next: Time,
    want: u32,
    /// Since when nothing is wanted while there are pods.
    inactive: Option<Time>,
}

impl Autoscaler {
    /// Returns the autoscaler of a new revision.
    pub(super) fn new(now: Time) -> Self {
        Autoscaler {
            decider: Decider::default(),
            window: Window::default(),
            load: 0,
            seen: now,
            area: 0,
            next: now,
            want: 0,
            inactive: None,
        }
    }

    /// Adds up concurrency until now, second by second.
    fn observe(&mut self, now: Time) {
        while self.seen < now {
            let second = self.seen.0 / Nanos::SECOND.0;
            let end = Time((second + 1) * Nanos::SECOND.0);
            // Nothing to write down for a long time: the windows are empty then.
            if self.load == 0 && self.area == 0 && now.since(self.seen) > Nanos::seconds(120) {
                self.seen = Time(now.0 - Nanos::seconds(100).0);
                continue;
            }
            let until = end.min(now);
            self.area += u128::from(self.load) * u128::from(until.since(self.seen).0);
            self.seen = until;
            if until == end {
                #[expect(clippy::cast_precision_loss, reason = "a mean of small numbers")]
                let mean = self.area as f64 / Nanos::SECOND.0 as f64;
                self.window.write(second, mean);
                self.area = 0;
            }
        }
    }

    /// Decides, if the time has come.
    pub(super) fn want(&mut self, pool: &Pool) -> Want {
        self.observe(pool.now);
        self.load = pool.load;
        if pool.now >= self.next {
            self.decide(pool);
            self.next = pool.now + TICK;
        }
        // A request that meets no pod is told to the autoscaler at once.
        if pool.serving == 0 && pool.load > 0 {
            self.want = self.want.max(1);
            self.inactive = None;
        }
        let rests = self.want == 0 && pool.serving == 0 && pool.load == 0;
        Want {
            instances: self.want.min(pool.scale.max),
            again: (!rests).then_some(self.next),
        }
    }

    fn decide(&mut self, pool: &Pool) {
        let settings = Settings::of(&pool.scale);
        let second = pool.now.0 / Nanos::SECOND.0;
        // The second that is going on isn't written yet.
        let last = second.saturating_sub(1);
        let (stable, panic) = (self.window.mean(last, 60), self.window.mean(last, 6));
        let decided = self
            .decider
            .decide(&settings, pool.now, pool.ready, stable, panic);
        if decided.want > 0 || pool.serving == 0 {
            self.inactive = None;
            self.want = decided.want;
            return;
        }
        let since = *self.inactive.get_or_insert(pool.now);
        self.want = u32::from(since + GRACE > pool.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::program::Scale;

    fn pool(seconds: u64, load: u64, pods: u32) -> Pool {
        Pool {
            now: Time(seconds * 1_000_000_000),
            load,
            serving: pods,
            ready: pods,
            room: 100,
            scale: Scale {
                min: 0,
                max: 100,
                concurrency: 1,
                target: 100,
                idle: Nanos::ZERO,
            },
            http: true,
        }
    }

    #[test]
    fn zero_takes_a_whole_window_and_the_grace() {
        let mut rule = Autoscaler::new(Time(0));
        let mut pods = 0;
        let mut last = 0;
        for second in 0..200 {
            let load = u64::from(second < 10);
            pods = rule.want(&pool(second, load, pods)).instances;
            if pods > 0 {
                last = second;
            }
        }
        assert!((95..=105).contains(&last), "the last pod goes at {last} s");
    }

    #[test]
    fn a_burst_makes_it_panic() {
        let mut rule = Autoscaler::new(Time(0));
        let mut pods = 0;
        for second in 0..=20 {
            pods = rule.want(&pool(second, 20, pods)).instances;
        }
        assert_eq!(pods, 20);
    }
}
