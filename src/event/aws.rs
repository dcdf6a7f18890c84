//! AWS Lambda's event shapes as portable events; `targets/aws/payload.py` does the same in the cloud.
//!
//! Shapes: HTTP API payload 2.0 (docs.aws.amazon.com/apigateway, "Working with AWS Lambda proxy
//! integrations for HTTP APIs"), SQS, SNS and `EventBridge` Scheduler
//! (docs.aws.amazon.com/lambda, "Using Lambda with …").

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde_json::Value;

mod lambda;
mod lambda_answer;
#[cfg(test)]
mod lambda_tests;
mod records;

pub use lambda::item;
pub use lambda::to_aws;
pub use lambda_answer::from_lambda;

use super::{Body, Event, Incoming, Json, Record, Time, Trigger, json_of};

/// What AWS doesn't tell in the payload.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The function's name in the program.
    pub function: &'a str,
    /// The names of the queues, topics and so on that start it.
    pub sources: &'a [(Trigger, &'a str)],
    /// The id of this invocation.
    pub request_id: &'a str,
    /// The time now, for what has no time of its own.
    pub now: Time,
}

/// Returns the portable event of a payload that Lambda would be called with.
///
/// A portable event is taken as it is; what no source of a program sends is the data of a direct call.
pub fn from_aws(facts: &Facts, payload: &str) -> Result<Event, String> {
    let value: Value = serde_json::from_str(payload).map_err(|it| it.to_string())?;
    if value.get("trigger").is_some() && value.get("function").is_some() {
        return serde_json::from_str(payload).map_err(|it| it.to_string());
    }
    if value.pointer("/requestContext/http").is_some() {
        return http(facts, &value);
    }
    if value.get("fnc").and_then(Value::as_str) == Some("schedule") {
        return schedule(facts, &value);
    }
    let records = value.get("Records").and_then(Value::as_array);
    let kind = |at: &str| records.and_then(|it| it.first()?.get(at)?.as_str());
    match (records, kind("eventSource"), kind("EventSource")) {
        (Some(records), Some("aws:sqs"), _) => batch(facts, Trigger::Queue, records, sqs),
        (Some(records), _, Some("aws:sns")) => batch(facts, Trigger::Topic, records, sns),
        (Some(list), Some("aws:kinesis"), _) => {
            batch(facts, Trigger::Stream, list, records::kinesis)
        }
        (Some(list), Some("aws:dynamodb"), _) => {
            batch(facts, Trigger::Table, list, records::dynamo)
        }
        (Some(list), Some("aws:s3"), _) => batch(facts, Trigger::Bucket, list, records::s3),
        _ if value.get("detail-type").is_some() && value.get("detail").is_some() => {
            records::bus(facts, &value)
        }
        _ => {
            let body = Body::of(payload.trim().as_bytes());
            Ok(Event::invoke(
                facts.function,
                facts.request_id,
                facts.now,
                body,
            ))
        }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| format!("the payload has no text at `{pointer}`"))
}

/// Returns a number that AWS writes as text.
fn number<T: std::str::FromStr>(value: &Value, pointer: &str) -> Result<T, String> {
    let digits = text(value, pointer)?;
    digits
        .parse()
        .map_err(|_| format!("`{digits}` at `{pointer}` is no number"))
}

/// Returns the members of an object that are text.
fn strings(value: Option<&Value>) -> impl Iterator<Item = (&str, &str)> {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
}

fn http(facts: &Facts, payload: &Value) -> Result<Event, String> {
    let method = text(payload, "/requestContext/http/method")?;
    let path = text(payload, "/rawPath")?;
    let key = text(payload, "/routeKey")?;
    let body = text(payload, "/body").unwrap_or("");
    let is_base64 = payload.get("isBase64Encoded") == Some(&Value::Bool(true));
    let body = match STANDARD.decode(body) {
        Ok(bytes) if is_base64 => Cow::Owned(bytes),
        Err(error) if is_base64 => return Err(format!("the body is not base64: {error}")),
        Ok(_) | Err(_) => Cow::Borrowed(body.as_bytes()),
    };
    let params = strings(payload.get("pathParameters"));
    let params: IndexMap<_, _> = params
        .map(|(name, it)| (name.to_owned(), it.to_owned()))
        .collect();
    let cookies = payload.get("cookies").and_then(Value::as_array);
    let incoming = Incoming {
        method,
        path,
        route: key.split_once(' ').map_or(path, |(_, route)| route),
        params: Some(params),
        query: text(payload, "/rawQueryString").unwrap_or(""),
        headers: strings(payload.get("headers"))
            .map(|(name, it)| (name.into(), it.into()))
            .collect(),
        cookies: cookies
            .into_iter()
            .flatten()
            .filter_map(|it| Some(it.as_str()?.into()))
            .collect(),
        body,
        client_ip: text(payload, "/requestContext/http/sourceIp").unwrap_or(""),
        auth: caller(payload),
    };
    Ok(Event::http(facts.function, &incoming))
}

