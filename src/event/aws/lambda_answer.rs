//! What Lambda's callers make of an answer, told as a portable handler would tell it.

use serde_json::{Map, Value, json};

use super::lambda::{decides, is_fifo_topic, item_of};
use crate::event::{Content, Event, Record, Trigger};

/// Returns a portable answer that means what `returned`, JSON text, means to whoever calls a Lambda function
/// with this config; `Err` says why it is none.
pub fn from_lambda(config: &Value, event: &Event, returned: &str) -> Result<String, String> {
    let records = match &event.content {
        Content::Request(_) if decides(config) => return Ok(returned.to_owned()),
        Content::Request(_) => return http(returned),
        Content::Records(records) => records,
    };
    match event.trigger {
        Trigger::Queue => Ok(batch(returned, records, |it| it.id.clone())),
        Trigger::Topic if is_fifo_topic(config, &event.source) => {
            Ok(batch(returned, records, |it| it.id.clone()))
        }
        Trigger::Stream | Trigger::Table => Ok(batch(returned, records, item_of)),
        Trigger::Invoke | Trigger::Http => Ok(returned.to_owned()),
        // Called without waiting for the answer.
        Trigger::Topic | Trigger::Bucket | Trigger::Event | Trigger::Schedule => {
            Ok("null".to_owned())
        }
    }
}

/// Reads an answer in the format 2.0 of HTTP APIs.
fn http(returned: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(returned).map_err(|it| it.to_string())?;
    let Some(status) = value.get("statusCode").filter(|it| !it.is_null()) else {
        let body = match value {
            Value::String(text) => text,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => returned.to_owned(),
        };
        let headers = json!({ "content-type": "application/json" });
        return Ok(json!({ "statusCode": 200, "headers": headers, "body": body }).to_string());
    };
    let digits = status.as_str().and_then(|it| it.parse().ok());
    let status: u64 = status
        .as_u64()
        .or(digits)
        .ok_or_else(|| format!("statusCode {status} is no number"))?;
    let mut made = Map::from_iter([("statusCode".to_owned(), json!(status))]);
    match value.get("body") {
        None | Some(Value::Null) => {}
        Some(body @ Value::String(_)) => {
            made.insert("body".to_owned(), body.clone());
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(
                "API Gateway takes a `body` that is text only: JSON has to be made text".to_owned(),
            );
        }
    }
    for name in ["headers", "cookies"] {
        if let Some(said) = value.get(name).filter(|it| !it.is_null()) {
            made.insert(name.to_owned(), said.clone());
        }
    }
    if value.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        made.insert("base64".to_owned(), json!(true));
    }
    Ok(Value::Object(made).to_string())
}

/// Reads which records failed; one that names what isn't there says that all have.
fn batch(returned: &str, records: &[Record], item: impl Fn(&Record) -> String) -> String {
    let answer: Value = serde_json::from_str(returned).unwrap_or_default();
    let all = || records.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    let failed = match answer.get("batchItemFailures") {
        None | Some(Value::Null) => return "null".to_owned(),
        Some(Value::Array(failures)) => {
            let named = failures.iter().map(|it| {
                let wanted = it.get("itemIdentifier")?.as_str()?;
                let found = records.iter().find(|it| item(it) == wanted);
                found.map(|it| it.id.clone())
            });
            named.collect::<Option<Vec<_>>>().unwrap_or_else(all)
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => all(),
    };
    json!({ "failures": failed }).to_string()
}
