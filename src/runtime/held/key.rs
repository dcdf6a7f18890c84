//! The keys of rows.

use serde_json::{Value, json};

use crate::model::{FieldKind, Table, TableField, TableKey};
use crate::runtime::asked::Row;
use crate::runtime::host::Refused;

/// What tells a row from the others: the partition, and its place in it.
pub(super) type Key = (Part, Option<Part>);

/// The value of a key's field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Int(i64),
    Text(String),
}

pub(super) fn invalid<T>(why: String) -> Result<T, Refused> {
    Err(Refused::Invalid(why))
}

pub(super) fn key(table: &Table) -> Result<&TableKey, Refused> {
    table.key.as_ref().ok_or_else(|| {
        let why = "the program doesn't say the key of the table";
        Refused::Invalid(format!("`{}` can't be used here: {why}", table.name.value))
    })
}

pub(super) fn fields(key: &TableKey) -> impl Iterator<Item = &TableField> {
    std::iter::once(&key.partition).chain(&key.sort)
}

pub(super) fn part(
    table: &Table,
    field: &TableField,
    value: Option<&Value>,
) -> Result<Part, Refused> {
    let (name, table) = (field.name.as_str(), table.name.as_str());
    match (field.kind, value) {
        (_, None) => invalid(format!(
            "`{name}` is missing, a field of the key of `{table}`"
        )),
        (FieldKind::Int, Some(Value::Number(it))) if it.as_i64().is_some() => {
            Ok(Part::Int(it.as_i64().unwrap_or(0)))
        }
        (FieldKind::String, Some(Value::String(it))) if !it.is_empty() => {
            Ok(Part::Text(it.clone()))
        }
        (FieldKind::Int, Some(_)) => invalid(format!("`{name}` of `{table}` is a whole number")),
        (FieldKind::String, Some(_)) => {
            invalid(format!("`{name}` of `{table}` is text that is not empty"))
        }
    }
}

pub(super) fn key_of(table: &Table, row: &Row) -> Result<Key, Refused> {
    let key = key(table)?;
    let value = |field: &TableField| part(table, field, row.get(field.name.as_str()));
    let sort = key.sort.as_ref().map(value).transpose()?;
    Ok((value(&key.partition)?, sort))
}

/// Returns the key that an object is, which holds the key's fields alone.
pub(super) fn exact_key(table: &Table, row: &Row) -> Result<Key, Refused> {
    let key = key(table)?;
    let mut others = row.keys();
    match others.find(|it| !fields(key).any(|field| field.name.as_str() == it.as_str())) {
        Some(other) => invalid(format!(
            "`{other}` is no field of the key of `{}`",
            table.name.value
        )),
        None => key_of(table, row),
    }
}

impl Part {
    pub(super) fn json(&self) -> Value {
        match self {
            Part::Int(it) => json!(it),
            Part::Text(it) => json!(it),
        }
    }
}
