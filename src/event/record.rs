//! One record of an event.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Time;

/// Marks a base64 body on transports that carry text only; handlers never see it.
pub const BASE64_ATTRIBUTE: &str = "fnc-base64";

/// JSON text, kept as it was written, so that no digit is lost.
pub type Json = Box<RawValue>;

/// A payload: text, or the base64 text of bytes that aren't UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The text.
    pub text: String,
    /// Whether it is base64.
    pub base64: bool,
}

impl Body {
    /// Returns the body of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Body {
                text: text.to_owned(),
                base64: false,
            },
            Err(_) => Body {
                text: STANDARD.encode(bytes),
                base64: true,
            },
        }
    }

    /// Returns the bytes of base64 text, None when it isn't base64.
    pub fn bytes(text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text).ok()
    }

    /// Returns the JSON it holds.
    pub fn data(&self) -> Option<Json> {
        if self.base64 {
            return None;
        }
        data_of(&self.text)
    }
}

/// Returns the JSON that `text` is, None when it isn't JSON (or is `null`).
pub fn data_of(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

/// Returns a value as JSON.
pub fn json_of(value: &impl Serialize) -> Json {
    serde_json::value::to_raw_value(value).expect("an own type is always JSON")
}

/// One message, tick or call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its id, unique within its source.
    pub id: String,
    /// The resource it came from, or the function.
    pub source: String,
    /// What it is: `fnc.queue.message`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was sent.
    pub time: Time,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The payload.
    pub body: String,
    /// Whether `body` is base64 of bytes that aren't UTF-8.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base64: bool,
    /// The JSON that the body is.
    pub data: Option<Json>,
    /// Its attributes.
    pub attributes: IndexMap<String, String>,
    /// The fifo group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it is about, as `CloudEvents` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When a tick was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Time>,
    /// What the program gives a schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Json>,
    /// The bucket of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The key of an object, or by which a stream orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The place of a stream's record within its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// The part of a stream that holds the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The size of an object; `null` when it is gone.
    #[serde(
        default,
        deserialize_with = "kept",
        skip_serializing_if = "Option::is_none"
    )]
    pub size: Option<Json>,
    /// The tag of an object's contents; `null` when it is gone.
    #[serde(
        default,
        deserialize_with = "kept",
        skip_serializing_if = "Option::is_none"
    )]
    pub etag: Option<Json>,
    /// What happened to an object or a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The key of a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Json>,
    /// The row after the change; `null` when it is gone.
    #[serde(
        default,
        deserialize_with = "kept",
        skip_serializing_if = "Option::is_none"
    )]
    pub new: Option<Json>,
    /// The row before the change; `null` when there was none.
    #[serde(
        default,
        deserialize_with = "kept",
        skip_serializing_if = "Option::is_none"
    )]
    pub old: Option<Json>,
}

/// Reads a member that is there even when it is `null`.
fn kept<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl Record {
    /// Returns a first attempt without attributes.
    pub fn new(id: &str, source: &str, kind: &str, time: Time, body: Body) -> Self {
        Record {
            id: id.to_owned(),
            source: source.to_owned(),
            kind: kind.to_owned(),
            time,
            attempt: 1,
            data: body.data(),
            base64: body.base64,
            body: body.text,
            attributes: IndexMap::new(),
            group: None,
            subject: None,
            scheduled: None,
            input: None,
            bucket: None,
            key: None,
            sequence: None,
            shard: None,
            size: None,
            etag: None,
            action: None,
            keys: None,
            new: None,
            old: None,
        }
    }

    /// Returns the record of a stream.
    pub fn of_stream(
        id: &str,
        source: &str,
        time: Time,
        body: Body,
        key: Option<&str>,
        (shard, sequence): (&str, &str),
    ) -> Self {
        Record {
            key: key.map(str::to_owned),
            sequence: Some(sequence.to_owned()),
            shard: Some(shard.to_owned()),
            ..Record::new(id, source, "fnc.stream.record", time, body)
        }
    }

    /// Returns the record of a bucket's object that was `created` with this size and tag, or else `deleted`; its body
    /// is the JSON of its own members.
    pub fn of_object(
        id: &str,
        source: &str,
        time: Time,
        key: &str,
        created: Option<(u64, &str)>,
    ) -> Self {
        let action = if created.is_some() {
            "created"
        } else {
            "deleted"
        };
        let (size, etag) = created.unzip();
        let members = json!({
            "bucket": source, "key": key, "size": size, "etag": etag, "action": action,
        });
        let body = Body::of(members.to_string().as_bytes());
        Record {
            bucket: Some(source.to_owned()),
            key: Some(key.to_owned()),
            size: Some(json_of(&size)),
            etag: Some(json_of(&etag)),
            action: Some(action.to_owned()),
            ..Record::new(id, source, &format!("fnc.bucket.{action}"), time, body)
        }
    }

    /// Returns the record of a table's row that was `inserted`, `updated` or `deleted`; its body is the JSON of its own
    /// members.
    pub fn of_row(
        id: &str,
        source: &str,
        time: Time,
        keys: &Value,
        (new, old): (Option<&Value>, Option<&Value>),
    ) -> Self {
        let action = match (new, old) {
            (Some(_), None) => "inserted",
            (None, _) => "deleted",
            (Some(_), Some(_)) => "updated",
        };
        let members = json!({ "action": action, "keys": keys, "new": new, "old": old });
        let body = Body::of(members.to_string().as_bytes());
        Record {
            action: Some(action.to_owned()),
            keys: Some(json_of(keys)),
            new: Some(json_of(&new)),
            old: Some(json_of(&old)),
            ..Record::new(id, source, &format!("fnc.table.{action}"), time, body)
        }
    }

    /// Returns the record of a message as a transport of text carries it: `attributes` may say that
    /// the body is base64.
    pub fn message(
        id: &str,
        source: &str,
        kind: &str,
        time: Time,
        text: &str,
        mut attributes: IndexMap<String, String>,
    ) -> Self {
        let marked = attributes.shift_remove(BASE64_ATTRIBUTE).as_deref() == Some("true");
        let decoded = marked.then(|| Body::bytes(text)).flatten();
        let body = Body::of(decoded.as_deref().unwrap_or(text.as_bytes()));
        Record {
            attributes,
            ..Record::new(id, source, kind, time, body)
        }
    }

    /// Returns the record of a schedule's tick; `input` is the JSON text of an object.
    pub fn tick(id: &str, function: &str, time: Time, scheduled: Time, input: &str) -> Self {
        let body = Body {
            text: input.to_owned(),
            base64: false,
        };
        let record = Record::new(id, function, "fnc.schedule.tick", time, body);
        Record {
            scheduled: Some(scheduled),
            input: record.data.clone(),
            ..record
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} attempt {}", self.kind, self.id, self.attempt)
    }
}
