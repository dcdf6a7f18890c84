//! FN0602: more load than the scaling allows, by Little's law: R events a second that take D seconds each keep
//! R × D of them running. A batch counts as one event, and takes as long as its events together, so batches change
//! nothing.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Expect, Function, Rate, TriggerKind, duration_text};
use crate::source::Span;

/// Compares the expected load with what may run at once.
pub(super) fn check(function: &Function, expect: &Expect, found: &mut Diagnostics) {
    let Some(bound) = bound(function).filter(|it| it.at_once > 0) else {
        return;
    };
    // Other rules say what is wrong with a maximum below the minimum, and with an event that is never done in time.
    let scale = &function.scale;
    let upside_down = scale.max.value.is_some_and(|it| it < scale.min.value);
    if upside_down || expect.taking > function.timeout.value {
        return;
    }
    let (rate, taking) = (expect.rate, expect.taking.as_nanos());
    let per = rate.per.as_nanos();
    let needed = (u128::from(rate.events) * taking).div_ceil(per.max(1));
    // Load and capacity are compared as whole numbers of events × time: nothing is rounded.
    if taking == 0 || u128::from(rate.events) * taking <= u128::from(bound.at_once) * per {
        return;
    }
    let handled = u128::from(bound.at_once) * per / taking;
    let excess = u64::try_from(u128::from(rate.events) - handled).unwrap_or(rate.events);
    let excess = Rate {
        events: excess.max(1),
        per: rate.per,
    };
    let (name, one) = (&function.name.value, duration_text(expect.taking));
    let enough = needed.div_ceil(u128::from(bound.per_step.max(1)));
    found.push(
        Diagnostic::new(
            Code::FN0602,
            format!(
                "`{name}` is to take {rate}, which is {needed} at any time, but only {} may run at once",
                bound.at_once
            ),
        )
        .label(expect.span, format!("{rate} × {one} = {needed}"))
        .label(bound.span, bound.said)
        .help(format!(
            "what waits grows by {excess}, or is refused; raise {} to {enough}, or correct `expect`",
            bound.word
        )),
    );
}

/// What keeps a function from running more often at once.
pub(super) struct Bound {
    /// Events at once.
    pub(super) at_once: u64,
    /// How many more each step of the word allows.
    pub(super) per_step: u32,
    /// The word that sets it.
    pub(super) word: &'static str,
    said: String,
    /// Where it is written.
    pub(super) span: Span,
}

/// Returns what keeps the function from running more often at once, where something does.
pub(super) fn bound(function: &Function) -> Option<Bound> {
    let scale = &function.scale;
    let concurrency = scale.concurrency.value;
    let by_scale = scale.max.value.map(|max| Bound {
        at_once: u64::from(max) * u64::from(concurrency),
        per_step: concurrency,
        word: "MAX of `scale`",
        said: match concurrency {
            1 => format!("{max} at once"),
            _ => format!("{max} instances, {concurrency} at once in each"),
        },
        span: scale.max.span().unwrap_or(function.name.span),
    });
    let by_trigger = match function.triggers.as_slice() {
        [only] => match &only.kind {
            TriggerKind::Queue(it) => it.concurrency.map(|concurrency| Bound {
                at_once: concurrency.value.into(),
                per_step: 1,
                word: "`concurrency` of the trigger",
                said: format!("{} batches at once", concurrency.value),
                span: concurrency.span().unwrap_or(it.queue.span),
            }),
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
        },
        _ => None,
    };
    match (by_scale, by_trigger) {
        (Some(scale), Some(trigger)) if trigger.at_once < scale.at_once => Some(trigger),
        (Some(scale), _) => Some(scale),
        (None, trigger) => trigger,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finds, help};

    fn http(scale: &str, expect: &str) -> String {
        format!(
            r#"function a {{
  handler "src/a.py:handle"
  on http GET "/a" {{ auth none }}
  {scale}
  {expect}
}}"#
        )
    }

    #[test]
    fn load_stays_within_the_scale() {
        let expect = "expect 200/s taking 500ms";
        let few = "FN0602 at `200/s taking 500ms`";
        finds(&http("scale 0..99", expect), few);
        finds(&http("scale 0..100", expect), "");
        finds(&http("scale 0..19 { concurrency 5 }", expect), few);
        finds(&http("scale 0..20 { concurrency 5 }", expect), "");
        finds(&http("", expect), "");
        finds(&http("scale 0..1", "expect 60/m taking 1s"), "");
        finds(
            &http("scale 0..1", "expect 61/m taking 1s"),
            "FN0602 at `61/m taking 1s`",
        );
    }

    #[test]
    fn the_help_says_what_is_enough() {
        let source = http("scale 0..10 { concurrency 3 }", "expect 200/s taking 500ms");
        assert_eq!(
            help(&source),
            "what waits grows by 140/s, or is refused; raise MAX of `scale` to 34, or correct `expect`"
        );
    }

    #[test]
    fn a_trigger_limits_too() {
        let queue = |concurrency: u32| {
            format!(
                r#"
queue orders {{ retry 5 then failed }}
queue failed {{ keep 14d }}
function bill {{
  handler "src/bill.py:handle"
  on queue orders {{ concurrency {concurrency} }}
  scale 0..50
  expect 10/s taking 1s
}}"#
            )
        };
        finds(&queue(9), "FN0602 at `10/s taking 1s`");
        finds(&queue(11), "");
    }
}
