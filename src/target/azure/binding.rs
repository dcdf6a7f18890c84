//! What a trigger's hatch adds to the entry's binding, in the words of `function.json`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::arm::hatch::own;
use super::entry::{Entry, Start};
use crate::model::{Hatch, Language, RawValue};
use crate::target::merge;

/// One member of a binding.
#[derive(Debug, Serialize)]
pub(super) struct Member {
    name: String,
    /// The value, in the language of the entries.
    value: String,
}

/// Returns the members that the hatches add; a later hatch's counts.
pub(super) fn own_words(hatches: &[Hatch]) -> Map<String, Value> {
    let mut all = Value::Object(Map::new());
    for hatch in own(hatches) {
        // What isn't known before the deployment is an error, so nothing is built from it.
        let body = merge::body(&hatch.body, &mut |parts| {
            Value::from(RawValue::Text(parts.to_vec()).plain().unwrap_or_default())
        });
        merge::merge(&mut all, &body);
    }
    match all {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// Returns the same in the language of the entries.
pub(super) fn members(language: Language, hatches: &[Hatch]) -> Vec<Member> {
    own_words(hatches)
        .into_iter()
        .map(|(name, value)| Member {
            name,
            value: match language {
                Language::Python => python(&value),
                Language::Node | Language::Other => value.to_string(),
            },
        })
        .collect()
}

/// Returns the members that the build writes itself, for an entry of this kind.
pub(super) fn said(entry: &Entry<'_>) -> &'static [&'static str] {
    match entry.start {
        Start::Http(_) | Start::Invoke => &["authLevel", "methods", "route"],
        Start::Queue(_) | Start::Topic(_) | Start::Bucket(_) | Start::Event(_) => &[
            "autoCompleteMessages",
            "cardinality",
            "connection",
            "isBatched",
            "isSessionsEnabled",
            "queueName",
            "subscriptionName",
            "topicName",
        ],
        Start::Stream(_) => &["cardinality", "connection", "consumerGroup", "eventHubName"],
        Start::Table(_) => &[
            "connection",
            "containerName",
            "createLeaseContainerIfNotExists",
            "databaseName",
            "feedPollDelay",
            "leaseConnection",
            "leaseContainerName",
            "leaseContainerPrefix",
            "leaseDatabaseName",
            "maxItemsPerInvocation",
            "startFromBeginning",
        ],
        Start::Timer(_) => &["runOnStartup", "schedule", "useMonitor"],
    }
}

/// Members of every binding that the build writes, or that the languages' libraries do.
pub(super) const ALWAYS: [&str; 8] = [
    "dataType",
    "direction",
    "extraInputs",
    "extraOutputs",
    "handler",
    "name",
    "retry",
    "type",
];

/// Returns a JSON value as Python writes it.
fn python(value: &Value) -> String {
    let joined = |all: Vec<String>| all.join(", ");
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        // Each escape of JSON's means the same in Python.
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(all) => format!("[{}]", joined(all.iter().map(python).collect())),
        Value::Object(all) => {
            let member = |(name, value): (&String, &Value)| {
                format!("{}: {}", Value::from(name.as_str()), python(value))
            };
            format!("{{{}}}", joined(all.iter().map(member).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_in_python() {
        let value = json!({ "a": [true, null, 1.5, "it's \"b\"\n"], "c": { "d": false } });
        assert_eq!(
            python(&value),
            r#"{"a": [True, None, 1.5, "it's \"b\"\n"], "c": {"d": False}}"#
        );
    }
}
