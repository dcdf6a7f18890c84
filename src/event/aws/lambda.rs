//! Portable events as Lambda's own, for handlers with `contract lambda` that run locally.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use indexmap::IndexMap;
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

use super::MORE_ATTRIBUTES;
use super::records::BODY_MEMBER;
use crate::event::{BASE64_ATTRIBUTE, Body, Content, Event, Json, Record, Request, Time, Trigger};

/// The account and the region of the local run, as its ARNs have them.
const ACCOUNT: &str = "000000000000";
const REGION: &str = "local";

/// Returns what Lambda hands a function with this config for an event that comes now.
pub fn to_aws(config: &Value, event: &Event, request_id: &str, now: Time) -> Value {
    let records = match &event.content {
        Content::Request(request) => return http(config, request, request_id, now),
        Content::Records(records) => records.as_slice(),
    };
    let list = |made: &dyn Fn(&Record) -> Value| json!({ "Records": records.iter().map(made).collect::<Vec<Value>>() });
    match (event.trigger, records.first()) {
        (Trigger::Queue, _) => list(&sqs),
        (Trigger::Topic, _) if is_fifo_topic(config, &event.source) => list(&sns_in_sqs),
        (Trigger::Topic, _) => list(&sns),
        (Trigger::Stream, _) => list(&|it| kinesis(it, &event.function)),
        (Trigger::Table, _) => list(&dynamo),
        (Trigger::Bucket, _) => list(&s3),
        (Trigger::Event, Some(record)) => bus(record),
        (Trigger::Schedule, Some(record)) => tick(record),
        (Trigger::Invoke | Trigger::Http, Some(record)) => called(record),
        (_, None) => Value::Null,
    }
}

/// Tells whether a topic's messages come through a queue: Lambda can't subscribe to a fifo topic.
pub(super) fn is_fifo_topic(config: &Value, source: &str) -> bool {
    let triggers = config.get("triggers").and_then(Value::as_array);
    triggers.into_iter().flatten().any(|it| {
        it.get("kind").is_some_and(|kind| kind == "topic")
            && it.get("source").is_some_and(|name| name == source)
            && it.get("fifo") == Some(&Value::Bool(true))
    })
}

/// Tells whether a function decides who may call: API Gateway says what it asks for, and takes the answer as it is ("Control
/// access to HTTP APIs with AWS Lambda authorizers", format 2.0).
pub(super) fn decides(config: &Value) -> bool {
    config.get("authorizes") == Some(&Value::Bool(true))
}

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{name}")
}

fn value(json: Option<&Json>) -> Value {
    json.and_then(|it| serde_json::from_str(it.get()).ok())
        .unwrap_or_default()
}

fn http(config: &Value, request: &Request, request_id: &str, now: Time) -> Value {
    let Request { method, route, .. } = request;
    let triggers = config.get("triggers").and_then(Value::as_array);
    let named = |it: &Value, what: &str, as_: &str| it.get(what).is_some_and(|it| it == as_);
    let own: Vec<&Value> = triggers
        .into_iter()
        .flatten()
        .filter(|it| named(it, "route", route))
        .filter(|it| named(it, "method", method) || named(it, "method", "ANY"))
        .collect();
    let exactly = decides(config) || own.iter().any(|it| named(it, "method", method));
    let key = format!("{} {route}", if exactly { method } else { "ANY" });
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, values) in &request.query_all {
        query.extend_pairs(values.iter().map(|value| (name, value)));
    }
    let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
    let stamp = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut context = json!({
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": header("host"),
        "domainPrefix": "local",
        "http": {
            "method": method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.client_ip,
            "userAgent": header("user-agent"),
        },
        "requestId": request_id,
        "routeKey": key,
        "stage": "$default",
        "time": stamp.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now.0,
    });
    if let (Some(auth), Some(members)) = (&request.auth, context.as_object_mut()) {
        let auth = value(Some(auth));
        let by_token = own.iter().any(|it| it.get("jwt").is_some());
        let said = if by_token {
            json!({ "jwt": { "claims": auth, "scopes": null } })
        } else {
            json!({ "lambda": auth })
        };
        members.insert("authorizer".into(), said);
    }
    let mut made = Map::new();
    made.insert("version".into(), json!("2.0"));
    made.insert("routeKey".into(), json!(key));
    made.insert("rawPath".into(), json!(request.path));
    made.insert("rawQueryString".into(), json!(query.finish()));
    if decides(config) {
        let api = arn("execute-api", "local");
        let route = format!("{api}/$default/{method}{}", request.path);
        made.insert("type".into(), json!("REQUEST"));
        made.insert("routeArn".into(), json!(route));
        made.insert("identitySource".into(), Value::Null);
    }
    if !request.cookies.is_empty() {
        let cookies = request.cookies.iter();
        let cookies: Vec<String> = cookies.map(|(name, it)| format!("{name}={it}")).collect();
        made.insert("cookies".into(), json!(cookies));
    }
    made.insert("headers".into(), json!(request.headers));
    if !request.query_all.is_empty() {
        let joined = request.query_all.iter();
        let joined: IndexMap<&String, String> =
            joined.map(|(name, it)| (name, it.join(","))).collect();
        made.insert("queryStringParameters".into(), json!(joined));
    }
    made.insert("requestContext".into(), context);
    if !request.params.is_empty() {
        made.insert("pathParameters".into(), json!(request.params));
    }
    let mut encoded = request.base64;
    if let Some(body) = &request.body {
        // API Gateway encodes whatever its content type doesn't call text.
        encoded |= !is_text(header("content-type"));
        let body = if encoded && !request.base64 {
            STANDARD.encode(body)
        } else {
            body.clone()
        };
        made.insert("body".into(), json!(body));
    }
    made.insert("isBase64Encoded".into(), json!(encoded));
    Value::Object(made)
}

