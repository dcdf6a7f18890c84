//! FN0622: so little room above the expected load that what has piled up is hardly ever worked off.

use std::time::Duration;

use super::load_beyond_scale::bound;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Expect, Function, TriggerKind, duration_text};

/// How long a standstill is asked about: a deployment, or a service that doesn't answer for a moment.
const STANDSTILL: Duration = Duration::from_mins(1);
/// How long working it off may take.
const DRAIN: Duration = Duration::from_hours(1);

/// Works out how long a minute's backlog takes, where events wait: load ÷ (capacity − load) × a minute.
pub(super) fn check(function: &Function, expect: &Expect, found: &mut Diagnostics) {
    let waits = |it: &TriggerKind| match it {
        TriggerKind::Queue(_) | TriggerKind::Stream(_) | TriggerKind::Table(_) => true,
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => false,
    };
    if !function.triggers.iter().any(|it| waits(&it.kind)) {
        return;
    }
    let Some(bound) = bound(function).filter(|it| it.at_once > 0) else {
        return;
    };
    // Both as events × time: nothing is rounded. More load than capacity is FN0602.
    let load = u128::from(expect.rate.events) * expect.taking.as_nanos();
    let capacity = u128::from(bound.at_once) * expect.rate.per.as_nanos();
    let Some(spare) = capacity.checked_sub(load).filter(|_| load > 0) else {
        return;
    };
    let (standstill, limit) = (STANDSTILL.as_millis(), DRAIN.as_millis());
    if load * standstill <= spare * limit {
        return;
    }
    let drained = (load * standstill).checked_div(spare).map(|ms| {
        let minutes = u64::try_from(ms / 60_000).unwrap_or(u64::MAX);
        duration_text(Duration::from_secs(minutes.saturating_mul(60)))
    });
    let name = &function.name.value;
    let message = match drained {
        Some(time) => format!("`{name}` needs {time} to catch up after a minute's standstill"),
        None => format!("`{name}` never catches up after a standstill"),
    };
    // A tenth of room works a minute off in ten.
    let needed = (load * 11).div_ceil(expect.rate.per.as_nanos().max(1) * 10);
    let enough = needed.div_ceil(u128::from(bound.per_step.max(1)));
    found.push(
        Diagnostic::new(Code::FN0622, message)
            .label(expect.span, "the load it is meant for")
            .label(
                bound.span,
                format!("{} at once is all there is", bound.at_once),
            )
            .help(format!("raise {} to {enough}: a tenth of room", bound.word)),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finds, help};

    fn program(concurrency: u32, trigger: &str) -> String {
        format!(
            r#"
queue orders {{ retry 5 then failed }}
queue failed {{ keep 14d }}
function bill {{ handler "src/bill.py:handle"; {trigger}; scale 0..{concurrency}; expect 100/s taking 1s }}
function other {{ handler "src/bill.py:handle"; on http POST "/o" {{ auth none }}; can send orders }}"#
        )
    }

    #[test]
    fn a_backlog_is_worked_off() {
        let queue = "on queue orders";
        finds(&program(100, queue), "FN0622 at `100/s taking 1s`");
        finds(&program(101, queue), "FN0622 at `100/s taking 1s`");
        finds(&program(102, queue), "");
        assert_eq!(
            help(&program(101, queue)),
            "raise MAX of `scale` to 110: a tenth of room"
        );
    }

    #[test]
    fn callers_of_a_route_do_not_wait() {
        let route = program(100, "on http GET \"/\" { auth none }");
        finds(&route.replace("; can send orders", "; on queue orders"), "");
    }
}
