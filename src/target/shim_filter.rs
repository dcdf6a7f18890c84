//! FN0918, FN0947, FN0958: a filter that the function's own process evaluates, since the target's own says less.

use super::Target;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;

/// Reports the filters that a target's own mechanism doesn't carry out; at present that is all of them.
pub(super) fn check(app: &App, target: Target, found: &mut Diagnostics) {
    let code = match target {
        Target::Aws => Code::FN0918,
        Target::Azure => Code::FN0947,
        Target::Knative => Code::FN0958,
    };
    for function in app.functions.values() {
        for filter in function.triggers.iter().filter_map(|it| it.filter.as_ref()) {
            let message = format!(
                "{} starts `{}` for each record, and the filter is evaluated there",
                target.title(),
                function.name.value
            );
            found.push(
                Diagnostic::new(code, message)
                    .label(filter.span, "the handler is called only for what passes")
                    .help("nothing changes but the cost: calls that end at once are paid for"),
            );
        }
    }
}
