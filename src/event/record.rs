//! One record of an event.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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
