//! FN0981: filters in AWS's own words that AWS can't read. No tool of AWS's reads them before a deployment.

use indexmap::IndexMap;
use serde_json::Value;

use super::super::properties::is_function;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvPart, RawEntry, RawValue, Target, TriggerKind};
use crate::target::merge;

// "AWS Lambda Developer Guide", "Control which events Lambda sends to your function": an event source begins with five.
const FILTERS: usize = 5;

/// Reads the patterns in the hatches of triggers, and in triggers in AWS's own words.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for trigger in app.functions.values().flat_map(|it| &it.triggers) {
        for hatch in trigger.hatches.iter().filter(|it| it.target == Target::Aws) {
            properties(&hatch.body.entries, found);
        }
        if let TriggerKind::Raw(it) = &trigger.kind
            && it.target == Target::Aws
            && let Some(members) = it
                .body
                .entries
                .get("Properties")
                .and_then(RawEntry::members)
        {
            properties(members, found);
        }
    }
}

fn properties(entries: &IndexMap<String, RawEntry>, found: &mut Diagnostics) {
    for (name, entry) in entries {
        match name.as_str() {
            "FilterCriteria" => criteria(entry, found),
            "FilterPolicy" | "Pattern" => object(name, entry, found),
            "FilterPolicyScope" => scope(entry, found),
            _ => {}
        }
    }
}

/// Reads the filters of an event source: each is an object as text.
fn criteria(entry: &RawEntry, found: &mut Diagnostics) {
    let Some(RawValue::List(filters)) = entry
        .members()
        .and_then(|it| it.get("Filters"))
        .map(|it| &it.value)
    else {
        return;
    };
    if filters.len() > FILTERS {
        let message = format!("this trigger has {} filters", filters.len());
        let help = "ask AWS for a higher quota before the deployment, or join them in one pattern";
        found.push(
            Diagnostic::new(Code::FN0813, message)
                .label(entry.key, format!("an event source begins with {FILTERS}"))
                .help(help),
        );
    }
    for filter in filters {
        let RawValue::Object(members) = &filter.value else {
            continue;
        };
        let Some(pattern) = members.get("Pattern") else {
            continue;
        };
        let Some(text) = pattern.value.plain() else {
            continue;
        };
        let fault = match serde_json::from_str(&text) {
            Ok(value) => fault_of(&value, ""),
            Err(error) => Some(format!("it is no JSON: {error}")),
        };
        tell("Pattern", pattern, fault, found);
    }
}

fn object(name: &str, entry: &RawEntry, found: &mut Diagnostics) {
    if matches!(entry.value, RawValue::Null) {
        return;
    }
    let mut text = |_: &[EnvPart]| Value::from("");
    let fault = fault_of(&merge::value(&entry.value, &mut text), "");
    tell(name, entry, fault, found);
}

/// "Amazon SNS API Reference", "Subscribe": where a filter policy looks.
fn scope(entry: &RawEntry, found: &mut Diagnostics) {
    let scopes = ["MessageAttributes", "MessageBody"];
    let wrong = entry
        .value
        .plain()
        .filter(|it| !scopes.contains(&it.as_str()));
    let fault = wrong.map(|it| format!("`{it}` is neither `MessageAttributes` nor `MessageBody`"));
    tell("FilterPolicyScope", entry, fault, found);
}

fn tell(name: &str, entry: &RawEntry, fault: Option<String>, found: &mut Diagnostics) {
    let Some(fault) = fault else { return };
    found.push(
        Diagnostic::new(Code::FN0981, format!("AWS can't read this `{name}`"))
            .label(entry.span, fault)
            .help("a pattern is an object whose members are objects or lists of what may stand there, `{ status = [\"placed\"] }`; `where` says the same in the language"),
    );
}

/// Returns what is wrong with a pattern: "Amazon EventBridge User Guide", "Event patterns"; SNS and Lambda share its form.
fn fault_of(pattern: &Value, path: &str) -> Option<String> {
    let Value::Object(members) = pattern else {
        return Some(if path.is_empty() {
            "it is no object".to_owned()
        } else {
            format!("`{path}` is neither a list nor an object")
        });
    };
    // What a template's function gives is known when deployed only.
    if is_function(pattern) {
        return None;
    }
    if members.is_empty() {
        return Some(if path.is_empty() {
            "it holds nothing".to_owned()
        } else {
            format!("`{path}` holds nothing")
        });
    }
    members.iter().find_map(|(name, value)| {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match value {
            Value::Array(items) if items.is_empty() => Some(format!("`{path}` is an empty list")),
            Value::Array(items) if name == "$or" => items.iter().find_map(|it| fault_of(it, &path)),
            Value::Array(items) => items
                .iter()
                .any(Value::is_array)
                .then(|| format!("`{path}` holds a list in a list")),
            Value::Object(_) => fault_of(value, &path),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Some(format!("`{path}` is neither a list nor an object"))
            }
        }
    })
}
