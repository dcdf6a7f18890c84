//! What is carried out in another way: warnings and notes.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{
    App, Function, Queue, Retry, Setting, Stream, StreamTrigger, Topic, TriggerKind, duration_text,
};
use crate::source::Span;

/// The longest wait before a retry that the language allows.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

pub(super) fn queue(queue: &Queue, consumed: bool, found: &mut Diagnostics) {
    let name = queue.name.as_str();
    if let Some(span) = queue.max_size.span() {
        let message =
            format!("the size of messages to queue `{name}` is checked where they are sent");
        found.push(
            Diagnostic::new(Code::FN0952, message)
                .label(span, "functions of this app refuse to send more")
                .help("other senders are held to 1 MB, which is Kafka's own limit"),
        );
    }
    if let Some(span) = queue.hidden.span() {
        let hidden = duration_text(queue.hidden.value);
        found.push(
            Diagnostic::new(
                Code::FN0953,
                format!("`hidden` of queue `{name}` limits each delivery"),
            )
            .label(
                span,
                format!(
                    "a delivery without an answer after {hidden} has failed, and is tried again"
                ),
            )
            .help("the wait before the next attempt comes on top"),
        );
    }
    if queue.fifo.value && consumed && queue.place.external.is_none() {
        fifo(
            queue.fifo,
            &format!("queue `{name}`"),
            queue.name.span,
            found,
        );
    }
    if let Some(retry) = &queue.retry
        && consumed
    {
        waits(retry, queue.name.span, found);
    }
}

pub(super) fn topic(topic: &Topic, found: &mut Diagnostics) {
    if topic.fifo.value && topic.place.external.is_none() {
        fifo(
            topic.fifo,
            &format!("topic `{}`", topic.name.value),
            topic.name.span,
            found,
        );
    }
}

fn fifo(setting: Setting<bool>, what: &str, name: Span, found: &mut Diagnostics) {
    found.push(
        Diagnostic::new(Code::FN0955, format!("the groups of {what} share ten Kafka partitions"))
            .label(setting.span().unwrap_or(name), "at most ten messages are worked on at once")
            .help("order within a group is kept; a message that is tried again also holds up the other groups of its partition"),
    );
}

/// Knative doubles the wait without end, where the language stops at five minutes.
fn waits(retry: &Setting<Retry>, name: Span, found: &mut Diagnostics) {
    let count = retry.value.count;
    let last = Duration::from_secs(1 << count.saturating_sub(1).min(40));
    if count == 0 || last <= LONGEST_WAIT {
        return;
    }
    let message = format!(
        "Knative waits longer than {} before the last retries",
        duration_text(LONGEST_WAIT)
    );
    found.push(
        Diagnostic::new(Code::FN0954, message)
            .label(retry.span().unwrap_or(name), format!("the last one of {count} comes after a wait of {}", rough(last)))
            .help("each wait is twice the one before; with up to 9 retries none is longer than the language says"),
    );
}

/// Returns a long time in days or hours, rounded down.
fn rough(time: Duration) -> String {
    let hours = time.as_secs() / 3600;
    match hours {
        0 => format!("{} minutes", time.as_secs() / 60),
        1..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    let scale = &function.scale;
    if let Some(span) = scale.idle.span() {
        let message = format!(
            "`idle` of `{}` holds its last instance only",
            function.name.value
        );
        found.push(Diagnostic::new(Code::FN0956, message).label(
            span,
            "more instances than one go when the load of the last minute wants fewer",
        ));
    }
    if function.has_pushed() {
        waits(&function.retry, function.name.span, found);
    }
    for trigger in &function.triggers {
        if let TriggerKind::Stream(it) = &trigger.kind {
            log(function, it, found);
        }
        let TriggerKind::Queue(it) = &trigger.kind else {
            continue;
        };
        let batch = it.batch.span().filter(|_| it.batch.value > 1);
        let within = it.within.span().filter(|_| !it.within.value.is_zero());
        let mut words = [batch, within].into_iter().flatten();
        if let Some(span) = words.next() {
            let message = format!(
                "Knative gives `{}` one message of `{}` a call",
                function.name.value, it.queue.value
            );
            let notice = Diagnostic::new(Code::FN0950, message)
                .label(span, "no batch is collected")
                .help("nothing is lost; more calls are made, so more instances may be needed");
            found.push(words.fold(notice, |it, span| it.label(span, "this goes with batches")));
        }
    }
}

/// What reads a stream gets one record a call, in the order of its partition.
fn log(function: &Function, it: &StreamTrigger, found: &mut Diagnostics) {
    let (name, source) = (&function.name.value, &it.source);
    let batch = it.batch.span().filter(|_| it.batch.value > 1);
    let within = it.within.span().filter(|_| !it.within.value.is_zero());
    let split = it.split_on_error.span().filter(|_| it.split_on_error.value);
    let mut words = [batch, within, split].into_iter().flatten();
    if let Some(span) = words.next() {
        let message = format!(
            "Knative gives `{name}` one record of `{}` a call",
            source.value
        );
        let notice = Diagnostic::new(Code::FN0950, message)
            .label(span, "no batch is collected")
            .help("nothing is lost; more calls are made, so more instances may be needed");
        found.push(words.fold(notice, |it, span| it.label(span, "this goes with batches")));
    }
    if let Some(span) = it.parallel.span().filter(|_| it.parallel.value > 1) {
        let message = format!(
            "`{name}` gets the records of a partition of `{}` one after another",
            source.value
        );
        found.push(
            Diagnostic::new(Code::FN0997, message)
                .label(span, "this many consumers share the partitions")
                .help(
                    "give the stream more `shards` where one record at a time for each is too slow",
                ),
        );
    }
    if let Some(retry) = &it.retry {
        waits(retry, source.span, found);
    }
    let message = format!(
        "records that functions write to `{}` come without their place in it",
        source.value
    );
    found.push(
        Diagnostic::new(Code::FN0998, message)
            .label(source.span, "`sequence` and `shard` are null")
            .help("records of one key come in order; of what other systems write both are known"),
    );
}

/// A topic's retention isn't the sink's to say.
pub(super) fn stream(stream: &Stream, found: &mut Diagnostics) {
    if let Some(span) = stream.keep.span() {
        let message = format!(
            "how long `{}` keeps its records is up to the Kafka cluster",
            stream.name.value
        );
        found.push(
            Diagnostic::new(Code::FN0995, message)
                .label(span, "changes nothing on Knative but the number of retries of readers without `retry`")
                .help("set `retention.ms` of its topic in Kafka, or of new topics in its settings"),
        );
    }
}

/// One note for all functions without a MAX.
pub(super) fn unbounded(app: &App, found: &mut Diagnostics) {
    let functions = app.functions.values();
    let unbounded: Vec<&Function> = functions
        .filter(|it| it.scale.max.value.is_none())
        .collect();
    if unbounded.is_empty() {
        return;
    }
    let names = unbounded.iter().map(|it| format!("`{}`", it.name.value));
    let names = names.collect::<Vec<_>>().join(", ");
    let mut made = Diagnostic::new(
        Code::FN0951,
        format!("Knative sets no upper bound on the instances of {names}"),
    );
    for function in unbounded {
        let span = function.scale.max.span().unwrap_or(function.name.span);
        made = made.label(span, "no MAX");
    }
    found.push(made.help("write `scale 0..MAX`, unless the cluster sets a limit of its own"));
}
