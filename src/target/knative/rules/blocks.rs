//! FN0960, FN0961, FN1007: blocks that speak of no part of their object, or of one that is fnc's to say.

use super::ours::OURS;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::RawBody;
use crate::source::Span;
use crate::target::knative::hatch::{self, CONTAINER, Site};

/// Looks at what a block says first: which part of the object, and whether that is the program's to say.
pub(super) fn check(site: &Site<'_>, found: &mut Diagnostics) {
    let body = &site.hatch.body;
    let is_service = site.kind == "serving.knative.dev/Service";
    for (name, entry) in &body.entries {
        let known = match name.as_str() {
            "metadata" | "spec" => true,
            CONTAINER => is_service,
            _ => false,
        };
        if !known {
            let help = if is_service {
                "say `metadata = { … }`, `spec = { … }`, or `container = { … }` for the service's container"
            } else {
                "say `metadata = { … }` or `spec = { … }`"
            };
            found.push(
                Diagnostic::new(Code::FN0960, format!("`{name}` is no part of the object"))
                    .label(entry.key, "no place for this")
                    .help(help),
            );
        } else if name == CONTAINER && entry.members().is_none() {
            found.push(
                Diagnostic::new(Code::FN0961, "`container` takes an object")
                    .label(entry.span, "the fields of the service's container")
                    .help("write `container = { resources = { … } }`"),
            );
        }
    }
    if let Some(span) = at(body, "spec/template/spec/containers") {
        found.push(
            Diagnostic::new(
                Code::FN0960,
                "a list would take the place of the function's container",
            )
            .label(span, "merged into no container")
            .help("say it in `container = { … }`"),
        );
    }
    for (kind, path, why) in OURS {
        if (*kind == site.kind || kind.is_empty())
            && let Some(span) = at(body, path)
        {
            let name = path.rsplit('/').next().unwrap_or(path);
            let name = name.replace("~1", "/");
            let help = if why.starts_with('`') {
                format!("say it with {why}")
            } else {
                "leave it as the build makes it".to_owned()
            };
            let label = if why.starts_with('`') {
                "neither the checks nor the other targets see this"
            } else {
                why
            };
            found.push(
                Diagnostic::new(Code::FN1007, format!("`{name}` is fnc's to say"))
                    .label(span, label)
                    .help(help),
            );
        }
    }
}

/// Returns where a block says something, by the keys that lead there.
fn at(body: &RawBody, path: &str) -> Option<Span> {
    let parts = path.split('/').count();
    let (depth, span) = hatch::entry(body, &format!("/{path}"))?;
    (depth == parts).then_some(span)
}
