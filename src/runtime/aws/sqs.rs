//! Calls of Amazon SQS ("Amazon SQS API Reference"), in its JSON protocol.

use bytes::Bytes;
use indexmap::IndexMap;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::parameters::{Attribute, attributes, name, read, taken};
use super::{Asking, Caller};
use crate::runtime::host::Message;

/// A message that is sent. The local run keeps no record of deduplication ids.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    message_body: String,
    #[serde(default)]
    message_attributes: IndexMap<String, Attribute>,
    delay_seconds: Option<u64>,
    message_group_id: Option<String>,
    #[serde(rename = "MessageDeduplicationId")]
    _deduplication: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendMessageBatch {
    queue_url: String,
    entries: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetQueueUrl {
    queue_name: String,
}

pub(super) async fn call(
    caller: Caller<'_>,
    asking: &Asking<'_>,
    action: &str,
) -> Result<Value, Fault> {
    let body = &asking.body;
    match action {
        "SendMessage" => {
            let mut asked: Map<String, Value> = read(action, body)?;
            let queue = taken(&mut asked, "QueueUrl")?;
            let made = send(caller, &queue, asked).await?;
            Ok(Value::Object(made))
        }
        "SendMessageBatch" => {
            let asked: SendMessageBatch = read(action, body)?;
            let (mut sent, mut failed) = (Vec::new(), Vec::new());
            // All are named before the first is sent.
            let named = asked.entries.into_iter().map(|mut entry| {
                let id = taken(&mut entry, "Id")?;
                Ok((id, entry))
            });
            for (id, entry) in named.collect::<Result<Vec<_>, Fault>>()? {
                match send(caller, &asked.queue_url, entry).await {
                    Ok(mut made) => {
                        made.insert("Id".to_owned(), json!(id));
                        sent.push(Value::Object(made));
                    }
                    Err(it) => failed.push(json!({
                        "Id": id, "SenderFault": true, "Code": it.code, "Message": it.message,
                    })),
                }
            }
            Ok(json!({ "Successful": sent, "Failed": failed }))
        }
        "GetQueueUrl" => {
            let asked: GetQueueUrl = read(action, body)?;
            let name = name(&asked.queue_name);
            let host = asking.header("host").unwrap_or_default();
            Ok(json!({ "QueueUrl": format!("http://{host}/000000000000/{name}") }))
        }
        _ => Err(Fault::unknown("SQS", action)),
    }
}

async fn send(
    caller: Caller<'_>,
    queue: &str,
    entry: Map<String, Value>,
) -> Result<Map<String, Value>, Fault> {
    let entry: Entry = read("SendMessage", Value::Object(entry).to_string().as_bytes())?;
    let digest = Md5::digest(entry.message_body.as_bytes());
    let message = Message {
        body: entry.message_body.into(),
        attributes: attributes(entry.message_attributes)?,
        group: entry.message_group_id,
        delay_ms: entry.delay_seconds.map(|it| it.saturating_mul(1000)),
        ..Message::default()
    };
    let id = caller.send(name(queue), message).await?;
    let digest = format!("{:x}", Bytes::copy_from_slice(&digest));
    let told = [("MessageId", id), ("MD5OfMessageBody", digest)];
    let told = told.map(|(name, it)| (name.to_owned(), json!(it)));
    Ok(told.into_iter().collect())
}
