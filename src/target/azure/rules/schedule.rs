//! Time zones, and ticks that nothing but the shim parks.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, TriggerKind};
use crate::target::azure::plan::parks_ticks_in;
use crate::target::azure::schedule::{ZoneFault, in_utc};

pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    for trigger in &function.triggers {
        let TriggerKind::Schedule(schedule) = &trigger.kind else {
            continue;
        };
        let Some(zone) = &schedule.zone else {
            continue;
        };
        let why = match in_utc(&schedule.cron.value, zone.as_str()) {
            Ok(_) => continue,
            Err(ZoneFault::Changes) => "its offset changes in the course of a year",
            Err(ZoneFault::Days) => "in UTC it would fall on days that no expression says",
        };
        let message = format!("Azure's timers run in UTC, not in `{}`", zone.value);
        found.push(
            Diagnostic::new(Code::FN0931, message)
                .label(zone.span, why)
                .help("give the time in UTC without `in`, or build this app for another target"),
        );
    }
    if let Some(queue) = parks_ticks_in(function) {
        let message =
            format!("on Azure a tick is parked in `{queue}` by the function's own process");
        let span = function.retry.span().unwrap_or(function.name.span);
        found.push(
            Diagnostic::new(Code::FN0938, message)
                .label(span, "Azure itself drops a tick after its last attempt")
                .help(
                    "a process that is killed in the last attempt parks nothing; the log shows it",
                ),
        );
    }
}
