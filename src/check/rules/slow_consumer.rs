//! FN0623: a chain whose later function takes less than the earlier ones may send it.

use indexmap::IndexMap;

use super::load_beyond_scale::bound;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Expect, Function, Grant, Rate, TriggerKind, Verb};

/// Follows the expected rates along the program, one message for each event, and compares what arrives with what fits.
/// A handler may send for some events only, so it is a note.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut senders: IndexMap<&str, Vec<(&Function, &Grant)>> = IndexMap::new();
    for function in app.functions.values() {
        for grant in &function.can {
            let feeds = match grant.verb {
                Verb::Send | Verb::Publish | Verb::Write => true,
                Verb::Read | Verb::Invoke | Verb::Reply => false,
            };
            if feeds {
                let of = senders.entry(grant.resource.as_str()).or_default();
                of.push((function, grant));
            }
        }
    }
    for function in app.functions.values() {
        let (Some(expect), Some(bound)) = (&function.expect, bound(function)) else {
            continue;
        };
        let [only] = function.triggers.as_slice() else {
            continue;
        };
        let Some(source) = source(&only.kind).filter(|_| only.filter.is_none()) else {
            continue;
        };
        let known = senders.get(source).into_iter().flatten();
        let known = known.filter_map(|(it, grant)| Some((it, grant, it.expect.as_ref()?)));
        let known: Vec<_> = known.filter(|(it, ..)| it.name != function.name).collect();
        let Some((sender, grant, _)) = known.first() else {
            continue;
        };
        let arrives: f64 = known.iter().map(|(.., it)| it.rate.per_second()).sum();
        let takes = capacity(bound.at_once, expect);
        if expect.taking.is_zero() || arrives <= takes || takes < expect.rate.per_second() {
            continue;
        }
        let (name, from) = (&function.name.value, &sender.name.value);
        let whose = match known.len() {
            1 => format!("`{from}` may send it"),
            _ => format!("`{from}` and others may send it"),
        };
        found.push(
            Diagnostic::new(
                Code::FN0623,
                format!(
                    "`{name}` takes {} at most, and {whose} {}",
                    shown(takes),
                    shown(arrives)
                ),
            )
            .label(bound.span, format!("{} at once", bound.at_once))
            .label(grant.resource.span, "one message for each event, at most")
            .help(format!(
                "fine when it is sent to for some events only; else raise {}",
                bound.word
            )),
        );
    }
}

/// Returns the queue, topic, stream, table or bucket whose events start a function.
fn source(kind: &TriggerKind) -> Option<&str> {
    match kind {
        TriggerKind::Queue(it) => Some(it.queue.as_str()),
        TriggerKind::Topic(it) => Some(it.topic.as_str()),
        TriggerKind::Stream(it) | TriggerKind::Table(it) => Some(it.source.as_str()),
        TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    }
}

/// Returns the events a second that fit, by Little's law.
#[expect(clippy::cast_precision_loss, reason = "instances are small numbers")]
fn capacity(at_once: u64, expect: &Expect) -> f64 {
    at_once as f64 / expect.taking.as_secs_f64()
}

/// Writes a rate in whole events, by the second or the hour.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive and small"
)]
fn shown(per_second: f64) -> String {
    let (events, seconds) = if per_second >= 1.0 {
        (per_second, 1)
    } else {
        (per_second * 3600.0, 3600)
    };
    let rate = Rate {
        events: events.floor() as u64,
        per: std::time::Duration::from_secs(seconds),
    };
    rate.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn a_consumer_keeps_up_with_its_senders() {
        let program = |max: u32, rate: u32| {
            format!(
                r#"
queue orders {{ retry 5 then failed }}
queue failed {{ keep 14d }}
function take {{ handler "src/a.py:handle"; on http POST "/" {{ auth none }}; can send orders; expect 200/s taking 50ms }}
function bill {{ handler "src/a.py:handle"; on queue orders; scale 0..{max}; expect {rate}/s taking 1s }}"#
            )
        };
        finds(&program(100, 50), "FN0623 at `100`");
        finds(&program(200, 50), "");
        finds(&program(100, 120), "FN0602 at `120/s taking 1s`");
    }
}
