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
    merge_around(into, hatch, |_| false);
}

/// Merges a hatch as `merge` does, but an object that `is_whole` names is one value, never merged into or from: a
/// function of the target's own, such as a reference.
pub fn merge_around(into: &mut Value, hatch: &Value, is_whole: fn(&Value) -> bool) {
    let Some(entries) = hatch.as_object().filter(|_| !is_whole(hatch)) else {
        *into = hatch.clone();
        return;
    };
    if !into.is_object() || is_whole(into) {
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
            let member = members.entry(key.clone()).or_insert(Value::Null);
            merge_around(member, value, is_whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RawEntry;
    use crate::source::{Span, Spanned};
    use proptest::prelude::*;
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

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Bool(true)),
            any::<i32>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec(("[a-e]", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn objects() -> impl Strategy<Value = Value> {
        prop::collection::vec(("[a-e]", values()), 0..5)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_changes_nothing(into in objects()) {
            let mut made = into.clone();
            merge(&mut made, &json!({}));
            prop_assert_eq!(made.to_string(), into.to_string());
            // What stands there already changes nothing either.
            merge(&mut made, &into);
            prop_assert_eq!(made.to_string(), into.to_string());
        }

        #[test]
        fn null_deletes_and_leaves_the_rest(into in objects(), key in "[a-e]") {
            let mut made = into.clone();
            merge(&mut made, &json!({ &key: null }));
            prop_assert_eq!(made.get(&key), None);
            let mut rest = into;
            rest.as_object_mut().unwrap().shift_remove(&key);
            prop_assert_eq!(made.to_string(), rest.to_string());
        }

        #[test]
        fn what_is_said_stands(into in objects(), hatch in objects()) {
            let mut made = into.clone();
            merge(&mut made, &hatch);
            let again = { let mut it = made.clone(); merge(&mut it, &hatch); it };
            prop_assert_eq!(&again, &made);
            for (key, said) in hatch.as_object().unwrap() {
                let merged = said.is_object();
                prop_assert!(merged || made.get(key) == Some(said));
            }
            for (key, old) in into.as_object().unwrap() {
                prop_assert!(hatch.get(key).is_some() || made.get(key) == Some(old));
            }
        }
    }

    #[test]
    fn a_body_is_written_with_the_target_s_own_text() {
        let spanned = |it| Spanned::new(it, Span::default());
        let entry = |value| RawEntry {
            key: Span::default(),
            span: Span::default(),
            value,
        };
        let text = RawValue::Text(vec![EnvPart::Plain("x".to_owned())]);
        let list = RawValue::List(vec![spanned(RawValue::Int(1)), spanned(text)]);
        let entries = [
            ("a".to_owned(), entry(list)),
            ("b".to_owned(), entry(RawValue::Null)),
        ];
        let raw = RawBody {
            span: Span::default(),
            entries: entries.into_iter().collect(),
        };
        let made = body(&raw, &mut |parts| json!({ "Sub": parts.len() }));
        assert_eq!(made, json!({ "a": [1, { "Sub": 1 }], "b": null }));
    }
}
