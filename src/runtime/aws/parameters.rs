//! What the calls of several services have in common: JSON parameters, names, attributes of messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::fault::Fault;

/// Reads the parameters of a call; one that isn't known here is refused by name.
pub(super) fn read<T: DeserializeOwned>(call: &str, body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|it| {
        let why = it.to_string();
        let unknown = ["unknown field `", "unknown variant `"];
        match unknown
            .iter()
            .find_map(|it| why.strip_prefix(it))
            .and_then(|it| it.split_once('`'))
        {
            Some((name, _)) => Fault::not_here(&format!("`{name}` of {call}")),
            None => Fault::invalid(why),
        }
    })
}

/// Takes a parameter that is text out of those of a call.
pub(super) fn taken(members: &mut Map<String, Value>, name: &str) -> Result<String, Fault> {
    match members.shift_remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(Fault::invalid(format!("`{name}` is missing"))),
    }
}

/// Returns the program's name of what an address, an ARN or a plain name names.
pub(super) fn name(text: &str) -> &str {
    let last = text.rsplit(['/', ':']).next().unwrap_or(text);
    last.strip_suffix(".fifo").unwrap_or(last)
}

/// Returns bytes that a call holds in base64.
pub(super) fn bytes(text: &str) -> Result<Bytes, Fault> {
    let bytes = STANDARD.decode(text);
    bytes
        .map(Bytes::from)
        .map_err(|_| Fault::invalid("data must be in base64"))
}

/// An attribute of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(super) struct Attribute {
    pub(super) data_type: String,
    pub(super) string_value: Option<String>,
    pub(super) binary_value: Option<String>,
}

/// Returns attributes as a message has them; numbers are text.
pub(super) fn attributes(
    given: IndexMap<String, Attribute>,
) -> Result<Vec<(String, String)>, Fault> {
    let text = |(name, it): (String, Attribute)| match it.string_value {
        Some(text) => Ok((name, text)),
        None => Err(Fault::not_here(&format!(
            "the attribute `{name}` of the type {}",
            it.data_type
        ))),
    };
    given.into_iter().map(text).collect()
}
