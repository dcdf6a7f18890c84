//! The rows of a table, in the order of their keys.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::key::{Key, Part, exact_key, fields, invalid, key, key_of, part};
use crate::model::{Table, TableIndex};
use crate::runtime::asked::Row;
use crate::runtime::host::{Message, Refused};
use crate::runtime::query::{Query, order};
use crate::runtime::store::Change;

/// The space of rows: a key is the table's name, a zero, and the JSON of the row's key; a value is the row.
pub(super) const SPACE: &str = "rows";

/// A row that was put or deleted.
pub(super) struct Changed {
    pub(super) change: Change,
    /// What those hear of it who wait for changes of the table; none: nothing is different.
    pub(super) message: Option<Message>,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    by_key: BTreeMap<Key, Row>,
    /// Rows that have no place under the table's key, as it is declared now.
    misfits: Vec<Row>,
    /// When rows expire, in seconds since 1970.
    due: BTreeSet<(u64, Key)>,
}

fn store_key(table: &str, key: &Key) -> Vec<u8> {
    let parts = json!([key.0.json(), key.1.as_ref().map(Part::json)]);
    [table.as_bytes(), b"\0", parts.to_string().as_bytes()].concat()
}

/// Returns when a row expires.
fn expiry(table: &Table, row: &Row) -> Option<u64> {
    let field = table.ttl.as_ref()?;
    row.get(field.as_str())?.as_u64()
}

impl Rows {
    /// Takes in a row that was kept.
    pub(super) fn restore(&mut self, row: Row) {
        self.misfits.push(row);
    }

    /// Gives all rows their places under the table's key, as it is declared now; returns how many have none.
    pub(super) fn align(&mut self, table: &Table) -> usize {
        let mut all = std::mem::take(&mut self.misfits);
        all.extend(std::mem::take(&mut self.by_key).into_values());
        self.due.clear();
        for row in all {
            match key_of(table, &row) {
                Ok(key) => {
                    self.due
                        .extend(expiry(table, &row).map(|it| (it, key.clone())));
                    self.by_key.insert(key, row);
                }
                Err(_) => self.misfits.push(row),
            }
        }
        self.misfits.len()
    }

    /// Returns how many rows there are, those without a place included.
    pub(super) fn len(&self) -> usize {
        self.by_key.len() + self.misfits.len()
    }

    /// Returns all rows, in the order of their keys.
    pub(super) fn all(&self) -> impl Iterator<Item = &Row> {
        self.by_key.values()
    }

    pub(super) fn put(&mut self, table: &Table, row: Row) -> Result<Changed, Refused> {
        let key = key_of(table, &row)?;
        for index in &table.indexes {
            for field in fields(&index.key) {
                if let Some(value) = row.get(field.name.as_str()) {
                    part(table, field, Some(value))?;
                }
            }
        }
        let value = json!(row).to_string();
        let change = Change::put(SPACE, store_key(table.name.as_str(), &key), value.into());
        let old = self.take_out(table, &key);
        self.due
            .extend(expiry(table, &row).map(|it| (it, key.clone())));
        let new = row.clone();
        self.by_key.insert(key.clone(), row);
        let message =
            (old.as_ref() != Some(&new)).then(|| message(table, &key, Some(&new), old.as_ref()));
        Ok(Changed { change, message })
    }

    pub(super) fn get(&self, table: &Table, key: &Row) -> Result<Option<&Row>, Refused> {
        Ok(self.by_key.get(&exact_key(table, key)?))
    }

    pub(super) fn delete(&mut self, table: &Table, key: &Row) -> Result<Changed, Refused> {
        let key = exact_key(table, key)?;
        Ok(self.remove(table, &key))
    }

    fn remove(&mut self, table: &Table, key: &Key) -> Changed {
        let old = self.take_out(table, key);
        Changed {
            change: Change::remove(SPACE, store_key(table.name.as_str(), key)),
            message: old.map(|old| message(table, key, None, Some(&old))),
        }
    }

