//! FN0915: deliveries that may find no free instance, and count as attempts.

use super::super::scaling;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, TriggerKind};

/// Compares what the queues of a function may take at once with its maximum.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let Some(reserved) = scaling::reserved(function) else {
        return;
    };
    let mut queues = 0;
    let mut wanted: u32 = 0;
    for trigger in &function.triggers {
        if let TriggerKind::Queue(it) = &trigger.kind {
            let written = it.concurrency.map(|it| it.value);
            let most = scaling::maximum_concurrency(function, written);
            queues += 1;
            wanted = wanted.saturating_add(most.unwrap_or(scaling::MIN_CONCURRENCY));
        }
    }
    let others = function.triggers.len() > queues;
    if queues == 0 || wanted < reserved || (wanted == reserved && !others) {
        return;
    }
    let name = &function.name.value;
    let help = if reserved <= scaling::MIN_CONCURRENCY {
        "raise the queue's `retry`, or give the function more instances"
    } else {
        "leave room with `concurrency N` on the queue, or raise the queue's `retry`"
    };
    let span = function.scale.max.span().unwrap_or(function.name.span);
    found.push(
        Diagnostic::new(
            Code::FN0915,
            format!("a busy `{name}` costs messages an attempt on AWS"),
        )
        .label(
            span,
            format!("{reserved} at once, and its triggers may bring more"),
        )
        .help(help),
    );
}
