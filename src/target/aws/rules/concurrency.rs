//! FN0811: `concurrency 1` on a queue, where only the function itself could keep it.

use super::super::scaling;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, TriggerKind};

/// Reports `concurrency 1` beside other triggers: SQS bounds a function to two batches at once at the least.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    if scaling::reserved(function) == Some(1) {
        return;
    }
    for trigger in &function.triggers {
        let TriggerKind::Queue(it) = &trigger.kind else {
            continue;
        };
        let Some(concurrency) = it.concurrency.filter(|it| it.value == 1) else {
            continue;
        };
        let name = &function.name.value;
        found.push(
            Diagnostic::new(
                Code::FN0811,
                format!(
                    "AWS can't work on one batch of `{}` at a time in `{name}`",
                    it.queue.value
                ),
            )
            .label(
                concurrency.span().unwrap_or(trigger.span),
                "2 at the least, beside other triggers",
            )
            .help(format!(
                "give the queue a function of its own, or hold all of `{name}` to one instance: `scale 0..1`"
            )),
        );
    }
}
