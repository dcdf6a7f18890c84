//! Paths that the Functions host answers itself, and calls that outlast their caller.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, RouteSegment, TriggerKind, duration_text};

/// When the load balancer gives a request up (Azure Functions, "Function app timeout duration").
const LONGEST_REQUEST: Duration = Duration::from_secs(230);

pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    for trigger in &function.triggers {
        let TriggerKind::Http(http) = &trigger.kind else {
            continue;
        };
        let reserved = |it: &&str| ["admin", "runtime"].contains(&it.to_lowercase().as_str());
        let first = match http.route.value.segments.first() {
            Some(RouteSegment::Literal(it)) => Some(it.as_str()).filter(reserved),
            Some(RouteSegment::Param(_) | RouteSegment::Rest(_)) | None => None,
        };
        if let Some(first) = first {
            let message = format!("`/{first}` belongs to Azure Functions itself");
            found.push(
                Diagnostic::new(Code::FN0831, message)
                    .label(
                        http.route.span,
                        "a request to this path never comes to the function",
                    )
                    .help(
                        "choose another first segment; `/admin` and `/runtime` are taken on Azure",
                    ),
            );
        }
    }
    let timeout = function.timeout;
    if function.triggers.is_empty() && timeout.value > LONGEST_REQUEST {
        let message = format!(
            "`{}` may run for {}, but its caller waits for 230s at most on Azure",
            function.name.value,
            duration_text(timeout.value)
        );
        found.push(
            Diagnostic::new(Code::FN0944, message)
                .label(
                    timeout.span().unwrap_or(function.name.span),
                    "it runs on after that",
                )
                .help("call it through a queue when it takes longer"),
        );
    }
}
