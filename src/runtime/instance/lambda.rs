//! Functions with `contract lambda`: their calls as AWS makes them, and their answers as AWS reads them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde_json::Value;

use super::super::host::{Answer, Call};
use crate::event::aws::{from_lambda, to_aws};
use crate::event::{Event, Time};

/// Translates the calls of one instance.
pub(super) struct Lambda {
    config: Value,
    timeout_ms: i64,
    /// The events that were handed over, by request id.
    open: Mutex<HashMap<String, Event>>,
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lambda")
    }
}

impl Lambda {
    /// Returns what translates for a function with this config; none is needed when it takes portable events.
    pub(super) fn of(config: &Value) -> Option<Lambda> {
        let wanted = config.get("contract").is_some_and(|it| it == "lambda");
        wanted.then(|| Lambda {
            config: config.clone(),
            timeout_ms: config
                .get("timeout_ms")
                .and_then(Value::as_i64)
                .unwrap_or(0),
            open: Mutex::default(),
        })
    }

    /// Returns a call as Lambda makes it.
    pub(super) fn call(&self, call: Call) -> Call {
        let Ok(event) = serde_json::from_slice::<Event>(&call.event) else {
            return call;
        };
        let deadline = i64::try_from(call.deadline_ms).unwrap_or(i64::MAX);
        let now = Time(deadline.saturating_sub(self.timeout_ms));
        let made = to_aws(&self.config, &event, &call.request_id, now);
        let triggers = self.config.get("triggers").and_then(Value::as_array);
        let mut triggers = triggers.into_iter().flatten();
        let made = if triggers.any(|it| it.get("where").is_some()) {
            // The bootstrap asks the portable event which records are taken.
            serde_json::json!({ "payload": made, "event": event })
        } else {
            made
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(call.request_id.clone(), event);
        Call {
            event: made.to_string().into(),
            ..call
        }
    }

    /// Returns an answer as a portable handler would have given it.
    pub(super) fn answer(&self, request_id: &str, answer: Answer) -> Answer {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let event = open.remove(request_id);
        let (Some(event), Answer::Returned(text)) = (event, &answer) else {
            return answer;
        };
        let text = std::str::from_utf8(text).unwrap_or("null");
        match from_lambda(&self.config, &event, text) {
            Ok(made) => Answer::Returned(Bytes::from(made)),
            Err(message) => Answer::Raised {
                kind: "NoAnswer".to_owned(),
                message,
                trace: Vec::new(),
            },
        }
    }
}

/// A file that is there, and holds nothing.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// Returns the variables that Lambda sets and SDKs read. The keys are nobody's, the user's own profiles are out of
/// sight, and the endpoint is this instance's own, so that no call reaches a cloud.
pub(super) fn variables(address: &str, memory: u64) -> [(&'static str, String); 10] {
    [
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_SESSION_TOKEN", "local".to_owned()),
        ("AWS_CONFIG_FILE", NOWHERE.to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", NOWHERE.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_ENDPOINT_URL", format!("http://{address}/aws")),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            (memory >> 20).to_string(),
        ),
    ]
}
