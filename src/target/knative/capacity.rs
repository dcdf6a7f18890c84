//! How many calls of a function may run at once.

use crate::model::{Function, Setting, Trigger, TriggerKind};

/// How many calls of a function may run, and how many in one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) max: Option<u32>,
    pub(super) concurrency: u32,
}

impl Capacity {
    /// Returns what `scale` says, lowered to the `concurrency` of the function's queue when that is all that starts it.
    pub(super) fn of(function: &Function) -> Capacity {
        let (max, concurrency) = (function.scale.max.value, function.scale.concurrency.value);
        let all = Capacity { max, concurrency };
        let [
            Trigger {
                kind: TriggerKind::Queue(queue),
                ..
            },
        ] = function.triggers.as_slice()
        else {
            return all;
        };
        let Some(Setting { value: limit, .. }) = queue.concurrency else {
            return all;
        };
        let concurrency = concurrency.min(limit).max(1);
        let most = limit / concurrency;
        Capacity {
            max: Some(max.map_or(most, |it| it.min(most))),
            concurrency,
        }
    }
}
