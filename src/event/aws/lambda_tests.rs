//! Lambda's events made of portable ones: what AWS sends, and nothing else.

use serde_json::{Value, json};

use super::{Facts, from_aws, from_lambda, to_aws};
use crate::event::vectors::cases;
use crate::event::{Event, Time, Trigger};

fn event(of: &Value) -> Event {
    serde_json::from_str(&of.to_string()).unwrap()
}

/// Returns the portable event of each case, with its config and the names that start the function.
fn portable() -> Vec<(String, Value, Event)> {
    let all = cases("portable").into_iter();
    all.map(|(name, case)| (name, case["config"].clone(), event(&case["event"])))
        .collect()
}

#[test]
fn made_into_lambdas_event_and_back_it_is_the_same_event() {
    for (name, config, event) in portable() {
        let triggers = config["triggers"].as_array().unwrap();
        let sources: Vec<(Trigger, &str)> = triggers
            .iter()
            .filter_map(|it| {
                let kind = serde_json::from_value(it["kind"].clone()).unwrap();
                Some((kind, it["source"].as_str()?))
            })
            .collect();
        let facts = Facts {
            function: &event.function,
            sources: &sources,
            request_id: "r-1",
            now: Time(0),
        };
        // A tick's event says neither when nor how often, and a call's hands over its data alone.
        if matches!(event.trigger, Trigger::Schedule | Trigger::Invoke) {
            continue;
        }
        let made = to_aws(&config, &event, "r-1", Time(0));
        let back = from_aws(&facts, &made.to_string()).unwrap_or_else(|it| panic!("{name}: {it}"));
        let mut got: Value = serde_json::from_str(&back.to_json()).unwrap();
        let mut expected: Value = serde_json::from_str(&event.to_json()).unwrap();
        let times = expected["records"].as_array().cloned().unwrap_or_default();
        for (at, record) in times.iter().enumerate() {
            let got = &mut got["records"][at];
            match event.trigger {
                // AWS tells no attempt of these, the time of some in whole seconds, and names records of a stream itself.
                Trigger::Event
                | Trigger::Table
                | Trigger::Stream
                | Trigger::Bucket
                | Trigger::Topic => {
                    for member in ["attempt", "time", "id"] {
                        expected["records"][at][member] = json!(null);
                        got[member] = json!(null);
                    }
                }
                Trigger::Queue | Trigger::Schedule | Trigger::Http | Trigger::Invoke => {
                    assert_eq!(got["attempt"], record["attempt"], "{name}");
                }
            }
        }
        assert_eq!(got, expected, "{name}");
    }
}

/// Makes numbers of one value one: JavaScript has but one kind.
fn even(value: &Value) -> Value {
    match value {
        Value::Number(it) => json!(it.as_f64()),
        Value::Array(list) => list.iter().map(even).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, it)| (name.clone(), even(it)));
            Value::Object(members.collect())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

#[test]
fn handlers_get_what_the_shims_of_other_targets_hand_them() {
    let portable = cases("portable");
    for (name, vector) in cases("lambda") {
        let of = vector["of"]
            .as_str()
            .unwrap_or(&name)
            .trim_end_matches(".json");
        let (_, case) = portable.iter().find(|it| it.0 == of).unwrap();
        let mut config = case["config"].clone();
        for (member, it) in vector["config"].as_object().into_iter().flatten() {
            config[member] = it.clone();
        }
        let event = event(&case["event"]);
        let now = Time(vector["now_ms"].as_i64().unwrap());
        let id = case["request_id"].as_str().unwrap();
        let made = to_aws(&config, &event, id, now);
        assert_eq!(even(&made), even(&vector["payload"]), "{name}");
        for asked in vector["answers"].as_array().unwrap() {
            let got = from_lambda(&config, &event, &asked["returned"].to_string());
            let got = got.map_or_else(
                |why| json!({ "raises": why }),
                |it| serde_json::from_str(&it).unwrap(),
            );
            assert_eq!(got, asked["portable"], "{name}: {asked}");
        }
    }
}

