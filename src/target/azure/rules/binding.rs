//! FN0919, FN0920, FN0925: what triggers say in Azure's own words.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, RawEntry, RawValue};
use crate::target::azure::arm::hatch::own;
use crate::target::azure::binding::{ALWAYS, said};
use crate::target::azure::entry::entries;

pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let mut seen = Vec::new();
    for entry in entries(function) {
        for hatch in own(entry.hatches) {
            // A trigger may be several entries.
            if seen.contains(&hatch.body.span) {
                continue;
            }
            seen.push(hatch.body.span);
            let message = "Azure checks these names only when it loads the function";
            found.push(
                Diagnostic::new(Code::FN0919, message)
                    .label(hatch.body.span, "passed on as it is written")
                    .help("they are members of the binding, as `function.json` has them"),
            );
            for (name, member) in &hatch.body.entries {
                if said(&entry).contains(&name.as_str()) || ALWAYS.contains(&name.as_str()) {
                    found.push(
                        Diagnostic::new(Code::FN0920, format!("`{name}` is fnc's to say"))
                            .label(member.key, "the build says this itself")
                            .help("say it with the trigger's own settings"),
                    );
                } else if !is_name(name) {
                    wrong(name, member, "a binding's members are plain words", found);
                } else if !known(&member.value) {
                    wrong(name, member, "not known before the deployment", found);
                }
            }
        }
    }
}

fn wrong(name: &str, member: &RawEntry, label: &str, found: &mut Diagnostics) {
    found.push(
        Diagnostic::new(Code::FN0925, format!("`{name}` can't stand in a binding"))
            .label(member.key, label)
            .help("write a word of `function.json` with a value that the program knows; `%NAME%` in a text is a variable of `env`"),
    );
}

/// Tells whether both languages take it as the name of a member.
fn is_name(name: &str) -> bool {
    let first = name.starts_with(|it: char| it.is_ascii_lowercase());
    first && name.chars().all(|it| it.is_ascii_alphanumeric())
}

/// Tells whether a value is known before the deployment; `null` would delete what isn't there.
fn known(value: &RawValue) -> bool {
    match value {
        RawValue::Null => false,
        RawValue::Bool(_) | RawValue::Int(_) | RawValue::Decimal(_) => true,
        RawValue::Text(_) => value.plain().is_some(),
        RawValue::List(items) => items.iter().all(|it| known(&it.value)),
        RawValue::Object(members) => members.values().all(|it| known(&it.value)),
    }
}
