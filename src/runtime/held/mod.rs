//! What a program holds beside the events that wait: rows of tables, objects of
//! buckets, and records of streams for those who read later.
//!
//! It knows no clock and writes nothing: each change is told as what is to be kept and who hears of it, so that both
//! are done together.

mod deed;
mod key;
mod log;
mod object;
mod object_key;
mod objects;
mod readers;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use self::deed::{Deed, Moment};
use self::log::Log;
use self::objects::Objects;
use self::readers::READERS;
use self::rows::{Changed, Rows};
use super::admission::unknown;
use super::asked::{Asked, Row};
use super::host::{Message, Refused};
use super::payload::Sent;
use super::plan::Plan;
use super::store::{Change, Store, StoreError};
use crate::engine::{self, Nanos, Time};

/// A table's changes wait for a day: Amazon `DynamoDB` Developer Guide, "Change data capture for `DynamoDB` Streams".
const CHANGES_KEPT: Duration = Duration::from_hours(24);

/// All that is held.
#[derive(Debug, Default)]
pub(crate) struct Held {
    tables: BTreeMap<String, Rows>,
    buckets: BTreeMap<String, Objects>,
    logs: BTreeMap<String, Log>,
    readers: BTreeMap<String, u64>,
}

impl Held {
    /// Reads what a store holds.
    pub(crate) async fn of(store: &Store) -> Result<Held, StoreError> {
        let mut held = Held::default();
        let damaged = || StoreError::Damaged("a record has no name".into());
        let split = |key: &[u8]| {
            let end = key.iter().position(|it| *it == 0)?;
            let (name, rest) = key.split_at(end);
            let name = std::str::from_utf8(name).ok()?;
            Some((name.to_owned(), rest.get(1..)?.to_vec()))
        };
        for record in store.scan(rows::SPACE, &[]).await? {
            let (table, _) = split(&record.key).ok_or_else(damaged)?;
            let row: Row = serde_json::from_slice(&record.value).map_err(|_| damaged())?;
            held.tables.entry(table).or_default().restore(row);
        }
        for record in store.scan(objects::SPACE, &[]).await? {
            let (bucket, key) = split(&record.key).ok_or_else(damaged)?;
            let objects = held.buckets.entry(bucket).or_default();
            objects.restore(&key, &record)?;
        }
        for record in store.scan(log::SPACE, &[]).await? {
            let (stream, rest) = split(&record.key).ok_or_else(damaged)?;
            let number = <[u8; 8]>::try_from(rest).map_err(|_| damaged())?;
            let log = held.logs.entry(stream).or_default();
            log.restore(u64::from_be_bytes(number), &record)?;
        }
        for (space, readers) in [(log::NUMBERS, false), (READERS, true)] {
            for record in store.scan(space, &[]).await? {
                let name = String::from_utf8(record.key).map_err(|_| damaged())?;
                let number = <[u8; 8]>::try_from(record.value).map_err(|_| damaged())?;
                let number = u64::from_be_bytes(number);
                if readers {
                    held.readers.insert(name, number);
                } else {
                    held.logs.entry(name).or_default().next = number;
                }
            }
        }
        Ok(held)
    }

    /// Lets a program take over; returns how many rows have no place in its tables.
    pub(crate) fn align(&mut self, plan: &Plan) -> Vec<(String, usize)> {
        for (name, bucket) in &plan.app.buckets {
            let keep = bucket.expire.as_ref().map(|it| nanos(it.value));
            self.buckets.entry(name.clone()).or_default().align(keep);
        }
        let mut misfits = Vec::new();
        for (name, table) in &plan.app.tables {
            let count = self.tables.entry(name.clone()).or_default().align(table);
            if count > 0 {
                misfits.push((name.clone(), count));
            }
        }
        misfits
    }

