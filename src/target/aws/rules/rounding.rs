//! FN0910: a value that AWS takes in whole seconds or megabytes.

use std::time::Duration;

use super::super::storage::{whole_days, whole_hours};
use super::super::whole_seconds;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Bucket, Function, Queue, Setting, Size, Stream, TriggerKind, duration_text};
use crate::source::Span;

/// Reports settings of a function that are rounded up.
pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    let span = function.name.span;
    seconds("timeout", function.timeout, span, found);
    megabytes("memory", function.memory, span, found);
    for trigger in &function.triggers {
        if let TriggerKind::Queue(it) = &trigger.kind {
            seconds("within", it.within, it.queue.span, found);
        }
        if let Some(it) = trigger.kind.log() {
            seconds("within", it.within, it.source.span, found);
            if let Some(max_age) = it.max_age {
                seconds("max_age", max_age, it.source.span, found);
            }
        }
    }
}

/// Reports settings of a queue that are rounded up.
pub(super) fn queue(queue: &Queue, found: &mut Diagnostics) {
    let span = queue.name.span;
    seconds("keep", queue.keep, span, found);
    seconds("delay", queue.delay, span, found);
    // The derived one follows the timeout, which is reported itself.
    if queue.hidden.is_written() {
        seconds("hidden", queue.hidden, span, found);
    }
}

/// Reports settings of a stream that are rounded up.
pub(super) fn stream(stream: &Stream, found: &mut Diagnostics) {
    let rounded = Duration::from_secs(whole_hours(stream.keep.value) * 60 * 60);
    duration(
        "keep",
        stream.keep,
        rounded,
        "hours",
        stream.name.span,
        found,
    );
}

/// Reports settings of a bucket that are rounded up.
pub(super) fn bucket(bucket: &Bucket, found: &mut Diagnostics) {
    if let Some(expire) = bucket.expire {
        let rounded = Duration::from_secs(whole_days(expire.value) * 24 * 60 * 60);
        duration("expire", expire, rounded, "days", bucket.name.span, found);
    }
}

fn seconds(word: &str, setting: Setting<Duration>, span: Span, found: &mut Diagnostics) {
    let rounded = Duration::from_secs(whole_seconds(setting.value));
    duration(word, setting, rounded, "seconds", span, found);
}

fn duration(
    word: &str,
    setting: Setting<Duration>,
    rounded: Duration,
    unit: &str,
    span: Span,
    found: &mut Diagnostics,
) {
    if rounded != setting.value {
        let (written, becomes) = (duration_text(setting.value), duration_text(rounded));
        let span = setting.span().unwrap_or(span);
        report(word, &written, &becomes, unit, span, found);
    }
}

fn megabytes(word: &str, setting: Setting<Size>, span: Span, found: &mut Diagnostics) {
    let rounded = Size::mb(setting.value.to_mb());
    if rounded != setting.value {
        let (written, becomes) = (setting.value.to_string(), rounded.to_string());
        let span = setting.span().unwrap_or(span);
        report(word, &written, &becomes, "megabytes", span, found);
    }
}

fn report(
    word: &str,
    written: &str,
    becomes: &str,
    unit: &str,
    span: Span,
    found: &mut Diagnostics,
) {
    found.push(
        Diagnostic::new(
            Code::FN0910,
            format!("`{word}` of {written} becomes {becomes} on AWS"),
        )
        .label(span, format!("AWS takes whole {unit}"))
        .help(format!("`{word} {becomes}` means the same on every target")),
    );
}
