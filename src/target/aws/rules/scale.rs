//! FN0912, FN0913 and FN0914: `scale` where Lambda has its own ways.

use super::super::scaling;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Function;

/// Reports what `concurrency`, MIN, `target` and `idle` come to.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let name = &function.name.value;
    let scale = &function.scale;
    let written = |span: Option<_>| span.unwrap_or(function.name.span);
    if scale.concurrency.value > 1 {
        let (most, label) = match scaling::reserved(function) {
            Some(most) => (
                format!("`{name}` may have {most} instances on AWS"),
                format!(
                    "{} instances, each with {} events",
                    scale.max.value.unwrap_or(most),
                    scale.concurrency.value
                ),
            ),
            None => (
                format!("an instance of `{name}` takes one event at a time on AWS"),
                format!("not {}", scale.concurrency.value),
            ),
        };
        found.push(
            Diagnostic::new(Code::FN0912, most)
                .label(written(scale.concurrency.span()), label)
                .help("Lambda gives each event an instance of its own: connections and caches are not shared"),
        );
    }
    if scale.min.value > 0 {
        let message = match scale.min.value {
            1 => format!("an instance of `{name}` kept ready costs money all day"),
            n => format!("{n} instances of `{name}` kept ready cost money all day"),
        };
        found.push(
            Diagnostic::new(Code::FN0913, message)
                .label(
                    written(scale.min.span()),
                    "provisioned concurrency, paid for as long as it stands",
                )
                .help("`scale 0..` waits for the first event of an instance instead"),
        );
    }
    let decided = [("target", scale.target.span()), ("idle", scale.idle.span())];
    for (word, span) in decided {
        if let Some(span) = span {
            found.push(
                Diagnostic::new(
                    Code::FN0914,
                    format!("`{word}` of `{name}` has no effect on AWS"),
                )
                .label(span, "Lambda decides by itself")
                .help("leave it out, or build this app for Knative"),
            );
        }
    }
}
