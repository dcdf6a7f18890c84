//! FN0874, FN0875 and FN0980: what API Gateway makes of a websocket.

use std::time::Duration;

use super::super::platform::shortened_timeout;
use super::super::websocket::{LONGEST_CALL, takes, triggers};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Auth, Function};

/// Reports clients that are let in by a token, and time limits that API Gateway doesn't wait for.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for (function, trigger) in triggers(app) {
        if let (Auth::Jwt(_), Some(span)) = (&trigger.auth.value, trigger.auth.span()) {
            let name = &function.name.value;
            let message = format!("the websocket of `{name}` can't ask for a token on AWS");
            found.push(
                Diagnostic::new(Code::FN0874, message)
                    .label(span, "API Gateway reads tokens for http routes only")
                    .help("let a function read the token, `auth custom FUNCTION`, or ask for a key, `auth key SECRET`"),
            );
        }
    }
    for function in app.functions.values().filter(|it| takes(it)) {
        time_limit(function, found);
    }
}

fn time_limit(function: &Function, found: &mut Diagnostics) {
    let name = &function.name.value;
    let timeout = &function.timeout;
    if shortened_timeout(function) {
        let message = format!("`{name}` has {LONGEST_CALL}s for a call on AWS");
        found.push(
            Diagnostic::new(Code::FN0980, message)
                .label(
                    function.name.span,
                    format!(
                        "not {}s: API Gateway waits no longer for a function of the websocket",
                        timeout.value.as_secs()
                    ),
                )
                .help(format!(
                    "say it for every target: `timeout {LONGEST_CALL}s`"
                )),
        );
    } else if let Some(span) = timeout.span()
        && timeout.value > Duration::from_secs(LONGEST_CALL)
    {
        let message = format!("`timeout` of `{name}` is longer than its websocket waits on AWS");
        found.push(
            Diagnostic::new(Code::FN0875, message)
                .label(span, format!("API Gateway answers the client with an error after {LONGEST_CALL}s"))
                .help(format!("`timeout {LONGEST_CALL}s`; put longer work on a queue, and let its function `can reply`")),
        );
    }
}
