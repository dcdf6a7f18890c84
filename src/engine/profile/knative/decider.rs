//! One decision: how many pods, given the means of both windows.

use crate::engine::clock::{Nanos, Time};
use crate::engine::program::Scale;

/// What the autoscaler is set to.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// What a pod should hold on average.
    pub(super) target: f64,
    /// What a pod takes at most.
    pub(super) total: f64,
    /// The burst that must be taken without the activator; negative: it is always in the path.
    pub(super) burst: f64,
    pub(super) max_up: f64,
    pub(super) max_down: f64,
    /// So many times the pods there are make it panic.
    pub(super) panic_threshold: f64,
    pub(super) stable_window: Nanos,
    /// So many pods at least, when there are any.
    pub(super) activation: u32,
    /// For how long more pods stay wanted.
    pub(super) delay: Nanos,
    /// Whether requests can reach the revision.
    pub(super) reachable: bool,
}

impl Settings {
    /// Returns the cluster's defaults for a function's limits.
    pub(super) fn of(scale: &Scale) -> Self {
        let total = f64::from(scale.concurrency);
        Settings {
            target: (total * f64::from(scale.target) / 100.0).max(0.01),
            total,
            burst: 211.0,
            max_up: 1000.0,
            max_down: 2.0,
            panic_threshold: 2.0,
            stable_window: Nanos::seconds(60),
            activation: 1,
            delay: Nanos::ZERO,
            reachable: true,
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    /// So many pods.
    pub(super) want: u32,
    /// How much more than the burst they take; below zero the activator is in the path.
    pub(super) excess: i64,
}

/// What it remembers from one decision to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Decider {
    /// When it panicked last.
    pub(super) panic: Option<Time>,
    /// The most pods that were wanted since.
    pub(super) most: u32,
    /// What was wanted within the delay, by 2 s.
    recent: Vec<(Time, u32)>,
}

impl Decider {
    /// Returns the decider of a revision that has so many ready pods: with more than one it panics at first.
    #[cfg(test)]
    pub(super) fn with(ready: u32, now: Time) -> Self {
        let panics = ready > 1;
        Decider {
            panic: panics.then_some(now),
            most: if panics { ready } else { 0 },
            recent: Vec::new(),
        }
    }

    /// Decides.
    pub(super) fn decide(
        &mut self,
        it: &Settings,
        now: Time,
        ready: u32,
        stable: f64,
        panic: f64,
    ) -> Decided {
        let pods = f64::from(ready.max(1));
        let up = (it.max_up * pods).ceil();
        let down = if it.reachable {
            (pods / it.max_down).floor()
        } else {
            0.0
        };
        let (wish, rush) = ((stable / it.target).ceil(), (panic / it.target).ceil());
        let mut steady = wish.max(down).min(up);
        let mut hurried = rush.max(down).min(up);
        if it.activation > 1 {
            let least = f64::from(it.activation);
            if wish > 0.0 {
                steady = steady.max(least);
            }
            if rush > 0.0 {
                hurried = hurried.max(least);
            }
        }
        let (steady, hurried) = (whole(steady), whole(hurried));
        if rush / pods >= it.panic_threshold {
            self.panic = Some(now);
        } else if self
            .panic
            .is_some_and(|since| since + it.stable_window < now)
        {
            self.panic = None;
            self.most = 0;
        }
        let mut want = steady;
        if self.panic.is_some() {
            self.most = self.most.max(steady).max(hurried);
            want = self.most;
        }
        if it.reachable && it.delay > Nanos::ZERO {
            want = self.delayed(it.delay, now, want);
        }
        let excess = match it.burst {
            0.0 => 0.0,
            burst if burst < 0.0 => -1.0,
            burst => (f64::from(ready) * it.total - burst - panic).floor(),
        };
        #[expect(clippy::cast_possible_truncation, reason = "it is small and whole")]
        let excess = excess as i64;
        Decided { want, excess }
    }

    /// Returns the most that was wanted within the delay.
    fn delayed(&mut self, delay: Nanos, now: Time, want: u32) -> u32 {
        // Kept in steps of 2 s, as it decides.
        let step = Nanos::seconds(2).0;
        let bucket = |at: Time| at.0 / step;
        self.recent
            .retain(|(at, _)| bucket(*at) + delay.0 / step > bucket(now));
        self.recent.push((now, want));
        let all = self.recent.iter().map(|(_, want)| *want);
        all.max().unwrap_or(want)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is whole, and not below zero"
)]
fn whole(pods: f64) -> u32 {
    pods as u32
}
