//! Environment variables and secrets.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvPart, EnvValue, Field, Function, Secret, Target};
use crate::target::azure::names::secret_name;

pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    for variable in &function.env {
        if let EnvValue::Text(parts) = &variable.value {
            for part in parts {
                attribute(part, found);
            }
        }
    }
}

/// Compares what the program shows when deployed.
pub(super) fn outputs(app: &App, found: &mut Diagnostics) {
    for part in app.outputs.values().flat_map(|it| &it.value) {
        attribute(part, found);
    }
}

fn attribute(part: &EnvPart, found: &mut Diagnostics) {
    let EnvPart::Attribute(attribute) = part else {
        return;
    };
    match attribute.field {
        Field::Arn => {
            found.push(
                Diagnostic::new(Code::FN0941, "there are no ARNs on Azure")
                    .label(attribute.resource.span, "known on AWS only")
                    .help("use `name` or `url`, or build this app for AWS alone"),
            );
        }
        Field::Name | Field::Url => {}
    }
}

pub(super) fn secret(app: &App, secret: &Secret, found: &mut Diagnostics) {
    let name = secret_name(app, &secret.name.value);
    let legal = |it: char| it.is_ascii_alphanumeric() || it == '-';
    if (1..=127).contains(&name.len()) && name.chars().all(legal) {
        return;
    }
    let message = format!("`{name}` can't be the name of a secret in Azure Key Vault");
    found.push(
        Diagnostic::new(Code::FN0833, message)
            .label(
                secret.place(Target::Azure, &["name"]),
                "it takes 1 to 127 letters, digits and dashes",
            )
            .help("give a legal one: `azure { name = \"…\" }`"),
    );
}
