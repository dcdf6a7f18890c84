//! FN1010: permissions in AWS's own words that IAM can't read.

use super::super::properties::{Properties, Shape};
use super::hatch::tell;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{EnvPart, Field, Function, RawAllow, RawValue, Target};
use crate::source::Spanned;

/// Compares the actions and the resources of every `allow` with the form that IAM reads.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    for allow in function.allow.iter().filter(|it| it.target == Target::Aws) {
        statement(allow, found);
    }
}

fn statement(allow: &RawAllow, found: &mut Diagnostics) {
    let wrong = |message: String, span, label: &str, help: &str| {
        Diagnostic::new(Code::FN1010, message)
            .label(span, label)
            .help(help)
    };
    for action in &allow.actions {
        if !is_action(&action.value) {
            let message = format!("`{}` is no action of IAM", action.value);
            let help = "write the service, a colon and the action, `ses:SendEmail`; `*` stands for any letters";
            found.push(wrong(message, action.span, "not SERVICE:ACTION", help));
        }
    }
    for place in &allow.on {
        if let RawValue::Object(_) = place.value {
            let table = Properties::get();
            let mut misfits = Vec::new();
            table.value(&Shape::Plain, &place.value, place.span, "on", &mut misfits);
            found.extend(misfits.into_iter().map(|it| tell(it, "a statement")));
        } else if !is_arn(place) {
            let message = "a permission is about an ARN".to_owned();
            let help = "write an ARN, `\"arn:aws:ses:eu-west-1:111122223333:identity/example.com\"`, a resource's, `queue.orders.arn`, or `\"*\"`";
            found.push(wrong(message, place.span, "no ARN", help));
        }
    }
}

// "AWS Identity and Access Management User Guide", "IAM JSON policy elements: Action" and "… Resource".
fn is_action(text: &str) -> bool {
    let wild = |it: char| it.is_ascii_alphanumeric() || it == '*' || it == '?';
    let Some((service, action)) = text.split_once(':') else {
        return text == "*";
    };
    let is_service = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let named = !service.is_empty() && service.chars().all(is_service);
    named && !action.is_empty() && action.chars().all(wild)
}

fn is_arn(place: &Spanned<RawValue>) -> bool {
    let RawValue::Text(parts) = &place.value else {
        return false;
    };
    match parts.first() {
        Some(EnvPart::Plain(text)) => {
            let whole = parts.len() == 1 && text == "*";
            whole || text.starts_with("arn:")
        }
        Some(EnvPart::Attribute(it)) => it.field == Field::Arn,
        None => false,
    }
}
