//! The golden vectors of `targets/vectors`, run through the Rust code.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::aws::{Facts, from_aws};
use super::{
    Body, Content, Event, HttpAnswer, Incoming, Record, Request, Time, Trigger, failed_records,
    http_answer, http_error,
};

/// Returns the cases of a folder, by name.
#[expect(clippy::disallowed_methods, reason = "the vectors are files")]
pub(super) fn cases(target: &str) -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("targets/vectors")
        .join(target);
    let mut cases: Vec<(String, Value)> = fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!cases.is_empty(), "no vectors for {target}");
    cases
}

/// Builds an event's content anew from what went into it.
fn rebuilt(event: &Event) -> Event {
    match &event.content {
        Content::Request(it) => Event::http(&event.function, &incoming(it)),
        Content::Records(records) => {
            let again = |it: &Record| match event.trigger {
                Trigger::Schedule => {
                    let due = it.scheduled.unwrap();
                    Record::tick(
                        &it.id,
                        &it.source,
                        it.time,
                        due,
                        it.input.as_ref().unwrap().get(),
                    )
                }
                Trigger::Stream => {
                    let body = body_of(it);
                    let place = (
                        it.shard.as_deref().unwrap(),
                        it.sequence.as_deref().unwrap(),
                    );
                    Record::of_stream(&it.id, &it.source, it.time, body, it.key.as_deref(), place)
                }
                Trigger::Bucket => {
                    let data: Value =
                        serde_json::from_str(it.data.as_ref().unwrap().get()).unwrap();
                    let created = data["size"].as_u64().zip(data["etag"].as_str());
                    let key = it.key.as_deref().unwrap();
                    Record::of_object(&it.id, &it.source, it.time, key, created)
                }
                Trigger::Table => {
                    let data: Value =
                        serde_json::from_str(it.data.as_ref().unwrap().get()).unwrap();
                    let image = |name: &str| data.get(name).filter(|it| !it.is_null());
                    let images = (image("new"), image("old"));
                    Record::of_row(&it.id, &it.source, it.time, &data["keys"], images)
                }
                Trigger::Event => Record {
                    attributes: it.attributes.clone(),
                    subject: it.subject.clone(),
                    ..Record::new(&it.id, &it.source, &it.kind, it.time, body_of(it))
                },
                Trigger::Queue | Trigger::Topic | Trigger::Invoke => {
                    let mut attributes = it.attributes.clone();
                    if it.base64 {
                        attributes.insert("fnc-base64".to_owned(), "true".to_owned());
                    }
                    let kind = event.trigger.record_type().unwrap();
                    let made =
                        Record::message(&it.id, &it.source, kind, it.time, &it.body, attributes);
                    Record {
                        attempt: it.attempt,
                        group: it.group.clone(),
                        ..made
                    }
                }
                Trigger::Http => unreachable!("an http event has no records"),
            };
            let records = records.iter().map(again).collect();
            Event::records(event.trigger, &event.source, &event.function, records)
        }
    }
}

fn body_of(it: &Record) -> Body {
    if it.base64 {
        Body::of(&Body::bytes(&it.body).unwrap())
    } else {
        Body::of(it.body.as_bytes())
    }
}

fn incoming(request: &Request) -> Incoming<'_> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, values) in &request.query_all {
        query.extend_pairs(values.iter().map(|value| (name, value)));
    }
    let body = request.body.as_deref().unwrap_or("");
    let headers = request.headers.iter();
    let cookies = request
        .cookies
        .iter()
        .map(|(name, it)| format!("{name}={it}"));
    Incoming {
        method: &request.method,
        path: &request.path,
        route: &request.route,
        query: query.finish().leak(),
        headers: headers
            .map(|(name, it)| (name.to_uppercase().into(), it.into()))
            .chain(cookies.map(|it| ("Cookie".into(), it.into())))
            .collect(),
        body: if request.base64 {
            Cow::Owned(STANDARD.decode(body).unwrap())
        } else {
            Cow::Borrowed(body.as_bytes())
        },
        client_ip: &request.client_ip,
        auth: request.auth.clone(),
        ..Incoming::default()
    }
}

