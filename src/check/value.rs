//! What expressions come to.

use std::time::Duration;

use indexmap::IndexMap;

use crate::model::{EnvPart, Name, Rate, Size, Unit};

/// A value known at compile time, or as much of it as is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Int(i64),
    Decimal(f64),
    Bool(bool),
    Duration(Duration),
    Size(Size),
    Rate(Rate),
    Percent(u32),
    Null,
    List(Vec<Value>),
    Object(IndexMap<String, Value>),
    /// `secret.x`
    Secret(Name),
    /// Text with parts that are known only when deployed.
    Deployed(Vec<EnvPart>),
    /// Already reported: whatever uses it stays silent.
    Error,
}

impl From<Unit> for Value {
    fn from(unit: Unit) -> Value {
        match unit {
            Unit::Int(it) => Value::Int(it),
            Unit::Decimal(it) => Value::Decimal(it),
            Unit::Duration(it) => Value::Duration(it),
            Unit::Size(it) => Value::Size(it),
            Unit::Rate(it) => Value::Rate(it),
            Unit::Percent(it) => Value::Percent(it),
        }
    }
}

/// The types that settings and operators ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Decimal,
    Bool,
    Duration,
    Size,
    Rate,
    Percent,
    Null,
    List,
    Object,
    Secret,
    Deployed,
}

impl Kind {
    /// Returns the type with its article.
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::Text => "a string",
            Kind::Int => "an int",
            Kind::Decimal => "a decimal",
            Kind::Bool => "a bool",
            Kind::Duration => "a duration",
            Kind::Size => "a size",
            Kind::Rate => "a rate",
            Kind::Percent => "a percentage",
            Kind::Null => "null",
            Kind::List => "a list",
            Kind::Object => "an object",
            Kind::Secret => "a secret",
            Kind::Deployed => "a string known only when deployed",
        }
    }

    /// Returns an example of how it is written.
    pub(super) fn example(self) -> &'static str {
        match self {
            Kind::Text => "\"text\"",
            Kind::Int => "10",
            Kind::Decimal => "1.5",
            Kind::Bool => "true",
            Kind::Duration => "30s",
            Kind::Size => "256MB",
            Kind::Rate => "200/s",
            Kind::Percent => "70%",
            Kind::Null => "null",
            Kind::List => "[1, 2]",
            Kind::Object => "{ a = 1 }",
            Kind::Secret => "secret.name",
            Kind::Deployed => "queue.name.url",
        }
    }
}

impl Value {
    /// Returns the type; `None` for what was already reported.
    pub(super) fn kind(&self) -> Option<Kind> {
        Some(match self {
            Value::Text(_) => Kind::Text,
            Value::Int(_) => Kind::Int,
            Value::Decimal(_) => Kind::Decimal,
            Value::Bool(_) => Kind::Bool,
            Value::Duration(_) => Kind::Duration,
            Value::Size(_) => Kind::Size,
            Value::Rate(_) => Kind::Rate,
            Value::Percent(_) => Kind::Percent,
            Value::Null => Kind::Null,
            Value::List(_) => Kind::List,
            Value::Object(_) => Kind::Object,
            Value::Secret(_) => Kind::Secret,
            Value::Deployed(_) => Kind::Deployed,
            Value::Error => return None,
        })
    }

    /// Returns the value as JSON, units as text; `None` where it has parts known only when deployed.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        Some(match self {
            Value::Int(it) => Json::from(*it),
            Value::Decimal(it) => Json::from(*it),
            Value::Bool(it) => Json::from(*it),
            Value::Null => Json::Null,
            Value::List(list) => Json::Array(list.iter().map(Value::json).collect::<Option<_>>()?),
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| Some((key.clone(), value.json()?));
                Json::Object(members.iter().map(member).collect::<Option<_>>()?)
            }
            Value::Text(_)
            | Value::Duration(_)
            | Value::Size(_)
            | Value::Rate(_)
            | Value::Percent(_) => Json::String(self.text()?),
            Value::Secret(_) | Value::Deployed(_) | Value::Error => return None,
        })
    }

    /// Returns the value as interpolation writes it; `None` where it can't be part of a string.
    pub(super) fn text(&self) -> Option<String> {
        Some(match self {
            Value::Text(it) => it.clone(),
            Value::Int(it) => it.to_string(),
            Value::Decimal(it) => it.to_string(),
            Value::Bool(it) => it.to_string(),
            Value::Duration(it) => crate::model::duration_text(*it),
            Value::Size(it) => it.to_string(),
            Value::Rate(it) => it.to_string(),
            Value::Percent(it) => format!("{it}%"),
            Value::Null
            | Value::List(_)
            | Value::Object(_)
            | Value::Secret(_)
            | Value::Deployed(_)
            | Value::Error => return None,
        })
    }
}
