//! FN0604: an event that takes longer than the timeout.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Expect, Function, duration_text};

/// Compares the time of one event with the timeout of the call.
pub(super) fn check(function: &Function, expect: &Expect, found: &mut Diagnostics) {
    let timeout = function.timeout.value;
    if expect.taking <= timeout {
        return;
    }
    let (taking, limit) = (duration_text(expect.taking), duration_text(timeout));
    let name = &function.name.value;
    let mut finding = Diagnostic::new(
        Code::FN0604,
        format!("an event of `{name}` takes {taking}, but its `timeout` is {limit}"),
    )
    .label(expect.span, format!("{taking} each"));
    if let Some(span) = function.timeout.span() {
        finding = finding.label(span, "the call is stopped here");
    }
    found.push(finding.help(format!("write `timeout {taking}` or more")));
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(timeout: &str) -> String {
        format!(
            r#"function a {{
  handler "src/a.py:handle"
  {timeout}
  on http GET "/a" {{ auth none }}
  expect 5/s taking 40s
}}"#
        )
    }

    #[test]
    fn an_event_fits_into_the_timeout() {
        finds(&program("timeout 20s"), "FN0604 at `5/s taking 40s`");
        finds(&program(""), "FN0604 at `5/s taking 40s`");
        finds(&program("timeout 40s"), "");
    }
}
