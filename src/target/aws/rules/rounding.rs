//! FN0910: a value that AWS takes in whole seconds or megabytes.

use std::time::Duration;

use super::super::platform::{disk_size, kept};
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
    if let Some(disk) = function.disk {
        let label = "AWS gives 512MB at the least, and whole megabytes";
        size("disk", disk, disk_size(disk.value), label, span, found);
    }
    if let Some(keep) = function.logs {
        let label = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90 days and so on";
        duration("logs keep", keep, kept(keep), label, span, found);
    }
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
        "AWS takes whole hours",
        stream.name.span,
        found,
    );
}

/// Reports settings of a bucket that are rounded up.
pub(super) fn bucket(bucket: &Bucket, found: &mut Diagnostics) {
    if let Some(expire) = bucket.expire {
        let rounded = Duration::from_secs(whole_days(expire.value) * 24 * 60 * 60);
        let label = "AWS takes whole days";
        duration("expire", expire, rounded, label, bucket.name.span, found);
    }
}

fn seconds(word: &str, setting: Setting<Duration>, span: Span, found: &mut Diagnostics) {
    let rounded = Duration::from_secs(whole_seconds(setting.value));
    let label = "AWS takes whole seconds";
    duration(word, setting, rounded, label, span, found);
}

fn duration(
    word: &str,
    setting: Setting<Duration>,
    rounded: Duration,
    label: &str,
    span: Span,
    found: &mut Diagnostics,
) {
    if rounded != setting.value {
        let (written, becomes) = (duration_text(setting.value), duration_text(rounded));
        let span = setting.span().unwrap_or(span);
        report(word, &written, &becomes, label, span, found);
    }
}

fn megabytes(word: &str, setting: Setting<Size>, span: Span, found: &mut Diagnostics) {
    let rounded = Size::mb(setting.value.to_mb());
    let label = "AWS takes whole megabytes";
    size(word, setting, rounded, label, span, found);
}

fn size(
    word: &str,
    setting: Setting<Size>,
    rounded: Size,
    label: &str,
    span: Span,
    found: &mut Diagnostics,
) {
    if rounded != setting.value {
        let (written, becomes) = (setting.value.to_string(), rounded.to_string());
        let span = setting.span().unwrap_or(span);
        report(word, &written, &becomes, label, span, found);
    }
}

fn report(
    word: &str,
    written: &str,
    becomes: &str,
    label: &str,
    span: Span,
    found: &mut Diagnostics,
) {
    found.push(
        Diagnostic::new(
            Code::FN0910,
            format!("`{word}` of {written} becomes {becomes} on AWS"),
        )
        .label(span, label)
        .help(format!("`{word} {becomes}` means the same on every target")),
    );
}
