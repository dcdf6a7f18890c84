//! The identity is the function app's, so its functions share their rights.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{EnvValue, Function};
use crate::target::azure::plan::{FunctionApp, keys};

pub(super) fn check(app: &FunctionApp<'_>, found: &mut Diagnostics) {
    let all: Vec<Vec<String>> = app.functions.iter().map(|it| rights(it)).collect();
    let same = all
        .windows(2)
        .all(|pair| matches!(pair, [one, other] if one == other));
    if same {
        return;
    }
    let names: Vec<_> = app
        .functions
        .iter()
        .map(|it| format!("`{}`", it.name.value))
        .collect();
    let message = format!("{} share an identity on Azure", joined(&names));
    let mut finding = Diagnostic::new(Code::FN0936, message);
    for (function, rights) in app.functions.iter().zip(&all) {
        if !rights.is_empty() {
            finding = finding.label(function.name.span, format!("may {}", joined(rights)));
        }
    }
    found.push(finding.help(
        "they run in one function app; the shim still refuses what a function doesn't declare, but code that goes around it isn't held back",
    ));
}

/// Returns what a function may do, in words, each once, in order.
fn rights(function: &Function) -> Vec<String> {
    let grants = function.can.iter();
    let mut made: Vec<String> = grants
        .map(|it| format!("{} `{}`", it.verb.word(), it.resource.value))
        .collect();
    for variable in &function.env {
        if let EnvValue::Secret(secret) = &variable.value {
            made.push(format!("read the secret `{}`", secret.value));
        }
    }
    made.extend(keys(function).map(|it| format!("read the secret `{it}`")));
    made.sort_unstable();
    made.dedup();
    made
}

fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