/// Returns what an authorizer of the API found out: a token's claims, or what the app's own function said.
fn caller(payload: &Value) -> Option<Json> {
    let authorizer = payload.pointer("/requestContext/authorizer")?;
    let known = authorizer.pointer("/jwt/claims");
    known.or_else(|| authorizer.get("lambda")).map(json_of)
}

/// Returns the event of the input that a schedule of a build carries.
fn schedule(facts: &Facts, payload: &Value) -> Result<Event, String> {
    let due = text(payload, "/scheduled")?;
    let due = Time::parse(due).ok_or_else(|| format!("`{due}` is no time"))?;
    let input = payload.get("input").ok_or("the payload has no `input`")?;
    let id = text(payload, "/id")?;
    let tick = Record {
        attempt: number(payload, "/attempt")?,
        ..Record::tick(id, facts.function, due, due, &input.to_string())
    };
    Ok(Event::records(
        Trigger::Schedule,
        facts.function,
        facts.function,
        vec![tick],
    ))
}

type ToRecord = fn(&Value, &str) -> Result<Record, String>;

fn batch(
    facts: &Facts,
    trigger: Trigger,
    records: &[Value],
    to_record: ToRecord,
) -> Result<Event, String> {
    let at = match trigger {
        Trigger::Topic => "/Sns/TopicArn",
        Trigger::Bucket => "/s3/bucket/arn",
        Trigger::Queue
        | Trigger::Stream
        | Trigger::Table
        | Trigger::Event
        | Trigger::Schedule
        | Trigger::Http
        | Trigger::Invoke => "/eventSourceARN",
    };
    let arn = records.first().map_or(Ok(""), |it| text(it, at))?;
    let is_topic = trigger == Trigger::Queue
        && facts.sources.iter().all(|it| it.0 == Trigger::Topic)
        && !facts.sources.is_empty();
    // Lambda can't subscribe to a fifo topic: its messages come through a queue.
    let (trigger, to_record) = if is_topic {
        (Trigger::Topic, sns_in_sqs as ToRecord)
    } else {
        (trigger, to_record)
    };
    let source = source_of(facts, trigger, arn);
    let made: Result<Vec<Record>, String> =
        records.iter().map(|it| to_record(it, source)).collect();
    Ok(Event::records(trigger, source, facts.function, made?))
}

/// Returns the program's name of a resource: the only one of its kind, else the longest that its
/// physical name (`APP-STAGE-NAME`) ends with, else the physical name.
fn source_of<'a>(facts: &Facts<'a>, trigger: Trigger, arn: &'a str) -> &'a str {
    // `stream/NAME`, `table/NAME/stream/TIME`: the name is the second part.
    let resource = arn.splitn(6, ':').last().unwrap_or(arn);
    let physical = resource.split('/').nth(1).unwrap_or(resource);
    let physical = physical.trim_end_matches(".fifo");
    let mut names: Vec<&str> = facts
        .sources
        .iter()
        .filter(|it| it.0 == trigger)
        .map(|it| it.1)
        .collect();
    names.sort_by_key(|it| std::cmp::Reverse(it.len()));
    if let [only] = names.as_slice() {
        return only;
    }
    let ends = physical.replace('_', "-");
    // A bucket's name goes on with account and region.
    let fits = |it: &&&str| {
        let name = it.replace('_', "-");
        ends.ends_with(&name) || trigger == Trigger::Bucket && ends.contains(&format!("-{name}-"))
    };
    names.iter().find(fits).copied().unwrap_or(physical)
}

fn sqs(record: &Value, source: &str) -> Result<Record, String> {
    let sent = number(record, "/attributes/SentTimestamp")?;
    let made = Record::message(
        text(record, "/messageId")?,
        source,
        "fnc.queue.message",
        Time(sent),
        text(record, "/body")?,
        attributes(record.get("messageAttributes"), "stringValue"),
    );
    received(record, made)
}

/// Adds what the queue knows of a message's delivery.
fn received(record: &Value, made: Record) -> Result<Record, String> {
    let is_fifo = text(record, "/eventSourceARN")?
        .strip_suffix(".fifo")
        .is_some();
    let group = text(record, "/attributes/MessageGroupId")
        .ok()
        .filter(|_| is_fifo);
    Ok(Record {
        attempt: number(record, "/attributes/ApproximateReceiveCount")?,
        group: group.map(str::to_owned),
        ..made
    })
}

