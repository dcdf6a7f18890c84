//! What a function asks of its instances beside memory and time: disk, processor and logs.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Arch, Function, duration_text};

const DAY: u64 = 24 * 60 * 60;
/// How long a workspace keeps logs at least without deleting sooner than its price includes ("Azure Monitor Logs",
/// retention).
const LEAST_LOG_DAYS: u64 = 30;

/// Returns for how many days the program's workspace keeps logs: as long as the function says that wants them longest.
pub(in crate::target::azure) fn log_days(app: &App) -> u64 {
    let kept = app.functions.values().filter_map(|it| it.logs);
    let days = kept.map(|it| it.value.as_secs().div_ceil(DAY));
    days.max().unwrap_or(0).max(LEAST_LOG_DAYS)
}

pub(super) fn check(app: &App, function: &Function, found: &mut Diagnostics) {
    disk(function, found);
    arch(function, found);
    logs(app, function, found);
}

fn disk(function: &Function, found: &mut Diagnostics) {
    let Some((disk, span)) = function.disk.and_then(|it| Some((it.value, it.span()?))) else {
        return;
    };
    let message = format!("disk of {disk} changes nothing on Azure");
    found.push(
        Diagnostic::new(Code::FN0990, message)
            .label(
                span,
                "an instance has 800MB for temporary files, whatever is asked",
            )
            .help("all calls that an instance takes at a time share them"),
    );
}

fn arch(function: &Function, found: &mut Diagnostics) {
    match function.arch.value {
        Arch::X64 => {}
        Arch::Arm64 => {
            let message = format!("`{}` can't run on Arm on Azure", function.name.value);
            found.push(
                Diagnostic::new(Code::FN0887, message)
                    .label(
                        function.arch.span().unwrap_or(function.name.span),
                        "the Flex Consumption plan has x64 alone",
                    )
                    .help("leave `arch` out, or leave Azure out of the targets"),
            );
        }
    }
}

fn logs(app: &App, function: &Function, found: &mut Diagnostics) {
    let Some(setting) = function.logs else {
        return;
    };
    let kept = Duration::from_secs(log_days(app) * DAY);
    if setting.value == kept {
        return;
    }
    let (written, becomes) = (duration_text(setting.value), duration_text(kept));
    let message = format!("`logs keep` of {written} becomes {becomes} on Azure");
    found.push(
        Diagnostic::new(Code::FN0991, message)
            .label(
                setting.span().unwrap_or(function.name.span),
                "all functions log to one workspace, which keeps whole days, 30 at the least",
            )
            .help("nothing is lost; longer retention may cost more"),
    );
}