/// Tells which members of what AWS sends are missing, or of another type.
fn missing(path: &str, aws: &Value, made: &Value, into: &mut Vec<String>) {
    match (aws, made) {
        (Value::Object(aws), Value::Object(made)) => {
            for (name, it) in aws {
                let path = format!("{path}/{name}");
                match made.get(name) {
                    Some(made) => missing(&path, it, made, into),
                    None => into.push(path),
                }
            }
        }
        (Value::Array(aws), Value::Array(made)) => {
            if let (Some(aws), Some(made)) = (aws.first(), made.first()) {
                missing(&format!("{path}/0"), aws, made, into);
            }
        }
        _ if std::mem::discriminant(aws) != std::mem::discriminant(made) => {
            into.push(format!("{path} is {made}"));
        }
        _ => {}
    }
}

/// What AWS tells and nothing local knows: a local row is JSON, which has no sets and no bytes.
const UNKNOWN: [&str; 6] = [
    "AWSTraceHeader",
    "x-trace",
    "fnc-",
    "NewImage/tags/SS",
    "NewImage/sizes/NS",
    "NewImage/photo/B",
];

#[test]
fn nothing_that_aws_tells_is_missing() {
    let portable = portable();
    for (name, vector) in cases("aws") {
        let (_, config, event) = portable.iter().find(|it| it.0 == name).unwrap();
        if matches!(event.trigger, Trigger::Schedule | Trigger::Invoke) {
            continue;
        }
        // A caller known by a token is told of by another member; locally only an app's own function knows one.
        if name == "http-jwt" {
            continue;
        }
        let config = vector.get("config").unwrap_or(config);
        let made = to_aws(config, event, "r-1", Time(1_769_846_400_000));
        let mut found = Vec::new();
        missing("", &vector["payload"], &made, &mut found);
        found.retain(|it| !UNKNOWN.iter().any(|known| it.contains(known)));
        assert_eq!(found, Vec::<String>::new(), "{name}");
        if event.trigger == Trigger::Http {
            for member in [
                "routeKey",
                "isBase64Encoded",
                "body",
                "pathParameters",
                "cookies",
            ] {
                assert_eq!(
                    made.get(member),
                    vector["payload"].get(member),
                    "{name}: {member}"
                );
            }
            assert_eq!(made["requestContext"]["time"], "31/Jan/2026:08:00:00 +0000");
        }
    }
}

#[test]
fn a_batch_fails_as_aws_reads_it() {
    let portable = portable();
    let asked = |name: &str, answer: &Value| {
        let (_, config, event) = portable.iter().find(|it| it.0 == name).unwrap();
        let ids: Vec<String> = event.ids().map(str::to_owned).collect();
        let made = from_lambda(config, event, &answer.to_string()).unwrap();
        (ids, serde_json::from_str::<Value>(&made).unwrap())
    };
    let failing = |item: &Value| json!({ "batchItemFailures": [{ "itemIdentifier": item }] });
    let (ids, _) = asked("queue-batch", &json!(null));
    assert_eq!(
        asked("queue-batch", &failing(&json!(ids[1]))).1,
        json!({ "failures": [ids[1]] })
    );
    for all in [
        failing(&json!("")),
        failing(&json!("other")),
        failing(&json!(null)),
        json!({ "batchItemFailures": 1 }),
    ] {
        assert_eq!(
            asked("queue-batch", &all).1,
            json!({ "failures": ids }),
            "{all}"
        );
    }
    for none in [
        json!(null),
        json!({}),
        json!({ "batchItemFailures": [] }),
        json!({ "batchItemFailures": null }),
        json!("x"),
    ] {
        let done = asked("queue-batch", &none).1;
        assert!(
            done.is_null() || done == json!({ "failures": [] }),
            "{none}: {done}"
        );
    }
    // A portable answer means nothing here.
    assert_eq!(
        asked("queue-batch", &json!({ "failures": ids })).1,
        Value::Null
    );
    // Records of a stream and of a table go by their sequence numbers.
    for name in ["stream-batch", "table-changes"] {
        let (_, config, event) = portable.iter().find(|it| it.0 == name).unwrap();
        let made = to_aws(config, event, "r-1", Time(0));
        let last = made["Records"].as_array().unwrap().last().unwrap();
        let item = last
            .pointer("/kinesis/sequenceNumber")
            .or(last.pointer("/dynamodb/SequenceNumber"));
        let (ids, got) = asked(name, &failing(item.unwrap()));
        assert_eq!(got, json!({ "failures": [ids.last().unwrap()] }), "{name}");
    }
    // Nobody reads the answer about a notification.
    assert_eq!(asked("topic-message", &failing(&json!("x"))).1, Value::Null);
}

