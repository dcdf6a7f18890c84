//! Streams and tables: what an app says once for all, what Event Hubs counts, and what the shim does for Azure.

use std::time::Duration;

use super::rounding::rounding;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Stream, StreamTrigger, TriggerKind, duration_text};
use crate::target::azure::arm::event_hubs::{own, readers, whole_hours};
use crate::target::azure::log::{readings, whole_seconds};

/// Consumer groups of a hub, of which `$Default` is one, and hubs of a namespace (Event Hubs quotas, tier Standard).
const MOST_READERS: usize = 19;
const MOST_HUBS: usize = 10;

pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    let readings = readings(function);
    if let [first, others @ ..] = readings.as_slice()
        && others.iter().any(|it| it != first)
    {
        differ(function, found);
    }
    for trigger in &function.triggers {
        if let Some(it) = trigger.kind.log() {
            let of_table = matches!(trigger.kind, TriggerKind::Table(_));
            in_turn(it, of_table, found);
            parked(it, found);
        }
        if let TriggerKind::Stream(it) = &trigger.kind {
            let rounded = whole_seconds(it.within.value);
            rounding("within", it.within, rounded, "seconds", found);
        }
    }
}

pub(super) fn stream(app: &App, stream: &Stream, found: &mut Diagnostics) {
    let rounded = Duration::from_hours(whole_hours(stream.keep.value));
    rounding("keep", stream.keep, rounded, "hours", found);
    let name = stream.name.as_str();
    let mut beyond = readers(app, name).skip(MOST_READERS);
    if let Some(function) = beyond.next() {
        let message = format!("`{name}` has more readers than an event hub takes");
        found.push(
            Diagnostic::new(Code::FN0880, message)
                .label(
                    function.name.span,
                    format!("the first beyond {MOST_READERS}"),
                )
                .label(stream.name.span, "read here")
                .help("let one function read it and publish to a topic, which takes more"),
        );
    }
}

/// Reports the first stream that the program's namespace has no place for.
pub(super) fn all(app: &App, found: &mut Diagnostics) {
    if let Some(stream) = own(app).nth(MOST_HUBS) {
        let message = format!("an Event Hubs namespace has {MOST_HUBS} hubs at most");
        found.push(
            Diagnostic::new(Code::FN0880, message)
                .label(
                    stream.name.span,
                    format!("the first beyond {MOST_HUBS} streams"),
                )
                .help("write records of several kinds to one stream, or make another app of some"),
        );
    }
}

fn differ(function: &Function, found: &mut Diagnostics) {
    let name = &function.name.value;
    let message = format!("the streams of `{name}` are read in different ways");
    let mut finding = Diagnostic::new(Code::FN0881, message);
    for trigger in &function.triggers {
        if let TriggerKind::Stream(it) = &trigger.kind {
            let (batch, from) = (it.batch.value, it.from.value.word());
            let label = format!(
                "batch {batch} within {} from {from}",
                duration_text(it.within.value)
            );
            finding = finding.label(it.source.span, label);
        }
    }
    found.push(finding.help(
        "Azure has `batch`, `within` and `from` once for a function app: let them agree, or make a function of each",
    ));
}

fn in_turn(it: &StreamTrigger, of_table: bool, found: &mut Diagnostics) {
    let Some(span) = it.parallel.span().filter(|_| it.parallel.value > 1) else {
        return;
    };
    let message = "Azure handles one batch of a partition after another";
    let help = if of_table {
        "order is kept all the more; Azure splits a table that grows, and then more batches run at once"
    } else {
        "order is kept all the more; more shards let more batches run at once"
    };
    found.push(
        Diagnostic::new(Code::FN0986, message)
            .label(span, "no two batches of a shard at once")
            .help(help),
    );
}

fn parked(it: &StreamTrigger, found: &mut Diagnostics) {
    let retry = it.retry.as_ref().map(|it| &it.value);
    let Some(park) = retry.and_then(|it| it.park.as_ref()) else {
        return;
    };
    let message = format!(
        "on Azure records are parked in `{}` by the function's own process",
        park.value
    );
    found.push(
        Diagnostic::new(Code::FN0987, message)
            .label(park.span, "Azure itself drops a batch after its last attempt")
            .help("attempts are counted in that process: one that is killed begins anew, and parks nothing"),
    );
}
