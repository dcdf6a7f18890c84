//! Merges what hatches say into a generated manifest.

use serde_json::{Map, Value};

use crate::model::{EnvPart, RawBody, RawValue};

/// Returns the entries of a hatch as JSON; `text` writes what is known only when deployed in the target's way. A `null`
/// stays one: merged, it deletes.
pub fn body(body: &RawBody, text: &mut dyn FnMut(&[EnvPart]) -> Value) -> Value {
    let entries = body.entries.iter();
    let entries = entries.map(|(key, it)| (key.clone(), value(&it.value, text)));
    Value::Object(entries.collect())
}

/// Returns a value of a hatch as JSON.
pub fn value(raw: &RawValue, text: &mut dyn FnMut(&[EnvPart]) -> Value) -> Value {
    match raw {
        RawValue::Null => Value::Null,
        RawValue::Bool(it) => Value::from(*it),
        RawValue::Int(it) => Value::from(*it),
        RawValue::Decimal(it) => Value::from(*it),
        RawValue::Text(parts) => text(parts),
        RawValue::List(items) => {
            Value::Array(items.iter().map(|it| value(&it.value, text)).collect())
        }
        RawValue::Object(members) => {
            let members = members.iter();
            let members = members.map(|(key, it)| (key.clone(), value(&it.value, text)));
            Value::Object(members.collect())
        }
    }
}

/// Merges a hatch into a part of the manifest: objects key by key, other values replace, `null` deletes.
pub fn merge(into: &mut Value, hatch: &Value) {
    let Value::Object(entries) = hatch else {
        *into = hatch.clone();
        return;
    };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Some(members) = into.as_object_mut() else {
        return;
    };
    for (key, value) in entries {
        if value.is_null() {
            // The order of what stays is part of the output.
            members.shift_remove(key);
        } else {
            merge(members.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};
    use serde_json::json;

    #[track_caller]
    fn merged(mut into: Value, hatch: &Value, expected: &Value) {
        merge(&mut into, hatch);
        assert_eq!(into.to_string(), expected.to_string());
    }

    #[test]
    fn objects_key_by_key_others_replace_null_deletes() {
        merged(
            json!({ "a": { "x": 1, "y": 2 }, "b": [1, 2], "c": 3 }),
            &json!({ "a": { "y": 5, "z": 6 }, "b": [9], "c": null, "d": "new" }),
            &json!({ "a": { "x": 1, "y": 5, "z": 6 }, "b": [9], "d": "new" }),
        );
        merged(
            json!({ "a": 1 }),
            &json!({ "a": { "b": null } }),
            &json!({ "a": {} }),
        );
        merged(
            json!({ "a": { "b": 1 } }),
            &json!({ "a": [] }),
            &json!({ "a": [] }),
        );
        merged(
            json!({ "a": 1 }),
            &json!({ "gone": null }),
            &json!({ "a": 1 }),
        );
        merged(json!({ "a": 1 }), &json!({}), &json!({ "a": 1 }));
    }

    #[test]
    fn a_body_is_written_with_the_target_s_own_text() {
        let spanned = |it| Spanned::new(it, Span::default());
        let text = RawValue::Text(vec![EnvPart::Plain("x".to_owned())]);
        let list = RawValue::List(vec![spanned(RawValue::Int(1)), spanned(text)]);
        let entries = [
            ("a".to_owned(), spanned(list)),
            ("b".to_owned(), spanned(RawValue::Null)),
        ];
        let raw = RawBody {
            span: Span::default(),
            entries: entries.into_iter().collect(),
        };
        let made = body(&raw, &mut |parts| json!({ "Sub": parts.len() }));
        assert_eq!(made, json!({ "a": [1, { "Sub": 1 }], "b": null }));
    }
}