/// Tells whether API Gateway takes a body of this content type for text.
fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or("").trim();
    let kind = kind.to_ascii_lowercase();
    let named = [
        "",
        "application/json",
        "application/xml",
        "application/javascript",
    ];
    kind.starts_with("text/") || named.contains(&kind.as_str())
}

/// Returns a record's attributes, as a transport of text carries them beside its body.
fn attributes(record: &Record) -> IndexMap<&str, &str> {
    let own = record.attributes.iter();
    let own = own.map(|(name, it)| (name.as_str(), it.as_str()));
    own.chain(record.base64.then_some((BASE64_ATTRIBUTE, "true")))
        .collect()
}

fn sqs(record: &Record) -> Value {
    let attributes = attributes(record).into_iter().map(|(name, it)| {
        let lists = json!([]);
        let made = json!({
            "stringValue": it, "stringListValues": lists, "binaryListValues": lists, "dataType": "String",
        });
        (name.to_owned(), made)
    });
    message(record, &record.source, &record.body, &attributes.collect())
}

/// Returns a message of SQS.
fn message(record: &Record, queue: &str, body: &str, attributes: &Map<String, Value>) -> Value {
    let sent = record.time.0.to_string();
    let mut known = json!({
        "ApproximateReceiveCount": record.attempt.to_string(),
        "SentTimestamp": sent,
        "SenderId": "local",
        "ApproximateFirstReceiveTimestamp": sent,
    });
    let suffix = if record.group.is_some() { ".fifo" } else { "" };
    if let (Some(group), Some(known)) = (&record.group, known.as_object_mut()) {
        known.insert("SequenceNumber".into(), json!(number_of(record)));
        known.insert("MessageGroupId".into(), json!(group));
        known.insert("MessageDeduplicationId".into(), json!(record.id));
    }
    json!({
        "messageId": record.id,
        "receiptHandle": format!("local-{}-{}", record.id, record.attempt),
        "body": body,
        "attributes": known,
        "messageAttributes": attributes,
        "md5OfBody": digest(body),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn("sqs", &format!("{queue}{suffix}")),
        "awsRegion": REGION,
    })
}

/// Returns the checksum that SQS tells of a body, in hexadecimal digits ("Amazon SQS API Reference", "Message").
fn digest(body: &str) -> String {
    let digest = Md5::digest(body.as_bytes());
    format!("{:x}", Bytes::copy_from_slice(&digest))
}

/// Returns what a topic tells of a message; a fifo topic's has its place in order as well.
fn notification(record: &Record) -> Value {
    let attributes = attributes(record).into_iter();
    let attributes: Map<String, Value> = attributes
        .map(|(name, it)| (name.to_owned(), json!({ "Type": "String", "Value": it })))
        .collect();
    json!({
        "Type": "Notification",
        "MessageId": record.id,
        "TopicArn": arn("sns", &record.source),
        "Subject": null,
        "Message": record.body,
        "Timestamp": record.time,
        "SignatureVersion": "1",
        "Signature": "local",
        "SigningCertUrl": "http://localhost/",
        "UnsubscribeUrl": "http://localhost/",
        "MessageAttributes": attributes,
    })
}

fn sns(record: &Record) -> Value {
    json!({
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{}:local", arn("sns", &record.source)),
        "Sns": notification(record),
    })
}

fn sns_in_sqs(record: &Record) -> Value {
    let body = notification(record).to_string();
    message(record, &record.source, &body, &Map::new())
}

fn kinesis(record: &Record, function: &str) -> Value {
    let (shard, sequence) = (record.shard.as_deref(), item_of(record));
    let data = if record.base64 {
        record.body.clone()
    } else {
        STANDARD.encode(&record.body)
    };
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.key.as_deref().unwrap_or(""),
            "sequenceNumber": sequence,
            "data": data,
            "approximateArrivalTimestamp": seconds(record.time),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("{}:{sequence}", shard.unwrap_or("shardId-000000000000")),
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": format!("arn:aws:iam::{ACCOUNT}:role/{function}"),
        "awsRegion": REGION,
        "eventSourceARN": arn("kinesis", &format!("stream/{}", record.source)),
    })
}

