//! The objects of a bucket, in the order of their keys.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde_json::{Value, json};

use super::object::{Head, Object, etag};
use super::object_key::check_key;
use crate::engine::{Nanos, Time};
use crate::model::BucketChange;
use crate::runtime::arrival::object_event;
use crate::runtime::asked::NewObject;
use crate::runtime::host::{Message, Refused};
use crate::runtime::store::{Change, Record, StoreError};

/// The space of objects: a key is the bucket's name, a zero and the object's key; a value is a line of JSON, the
/// [`Head`], and after it what the object holds.
pub(super) const SPACE: &str = "objects";

#[derive(Debug, Default)]
pub(super) struct Objects {
    by_key: BTreeMap<String, Object>,
    by_time: BTreeSet<(Time, String)>,
    /// How long an object is kept; none: until it is deleted.
    keep: Option<Nanos>,
}

impl Objects {
    /// Takes in an object that was kept.
    pub(super) fn restore(&mut self, key: &[u8], record: &Record) -> Result<(), StoreError> {
        let unknown = || StoreError::Damaged("an object is no object".into());
        let key = std::str::from_utf8(key).map_err(|_| unknown())?;
        self.insert(key, Object::of(&record.value).ok_or_else(unknown)?);
        Ok(())
    }

    /// Says how long an object is kept from now on.
    pub(super) fn align(&mut self, keep: Option<Nanos>) {
        self.keep = keep;
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Returns the keys, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.by_key.keys().map(String::as_str)
    }

    /// Puts an object; returns what is to be kept of it, and what those hear who wait for it.
    pub(super) fn put(
        &mut self,
        bucket: &str,
        now: Time,
        new: NewObject,
    ) -> Result<(Change, Message), Refused> {
        let NewObject {
            key,
            message,
            content_type,
        } = new;
        check_key(bucket, &key)?;
        let head = Head {
            time: now.0,
            etag: etag(&message.body),
            content_type,
            attributes: message.attributes,
        };
        let object = Object {
            head,
            body: message.body,
        };
        let body = json!({ "key": key, "size": object.body.len(), "etag": object.head.etag });
        let value = object.kept();
        self.insert(&key, object);
        let change = Change::put(SPACE, store_key(bucket, &key), value);
        Ok((change, told(BucketChange::Created, key, &body)))
    }

    /// Returns what `get` gives; null when there is no such object.
    pub(super) fn get(&self, bucket: &str, key: &str) -> Result<Value, Refused> {
        check_key(bucket, key)?;
        let Some(object) = self.by_key.get(key) else {
            return Ok(Value::Null);
        };
        Ok(object.read(key))
    }

    /// Returns the objects whose keys begin so, without what they hold.
    pub(super) fn list(&self, prefix: &str, limit: Option<usize>) -> Vec<Value> {
        let from = self
            .by_key
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let found = from.take_while(|(key, _)| key.starts_with(prefix));
        let found = found.take(limit.unwrap_or(usize::MAX));
        found.map(|(key, object)| object.shown(key)).collect()
    }

    /// Deletes an object; none: there is no such one.
    pub(super) fn delete(
        &mut self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<(Change, Message)>, Refused> {
        check_key(bucket, key)?;
        Ok(self.remove(bucket, key))
    }

    /// Returns when the next object expires.
    pub(super) fn next_expiry(&self) -> Option<Time> {
        let (written, _) = self.by_time.first()?;
        Some(*written + self.keep?)
    }

    /// Deletes what has expired by now.
    pub(super) fn expire(&mut self, bucket: &str, now: Time) -> Vec<(Change, Message)> {
        let mut gone = Vec::new();
        while self.next_expiry().is_some_and(|it| it <= now) {
            let Some((_, key)) = self.by_time.first().cloned() else {
                break;
            };
            gone.extend(self.remove(bucket, &key));
        }
        gone
    }

    fn insert(&mut self, key: &str, object: Object) {
        let time = Time(object.head.time);
        if let Some(old) = self.by_key.insert(key.to_owned(), object) {
            self.by_time.remove(&(Time(old.head.time), key.to_owned()));
        }
        self.by_time.insert((time, key.to_owned()));
    }

    fn remove(&mut self, bucket: &str, key: &str) -> Option<(Change, Message)> {
        let old = self.by_key.remove(key)?;
        self.by_time.remove(&(Time(old.head.time), key.to_owned()));
        let change = Change::remove(SPACE, store_key(bucket, key));
        let message = told(
            BucketChange::Deleted,
            key.to_owned(),
            &json!({ "key": key }),
        );
        Some((change, message))
    }
}

fn told(change: BucketChange, key: String, body: &Value) -> Message {
    Message {
        body: body.to_string().into(),
        kind: Some(object_event(change).to_owned()),
        key: Some(key),
        ..Message::default()
    }
}

fn store_key(bucket: &str, key: &str) -> Vec<u8> {
    [bucket.as_bytes(), b"\0", key.as_bytes()].concat()
}