    fn take_out(&mut self, table: &Table, key: &Key) -> Option<Row> {
        let old = self.by_key.remove(key)?;
        if let Some(at) = expiry(table, &old) {
            self.due.remove(&(at, key.clone()));
        }
        Some(old)
    }

    /// Returns when the next row expires, in seconds since 1970.
    pub(super) fn next_expiry(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Deletes the rows that have expired by now.
    pub(super) fn expire(&mut self, table: &Table, now: u64) -> Vec<Changed> {
        let mut gone = Vec::new();
        while let Some((_, key)) = self.due.first().filter(|(at, _)| *at <= now).cloned() {
            gone.push(self.remove(table, &key));
        }
        gone
    }

    /// Returns the rows that a query finds, in order.
    pub(super) fn query(&self, table: &Table, query: &Query) -> Result<Vec<&Row>, Refused> {
        let key = match &query.index {
            None => key(table)?,
            Some(name) => &index(table, name)?.key,
        };
        let (partition, sort) = (&key.partition, key.sort.as_ref());
        let sort_name = sort.map(|it| it.name.as_str());
        let mut asked = query.equal.keys().map(String::as_str);
        let ranged = query.range.as_ref().map(|(field, _)| field.as_str());
        let other = asked
            .find(|it| *it != partition.name.as_str() && Some(*it) != sort_name)
            .or(ranged.filter(|it| Some(*it) != sort_name || query.equal.contains_key(*it)));
        if let Some(other) = other {
            let why = "a query asks for the partition field, and once for the sort field";
            return invalid(format!("`{other}` can't be asked for here: {why}"));
        }
        part(table, partition, query.equal.get(partition.name.as_str()))?;
        let is_meant = |row: &&Row| {
            let field = |name: &str| row.get(name);
            let mut equal = query.equal.iter();
            equal.all(|(name, it)| {
                field(name).is_some_and(|row| order(row, it) == Some(Ordering::Equal))
            }) && query
                .range
                .as_ref()
                .is_none_or(|(name, range)| field(name).is_some_and(|it| range.holds(it)))
                && sort_name.is_none_or(|name| field(name).is_some())
        };
        let mut found: Vec<&Row> = self.by_key.values().filter(is_meant).collect();
        if let Some(name) = sort_name {
            // Rows of an index with the same value stay in the order of the table's key.
            found.sort_by(|a, b| {
                let both = a.get(name).zip(b.get(name));
                both.and_then(|(a, b)| order(a, b))
                    .unwrap_or(Ordering::Equal)
            });
        }
        if query.descending {
            found.reverse();
        }
        found.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(found)
    }
}

fn index<'a>(table: &'a Table, name: &str) -> Result<&'a TableIndex, Refused> {
    let found = table.indexes.iter().find(|it| it.name.as_str() == name);
    found.ok_or_else(|| {
        let why = format!("`{}` has no index `{name}`", table.name.value);
        Refused::Invalid(why)
    })
}

/// Returns what those hear who wait for changes of a table.
fn message(table: &Table, key: &Key, new: Option<&Row>, old: Option<&Row>) -> Message {
    let action = match (new, old) {
        (Some(_), None) => "inserted",
        (None, _) => "deleted",
        (Some(_), Some(_)) => "updated",
    };
    let names = table
        .key
        .iter()
        .flat_map(fields)
        .map(|it| it.name.value.clone());
    let values = std::iter::once(&key.0).chain(&key.1).map(Part::json);
    let keys: Row = names.zip(values).collect();
    let body = json!({ "action": action, "keys": keys, "new": new, "old": old });
    Message {
        body: body.to_string().into(),
        kind: Some(format!("fnc.table.{action}")),
        // All that happens to a row is told in order.
        key: Some(Value::Object(keys).to_string()),
        ..Message::default()
    }
}
