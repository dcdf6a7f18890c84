//! FN0620: a route that is called so seldom that most calls wait for an instance to start.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Expect, Function, duration_text};

/// Compares the time between two calls with how long an idle instance stays, where none is kept ready.
pub(super) fn check(function: &Function, expect: &Expect, found: &mut Diagnostics) {
    let scale = &function.scale;
    let idle = scale.idle.value;
    let kept = u128::from(expect.rate.events) * idle.as_nanos() >= expect.rate.per.as_nanos();
    if !function.has_http() || scale.min.value > 0 || kept {
        return;
    }
    let name = &function.name.value;
    let mut finding = Diagnostic::new(
        Code::FN0620,
        format!("most calls of `{name}` wait for an instance to start"),
    )
    .label(
        expect.span,
        format!(
            "an idle instance stays {}, and calls are further apart",
            duration_text(idle)
        ),
    );
    if let Some(span) = scale.min.span() {
        finding = finding.label(span, "none is kept ready");
    }
    found.push(finding.help(
        "if the callers mind, keep one ready: `scale 1..MAX`; it costs money without a call too",
    ));
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn seldom_called_routes_start_cold() {
        let program = |scale: &str, expect: &str| {
            format!(
                r#"function a {{ handler "src/a.py:handle"; on http GET "/" {{ auth none }}; {scale}; expect {expect} taking 1s }}"#
            )
        };
        finds(&program("memory 1GB", "11/h"), "FN0620 at `11/h taking 1s`");
        finds(&program("memory 1GB", "12/h"), "");
        finds(&program("scale 1..", "1/h"), "");
        finds(&program("scale 0.. { idle 1h }", "1/h"), "");
    }
}
