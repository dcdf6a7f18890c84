//! An object of a bucket.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::engine::Time;
use crate::event::Body;
use crate::runtime::clock::stamp;

#[derive(Debug)]
pub(super) struct Object {
    pub(super) head: Head,
    pub(super) body: Bytes,
}

/// All of an object but its key and what it holds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) time: u64,
    pub(super) etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    pub(super) attributes: Vec<(String, String)>,
}

impl Object {
    /// Reads what is kept of it; none: it is no object.
    pub(super) fn of(value: &[u8]) -> Option<Object> {
        let end = value.iter().position(|it| *it == b'\n')?;
        let (head, body) = value.split_at(end);
        let head = serde_json::from_slice(head).ok()?;
        let body = Bytes::copy_from_slice(body.get(1..).unwrap_or_default());
        Some(Object { head, body })
    }

    /// Returns what is to be kept of it.
    pub(super) fn kept(&self) -> Vec<u8> {
        let mut value = serde_json::to_vec(&self.head).expect("a head has names and numbers only");
        value.push(b'\n');
        value.extend_from_slice(&self.body);
        value
    }

    /// Returns what `list` tells of it.
    pub(super) fn shown(&self, key: &str) -> Value {
        let time = stamp(Time(self.head.time)).to_string();
        json!({ "key": key, "size": self.body.len(), "etag": self.head.etag, "time": time })
    }

    /// Returns what `get` gives.
    pub(super) fn read(&self, key: &str) -> Value {
        let mut shown = self.shown(key);
        let body = Body::of(&self.body);
        let data = if body.base64 {
            Value::Null
        } else {
            serde_json::from_str(&body.text).unwrap_or(Value::Null)
        };
        let attributes = self.head.attributes.iter();
        let attributes: Map<String, Value> = attributes
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        if let Some(members) = shown.as_object_mut() {
            members.insert("content_type".into(), json!(self.head.content_type));
            members.insert("body".into(), json!(body.text));
            if body.base64 {
                members.insert("base64".into(), json!(true));
            }
            members.insert("data".into(), data);
            members.insert("attributes".into(), Value::Object(attributes));
        }
        shown
    }
}

/// Returns a tag that differs where contents differ: FNV-1a of 128 bits, after RFC 9923.
pub(super) fn etag(body: &[u8]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let step = |hash: u128, byte: &u8| (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
    format!("{:032x}", body.iter().fold(OFFSET, step))
}
