//! Calls of Amazon Kinesis Data Streams ("Amazon Kinesis Data Streams API Reference").

use serde::Deserialize;
use serde_json::{Value, json};

use super::Caller;
use super::fault::Fault;
use super::parameters::{bytes, name, read};
use crate::runtime::asked::Asked;
use crate::runtime::host::Message;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutRecord {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    data: String,
    partition_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutRecords {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    records: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    data: String,
    partition_key: String,
}

/// What is told of a record that was written: its shard and its place in it.
#[derive(Deserialize)]
struct Written {
    id: String,
}

pub(super) async fn call(caller: Caller<'_>, action: &str, body: &[u8]) -> Result<Value, Fault> {
    match action {
        "PutRecord" => {
            let asked: PutRecord = read(action, body)?;
            let stream = stream(asked.stream_arn, asked.stream_name)?;
            put(caller, &stream, &asked.data, asked.partition_key).await
        }
        "PutRecords" => {
            let asked: PutRecords = read(action, body)?;
            let stream = stream(asked.stream_arn, asked.stream_name)?;
            let (mut told, mut failed) = (Vec::new(), 0);
            for it in asked.records {
                match put(caller, &stream, &it.data, it.partition_key).await {
                    Ok(made) => told.push(made),
                    Err(it) => {
                        failed += 1;
                        told.push(json!({ "ErrorCode": it.code, "ErrorMessage": it.message }));
                    }
                }
            }
            Ok(json!({ "FailedRecordCount": failed, "Records": told }))
        }
        _ => Err(Fault::unknown("Kinesis", action)),
    }
}

fn stream(arn: Option<String>, name: Option<String>) -> Result<String, Fault> {
    arn.or(name)
        .ok_or_else(|| Fault::invalid("name the stream by `StreamName` or `StreamARN`"))
}

async fn put(caller: Caller<'_>, stream: &str, data: &str, key: String) -> Result<Value, Fault> {
    let body = bytes(data)?;
    let message = Message {
        binary: std::str::from_utf8(&body).is_err(),
        body,
        key: Some(key),
        ..Message::default()
    };
    let written = caller.ask(name(stream), Asked::Write(message)).await?;
    let written: Written = read("PutRecord", &written)?;
    let (shard, sequence) = written.id.split_once(':').unwrap_or_default();
    Ok(json!({ "ShardId": shard, "SequenceNumber": sequence }))
}
