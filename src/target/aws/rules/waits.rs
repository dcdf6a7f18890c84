//! FN0917: waits between attempts that are AWS's own.

use super::super::is_invoked_by_events;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, duration_text};

/// Says once for the program how long AWS waits between attempts.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let queue = app.queues.values().find_map(|queue| {
        let retry = queue.retry.as_ref().filter(|it| it.value.count > 0)?;
        let hidden = duration_text(queue.hidden.value);
        let label = format!("`{}` waits {hidden}, as long as `hidden`", queue.name.value);
        Some((retry.span()?, label))
    });
    let function = app.functions.values().find_map(|function| {
        let retry = &function.retry;
        let label = format!("`{}` waits 1, then 2 minutes", function.name.value);
        let pushed = is_invoked_by_events(app, function) && retry.value.count > 0;
        pushed.then_some((retry.span()?, label))
    });
    let mut made = Diagnostic::new(Code::FN0917, "AWS waits between attempts in its own way")
        .help("elsewhere attempts come after 1 s, 2 s, 4 s and so on, at most 5 minutes");
    let mut places: Vec<_> = queue.into_iter().chain(function).collect();
    places.sort();
    for (span, label) in places {
        made = made.label(span, label);
    }
    if !made.labels.is_empty() {
        found.push(made);
    }
}
