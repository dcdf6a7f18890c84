//! How an app reads streams: what `host.json` says once for all of its functions.

use std::time::Duration;

use super::entry::{Entry, Start, entries};
use crate::model::{App, Function, StartFrom, StreamTrigger, duration_text};

/// The most partitions of an event hub (Event Hubs quotas, tier Standard).
pub(super) const MOST_PARTITIONS: u32 = 32;
/// In how many parts a table's changes are taken to come at once at most; Azure doesn't say.
const TABLE_PARTS: u32 = 16;

/// The settings of the Event Hubs trigger, which are the app's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Reading {
    /// Events a call at most.
    pub(super) batch: u32,
    /// How long to wait for a full batch, in whole seconds.
    pub(super) within: Duration,
    /// Whether reading begins with what comes after the deployment.
    pub(super) latest: bool,
}

impl Reading {
    /// Returns what a trigger on a stream needs.
    pub(super) fn of(it: &StreamTrigger) -> Reading {
        Reading {
            batch: it.batch.value.max(1),
            within: whole_seconds(it.within.value),
            latest: it.from.value == StartFrom::Latest,
        }
    }

    /// Returns the words for it in an app's name.
    pub(super) fn name(&self) -> String {
        let mut parts = vec![format!("b{}", self.batch)];
        if !self.within.is_zero() {
            parts.push(format!("within{}", duration_text(self.within)));
        }
        if self.latest {
            parts.push("latest".to_owned());
        }
        parts.join("-")
    }
}

/// Returns how a function's app must read streams. Where its triggers differ an error says so, and the first counts.
pub(super) fn reading(function: &Function) -> Option<Reading> {
    readings(function).into_iter().next()
}

/// Returns how each trigger of a function on a stream wants to read it.
pub(super) fn readings(function: &Function) -> Vec<Reading> {
    let entries = entries(function);
    let streams = entries.iter().filter_map(|it| match it.start {
        Start::Stream(it) => Some(Reading::of(it)),
        Start::Http(_)
        | Start::Invoke
        | Start::Queue(_)
        | Start::Topic(_)
        | Start::Table(_)
        | Start::Bucket(_)
        | Start::Event(_)
        | Start::Timer(_) => None,
    });
    streams.collect()
}

/// Returns how many calls of a function may wait for each other in one instance, the one that runs included.
///
/// An instance gets a batch of each of its partitions at once, and the shim lets as many of them run as `concurrency`
/// says. What waits has been started for Azure, so the app's timeout must cover all.
pub(super) fn calls_in_turn(app: &App, function: &Function) -> u32 {
    let turns = |parts: u32, it: &StreamTrigger| {
        let turns = parts.div_ceil(function.scale.concurrency.value.max(1));
        turns.saturating_mul(calls_of_batch(it))
    };
    let turns = |it: &Entry<'_>| match &it.start {
        Start::Stream(it) => {
            let stream = app.streams.get(it.source.as_str());
            let own = stream.filter(|it| it.place.external.is_none());
            let parts = own.map_or(MOST_PARTITIONS, |it| it.shards.value);
            turns(parts, it)
        }
        Start::Table(it) => turns(TABLE_PARTS, it),
        Start::Http(_)
        | Start::Invoke
        | Start::Queue(_)
        | Start::Topic(_)
        | Start::Bucket(_)
        | Start::Event(_)
        | Start::Timer(_) => 1,
    };
    entries(function).iter().map(turns).max().unwrap_or(1)
}

/// Returns how many calls the shim may make for one of Azure's, at most.
///
/// Where a batch is tried in halves there is a half left of each size, and the first one that fails is halved down to one
/// record: two calls for each size.
fn calls_of_batch(it: &StreamTrigger) -> u32 {
    if !it.split_on_error.value {
        return 1;
    }
    let sizes = it.batch.value.max(1).next_power_of_two().ilog2();
    3 * sizes + 2
}

/// Returns a duration in whole seconds, rounded up.
pub(super) fn whole_seconds(duration: Duration) -> Duration {
    let seconds = duration.as_millis().div_ceil(1000);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
}
