//! Items of `DynamoDB`, each value with its type, as rows.

use serde_json::{Map, Value};

use super::fault::Fault;
use crate::runtime::asked::Row;

/// Returns an item as a row.
pub(super) fn plain(item: Map<String, Value>) -> Result<Row, Fault> {
    let member = |(name, it): (String, Value)| Ok((name, value(it)?));
    item.into_iter().map(member).collect()
}

/// Returns a typed value as JSON.
pub(super) fn value(typed: Value) -> Result<Value, Fault> {
    let wrong = |it: &Value| Fault::invalid(format!("`{it}` is no value of DynamoDB"));
    let Value::Object(members) = typed else {
        return Err(wrong(&typed));
    };
    let mut members = members.into_iter();
    let (Some((kind, inner)), None) = (members.next(), members.next()) else {
        return Err(Fault::invalid("a value of DynamoDB has one type"));
    };
    match (kind.as_str(), inner) {
        ("NULL", _) => Ok(Value::Null),
        ("S", it @ Value::String(_)) | ("BOOL", it @ Value::Bool(_)) => Ok(it),
        ("N", Value::String(digits)) => {
            let number = serde_json::from_str::<Value>(&digits).ok();
            let number = number.filter(Value::is_number);
            number.ok_or_else(|| Fault::invalid(format!("`{digits}` is no number")))
        }
        ("L", Value::Array(list)) => list.into_iter().map(value).collect(),
        ("M", Value::Object(row)) => plain(row).map(Value::Object),
        ("SS" | "NS" | "BS" | "B", _) => Err(Fault::not_here(&format!(
            "values of the type {kind}: a row is JSON"
        ))),
        (_, inner) => Err(wrong(&inner)),
    }
}
