//! Hatches: entries of the template in AWS's own words, merged into what the program becomes after all else.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value, json};

use super::environment::text;
use super::names::Names;
use super::properties::{Properties, is_function};
use crate::model::{App, Hatch, RawBody, RawValue, Target};
use crate::target::merge;

/// Returns the entries for AWS, in the order they are merged.
pub(super) fn hatches(app: &App, names: &Names, hatches: &[Hatch]) -> Vec<Value> {
    let own = hatches.iter().filter(|it| it.target == Target::Aws);
    own.map(|it| body(app, names, &it.body)).collect()
}

/// Returns entries in AWS's own words.
pub(super) fn body(app: &App, names: &Names, body: &RawBody) -> Value {
    let mut made = merge::body(body, &mut |parts| json!(text(app, names, parts)));
    join_substitutions(&mut made);
    made
}

/// Returns a value in AWS's own words.
pub(super) fn value(app: &App, names: &Names, value: &RawValue) -> Value {
    let mut made = merge::value(value, &mut |parts| json!(text(app, names, parts)));
    join_substitutions(&mut made);
    made
}

/// Makes one substitution of text that the program writes for `Fn::Sub` and that refers to resources, which is a
/// reference or a substitution itself.
fn join_substitutions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, argument) in members {
                join_substitutions(argument);
                if name != "Fn::Sub" {
                    continue;
                }
                if let Some(text) = substitution(argument) {
                    *argument = text;
                } else if let Some(first) = argument.get_mut(0)
                    && let Some(text) = substitution(first)
                {
                    *first = text;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(join_substitutions),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns a call of a function as `Fn::Sub` takes it within text.
fn substitution(value: &Value) -> Option<Value> {
    let (name, argument) = tag(value)?;
    let path = |it: &Value| it.as_str().map(str::to_owned);
    let text = match (name, argument) {
        // What was plain has been written so that it stays as it is; here it is for CloudFormation to read.
        ("Fn::Sub", _) => path(argument)?.replace("${!", "${"),
        ("Ref", _) => format!("${{{}}}", path(argument)?),
        ("Fn::GetAtt", Value::Array(parts)) => {
            let parts: Vec<String> = parts.iter().filter_map(path).collect();
            format!("${{{}}}", parts.join("."))
        }
        _ => return None,
    };
    Some(Value::from(text))
}

/// Merges a hatch into a resource: what every resource may say, such as `DeletionPolicy`, beside its properties, the
/// rest into them.
pub(super) fn merge_into(resource: &mut Value, hatch: &Value) {
    let table = Properties::get();
    let mut properties = Map::new();
    for (name, value) in hatch.as_object().into_iter().flatten() {
        if table.is_attribute(name) {
            let hatch = json!({ name: value });
            merge::merge_around(resource, &hatch, is_function);
        } else {
            properties.insert(name.clone(), value.clone());
        }
    }
    if !properties.is_empty() {
        let hatch = json!({ "Properties": properties });
        merge::merge_around(resource, &hatch, is_function);
    }
}

/// A value that shows the functions of templates in their short form, as all of the template does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tagged<'a>(pub(super) &'a Value);

impl Serialize for Tagged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut made = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    made.serialize_element(&Tagged(item))?;
                }
                made.end()
            }
            Value::Object(members) => {
                if let Some((name, argument)) = tag(self.0) {
                    return serializer.serialize_newtype_variant("Cfn", 0, name, argument);
                }
                let mut made = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    made.serialize_entry(name, &Tagged(value))?;
                }
                made.end()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.0.serialize(serializer)
            }
        }
    }
}

/// Returns the function and its argument, where a short form says the same.
fn tag(value: &Value) -> Option<(&'static str, &Value)> {
    let (name, argument) = value
        .as_object()
        .filter(|_| is_function(value))?
        .iter()
        .next()?;
    let name = ["Ref", "Fn::Sub", "Fn::GetAtt", "Fn::ImportValue"]
        .into_iter()
        .find(|it| it == name)?;
    let short = match argument {
        Value::String(_) => true,
        Value::Array(path) => {
            name == "Fn::GetAtt" && path.len() == 2 && path.iter().all(Value::is_string)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    short.then_some((name, argument))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::block::block;

    #[test]
    fn functions_replace_and_attributes_stand_beside_the_properties() {
        let mut resource = json!({
            "Type": "AWS::SQS::Queue",
            "Properties": { "A": { "Ref": "X" }, "B": 1, "C": { "D": 1, "E": 2 } },
        });
        let hatch = json!({
            "A": { "Fn::GetAtt": ["Y", "Arn"] }, "B": null, "C": { "E": { "Fn::Sub": "${A}" } },
            "DeletionPolicy": "Retain", "Metadata": { "a": 1 },
        });
        merge_into(&mut resource, &hatch);
        let expected = json!({
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "A": { "Fn::GetAtt": ["Y", "Arn"] },
                "C": { "D": 1, "E": { "Fn::Sub": "${A}" } },
            },
            "DeletionPolicy": "Retain",
            "Metadata": { "a": 1 },
        });
        assert_eq!(resource, expected);
    }

    #[test]
    fn text_for_a_substitution_is_one() {
        let mut value = json!({
            "A": { "Fn::Sub": { "Fn::Sub": "${!AWS::Region}/${Q.Arn}" } },
            "B": [{ "Fn::Sub": [{ "Fn::GetAtt": ["Q", "Arn"] }, { "X": { "Ref": "Y" } }] }],
            "C": { "Fn::Sub": { "Ref": "Q" } },
            "D": { "Fn::Sub": "${!Kept} ${X}" },
        });
        join_substitutions(&mut value);
        let expected = json!({
            "A": { "Fn::Sub": "${AWS::Region}/${Q.Arn}" },
            "B": [{ "Fn::Sub": ["${Q.Arn}", { "X": { "Ref": "Y" } }] }],
            "C": { "Fn::Sub": "${Q}" },
            "D": { "Fn::Sub": "${!Kept} ${X}" },
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn no_value_leaves_its_place() {
        let value = json!({
            "A\n- b": { "Ref": "X\"\n!Sub" },
            "Fn::GetAtt": [{ "Fn::GetAtt": ["Y", "Arn"] }, { "Fn::Join": ["", ["a: b", "#c"]] }],
            "on": [],
        });
        let mut made = String::new();
        block(&Tagged(&value), 0, &mut made);
        let text = "\"A\\n- b\": !Ref \"X\\\"\\n!Sub\"\n\"Fn::GetAtt\":\n  - !GetAtt \"Y.Arn\"\n  - \"Fn::Join\":\n      - \"\"\n      - - \"a: b\"\n        - \"#c\"\n\"on\": []";
        assert_eq!(made, text);
    }
}
