//! FN0603: a full batch that takes longer than the timeout.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Expect, Function, Name, Setting, duration_text};

/// Compares the time of a full batch with the timeout of the call.
pub(super) fn check(
    function: &Function,
    source: &Name,
    batch: Setting<u32>,
    expect: &Expect,
    found: &mut Diagnostics,
) {
    let (span, timeout) = (batch.span(), function.timeout.value);
    let batch = batch.value;
    let Some(whole) = expect.taking.checked_mul(batch) else {
        return;
    };
    // One event that takes too long is FN0604.
    if whole <= timeout || expect.taking > timeout {
        return;
    }
    let fits = timeout.as_nanos() / expect.taking.as_nanos().max(1);
    let (name, whole) = (&function.name.value, duration_text(whole));
    let (one, limit) = (duration_text(expect.taking), duration_text(timeout));
    let mut finding = Diagnostic::new(
        Code::FN0603,
        format!("a full batch of `{name}` takes {whole}, but its `timeout` is {limit}"),
    )
    .label(
        span.unwrap_or(source.span),
        format!("{batch} records a call"),
    )
    .label(expect.span, format!("{one} each, one after the other"));
    if let Some(span) = function.timeout.span() {
        finding = finding.label(span, "the call is stopped here");
    }
    found.push(finding.help(format!(
        "`batch {fits}` fits, or raise the timeout to {whole} or more"
    )));
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(trigger: &str, timeout: &str) -> String {
        format!(
            r#"
queue orders {{ retry 5 then failed }}
queue failed {{ keep 14d }}
function bill {{
  handler "src/bill.py:handle"
  timeout {timeout}
  {trigger}
  expect 1/s taking 5s
}}"#
        )
    }

    #[test]
    fn a_batch_fits_into_the_timeout() {
        let long = "on queue orders { batch 100 }";
        finds(&program(long, "1m"), "FN0603 at `100`");
        finds(&program("on queue orders { batch 12 }", "1m"), "");
    }

    #[test]
    fn the_default_batch_counts_too() {
        finds(&program("on queue orders", "30s"), "FN0603 at `orders`");
        finds(&program("on queue orders", "50s"), "");
    }
}
