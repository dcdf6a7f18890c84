//! `contract lambda` where there is no Lambda: said aloud.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Contract, Function, Language, Target};

/// Says of a handler what it gets in place of Lambda's own events (FN0948, FN0966), and that AWS's libraries find none of its
/// resources there (FN0989, FN0967).
pub(super) fn check(target: Target, function: &Function, found: &mut Diagnostics) {
    let lambda = function.contract.value == Contract::Lambda;
    if !lambda || function.runtime.value.language() == Language::Other {
        return;
    }
    let (events, resources, name) = match target {
        Target::Aws => return,
        Target::Azure => (Code::FN0948, Code::FN0989, "Azure"),
        Target::Knative => (Code::FN0966, Code::FN0967, "Knative"),
    };
    let message = format!("the shim makes Lambda's events of those of {name}");
    let span = function.contract.span().unwrap_or(function.name.span);
    found.push(
        Diagnostic::new(events, message)
            .label(span, "ARNs have the account 000000000000")
            .help("account, region and ARNs name nothing there; all else is what AWS sends"),
    );
    for grant in &function.can {
        let message = format!(
            "AWS's SDK doesn't find `{}` on {name}",
            grant.resource.value
        );
        found.push(
            Diagnostic::new(resources, message)
                .label(grant.resource.span, "`contract lambda` has no `context` to reach it by")
                .help(format!("take `contract portable`, or use the libraries of {name} in the handler: the right is there")),
        );
    }
}
