//! What the cluster decides, not the program: FN0995, FN0996, FN0999.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Auth, Function, Setting, Target};

pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    let name = &function.name.value;
    let logs = function.logs.as_ref().and_then(Setting::span);
    let trace = function.trace.span().filter(|_| function.trace.value);
    if let Some(span) = logs {
        let message = format!("how long the logs of `{name}` are kept is up to the cluster");
        found.push(
            Diagnostic::new(Code::FN0995, message)
                .label(span, "changes nothing on Knative")
                .help("set it where the cluster collects what containers write"),
        );
    }
    if let Some(span) = trace {
        let message = format!("whether calls of `{name}` are traced is up to the cluster");
        found.push(
            Diagnostic::new(Code::FN0995, message)
                .label(span, "changes nothing on Knative")
                .help("set it in the ConfigMap config-observability of Knative"),
        );
    }
    if let Some(span) = function.arch.span() {
        let word = function.arch.value.word();
        let message = format!(
            "`{name}` runs on nodes of {word} only where the cluster allows a nodeSelector"
        );
        found.push(
            Diagnostic::new(Code::FN0996, message)
                .label(span, "Knative refuses it unless a flag is set")
                .help("set `kubernetes.podspec-nodeselector: enabled` in the ConfigMap config-features of knative-serving"),
        );
    }
}

/// The router lets callers in; whoever is inside the cluster already needs no router.
pub(super) fn guarded(function: &Function, found: &mut Diagnostics) {
    let http = function.triggers.iter().filter_map(|it| it.kind.http());
    let guarded = http.filter(|it| it.auth.value != Auth::None);
    let mut guarded = guarded.filter_map(|it| it.auth.span());
    if let Some(span) = guarded.next() {
        let message = format!(
            "inside the cluster `{}` can be called past its router",
            function.name.value
        );
        found.push(
            Diagnostic::new(Code::FN0959, message)
                .label(span, "the router asks for it, the function doesn't")
                .help("let only the app's own pods run in its namespace, and only Knative's reach them: NetworkPolicies say so"),
        );
    }
}

/// The route from a Gateway to a service of the cluster is its network layer's matter.
pub(super) fn gateway(app: &App, found: &mut Diagnostics) {
    let settings = app.settings.get(&Target::Knative);
    if let Some(gateway) = settings.and_then(|it| it.get("gateway")) {
        found.push(
            Diagnostic::new(Code::FN0999, "the route from the Gateway goes through Kourier")
                .label(gateway.span, "`kourier-internal` in `kourier-system`")
                .help("on another network layer leave `gateway` out: then a DomainMapping serves the host name"),
        );
    }
}
