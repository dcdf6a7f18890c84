//! FN0815: a secret's name that its store doesn't take.

use super::super::environment::Store;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Secret, Target};

// "AWS Secrets Manager API Reference", CreateSecret; "AWS Systems Manager API Reference", PutParameter.
const MANAGER: &str = "/_+=.@-";
const PARAMETER: &str = "/_.-";
const MANAGER_LENGTH: usize = 512;
const PARAMETER_LENGTH: usize = 1011;

/// Reports characters and lengths that Secrets Manager or the parameter store refuses.
pub(super) fn check(app: &App, secret: &Secret, found: &mut Diagnostics) {
    let (store, name, also, most) = match Store::of(app, secret) {
        Store::Manager { id, .. } => ("Secrets Manager", id, MANAGER, MANAGER_LENGTH),
        Store::Parameter(name) => ("the parameter store", name, PARAMETER, PARAMETER_LENGTH),
    };
    if name.starts_with("arn:") {
        return;
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    let label = if name.is_empty() {
        "a name has one character at least".to_owned()
    } else if let Some(wrong) = name.chars().find(|it| !legal(*it)) {
        format!("`{}` is not allowed", wrong.escape_default())
    } else if name.len() > most {
        format!("{most} characters at most")
    } else if store != "Secrets Manager" && name.contains('/') && !name.starts_with('/') {
        "a path begins with `/`".to_owned()
    } else {
        return;
    };
    found.push(
        Diagnostic::new(
            Code::FN0815,
            format!("{store} takes no name such as `{}`", name.escape_debug()),
        )
        .label(secret.place(Target::Aws, &["ssm", "name"]), label)
        .help(format!("letters, digits and `{also}` are allowed")),
    );
}
