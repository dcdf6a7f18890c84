//! How `scale`, `batch` and `concurrency` become Lambda's own settings.

use super::whole_seconds;
use crate::model::{Function, QueueTrigger, StreamTrigger, TriggerKind};

// "Lambda Developer Guide", "Using Lambda with Amazon SQS": batch size, batching window, maximum concurrency.
pub(super) const BATCH: u32 = 10_000;
pub(super) const FIFO_BATCH: u32 = 10;
pub(super) const BATCH_WITHOUT_WINDOW: u32 = 10;
pub(super) const WINDOW_SECONDS: u64 = 300;
pub(super) const MIN_CONCURRENCY: u32 = 2;
pub(super) const MAX_CONCURRENCY: u32 = 1_000;

/// Returns how many messages a call gets at most.
pub(super) fn batch(it: &QueueTrigger, fifo: bool) -> u32 {
    it.batch.value.min(if fifo { FIFO_BATCH } else { BATCH })
}

/// Returns how many seconds Lambda waits for a full batch; more than ten messages need a second.
pub(super) fn window(it: &QueueTrigger, fifo: bool) -> u64 {
    if fifo {
        return 0;
    }
    let least = u64::from(it.batch.value > BATCH_WITHOUT_WINDOW);
    whole_seconds(it.within.value).clamp(least, WINDOW_SECONDS)
}

/// Returns how many records of a stream or a table a call gets at most.
pub(super) fn log_batch(it: &StreamTrigger) -> u32 {
    it.batch.value.min(BATCH)
}

/// Returns how many seconds Lambda waits for a full batch of a stream or a table.
pub(super) fn log_window(it: &StreamTrigger) -> u64 {
    whole_seconds(it.within.value).min(WINDOW_SECONDS)
}

/// Returns how many instances a function may have: Lambda gives each event an instance of its own, so that C
/// events at a time need C of them. The only trigger's `concurrency 1`, which SQS can't keep, is kept here too.
pub(super) fn reserved(function: &Function) -> Option<u32> {
    if is_one_at_a_time(function) {
        return Some(1);
    }
    let most = function.scale.max.value?;
    Some(most.saturating_mul(function.scale.concurrency.value))
}

/// Tells whether a queue with `concurrency 1` is all that starts a function.
fn is_one_at_a_time(function: &Function) -> bool {
    match function.triggers.as_slice() {
        [only] => match &only.kind {
            TriggerKind::Queue(it) => it.concurrency.is_some_and(|it| it.value == 1),
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => false,
        },
        _ => false,
    }
}

/// Returns how many batches of a queue Lambda works on at once, where SQS can keep it: 2 to 1000.
pub(super) fn maximum_concurrency(function: &Function, written: Option<u32>) -> Option<u32> {
    let reserved = reserved(function);
    let most = match (written, reserved) {
        (Some(written), Some(reserved)) => written.min(reserved),
        (Some(most), None) | (None, Some(most)) => most,
        (None, None) => return None,
    };
    // More than SQS can say: its own bound is lower than what the program allows.
    let most = most.min(MAX_CONCURRENCY);
    (most >= MIN_CONCURRENCY).then_some(most)
}
