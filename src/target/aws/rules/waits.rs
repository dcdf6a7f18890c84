//! FN0917: waits between attempts that are AWS's own.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, duration_text};

/// Says once for the program how long AWS waits between attempts.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let queues = app.queues.values().filter_map(|queue| {
        let retry = queue.retry.as_ref()?;
        let hidden = duration_text(queue.hidden.value);
        let label = format!("`{}` waits {hidden}, as long as `hidden`", queue.name.value);
        (retry.value.count > 0).then_some((retry.span()?, label))
    });
    let functions = app.functions.values().filter_map(|function| {
        let retry = &function.retry;
        let label = format!("`{}` waits 1, then 2 minutes", function.name.value);
        let pushed = function.has_pushed() && retry.value.count > 0;
        pushed.then_some((retry.span()?, label))
    });
    let mut places: Vec<_> = queues.chain(functions).collect();
    places.sort();
    places.dedup_by_key(|(span, _)| *span);
    if places.is_empty() {
        return;
    }
    let mut made = Diagnostic::new(Code::FN0917, "AWS waits between attempts in its own way")
        .help("elsewhere attempts come after 1 s, 2 s, 4 s and so on, at most 5 minutes");
    for (span, label) in places {
        made = made.label(span, label);
    }
    found.push(made);
}
