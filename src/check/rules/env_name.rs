//! FN0703: an environment variable with an illegal name, or one that a platform sets itself.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{EnvVar, Target};

/// Names that a platform keeps for itself.
struct Reserved {
    /// Who does; `None`: fnc, on every target.
    target: Option<Target>,
    /// Whole names.
    names: &'static [&'static str],
    /// Beginnings of names.
    prefixes: &'static [&'static str],
}

const RESERVED: [Reserved; 4] = [
    Reserved {
        target: None,
        names: &[],
        prefixes: &["FNC_"],
    },
    // AWS Lambda Developer Guide, "Working with environment variables", "Defined runtime environment variables".
    Reserved {
        target: Some(Target::Aws),
        names: &[
            "AWS_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_EXECUTION_ENV",
            "AWS_REGION",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
        ],
        prefixes: &["AWS_LAMBDA_"],
    },
    // Azure Functions documentation, "App settings reference for Azure Functions".
    Reserved {
        target: Some(Target::Azure),
        names: &["APPLICATIONINSIGHTS_CONNECTION_STRING"],
        prefixes: &[
            "AzureFunctionsJobHost__",
            "AzureWebJobs",
            "FUNCTIONS_",
            "SCM_",
            "WEBSITE_",
        ],
    },
    // Knative runtime contract, "Process"; Knative Eventing, "SinkBinding".
    Reserved {
        target: Some(Target::Knative),
        names: &[
            "K_CA_CERTS",
            "K_CE_OVERRIDES",
            "K_CONFIGURATION",
            "K_REVISION",
            "K_SERVICE",
            "K_SINK",
            "PORT",
        ],
        prefixes: &[],
    },
];

/// Reports a name that the app's targets don't all take.
pub(super) fn check(var: &EnvVar, targets: &[Target], found: &mut Diagnostics) {
    let name = var.name.as_str();
    let finding = |label: String| {
        Diagnostic::new(Code::FN0703, format!("`{name}` can't be set"))
            .label(var.name.span, label)
            .help(format!(
                "choose another name, such as `APP_{}`",
                legal(name)
            ))
    };
    if let Some(problem) = malformed(name, targets) {
        found.push(finding(problem.to_owned()));
        return;
    }
    let matches = |reserved: &&Reserved| {
        reserved.names.contains(&name) || reserved.prefixes.iter().any(|it| name.starts_with(it))
    };
    let applies = |it: &&Reserved| it.target.is_none_or(|target| targets.contains(&target));
    if let Some(reserved) = RESERVED.iter().filter(applies).find(matches) {
        let owner = reserved.target.map_or("fnc", Target::title);
        found.push(finding(format!("{owner} keeps this name for itself")));
    }
}

fn malformed(name: &str, targets: &[Target]) -> Option<&'static str> {
    let letter = |it: char| it.is_ascii_alphanumeric() || it == '_';
    if name.starts_with(|it: char| it.is_ascii_digit()) {
        return Some("a variable's name doesn't begin with a digit");
    }
    if name.is_empty() || !name.chars().all(letter) {
        return Some("a variable's name consists of letters, digits and `_`");
    }
    // The same guide: "Keys start with a letter and are at least two characters."
    let short = name.len() < 2 || name.starts_with('_');
    (short && targets.contains(&Target::Aws))
        .then_some("on AWS a name begins with a letter and has two characters or more")
}

/// Returns what is left of a name when everything illegal is taken off.
fn legal(name: &str) -> String {
    let kept = name
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '_' });
    let kept: String = kept.collect();
    kept.trim_matches('_').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(app: &str, name: &str) -> String {
        format!(r#"{app}function a {{ handler "src/a.py:handle"; env {{ {name} = "x" }} }}"#)
    }

    #[test]
    fn names_of_platforms_are_taken() {
        for name in [
            "PORT",
            "AWS_REGION",
            "AWS_LAMBDA_ANY",
            "FNC_QUEUE",
            "WEBSITE_X",
            "K_SINK",
        ] {
            finds(&program("", name), &format!("FN0703 at `{name}`"));
        }
        for name in [
            "PAYMENT_PORT",
            "AWS_BUCKET",
            "TZ",
            "aws_region",
            "K_OTHER",
            "Mixed9",
        ] {
            finds(&program("", name), "");
        }
    }

    #[test]
    fn only_the_targets_of_the_app_count() {
        let azure = "app a { targets azure }\n";
        finds(&program(azure, "AWS_REGION"), "");
        finds(&program(azure, "_PRIVATE"), "");
        finds(
            &program(azure, "FUNCTIONS_WORKER_RUNTIME"),
            "FN0703 at `FUNCTIONS_WORKER_RUNTIME`",
        );
    }

    #[test]
    fn names_are_names() {
        finds(&program("", r#""log-level""#), "FN0703 at `\"log-level\"`");
        finds(&program("", r#""9LIVES""#), "FN0703 at `\"9LIVES\"`");
        finds(&program("", "_PRIVATE"), "FN0703 at `_PRIVATE`");
        finds(&program("", "X"), "FN0703 at `X`");
    }
}
