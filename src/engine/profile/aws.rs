//! AWS Lambda: an environment takes one invocation, requests that find none are refused, and growth is limited by
//! a bucket of tokens and, for queues, by the pollers.
//!
//! "Lambda function scaling", "Understanding concurrency" and "Using Lambda with Amazon SQS" in the Lambda Developer
//! Guide.

use super::{Pool, Want};
use crate::engine::clock::{Nanos, Time};
use crate::engine::program::Program;

/// How long an idle environment stays. AWS publishes nothing; measured were 5 to 10 minutes.
pub(super) const IDLE: Nanos = Nanos::seconds(600);

/// What an account may run at a time, of all functions together.
const ACCOUNT: u32 = 1_000;
/// What reserved concurrency must leave to the others.
const UNRESERVED: u32 = 100;
/// A token is so many nanoseconds of refill: 100 a second.
const TOKEN: u64 = 10_000_000;
/// New environments of a function at once.
const BURST: u64 = 1_000;

pub(super) const ASSUMPTIONS: &[&str] = &[
    "an idle environment stays for 600 s, and the newest one with nothing to do is used first (not published)",
    "a function without MAX may use what of 1,000 concurrent environments the others don't reserve",
    "the platform's own part of a cold start is not counted",
];

/// Returns the program as Lambda runs it: MAX × C environments stand in for MAX, each takes one event at a time.
pub(super) fn adapt(program: &mut Program) {
    let bound = |max: u32| max != u32::MAX;
    let instead = |max: u32, concurrency: u32| max.saturating_mul(concurrency);
    let functions = program.functions.iter();
    let reserved = functions.map(|it| (it.scale.max, it.scale.concurrency));
    let reserved = reserved.filter(|(max, _)| bound(*max));
    let reserved = reserved.fold(0_u32, |sum, (max, c)| sum.saturating_add(instead(max, c)));
    let rest = ACCOUNT.saturating_sub(reserved).max(UNRESERVED);
    for function in &mut program.functions {
        let scale = &mut function.scale;
        scale.max = if bound(scale.max) {
            instead(scale.max, scale.concurrency)
        } else {
            rest.max(scale.min)
        };
        (scale.concurrency, scale.target, scale.idle) = (1, 100, IDLE);
    }
}

/// Returns the wait before attempt k + 1 of an event that was pushed: one minute, then two.
pub(super) fn back_off(attempt: u32) -> Nanos {
    Nanos::seconds(60 * u64::from(attempt.clamp(1, 5)))
}

/// The tokens for new environments of a function: 1,000, and 100 more each second.
#[derive(Debug)]
pub(in crate::engine) struct Environments {
    /// In nanoseconds of refill.
    tokens: u64,
    last: Time,
}

impl Environments {
    /// Returns a full bucket.
    pub(super) fn new(now: Time) -> Self {
        Environments {
            tokens: BURST * TOKEN,
            last: now,
        }
    }

    /// Takes as many tokens as there are, at most `count`.
    fn take(&mut self, now: Time, count: u64) -> u64 {
        let refill = now.since(self.last).0;
        self.tokens = self.tokens.saturating_add(refill).min(BURST * TOKEN);
        self.last = now;
        let taken = count.min(self.tokens / TOKEN);
        self.tokens -= taken * TOKEN;
        taken
    }

    /// Decides: an environment for each invocation, as far as there are tokens for new ones.
    pub(super) fn want(&mut self, pool: &Pool) -> Want {
        let wanted = u32::try_from(pool.load).unwrap_or(u32::MAX);
        let wanted = wanted.min(pool.scale.max);
        let new = u64::from(wanted.saturating_sub(pool.serving).min(pool.room));
        let granted = self.take(pool.now, new);
        let grown = u32::try_from(granted).unwrap_or(u32::MAX);
        Want {
            instances: wanted.min(pool.serving.saturating_add(grown)),
            again: (granted < new).then(|| pool.now + Nanos(TOKEN - self.tokens % TOKEN)),
        }
    }
}

