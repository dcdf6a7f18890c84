//! FN0965: permissions that Kubernetes can't read.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, RawEntry, RawValue};
use crate::source::{Span, Spanned};
use crate::target::knative::rights::{own, thing};
use crate::target::knative::tag::is_domain;

/// Kubernetes, "Using RBAC Authorization".
const VERBS: [&str; 12] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

/// Compares a function's permissions with the rules that a Role takes.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    for allow in own(function) {
        for verb in &allow.actions {
            if verb.value != "*" && !VERBS.contains(&verb.value.as_str()) {
                found.push(wrong(
                    format!("`{}` is no verb of Kubernetes", verb.value),
                    verb.span,
                    "not one that a Role takes",
                    &format!("there are {}", VERBS.join(", ")),
                ));
            }
        }
        for on in &allow.on {
            about(on, found);
        }
    }
}

fn about(on: &Spanned<RawValue>, found: &mut Diagnostics) {
    if let RawValue::Object(members) = &on.value {
        for (name, entry) in members {
            if !["apiGroups", "resources", "resourceNames"].contains(&name.as_str()) {
                found.push(wrong(
                    format!("a rule has no `{name}`"),
                    entry.key,
                    "no such name",
                    "a rule has apiGroups, resources and resourceNames",
                ));
            } else if !texts(entry) {
                found.push(wrong(
                    format!("`{name}` takes a list of texts"),
                    entry.span,
                    "something else",
                    &format!("write `{name} = [\"…\"]`"),
                ));
            }
        }
        for name in ["apiGroups", "resources"] {
            if !members.contains_key(name) {
                found.push(wrong(
                    format!("a rule needs `{name}`"),
                    on.span,
                    "it isn't here",
                    "the core group is `apiGroups = [\"\"]`",
                ));
            }
        }
        return;
    }
    let text = on.value.plain().unwrap_or_default();
    let (resource, group) = thing(&text);
    let word = |it: &str| {
        !it.is_empty()
            && it
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let fits =
        text == "*" || resource.split('/').all(word) && (group.is_empty() || is_domain(group));
    if !fits {
        found.push(wrong(
            format!("`{text}` is nothing that a permission is about"),
            on.span,
            "no kind of object",
            "write the plural and its group, `\"configmaps\"`, `\"deployments.apps\"`, or a rule in a list: `[{ apiGroups = [\"\"]; resources = [\"secrets\"]; resourceNames = [\"one\"] }]`",
        ));
    }
}

fn texts(entry: &RawEntry) -> bool {
    let RawValue::List(items) = &entry.value else {
        return false;
    };
    items.iter().all(|it| matches!(it.value, RawValue::Text(_)))
}

fn wrong(message: String, span: Span, label: &str, help: &str) -> Diagnostic {
    Diagnostic::new(Code::FN0965, message)
        .label(span, label)
        .help(help)
}
