//! FN0879: messages that come back while Lambda still waits for a free instance.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Queue, QueueTrigger, TriggerKind, duration_text};

// "AWS Lambda Developer Guide", "Creating and configuring an Amazon SQS event source mapping".
const TIMEOUTS: u32 = 6;

/// Compares a written `hidden` with what AWS advises for the queue's consumers.
pub(super) fn check(app: &App, queue: &Queue, found: &mut Diagnostics) {
    let Some(span) = queue.hidden.span() else {
        return;
    };
    let hidden = queue.hidden.value;
    let name = queue.name.as_str();
    let consumers = app
        .functions
        .values()
        .flat_map(|it| reads(it).map(move |by| (it, by)));
    let slowest = consumers
        .filter(|(_, by)| by.queue.as_str() == name)
        .max_by_key(|(it, by)| advised(it, by));
    let Some((function, by)) = slowest else {
        return;
    };
    let least = advised(function, by);
    // What is shorter than a single call is a mistake everywhere: FN0504.
    if hidden >= least || hidden < function.timeout.value {
        return;
    }
    let function = &function.name.value;
    let message = format!("a busy `{function}` gets messages of `{name}` twice on AWS");
    found.push(
        Diagnostic::new(Code::FN0879, message)
            .label(
                span,
                format!(
                    "AWS advises {}: six timeouts and the batch's window",
                    duration_text(least)
                ),
            )
            .help(format!(
                "leave `hidden` out: it is then {}",
                duration_text(least)
            )),
    );
}

fn reads(function: &Function) -> impl Iterator<Item = &QueueTrigger> {
    function.triggers.iter().filter_map(|it| match &it.kind {
        TriggerKind::Queue(it) => Some(it),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    })
}

fn advised(function: &Function, by: &QueueTrigger) -> Duration {
    function.timeout.value * TIMEOUTS + by.within.value
}