#[test]
fn an_http_api_reads_answers_so() {
    let portable = portable();
    let (_, config, event) = portable.iter().find(|it| it.0 == "http-get").unwrap();
    let read = |answer: Value| {
        let made = from_lambda(config, event, &answer.to_string())?;
        crate::event::http_answer(&made)
    };
    let plain = read(json!("hello")).unwrap();
    assert_eq!(
        (plain.status_code, plain.body.as_deref()),
        (200, Some("hello"))
    );
    assert_eq!(plain.headers["content-type"], "application/json");
    assert_eq!(
        read(json!({ "a": 1 })).unwrap().body.as_deref(),
        Some(r#"{"a":1}"#)
    );
    let full = json!({
        "statusCode": 201, "headers": { "X-A": "b" }, "cookies": ["c=1"], "body": "eA==", "isBase64Encoded": true,
    });
    let full = read(full).unwrap();
    assert_eq!((full.status_code, full.base64), (201, true));
    assert_eq!(
        (full.headers["x-a"].as_str(), full.cookies),
        ("b", vec!["c=1".to_owned()])
    );
    assert!(read(json!({ "statusCode": 200, "body": { "a": 1 } })).is_err());
    assert!(read(json!({ "statusCode": "many" })).is_err());
}

/// Reads an event as AWS's types for Rust have it, and returns what they keep of it.
fn read<T: serde::de::DeserializeOwned + serde::Serialize>(name: &str, made: &Value) -> Value {
    let typed: T = serde_json::from_str(&made.to_string())
        .unwrap_or_else(|it| panic!("{name}: {it} in {made}"));
    serde_json::to_value(typed).unwrap()
}

#[test]
fn types_that_others_wrote_for_lambda_read_every_event() {
    use aws_lambda_events::{apigw, dynamodb, eventbridge, kinesis, s3, sns, sqs};
    let mut seen = Vec::new();
    for (name, config, event) in portable() {
        let made = to_aws(&config, &event, "r-1", Time(1_769_846_400_000));
        let first = |pointer: &str| made.pointer(pointer).cloned().unwrap_or_default();
        let (read, pointer) = match event.trigger {
            Trigger::Http => {
                let read = read::<apigw::ApiGatewayV2httpRequest>(&name, &made);
                (read, "/requestContext/http/path")
            }
            Trigger::Queue => (read::<sqs::SqsEvent>(&name, &made), "/Records/0/messageId"),
            Trigger::Topic if first("/Records/0/eventSource") == "aws:sqs" => {
                (read::<sqs::SqsEvent>(&name, &made), "/Records/0/messageId")
            }
            Trigger::Topic => (
                read::<sns::SnsEvent>(&name, &made),
                "/Records/0/Sns/Message",
            ),
            Trigger::Stream => {
                let read = read::<kinesis::KinesisEvent>(&name, &made);
                (read, "/Records/0/kinesis/data")
            }
            Trigger::Table => {
                let read = read::<dynamodb::Event>(&name, &made);
                (read, "/Records/0/dynamodb/NewImage/id/S")
            }
            Trigger::Bucket => (
                read::<s3::S3Event>(&name, &made),
                "/Records/0/s3/object/key",
            ),
            Trigger::Event => (
                read::<eventbridge::EventBridgeEvent<Value>>(&name, &made),
                "/detail-type",
            ),
            Trigger::Schedule if made.get("detail-type").is_some() => (
                read::<eventbridge::EventBridgeEvent<Value>>(&name, &made),
                "/detail-type",
            ),
            // The program's own input, or the caller's data.
            Trigger::Schedule | Trigger::Invoke => continue,
        };
        assert_eq!(
            read.pointer(pointer),
            made.pointer(pointer),
            "{name}: {read}"
        );
        assert!(read.pointer(pointer).is_some(), "{name}");
        seen.push(event.trigger);
    }
    seen.sort_by_key(|it| format!("{it:?}"));
    seen.dedup();
    assert_eq!(seen.len(), 8, "{seen:?}");
}
