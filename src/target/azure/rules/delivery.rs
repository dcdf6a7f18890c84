//! Queues, topics and retries on Service Bus.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Queue, Setting, TriggerKind, duration_text};
use crate::source::Span;
use crate::target::azure::arm::LONGEST_LOCK;

pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Queue(queue) => batch(queue.batch, found),
            TriggerKind::Topic(_) | TriggerKind::Bucket(_) | TriggerKind::Event(_) => {
                if let Some(span) = function.retry.span() {
                    no_wait(span, found);
                    if function.retry.value.park.is_none() {
                        kept(span, found);
                    }
                }
            }
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
}

fn batch(batch: Setting<u32>, found: &mut Diagnostics) {
    let Some(span) = batch.span().filter(|_| batch.value > 1) else {
        return;
    };
    let message = "Azure delivers the messages of a queue one by one";
    found.push(
        Diagnostic::new(Code::FN0932, message)
            .label(span, "each call has one record")
            .help("nothing is lost, but there are more calls; `concurrency` lets an instance take several"),
    );
}

fn no_wait(span: Span, found: &mut Diagnostics) {
    let message = "on Azure a message is tried again at once";
    found.push(
        Diagnostic::new(Code::FN0946, message)
            .label(span, "Service Bus makes no pause between attempts")
            .help("more attempts don't bridge a longer outage there; the parked messages do"),
    );
}

fn kept(span: Span, found: &mut Diagnostics) {
    let message = "on Azure a dropped message stays in a dead-letter queue";
    found.push(
        Diagnostic::new(Code::FN0937, message)
            .label(
                span,
                "it counts towards the size of the topic or the function's inbox",
            )
            .help("say where it goes with `then QUEUE`"),
    );
}

pub(super) fn queue(queue: &Queue, found: &mut Diagnostics) {
    if let Some(span) = queue.retry.as_ref().and_then(Setting::span) {
        no_wait(span, found);
    }
    if let Some(span) = queue.delay.span().filter(|_| !queue.delay.value.is_zero()) {
        sender_keeps("delay", span, found);
    }
    if let Some(span) = queue.max_size.span() {
        sender_keeps("max_size", span, found);
    }
    let hidden = queue.hidden;
    if let Some(span) = hidden.span().filter(|_| hidden.value > LONGEST_LOCK) {
        let message = format!(
            "a message is hidden for 5m, not for {}, on Azure",
            duration_text(hidden.value)
        );
        found.push(
            Diagnostic::new(Code::FN0940, message)
                .label(span, "the longest lock is five minutes")
                .help("while a call runs its lock is renewed; only a lost call is noticed sooner"),
        );
    }
}

fn sender_keeps(word: &str, span: Span, found: &mut Diagnostics) {
    let message = format!("`{word}` holds on Azure for what functions of this program send");
    found.push(
        Diagnostic::new(Code::FN0939, message)
            .label(span, "the queue itself has no such setting")
            .help("another system that sends to the queue must see to it itself"),
    );
}
