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
    let parts = |it: &Entry<'_>| match &it.start {
        Start::Stream(it) => {
            let stream = app.streams.get(it.source.as_str());
            let own = stream.filter(|it| it.place.external.is_none());
            own.map_or(MOST_PARTITIONS, |it| it.shards.value)
        }
        Start::Table(_) => TABLE_PARTS,
        Start::Http(_)
        | Start::Invoke
        | Start::Queue(_)
        | Start::Topic(_)
        | Start::Bucket(_)
        | Start::Event(_)
        | Start::Timer(_) => 1,
    };
    let most = entries(function).iter().map(parts).max().unwrap_or(1);
    most.div_ceil(function.scale.concurrency.value.max(1))
}

/// Returns a duration in whole seconds, rounded up.
pub(super) fn whole_seconds(duration: Duration) -> Duration {
    let seconds = duration.as_millis().div_ceil(1000);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
}
