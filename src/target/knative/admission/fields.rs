//! The fields of the kinds that a build emits or a program is likely to add, and what values they take.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{FaultKind, Faults};

/// Written from the API references of Knative Serving, Eventing and its Kafka extensions, and of Kubernetes' `PodSpec`.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../../../targets/knative/fields.json");
    serde_json::from_str(text).expect("targets/knative/fields.json is a table of fields")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    shapes: Map<String, Value>,
    kinds: Map<String, Value>,
}

/// Compares an object with the fields of its kind; of a kind that isn't in the table only what all objects share.
pub(super) fn check(kind: &str, object: &Value, found: &mut Faults) {
    let Some(shape) = TABLE.kinds.get(kind).and_then(Value::as_object) else {
        if let (Some(metadata), Some(shape)) =
            (object.get("metadata"), TABLE.shapes.get("metadata"))
        {
            fits(shape, metadata, "/metadata", found);
        }
        return;
    };
    for (name, value) in object.as_object().into_iter().flatten() {
        match shape.get(name) {
            Some(shape) => fits(shape, value, &format!("/{name}"), found),
            None if name == "apiVersion" || name == "kind" => {}
            None => unknown(kind, shape, &format!("/{name}"), name, found),
        }
    }
}

fn unknown(place: &str, shape: &Map<String, Value>, path: &str, name: &str, found: &mut Faults) {
    let near = shape
        .keys()
        .find(|it| it.eq_ignore_ascii_case(name) || it.starts_with(name) || name.starts_with(*it));
    let near = near.map_or(String::new(), |it| format!(": did you mean `{it}`?"));
    found.of(
        FaultKind::Unknown,
        path,
        format!("`{place}` has no `{name}`{near}"),
    );
}

fn fits(shape: &Value, value: &Value, path: &str, found: &mut Faults) {
    let place = path.rsplit('/').next().unwrap_or_default();
    let mut wants = |what: &str| {
        found.of(FaultKind::Misfit, path, format!("`{place}` takes {what}"));
    };
    match (shape, value) {
        (Value::String(name), _) => match name.as_str() {
            "any" => {}
            "text" if value.is_string() => {}
            "int" if value.is_i64() => {}
            "bool" if value.is_boolean() => {}
            "text" => wants("text, in quotes"),
            "int" => wants("a whole number"),
            "bool" => wants("true or false"),
            "texts" => texts(value, path, found),
            reference => {
                let shape = reference
                    .strip_prefix('@')
                    .and_then(|it| TABLE.shapes.get(it));
                if let Some(shape) = shape {
                    fits(shape, value, path, found);
                }
            }
        },
        (Value::Array(shapes), Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                if let Some(shape) = shapes.first() {
                    fits(shape, value, &format!("{path}/{index}"), found);
                }
            }
        }
        (Value::Array(_), _) => wants("a list"),
        (Value::Object(shape), Value::Object(members)) => {
            for (name, value) in members {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                match shape.get(name) {
                    Some(shape) => fits(shape, value, &path, found),
                    None => unknown(place, shape, &path, name, found),
                }
            }
        }
        (Value::Object(_), _) => wants("an object"),
        (Value::Null | Value::Bool(_) | Value::Number(_), _) => {}
    }
}

fn texts(value: &Value, path: &str, found: &mut Faults) {
    let Some(members) = value.as_object() else {
        return found.of(FaultKind::Misfit, path, "an object of texts stands here");
    };
    for (name, value) in members {
        if !value.is_string() {
            let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
            let message = format!("`{name}` takes text, in quotes");
            found.of(FaultKind::Misfit, path, message);
        }
    }
}