fn seconds(time: Time) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a time in milliseconds is exact"
    )]
    let millis = time.0 as f64;
    millis / 1000.0
}

fn dynamo(record: &Record) -> Value {
    let mut change = Map::new();
    change.insert(
        "ApproximateCreationDateTime".into(),
        json!(seconds(record.time).floor()),
    );
    let images = [
        ("Keys", &record.keys),
        ("NewImage", &record.new),
        ("OldImage", &record.old),
    ];
    for (name, image) in images {
        if let Value::Object(row) = value(image.as_ref()) {
            change.insert(name.into(), item(&row));
        }
    }
    change.insert("SequenceNumber".into(), json!(item_of(record)));
    change.insert("SizeBytes".into(), json!(record.body.len()));
    change.insert("StreamViewType".into(), json!("NEW_AND_OLD_IMAGES"));
    let name = match record.action.as_deref() {
        Some("inserted") => "INSERT",
        Some("deleted") => "REMOVE",
        Some(_) | None => "MODIFY",
    };
    let stream = format!("table/{}/stream/1970-01-01T00:00:00.000", record.source);
    json!({
        "eventID": record.id,
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": change,
        "eventSourceARN": arn("dynamodb", &stream),
    })
}

/// Returns a row as an item of `DynamoDB`.
pub fn item(row: &Map<String, Value>) -> Value {
    let members = row.iter().map(|(name, it)| (name.clone(), typed(it)));
    Value::Object(members.collect())
}

/// Returns JSON as a typed value of `DynamoDB`.
fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(it) => json!({ "BOOL": it }),
        Value::Number(it) => json!({ "N": it.to_string() }),
        Value::String(it) => json!({ "S": it }),
        Value::Array(list) => json!({ "L": list.iter().map(typed).collect::<Vec<Value>>() }),
        Value::Object(row) => json!({ "M": item(row) }),
    }
}

fn s3(record: &Record) -> Value {
    let key = record.key.as_deref().unwrap_or("");
    let written: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
    let own = format!(":{key}");
    let mut object = json!({ "key": written.replace("%2F", "/") });
    let created = record.action.as_deref() == Some("created");
    if let (true, Some(members)) = (created, object.as_object_mut()) {
        members.insert("size".into(), value(record.size.as_ref()));
        members.insert("eTag".into(), value(record.etag.as_ref()));
    }
    if let Some(members) = object.as_object_mut() {
        let sequencer = record.id.strip_suffix(&own).unwrap_or(&record.id);
        members.insert("sequencer".into(), json!(sequencer));
    }
    let bucket = &record.source;
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": record.time,
        "eventName": if created { "ObjectCreated:Put" } else { "ObjectRemoved:Delete" },
        "userIdentity": { "principalId": "local" },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": record.id, "x-amz-id-2": "local" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {
                "name": bucket,
                "ownerIdentity": { "principalId": "local" },
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": object,
        },
    })
}

/// Returns a time as `EventBridge` writes it, without a fraction.
fn whole_seconds(time: Time) -> String {
    let stamp = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{stamp:.0}")
}

fn bus(record: &Record) -> Value {
    let mut detail = match value(record.data.as_ref()) {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::from_iter([(BODY_MEMBER.to_owned(), json!(record.body))])
        }
    };
    let attributes = attributes(record);
    if !attributes.is_empty() {
        detail.insert(MORE_ATTRIBUTES.to_owned(), json!(attributes));
    }
    json!({
        "version": "0",
        "id": record.id,
        "detail-type": record.kind,
        "source": "fnc",
        "account": ACCOUNT,
        "time": whole_seconds(record.time),
        "region": REGION,
        "resources": record.subject.iter().collect::<Vec<&String>>(),
        "detail": detail,
    })
}

/// Returns the input of a schedule, or without one the event of `EventBridge`, as a build has it.
fn tick(record: &Record) -> Value {
    let input = value(record.input.as_ref());
    if input.as_object().is_some_and(|it| !it.is_empty()) {
        return input;
    }
    json!({
        "version": "0",
        "id": record.id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": whole_seconds(record.scheduled.unwrap_or(record.time)),
        "region": REGION,
        "resources": [arn("scheduler", &format!("schedule/default/{}", record.source))],
        "detail": {},
    })
}

/// Returns what a function is called with: JSON as it is, anything else as text.
fn called(record: &Record) -> Value {
    let body = Body {
        text: record.body.clone(),
        base64: record.base64,
    };
    body.data()
        .map_or_else(|| json!(record.body), |it| value(Some(&it)))
}

/// Returns by what an answer of a batch names a record.
pub(super) fn item_of(record: &Record) -> String {
    record.sequence.clone().unwrap_or_else(|| number_of(record))
}

/// Returns digits that stay the same for a record, and grow with time.
fn number_of(record: &Record) -> String {
    let hash = record
        .id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{:013}{hash:020}", record.time.0)
}
