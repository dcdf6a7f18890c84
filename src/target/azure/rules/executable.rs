//! FN0926 and FN0927: executables, which no shim stands before.

use super::rounding::rounding;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Runtime};
use crate::target::azure::custom::around;
use crate::target::azure::log::whole_seconds;

pub(super) fn check(app: &App, function: &Function, found: &mut Diagnostics) {
    if function.runtime.value != Runtime::Custom {
        return;
    }
    let name = &function.name.value;
    let message = format!("`{name}` is a custom handler on Azure");
    let span = function.contract.span().or(function.runtime.span());
    found.push(
        Diagnostic::new(Code::FN0926, message)
            .label(span.unwrap_or(function.name.span), "the Functions host asks it over HTTP, without a shim")
            .help("serve HTTP on 127.0.0.1 at the port that `FUNCTIONS_CUSTOMHANDLER_PORT` names, as Azure's custom handlers do"),
    );
    for (span, why) in around(app, function) {
        found.push(
            Diagnostic::new(Code::FN0927, format!("`{name}` has no shim on Azure"))
                .label(span, format!("{why}: it is an executable"))
                .help("leave it out and do it in the program itself, or give the function a Python or Node runtime"),
        );
    }
    let timeout = function.timeout;
    rounding(
        "timeout",
        timeout,
        whole_seconds(timeout.value),
        "seconds",
        found,
    );
}
