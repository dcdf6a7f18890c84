//! Scaling: an app's bound holds for each trigger, and some words are not the program's to choose.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Setting, TriggerKind};
use crate::source::Span;
use crate::target::azure::capacity::capacity;

/// Below this a maximum isn't offered in every region yet (Flex Consumption plan, "Scale and concurrency").
const LEAST_EVERYWHERE: u32 = 40;

pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let scale = &function.scale;
    ignored("target", scale.target, found);
    ignored("idle", scale.idle, found);
    if let (Some(max), Some(span)) = (scale.max.value, scale.max.span()) {
        maximum(function, max, span, found);
    }
    for trigger in &function.triggers {
        if let TriggerKind::Queue(queue) = &trigger.kind
            && let Some(concurrency) = queue.concurrency
        {
            queue_concurrency(function, concurrency, found);
        }
    }
}

fn ignored<T: Copy>(word: &str, setting: Setting<T>, found: &mut Diagnostics) {
    if let Some(span) = setting.span() {
        found.push(
            Diagnostic::new(Code::FN0933, format!("`{word}` has no effect on Azure"))
                .label(span, "Azure decides this by itself")
                .help("nothing else changes; `concurrency` and the maximum are kept"),
        );
    }
}

fn maximum(function: &Function, max: u32, span: Span, found: &mut Diagnostics) {
    let Some(capacity) = capacity(function) else {
        let name = &function.name.value;
        let message = format!("`{name}` has more triggers than instances");
        found.push(
            Diagnostic::new(Code::FN0830, message)
                .label(span, "Azure gives each trigger instances of its own")
                .label(
                    function.name.span,
                    format!("{} triggers", function.triggers.len()),
                )
                .help("raise the maximum, or make a function of each trigger"),
        );
        return;
    };
    let share = capacity.instances.unwrap_or(max);
    if share < max && function.triggers.len() > 1 {
        let message = format!(
            "the triggers of `{}` share its instances",
            function.name.value
        );
        found.push(
            Diagnostic::new(Code::FN0943, message)
                .label(
                    span,
                    format!("on Azure each trigger gets {share} of these {max}"),
                )
                .help("make a function of each trigger, each with the maximum it needs"),
        );
    }
    if share < LEAST_EVERYWHERE {
        let message = format!("a maximum of {share} is not offered in every region of Azure yet");
        found.push(
            Diagnostic::new(Code::FN0935, message)
                .label(
                    span,
                    format!("in some regions it must be {LEAST_EVERYWHERE} or more"),
                )
                .help("the deployment fails where it isn't offered; choose another region then"),
        );
    }
    if function.scale.min.value > 0 {
        let message = "instances kept ready come on top of the maximum on Azure";
        let total = function.scale.min.value + share;
        found.push(
            Diagnostic::new(Code::FN0934, message)
                .label(span, format!("there may be {total} at once"))
                .help("lower the maximum by what is kept ready when it must hold"),
        );
    }
    if function.has_http() {
        let message = "a burst of requests may exceed the maximum on Azure";
        found.push(
            Diagnostic::new(Code::FN0942, message)
                .label(span, "for http this is not a hard limit there")
                .help("where it must hold, put a queue between the requests and the work"),
        );
    }
}

fn queue_concurrency(function: &Function, concurrency: Setting<u32>, found: &mut Diagnostics) {
    let Some((capacity, span)) = capacity(function).zip(concurrency.span()) else {
        return;
    };
    let in_flight = capacity
        .instances
        .unwrap_or(0)
        .saturating_mul(capacity.calls);
    let others = function.triggers.len() > 1;
    let narrowed = capacity.calls < function.scale.concurrency.value;
    if !others && !narrowed {
        return;
    }
    let instances = capacity.instances.unwrap_or(0);
    let calls = capacity.calls;
    let message = format!(
        "`concurrency {}` of a queue bounds all of the function on Azure",
        concurrency.value
    );
    found.push(
        Diagnostic::new(Code::FN0945, message)
            .label(
                span,
                format!("{instances} instances with {calls} calls each: {in_flight} at once"),
            )
            .help("give the queue a function of its own"),
    );
}
