//! FN0704: an environment over 4 KB. AWS Lambda Developer Guide, "Working with environment variables": the total
//! size of all variables doesn't exceed 4 KB.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{EnvPart, EnvValue, EnvVar, Function, Target};

const LIMIT: usize = 4096;

/// Adds up names and values as far as they are known at compile time.
pub(super) fn check(function: &Function, targets: &[Target], found: &mut Diagnostics) {
    // The function's own name is always one of them.
    let own = "FNC_FUNCTION".len() + function.name.value.len();
    let total = own + function.env.iter().map(size).sum::<usize>();
    if total <= LIMIT || !targets.contains(&Target::Aws) {
        return;
    }
    let Some(largest) = function.env.iter().max_by_key(|it| size(it)) else {
        return;
    };
    found.push(
        Diagnostic::new(
            Code::FN0704,
            format!(
                "the environment of `{}` has {total} bytes, and AWS takes {LIMIT}",
                function.name.value
            ),
        )
        .label(
            largest.name.span,
            format!("{} bytes of it are this one", size(largest)),
        )
        .help("put long texts into a file beside the handler"),
    );
}

fn size(var: &EnvVar) -> usize {
    let known = |part: &EnvPart| match part {
        EnvPart::Plain(it) => it.len(),
        EnvPart::Attribute(_) => 0,
    };
    let value = match &var.value {
        EnvValue::Text(parts) => parts.iter().map(known).sum(),
        EnvValue::Secret(_) => 0,
    };
    var.name.value.len() + value
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(app: &str, bytes: usize) -> String {
        let text = "x ".repeat(bytes / 2);
        format!(
            r#"{app}function a {{ handler "src/a.py:handle"; env {{ TEXT = "{text}"; B2 = 1 }} }}"#
        )
    }

    #[test]
    fn four_kilobytes_fit() {
        finds(&program("", 4078), "FN0704 at `TEXT`");
        finds(&program("", 4076), "");
        finds(&program("app a { targets knative }\n", 4096), "");
    }
}
