//! How many instances an app may have and how much one takes, so that no function of it exceeds what the program says.

use super::entry::{Start, entries};
use crate::model::{Function, Trigger, TriggerKind};

/// What a function's app is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Capacity {
    /// Instances of each scale group at most; `None`: the program sets no bound.
    pub(super) instances: Option<u32>,
    /// Calls at a time in one instance.
    pub(super) calls: u32,
}

/// Returns the capacity of a function's app; `None` when MAX is less than the number of its scale groups.
///
/// Azure scales each trigger by itself, all http triggers of an app together, and a timer runs on one instance. The
/// bound is the app's and holds for each group, so a function with several groups gets its share of MAX for each.
pub(super) fn capacity(function: &Function) -> Option<Capacity> {
    let entries = entries(function);
    // Two timers for one schedule never tick on the same day.
    let is_timer =
        |it: &&Trigger| matches!(it.kind, TriggerKind::Schedule(_) | TriggerKind::Every(_));
    let timers = function.triggers.iter().filter(is_timer).count();
    let http = usize::from(entries.iter().any(|it| it.start.is_http()));
    let messages = entries.iter().filter(|it| it.start.is_message()).count();
    let logs = entries.iter().filter(|it| it.start.log().is_some()).count();
    let scaling = u32::try_from(http + messages + logs).ok()?;
    let timers = u32::try_from(timers).ok()?;
    let calls = function.scale.concurrency.value.max(1);
    let instances = match function.scale.max.value {
        None => None,
        Some(max) if scaling == 0 => (max >= timers).then_some(Some(max))?,
        Some(max) => {
            let share = max.checked_sub(timers)? / scaling;
            (share > 0).then_some(Some(share))?
        }
    };
    let bounds = entries.iter().filter_map(|it| match it.start {
        Start::Queue(queue) => queue.concurrency.map(|it| it.value),
        Start::Http(_)
        | Start::Invoke
        | Start::Topic(_)
        | Start::Stream(_)
        | Start::Table(_)
        | Start::Bucket(_)
        | Start::Event(_)
        | Start::Timer(_) => None,
    });
    let Some(bound) = bounds.min() else {
        return Some(Capacity { instances, calls });
    };
    Some(within(bound.max(1), instances, calls))
}

/// Returns the most calls in flight that are no more than `bound`, with as many calls an instance as the program says.
fn within(bound: u32, instances: Option<u32>, calls: u32) -> Capacity {
    let most = instances.unwrap_or(bound);
    let choice = |calls: u32| Capacity {
        instances: Some(most.min(bound / calls)),
        calls,
    };
    let in_flight = |it: &Capacity| (it.instances.unwrap_or(0) * it.calls, it.calls);
    let choices = (1..=calls.min(bound)).map(choice);
    choices.max_by_key(in_flight).unwrap_or(Capacity {
        instances: Some(1),
        calls: 1,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn queue_concurrency_bounds_calls_in_flight() {
        let within = |bound, instances, calls| {
            let it = super::within(bound, instances, calls);
            (it.instances.unwrap(), it.calls)
        };
        assert_eq!(within(5, Some(5), 1), (5, 1));
        assert_eq!(within(5, Some(50), 1), (5, 1));
        assert_eq!(within(1, None, 10), (1, 1));
        assert_eq!(within(4, Some(10), 2), (2, 2));
        assert_eq!(within(5, Some(10), 2), (5, 1));
        assert_eq!(within(20, Some(10), 4), (5, 4));
        for bound in 1..40 {
            for calls in 1..8 {
                let (instances, calls) = within(bound, Some(7), calls);
                assert!((1..=7).contains(&instances) && instances * calls <= bound);
            }
        }
    }
}