fn sns_in_sqs(record: &Value, source: &str) -> Result<Record, String> {
    let message: Value =
        serde_json::from_str(text(record, "/body")?).map_err(|it| it.to_string())?;
    received(record, notification(&message, source)?)
}

fn sns(record: &Value, source: &str) -> Result<Record, String> {
    notification(record.get("Sns").unwrap_or(&Value::Null), source)
}

fn notification(message: &Value, source: &str) -> Result<Record, String> {
    let time = text(message, "/Timestamp")?;
    Ok(Record::message(
        text(message, "/MessageId")?,
        source,
        "fnc.topic.message",
        Time::parse(time).ok_or_else(|| format!("`{time}` is no time"))?,
        text(message, "/Message")?,
        attributes(message.get("MessageAttributes"), "Value"),
    ))
}

/// Carries, as JSON, the attributes that SQS and SNS have no room for.
const MORE_ATTRIBUTES: &str = "fnc-attributes";

fn attributes(value: Option<&Value>, member: &str) -> IndexMap<String, String> {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    let text = |it: &Value| Some(it.get(member)?.as_str()?.to_owned());
    let named = members.filter_map(|(name, it)| Some((name.clone(), text(it)?)));
    let mut made: IndexMap<String, String> = named.collect();
    if let Some(more) = made.shift_remove(MORE_ATTRIBUTES) {
        let more: IndexMap<String, String> = serde_json::from_str(&more).unwrap_or_default();
        made.extend(more);
    }
    made
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Facts, from_aws, source_of};
    use crate::event::{Time, Trigger};

    const SOURCES: [(Trigger, &str); 3] = [
        (Trigger::Queue, "orders"),
        (Trigger::Queue, "late_orders"),
        (Trigger::Topic, "placed"),
    ];

    fn facts() -> Facts<'static> {
        Facts {
            function: "bill",
            sources: &SOURCES,
            request_id: "r-1",
            now: Time(0),
        }
    }

    #[test]
    fn a_resource_is_found_by_the_end_of_its_physical_name() {
        let named = |arn| source_of(&facts(), Trigger::Queue, arn);
        assert_eq!(
            named("arn:aws:sqs:eu-west-1:1:shop-dev-late-orders.fifo"),
            "late_orders"
        );
        assert_eq!(named("arn:aws:sqs:eu-west-1:1:shop-dev-orders"), "orders");
        assert_eq!(named("arn:aws:sqs:eu-west-1:1:other"), "other");
        assert_eq!(
            source_of(&facts(), Trigger::Topic, "arn:aws:sns:eu-west-1:1:x"),
            "placed"
        );
    }

    #[test]
    fn a_fifo_topic_comes_through_a_queue() {
        let message = json!({
            "Type": "Notification", "MessageId": "m", "Timestamp": "2026-01-31T08:00:00.000Z", "Message": "x",
            "MessageAttributes": { "fnc-attributes": { "Type": "String", "Value": "{\"a\":\"\"}" } },
        });
        let record = json!({
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:shop-placed-mail.fifo",
            "messageId": "q", "body": message.to_string(),
            "attributes": { "SentTimestamp": "0", "ApproximateReceiveCount": "2", "MessageGroupId": "g" },
        });
        let sources = [(Trigger::Topic, "placed")];
        let facts = Facts {
            sources: &sources,
            ..facts()
        };
        let event = from_aws(&facts, &json!({ "Records": [record] }).to_string()).unwrap();
        let event: Value = serde_json::from_str(&event.to_json()).unwrap();
        assert_eq!(
            (&event["trigger"], &event["source"]),
            (&json!("topic"), &json!("placed"))
        );
        let record = &event["records"][0];
        assert_eq!(
            (&record["id"], &record["attempt"], &record["group"]),
            (&json!("m"), &json!(2), &json!("g"))
        );
        assert_eq!(record["attributes"], json!({ "a": "" }));
    }

    #[test]
    fn any_other_payload_is_a_direct_call() {
        let event = from_aws(&facts(), "{\"Records\": [1]}").unwrap().to_json();
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(event["trigger"], "invoke");
        assert_eq!(event["records"][0]["data"], json!({ "Records": [1] }));
        assert!(from_aws(&facts(), "no JSON").is_err());
        assert!(from_aws(&facts(), r#"{"trigger":"queue","function":"f"}"#).is_err());
    }
}