/// What reads a standard queue: 5 batches at a time, under a backlog 300 more each minute, 1,250 at most.
#[derive(Debug, Default)]
pub(in crate::engine) struct Pollers {
    /// Since when they are all busy while more waits.
    since: Option<Time>,
}

const FIRST: u64 = 5;
const MOST: u64 = 1_250;
/// One more after each of these.
const STEP: Nanos = Nanos::millis(200);

impl Pollers {
    /// Returns how many batches may be handled at a time.
    pub(in crate::engine) fn allowed(&self, now: Time) -> u32 {
        let grown = self.since.map_or(0, |it| now.since(it).0 / STEP.0);
        u32::try_from((FIRST + grown).min(MOST)).unwrap_or(u32::MAX)
    }

    /// Takes note of what waits and what is handled; returns when more may be handled.
    pub(in crate::engine) fn look(
        &mut self,
        now: Time,
        waiting: bool,
        in_flight: u32,
    ) -> Option<Time> {
        if !waiting {
            self.since = None;
            return None;
        }
        if in_flight < self.allowed(now) {
            return None;
        }
        let since = *self.since.get_or_insert(now);
        let grown = now.since(since).0 / STEP.0;
        (FIRST + grown < MOST).then(|| since + Nanos((grown + 1) * STEP.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::program::Scale;

    fn pool(now: Time, load: u64, serving: u32, max: u32) -> Pool {
        Pool {
            now,
            load,
            serving,
            ready: serving,
            room: max - serving,
            scale: Scale {
                min: 0,
                max,
                concurrency: 1,
                target: 100,
                idle: IDLE,
            },
            http: true,
        }
    }

    #[test]
    fn a_thousand_start_at_once_and_no_more() {
        let mut rule = Environments::new(Time(0));
        let want = rule.want(&pool(Time(0), 10_000, 0, 10_000));
        assert_eq!(want.instances, 1_000);
        assert_eq!(want.again, Some(Time(TOKEN)));
    }

    /// Requests come evenly, each takes 30 s; the first that is refused.
    fn first_refused(rate: u64, max: u32) -> Option<(u64, Time)> {
        let mut rule = Environments::new(Time(0));
        let mut serving = 0;
        (0..10_000_u64).find_map(|n| {
            let now = Time(n * 1_000_000_000 / rate);
            let load = u64::from(serving) + 1;
            let want = rule.want(&pool(now, load, serving, max));
            let refused = u64::from(want.instances) < load;
            serving = want.instances;
            refused.then_some((n + 1, now))
        })
    }

    #[test]
    fn steady_growth_ends_when_the_tokens_do() {
        // 300 a second against 100 tokens a second: 1,000 / 200 s.
        let (arrival, at) = first_refused(300, 5_000).unwrap();
        assert_eq!((arrival, at.0 / 100_000), (1_500, 49_966));
        // The account's thousand is full before that.
        let (arrival, at) = first_refused(300, 1_000).unwrap();
        assert_eq!((arrival, at.0 / 100_000), (1_001, 33_333));
    }

    #[test]
    fn pollers_grow_by_three_hundred_a_minute() {
        let mut pollers = Pollers::default();
        let at = |seconds: u64| Time(seconds * 1_000_000_000);
        assert_eq!(pollers.allowed(at(0)), 5);
        assert_eq!(pollers.look(at(0), true, 4), None);
        assert_eq!(pollers.look(at(0), true, 5), Some(Time(STEP.0)));
        assert_eq!(pollers.allowed(at(60)), 305);
        assert_eq!(pollers.allowed(at(249)), 1_250);
        assert_eq!(pollers.allowed(at(1_000)), 1_250);
        pollers.look(at(1_000), false, 0);
        assert_eq!(pollers.allowed(at(1_000)), 5);
    }
}
