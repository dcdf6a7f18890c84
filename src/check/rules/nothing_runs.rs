//! FN0605: a `scale` that lets nothing run.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Scale;

/// Reports a MAX or a `concurrency` of 0.
pub(super) fn check(scale: &Scale, found: &mut Diagnostics) {
    if let (Some(0), Some(span)) = (scale.max.value, scale.max.span()) {
        found.push(
            Diagnostic::new(Code::FN0605, "this `scale` lets no instance run")
                .label(span, "0 instances at most")
                .help(
                    "allow one at least; to switch a function off in a stage, write \
                     `function NAME when stage == \"prod\" { … }`",
                ),
        );
    }
    if let (0, Some(span)) = (scale.concurrency.value, scale.concurrency.span()) {
        found.push(
            Diagnostic::new(
                Code::FN0605,
                "instances of this `scale` never take an event",
            )
            .label(span, "0 events at a time")
            .help("`concurrency 1` handles one event at a time"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(scale: &str) -> String {
        format!(r#"function a {{ handler "src/a.py:handle"; {scale} }}"#)
    }

    #[test]
    fn something_can_run() {
        finds(&program("scale 0..0"), "FN0605 at `0`");
        finds(&program("scale 2..0"), "FN0605 at `0`");
        finds(&program("scale 0..1 { concurrency 0 }"), "FN0605 at `0`");
        finds(&program("scale 0..1 { concurrency 1 }"), "");
    }
}
