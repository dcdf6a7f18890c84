//! What the bootstraps write, as the runtime reads it.

use bytes::Bytes;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::host::{Answer, Message};
use crate::event::Body;

/// The longest answer, as on Lambda.
pub(super) const MAX_ANSWER: usize = 6 << 20;

/// An error as the Runtime API has it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Failure {
    pub(super) error_message: String,
    pub(super) error_type: String,
    pub(super) stack_trace: Vec<String>,
}

/// Reads an error; what isn't one is its own message.
pub(super) fn failure(body: &[u8]) -> Failure {
    serde_json::from_slice(body).unwrap_or_else(|_| Failure {
        error_message: String::from_utf8_lossy(body).into_owned(),
        ..Failure::default()
    })
}

/// Reads what a handler returned.
pub(super) fn answer(body: Bytes) -> Answer {
    let raised = |kind: &str, message: String| Answer::Raised {
        kind: kind.to_owned(),
        message,
        trace: Vec::new(),
    };
    if body.len() > MAX_ANSWER {
        return raised(
            "AnswerTooLarge",
            format!(
                "the answer has {} bytes, at most {MAX_ANSWER} can be sent",
                body.len()
            ),
        );
    }
    match serde_json::from_slice::<&RawValue>(&body) {
        Ok(_) => Answer::Returned(body),
        Err(error) => raised("NotJson", format!("the answer is not JSON: {error}")),
    }
}

/// What `context.send` and `context.publish` carry out.
#[derive(Deserialize)]
struct Outgoing {
    body: String,
    base64: bool,
    attributes: IndexMap<String, String>,
    delay_ms: u64,
    group: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads a message; `Err` says what is wrong with it.
pub(super) fn message(body: &[u8]) -> Result<Message, String> {
    let sent: Outgoing = serde_json::from_slice(body).map_err(|it| it.to_string())?;
    let bytes = if sent.base64 {
        Body::bytes(&sent.body).ok_or("the body is not base64")?
    } else {
        sent.body.into_bytes()
    };
    Ok(Message {
        binary: std::str::from_utf8(&bytes).is_err(),
        body: bytes.into(),
        attributes: sent.attributes.into_iter().collect(),
        group: sent.group,
        delay_ms: Some(sent.delay_ms).filter(|it| *it > 0),
        kind: sent.kind,
    })
}
