//! FN0911: a batch that AWS delivers in smaller parts, or sooner.

use std::time::Duration;

use super::super::scaling::{BATCH, FIFO_BATCH, WINDOW_SECONDS};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, QueueTrigger, StreamTrigger, TriggerKind, duration_text};

/// Compares `batch N within D` with what Lambda takes of a queue at once.
pub(super) fn check(app: &App, function: &Function, found: &mut Diagnostics) {
    for trigger in &function.triggers {
        if let TriggerKind::Queue(it) = &trigger.kind {
            let queue = app.queues.get(it.queue.as_str());
            let fifo = queue.is_some_and(|it| it.fifo.value);
            size(it, fifo, found);
            wait(it, fifo, found);
        }
        if let Some(it) = trigger.kind.log() {
            log(it, found);
        }
    }
}

fn log(it: &StreamTrigger, found: &mut Diagnostics) {
    let source = &it.source;
    if it.batch.value > BATCH {
        let message = format!("AWS delivers {BATCH} records of `{}` a call", source.value);
        found.push(
            Diagnostic::new(Code::FN0911, message)
                .label(
                    it.batch.span().unwrap_or(source.span),
                    "more than Lambda takes",
                )
                .help(format!("`batch {BATCH}` says what happens")),
        );
    }
    let most = Duration::from_secs(WINDOW_SECONDS);
    if it.within.value > most {
        let most = duration_text(most);
        let message = format!(
            "AWS delivers records of `{}` sooner than written",
            source.value
        );
        found.push(
            Diagnostic::new(Code::FN0911, message)
                .label(
                    it.within.span().unwrap_or(source.span),
                    format!("AWS waits {most} at most"),
                )
                .help(format!("`within {most}` says what happens")),
        );
    }
}

fn size(it: &QueueTrigger, fifo: bool, found: &mut Diagnostics) {
    let (most, of) = if fifo {
        (FIFO_BATCH, "a fifo queue")
    } else {
        (BATCH, "a queue")
    };
    if it.batch.value <= most {
        return;
    }
    found.push(
        Diagnostic::new(
            Code::FN0911,
            format!(
                "AWS delivers {most} messages of `{}` a call",
                it.queue.value
            ),
        )
        .label(
            it.batch.span().unwrap_or(it.queue.span),
            format!("{most} at most from {of}"),
        )
        .help(format!("`batch {most}` says what happens")),
    );
}

fn wait(it: &QueueTrigger, fifo: bool, found: &mut Diagnostics) {
    let most = if fifo { 0 } else { WINDOW_SECONDS };
    if it.within.value <= Duration::from_secs(most) {
        return;
    }
    let (label, help) = if fifo {
        (
            "AWS doesn't wait for messages of a fifo queue".to_owned(),
            "leave out `within`".to_owned(),
        )
    } else {
        let most = duration_text(Duration::from_secs(most));
        (
            format!("AWS waits {most} at most"),
            format!("`within {most}` says what happens"),
        )
    };
    found.push(
        Diagnostic::new(
            Code::FN0911,
            format!(
                "AWS delivers messages of `{}` sooner than written",
                it.queue.value
            ),
        )
        .label(it.within.span().unwrap_or(it.queue.span), label)
        .help(help),
    );
}