    /// Tells how many rows or objects there are in what holds any: `table users`, how many, `rows`.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (String, usize, &'static str)> {
        let tables = self
            .tables
            .iter()
            .map(|(name, it)| (format!("table {name}"), it.len(), "rows"));
        let buckets = self.buckets.iter();
        let buckets = buckets.map(|(name, it)| (format!("bucket {name}"), it.len(), "objects"));
        tables.chain(buckets).filter(|(_, count, _)| *count > 0)
    }

    /// Returns the rows of a table.
    pub(crate) fn rows(&self, table: &str) -> impl Iterator<Item = &Row> {
        self.tables.get(table).into_iter().flat_map(Rows::all)
    }

    /// Returns the keys of a bucket's objects.
    pub(crate) fn keys(&self, bucket: &str) -> impl Iterator<Item = &str> {
        self.buckets.get(bucket).into_iter().flat_map(Objects::keys)
    }

    /// Carries out what is asked of a stream, a table or a bucket.
    pub(crate) fn ask(
        &mut self,
        plan: &Plan,
        moment: &mut Moment,
        name: &str,
        asked: Asked,
    ) -> Result<Deed, Refused> {
        match asked {
            Asked::Write(message) => self.write(plan, moment, name, message),
            Asked::PutRow(row) => {
                let (table, rows) = self.table(plan, name)?;
                let changed = rows.put(table, row)?;
                Ok(self.changed(plan, moment, name, changed))
            }
            Asked::DeleteRow(key) => {
                let (table, rows) = self.table(plan, name)?;
                let changed = rows.delete(table, &key)?;
                Ok(self.changed(plan, moment, name, changed))
            }
            Asked::GetRow(key) => {
                let (table, rows) = self.table(plan, name)?;
                Ok(Deed::answers(&rows.get(table, &key)?))
            }
            Asked::QueryRows(query) => {
                let (table, rows) = self.table(plan, name)?;
                Ok(Deed::answers(&rows.query(table, &query)?))
            }
            Asked::PutObject(object) => {
                let etag = object::etag(&object.message.body);
                let put = self.bucket(plan, name)?.put(name, moment.now, object)?;
                let mut deed = happened(moment, name, put);
                deed.answer = json!({ "etag": etag }).to_string().into();
                Ok(deed)
            }
            Asked::DeleteObject(key) => {
                let gone = self.bucket(plan, name)?.delete(name, &key)?;
                Ok(gone.map_or_else(
                    || Deed::answers(&Value::Null),
                    |it| happened(moment, name, it),
                ))
            }
            Asked::GetObject(key) => Ok(Deed::answers(&self.bucket(plan, name)?.get(name, &key)?)),
            Asked::ListObjects(prefix, limit) => Ok(Deed::answers(
                &self.bucket(plan, name)?.list(&prefix, limit),
            )),
            Asked::Invoke(_) => Err(Refused::Invalid(format!("`{name}` holds nothing"))),
        }
    }

    fn bucket(&mut self, plan: &Plan, name: &str) -> Result<&mut Objects, Refused> {
        if !plan.app.buckets.contains_key(name) {
            let names = plan.app.buckets.keys().map(String::as_str);
            return Err(unknown("bucket", name, names));
        }
        Ok(self.buckets.entry(name.to_owned()).or_default())
    }

    fn table<'a>(
        &mut self,
        plan: &'a Plan,
        name: &str,
    ) -> Result<(&'a crate::model::Table, &mut Rows), Refused> {
        let names = plan.app.tables.keys().map(String::as_str);
        let table = plan.app.tables.get(name);
        let table = table.ok_or_else(|| unknown("table", name, names))?;
        Ok((table, self.tables.entry(name.to_owned()).or_default()))
    }

    fn write(
        &mut self,
        plan: &Plan,
        moment: &mut Moment,
        name: &str,
        message: Message,
    ) -> Result<Deed, Refused> {
        let names = plan.app.streams.keys().map(String::as_str);
        let stream = plan.app.streams.get(name);
        let stream = stream.ok_or_else(|| unknown("stream", name, names))?;
        let log = self.logs.entry(name.to_owned()).or_default();
        let shards = engine::Log {
            shards: stream.shards.value.max(1),
            parallel: 1,
        };
        let (next, key) = (log.next + 1, message.key);
        // Without a key a record may go to any shard: they take turns.
        let key = key
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| next.to_string());
        let place = log.place(shards.shard(&key));
        let (shard, sequence) = place.names();
        let sent = Sent {
            id: format!("{shard}:{sequence}"),
            time: moment.now,
            message: Message {
                key: Some(key),
                ..message
            },
            log: Some(place),
        };
        let sent = Arc::new(sent);
        let changes = log.add(name, &sent);
        Ok(Deed {
            changes,
            answer: json!({ "id": sent.id }).to_string().into(),
            news: vec![(name.to_owned(), sent)],
        })
    }

    /// Tells of a row that was put or deleted.
    fn changed(&mut self, plan: &Plan, moment: &mut Moment, name: &str, changed: Changed) -> Deed {
        let mut deed = Deed::answers(&Value::Null);
        deed.changes.push(changed.change);
        let Some(message) = changed.message else {
            return deed;
        };
        let mut sent = Sent {
            id: (moment.id)(),
            time: moment.now,
            message,
            log: None,
        };
        if plan.logs().any(|(_, it)| it.name == name) {
            let log = self.logs.entry(name.to_owned()).or_default();
            sent.log = Some(log.place(0));
            let sent = Arc::new(sent);
            deed.changes.extend(log.add(name, &sent));
            deed.news.push((name.to_owned(), sent));
        }
        deed
    }

    /// Lets go what has expired by now; each row and object is a deed of its own.
    pub(crate) fn expire(&mut self, plan: &Plan, moment: &mut Moment) -> Vec<Deed> {
        let mut deeds = Vec::new();
        let seconds = moment.now.0 / 1_000_000_000;
        for (name, table) in &plan.app.tables {
            let rows = self.tables.get_mut(name);
            for gone in rows.map_or_else(Vec::new, |it| it.expire(table, seconds)) {
                deeds.push(self.changed(plan, moment, name, gone));
            }
        }
        for name in plan.app.buckets.keys() {
            let objects = self.buckets.get_mut(name);
            for gone in objects.map_or_else(Vec::new, |it| it.expire(name, moment.now)) {
                deeds.push(happened(moment, name, gone));
            }
        }
        for (name, log) in &mut self.logs {
            let stream = plan.app.streams.get(name);
            let keep = stream.map_or(CHANGES_KEPT, |it| it.keep.value);
            let changes = log.expire(name, nanos(keep), moment.now);
            if !changes.is_empty() {
                deeds.push(Deed {
                    changes,
                    ..Deed::default()
                });
            }
        }
        deeds
    }

    /// Returns when the next row or object expires.
    pub(crate) fn next_expiry(&self) -> Option<Time> {
        let rows = self.tables.values().filter_map(Rows::next_expiry);
        let rows = rows.map(|it| Time(it.saturating_mul(1_000_000_000)));
        let objects = self.buckets.values().filter_map(Objects::next_expiry);
        rows.chain(objects).min()
    }
}

/// Tells of an object that was put or deleted.
fn happened(moment: &mut Moment, name: &str, (change, message): (Change, Message)) -> Deed {
    let mut deed = Deed::answers(&Value::Null);
    deed.changes.push(change);
    let sent = Sent {
        id: (moment.id)(),
        time: moment.now,
        message,
        log: None,
    };
    deed.news.push((name.to_owned(), Arc::new(sent)));
    deed
}

fn nanos(time: Duration) -> Nanos {
    Nanos(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
