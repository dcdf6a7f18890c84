//! Records of Kinesis, `DynamoDB` streams, S3 and `EventBridge`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Facts, MORE_ATTRIBUTES, text};
use crate::event::{Body, Event, Record, Time, Trigger};

/// Carries the data of an event that isn't a JSON object.
pub(super) const BODY_MEMBER: &str = "fnc-body";

/// Returns the time of a number of seconds, which may have a fraction.
fn seconds(value: &Value, pointer: &str) -> Result<Time, String> {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    let seconds = found.ok_or_else(|| format!("the payload has no number at `{pointer}`"))?;
    #[expect(clippy::cast_possible_truncation, reason = "a time fits")]
    Ok(Time((seconds * 1000.0).round() as i64))
}

fn time(value: &Value, pointer: &str) -> Result<Time, String> {
    let time = text(value, pointer)?;
    Time::parse(time).ok_or_else(|| format!("`{time}` is no time"))
}

/// Returns a record of a stream.
pub(super) fn kinesis(record: &Value, source: &str) -> Result<Record, String> {
    let id = text(record, "/eventID")?;
    let data = STANDARD.decode(text(record, "/kinesis/data")?);
    let data = data.map_err(|it| format!("the data is not base64: {it}"))?;
    Ok(Record::of_stream(
        id,
        source,
        seconds(record, "/kinesis/approximateArrivalTimestamp")?,
        Body::of(&data),
        Some(text(record, "/kinesis/partitionKey")?),
        id.split_once(':').unwrap_or(("", id)),
    ))
}

/// Returns a change of a table's row.
pub(super) fn dynamo(record: &Value, source: &str) -> Result<Record, String> {
    let image = |name: &str| record.pointer(name).map(plain_row).transpose();
    let keys = image("/dynamodb/Keys")?.ok_or("the payload has no `Keys`")?;
    let (new, old) = (image("/dynamodb/NewImage")?, image("/dynamodb/OldImage")?);
    Ok(Record::of_row(
        text(record, "/eventID")?,
        source,
        seconds(record, "/dynamodb/ApproximateCreationDateTime")?,
        &keys,
        (new.as_ref(), old.as_ref()),
    ))
}

fn plain_row(row: &Value) -> Result<Value, String> {
    let members = row.as_object().ok_or("a row is an object")?;
    let plain = |(name, it): (&String, &Value)| Ok((name.clone(), plain(it)?));
    let members: Result<Map<String, Value>, String> = members.iter().map(plain).collect();
    Ok(Value::Object(members?))
}

/// Returns a typed value of `DynamoDB` as JSON: sets are lists, bytes base64.
fn plain(typed: &Value) -> Result<Value, String> {
    let wrong = || format!("`{typed}` is no value of DynamoDB");
    let member = typed.as_object().and_then(|it| it.iter().next());
    let (kind, value) = member.ok_or_else(wrong)?;
    let number = |it: &Value| {
        let digits = it.as_str().ok_or_else(wrong)?;
        serde_json::from_str::<Value>(digits).map_err(|_| wrong())
    };
    let list = || value.as_array().ok_or_else(wrong);
    match kind.as_str() {
        "NULL" => Ok(Value::Null),
        "N" => number(value),
        "M" => plain_row(value),
        "L" => list()?.iter().map(plain).collect(),
        "NS" => list()?.iter().map(number).collect(),
        "S" | "B" | "BOOL" | "SS" | "BS" => Ok(value.clone()),
        _ => Err(wrong()),
    }
}

/// Returns a change of a bucket's object.
pub(super) fn s3(record: &Value, source: &str) -> Result<Record, String> {
    // A key is written as a form would write it.
    let key = text(record, "/s3/object/key")?;
    let key: String = form_urlencoded::parse(format!("={}", key.replace('&', "%26")).as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect();
    let created = text(record, "/eventName")?.starts_with("ObjectCreated:");
    let size = || record.pointer("/s3/object/size").and_then(Value::as_u64);
    let created = created.then(|| (size().unwrap_or(0), text(record, "/s3/object/eTag")));
    let created = match created {
        Some((size, etag)) => Some((size, etag?)),
        None => None,
    };
    let at = text(record, "/eventTime")?;
    let sequencer = text(record, "/s3/object/sequencer").unwrap_or(at);
    let id = format!("{sequencer}:{key}");
    Ok(Record::of_object(
        &id,
        source,
        time(record, "/eventTime")?,
        &key,
        created,
    ))
}

/// Returns an event of a bus. `EventBridge` doesn't tell of which.
pub(super) fn bus(facts: &Facts, payload: &Value) -> Result<Event, String> {
    let buses = facts.sources.iter().find(|it| it.0 == Trigger::Event);
    let source = buses.map_or("default", |it| it.1);
    let (body, mut attributes) = unpacked(payload.get("detail").unwrap_or(&Value::Null));
    let marked = attributes.shift_remove(crate::event::BASE64_ATTRIBUTE);
    let decoded = marked.and_then(|_| Body::bytes(&body));
    let body = Body::of(decoded.as_deref().unwrap_or(body.as_bytes()));
    let record = Record::new(
        text(payload, "/id")?,
        source,
        text(payload, "/detail-type")?,
        time(payload, "/time")?,
        body,
    );
    let record = Record {
        attributes,
        subject: text(payload, "/resources/0").ok().map(str::to_owned),
        ..record
    };
    let records = vec![record];
    Ok(Event::records(
        Trigger::Event,
        source,
        facts.function,
        records,
    ))
}

/// Returns the body and the attributes of an event's detail.
fn unpacked(detail: &Value) -> (String, IndexMap<String, String>) {
    let Value::Object(members) = detail else {
        return (detail.to_string(), IndexMap::new());
    };
    let mut members = members.clone();
    let attributes = members.shift_remove(MORE_ATTRIBUTES).unwrap_or_default();
    let attributes = serde_json::from_value(attributes).unwrap_or_default();
    let body = match members.get(BODY_MEMBER).and_then(Value::as_str) {
        Some(text) if members.len() == 1 => text.to_owned(),
        Some(_) | None => Value::Object(members).to_string(),
    };
    (body, attributes)
}
