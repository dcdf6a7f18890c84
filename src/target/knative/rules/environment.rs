//! Environment variables and secrets.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvPart, EnvValue, Field, Function, Name, Secret, Target, Thing};
use crate::target::knative::{router, settings};

pub(super) fn check(app: &App, function: &Function, found: &mut Diagnostics) {
    for variable in &function.env {
        match &variable.value {
            EnvValue::Text(parts) => attributes(app, parts, found),
            EnvValue::Secret(secret) => {
                if let Some(secret) = app.secrets.get(secret.as_str()) {
                    place(secret, found);
                }
            }
        }
    }
}

/// Checks where the keys of routes lie.
pub(super) fn keys(app: &App, found: &mut Diagnostics) {
    let asked = router::secrets(app).into_iter();
    for secret in asked.filter_map(|it| app.secrets.get(it)) {
        place(secret, found);
    }
}

pub(super) fn attributes(app: &App, parts: &[EnvPart], found: &mut Diagnostics) {
    for part in parts {
        let EnvPart::Attribute(attribute) = part else {
            continue;
        };
        let name = attribute.resource.as_str();
        let span = attribute.resource.span;
        match (attribute.field, attribute.of) {
            (Field::Arn, _) => found.push(
                Diagnostic::new(Code::FN0863, format!("`{name}` has no ARN on Knative"))
                    .label(span, "ARNs are AWS's")
                    .help("use `.name`, or of a queue `.url`"),
            ),
            (Field::Url, Thing::Function) if settings::outside(app, "").is_none() => found.push(
                Diagnostic::new(Code::FN0957, format!("the url of `{name}` answers inside the cluster only"))
                    .label(span, "the address of the router, as services of the cluster reach it")
                    .help("the address for the outside world depends on the cluster's domain: say it, `knative { domain \"example.com\" }`"),
            ),
            (Field::Name | Field::Url, _) => {}
        }
    }
}

/// A Kubernetes Secret's name is a DNS name, its keys are file names.
fn place(secret: &Secret, found: &mut Diagnostics) {
    let Some(written) = secret.stores.get(&Target::Knative) else {
        return;
    };
    let name = |text: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        (1..=253).contains(&text.len())
            && text.chars().all(inner)
            && text.starts_with(edge)
            && text.ends_with(edge)
    };
    let key = |text: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (1..=253).contains(&text.len()) && text.chars().all(inner) && !text.starts_with("..")
    };
    let bad_name = written.get("name").filter(|it| !name(it.as_str()));
    let bad_key = written.get("key").filter(|it| !key(it.as_str()));
    let report = |text: &Name, what: &str, rule: &str| {
        let message = format!(
            "`{}` can't be the {what} of a Kubernetes Secret",
            text.value
        );
        Diagnostic::new(Code::FN0864, message)
            .label(text.span, "it holds what Kubernetes doesn't take")
            .help(rule)
    };
    found.extend(bad_name.map(|it| {
        report(it, "name", "a name has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit")
    }));
    found
        .extend(bad_key.map(|it| report(it, "key", "a key has letters, digits, `-`, `_` and `.`")));
}
