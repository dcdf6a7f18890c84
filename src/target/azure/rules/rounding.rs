//! FN0985: a value that Azure takes in larger units.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Setting, duration_text};

pub(super) fn rounding(
    word: &str,
    setting: Setting<Duration>,
    rounded: Duration,
    unit: &str,
    found: &mut Diagnostics,
) {
    let Some(span) = setting.span().filter(|_| rounded != setting.value) else {
        return;
    };
    let (written, becomes) = (duration_text(setting.value), duration_text(rounded));
    found.push(
        Diagnostic::new(
            Code::FN0985,
            format!("`{word}` of {written} becomes {becomes} on Azure"),
        )
        .label(span, format!("Azure takes whole {unit}"))
        .help(format!("`{word} {becomes}` means the same on every target")),
    );
}