/// Returns the normalised answer of a handler's outcome.
fn answered(event: &Event, asked: &Value, request_id: &str) -> Value {
    let returned = asked.get("handler").map(Value::to_string);
    if event.trigger == Trigger::Http {
        let answer = returned
            .ok_or_else(String::new)
            .and_then(|it| http_answer(&it));
        return json!(answer.unwrap_or_else(|_| http_error(request_id)));
    }
    let ids: Vec<&str> = event.ids().collect();
    let all = || (0..ids.len()).collect();
    let failed: Vec<usize> = returned.map_or_else(all, |it| failed_records(&it, &ids));
    json!({ "failed": failed.iter().map(|at| ids[*at]).collect::<Vec<&str>>() })
}

#[test]
fn events_keep_every_member_in_the_documented_order() {
    for (name, case) in cases("portable") {
        let written = case["event"].to_string();
        let event: Event = serde_json::from_str(&written).unwrap();
        assert_eq!(event.to_json(), written, "{name}");
        // Data keeps the blanks of its body.
        let again: Value = serde_json::from_str(&rebuilt(&event).to_json()).unwrap();
        assert_eq!(again.to_string(), written, "{name}, rebuilt");
    }
}

#[test]
fn answers_mean_the_same_as_in_the_shims() {
    for (name, case) in cases("portable") {
        let event: Event = serde_json::from_value::<Value>(case["event"].clone())
            .and_then(|it| serde_json::from_str(&it.to_string()))
            .unwrap();
        for asked in case["answers"].as_array().unwrap() {
            let got = answered(&event, asked, case["request_id"].as_str().unwrap());
            assert_eq!(got, asked["answer"], "{name}: {asked}");
        }
    }
}

/// Writes into `expected` what a provider really gives, as the vector says.
fn differ(vector: &Value, expected: &mut Value, got: &Value) {
    let differences = vector.get("event_differs").and_then(Value::as_object);
    for (pointer, difference) in differences.into_iter().flatten() {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let place = expected.pointer_mut(parent).unwrap();
        if difference.get("absent").is_some() {
            place.as_object_mut().unwrap().shift_remove(member);
        } else if difference.get("any").is_some() {
            place[member] = got.pointer(pointer).unwrap().clone();
        } else {
            place[member] = difference["value"].clone();
        }
    }
}

#[test]
fn recorded_aws_events_become_the_same_portable_events() {
    let portable = cases("portable");
    for (name, vector) in cases("aws") {
        let (_, case) = portable.iter().find(|it| it.0 == name).unwrap();
        let mut expected = case["event"].clone();
        let triggers = vector
            .pointer("/config/triggers")
            .unwrap_or(&case["config"]["triggers"]);
        let source = |it: &Value| {
            let kind: Trigger = serde_json::from_value(it["kind"].clone()).unwrap();
            Some((kind, it["source"].as_str()?.to_owned()))
        };
        let sources: Vec<(Trigger, String)> = triggers
            .as_array()
            .unwrap()
            .iter()
            .filter_map(source)
            .collect();
        let sources: Vec<(Trigger, &str)> =
            sources.iter().map(|it| (it.0, it.1.as_str())).collect();
        let function = case["config"]["function"].as_str().unwrap();
        let facts = Facts {
            function,
            sources: &sources,
            request_id: "r-1",
            now: Time(0),
        };
        let got = from_aws(&facts, &vector["payload"].to_string())
            .unwrap()
            .to_json();
        let got: Value = serde_json::from_str(&got).unwrap();
        differ(&vector, &mut expected, &got);
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn an_answer_survives_being_written_and_read() {
    let answer = http_answer(r#"{"statusCode":200,"cookies":"a=1","body":"eA==","base64":true}"#);
    let answer = answer.unwrap();
    assert_eq!(answer.cookies, ["a=1"]);
    let again: HttpAnswer = serde_json::from_str(&json!(answer).to_string()).unwrap();
    assert_eq!(again, answer);
    assert!(http_answer(r#"{"statusCode":200,"headers":[1]}"#).is_err());
    assert!(http_answer("not JSON").is_err());
    assert_eq!(failed_records(r#"["a"]"#, &["a"]), Vec::<usize>::new());
}
