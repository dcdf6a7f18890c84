//! FN0879: messages that come back while Lambda still waits for a free instance.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Queue, TriggerKind, duration_text};

/// Compares a written `hidden` with what AWS advises for the queue's consumers.
pub(super) fn check(app: &App, queue: &Queue, found: &mut Diagnostics) {
    let Some(span) = queue.hidden.span() else {
        return;
    };
    let hidden = queue.hidden.value;
    let name = queue.name.as_str();
    let mut slowest: Option<(Duration, &Function)> = None;
    for function in app.functions.values() {
        for trigger in &function.triggers {
            if let TriggerKind::Queue(by) = &trigger.kind
                && by.queue.as_str() == name
            {
                let advised = function.hidden_for(by);
                slowest = slowest
                    .filter(|(it, _)| *it >= advised)
                    .or(Some((advised, function)));
            }
        }
    }
    let Some((least, function)) = slowest else {
        return;
    };
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
