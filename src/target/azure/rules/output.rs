//! FN0886: a value shown under a name that the template needs itself.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;
use crate::target::azure::arm::own_outputs;
use crate::target::azure::plan::Plan;

pub(super) fn check(app: &App, plan: &Plan<'_>, found: &mut Diagnostics) {
    if app.outputs.is_empty() {
        return;
    }
    let own = own_outputs(plan);
    for output in app.outputs.values() {
        let name = &output.name.value;
        // Azure doesn't tell names apart by case.
        if !own.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            continue;
        }
        let message = format!("Azure's template has an output `{name}` of its own");
        found.push(
            Diagnostic::new(Code::FN0886, message)
                .label(
                    output.name.span,
                    "it names a function app, for the deployment",
                )
                .help("give the value another name"),
        );
    }
}
