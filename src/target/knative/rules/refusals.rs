//! Promises that would break: errors.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Queue, QueueTrigger, Trigger, TriggerKind, duration_text};
use crate::target::knative::address::external as external_address;
use crate::target::knative::capacity::Capacity;
use crate::target::knative::schedule::is_sayable;
use crate::target::knative::tag::is_domain;

pub(super) fn queue(queue: &Queue, found: &mut Diagnostics) {
    if queue.delay.value.is_zero() {
        return;
    }
    let name = queue.name.as_str();
    let delay = duration_text(queue.delay.value);
    let message = format!("Knative can't hold back the messages of queue `{name}` for {delay}");
    found.push(
        Diagnostic::new(Code::FN0860, message)
            .label(queue.delay.span().unwrap_or(queue.name.span), "Kafka delivers at once")
            .help("leave out `delay`, or build this app for aws or azure: `app NAME { targets aws, azure }`"),
    );
}

/// A Broker keeps no order.
pub(super) fn external(app: &App, found: &mut Diagnostics) {
    let queues = app.queues.values().map(|it| (&it.name, &it.fifo));
    let topics = app.topics.values().map(|it| (&it.name, &it.fifo));
    for (name, fifo) in queues.chain(topics) {
        let Some(address) = external_address(app, name.as_str()) else {
            continue;
        };
        if fifo.value && !address.contains_key("channel") {
            found.push(
                Diagnostic::new(
                    Code::FN0894,
                    format!("the order of `{}` isn't kept by a Broker", name.value),
                )
                .label(
                    fifo.span().unwrap_or(name.span),
                    "Brokers deliver to whoever is free",
                )
                .help("name its Channel, `channel = \"…\"`, or leave out `fifo`"),
            );
        }
        for (word, text) in address {
            let fits = match word.as_str() {
                "address" => {
                    text.value.starts_with("http://") || text.value.starts_with("https://")
                }
                _ => is_domain(&text.value),
            };
            if !fits {
                found.push(
                    Diagnostic::new(Code::FN0894, format!("`{}` is no {word} of a cluster", text.value))
                        .label(text.span, "Kubernetes has nothing of this name")
                        .help("a name has small letters, digits, `-` and `.`; an address begins with `http://`"),
                );
            }
        }
    }
}

pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Schedule(it) if !is_sayable(&it.cron.value) => found.push(
                Diagnostic::new(
                    Code::FN0861,
                    format!("Knative reads `{}` in another way", it.cron.value),
                )
                .label(
                    it.cron.span,
                    "for Knative a day that fits either of the two fields suffices",
                )
                .help(
                    "give one of the two day fields as `*`, or list the days without a step on `*`",
                ),
            ),
            TriggerKind::Queue(it) => concurrency(function, it, found),
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Http(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
}

/// A queue's `concurrency` holds where it can be put into the scaling of the function, or follows from it.
fn concurrency(function: &Function, queue: &QueueTrigger, found: &mut Diagnostics) {
    let Some(limit) = queue.concurrency else {
        return;
    };
    let scale = &function.scale;
    let at_once = scale
        .max
        .value
        .map(|max| u64::from(max) * u64::from(scale.concurrency.value));
    if at_once.is_some_and(|it| it <= u64::from(limit.value)) {
        return;
    }
    let span = limit.span().unwrap_or(queue.queue.span);
    let name = function.name.as_str();
    if !matches!(function.triggers.as_slice(), [Trigger { .. }]) {
        let message = format!(
            "Knative can't keep `{name}` to {} batches of one queue at once",
            limit.value
        );
        found.push(
            Diagnostic::new(Code::FN0862, message)
                .label(span, "its instances take events of all its triggers")
                .label(function.name.span, "more than this queue starts it")
                .help("give the queue a function of its own, or lower MAX or `concurrency` of `scale`"),
        );
        return;
    }
    let lowered = Capacity::of(function);
    if lowered.max.is_some_and(|max| max < scale.min.value) {
        let message = format!(
            "{} instances of `{name}` are kept ready, and fewer may work",
            scale.min.value
        );
        found.push(
            Diagnostic::new(Code::FN0862, message)
                .label(
                    span,
                    format!(
                        "on Knative this allows {} at most",
                        lowered.max.unwrap_or(0)
                    ),
                )
                .label(
                    scale.min.span().unwrap_or(function.name.span),
                    "these are kept ready",
                )
                .help("raise `concurrency` of the queue, or keep fewer instances ready"),
        );
    }
}
