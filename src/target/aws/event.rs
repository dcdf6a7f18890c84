//! Triggers, as the events of a SAM function.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::authorizer::authorizer_name;
use super::cfn::Cfn;
use super::cron::{self, Expression};
use super::function::DestinationConfig;
use super::hatch::{hatches, value};
use super::located::{changes_arn, located, queue_arn};
use super::names::{
    API, Names, bucket_id, bus_event, inbox_id, messages_event, route_event, source_event,
};
use super::queue::RedrivePolicy;
use super::resource::description;
use super::scaling;
use super::tick::{scheduled_event, tick_payload};
use super::whole_seconds;
use crate::model::{
    App, BucketChange, BucketTrigger, Contract, EventTrigger, Function, HttpTrigger, QueueTrigger,
    RawTrigger, Retry, StartFrom, StreamTrigger, Target, Thing, Trigger, TriggerKind,
};

/// An event of a SAM function.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    #[serde(rename = "Type")]
    kind: Cow<'static, str>,
    properties: EventProperties,
    /// What is merged into its properties.
    #[serde(skip)]
    pub(super) hatches: Vec<Value>,
}

/// The properties of all kinds of event that we use; each kind sets its own.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EventProperties {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_id: Option<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_format_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<EventAuth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_position: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_batching_window_in_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    function_response_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scaling_config: Option<ScalingConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallelization_factor: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bisect_batch_on_function_error: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_record_age_in_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_config: Option<DestinationConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket: Option<Cfn>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<ObjectFilter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_bus_name: Option<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<EventPattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redrive_policy: Option<RedrivePolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_expression_timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flexible_time_window: Option<FlexibleTimeWindow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    omit_name: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_policy: Option<RetryPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EventAuth {
    authorizer: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingConfig {
    maximum_concurrency: u32,
}

/// Which objects a bucket tells of.
#[derive(Debug, Serialize)]
struct ObjectFilter {
    #[serde(rename = "S3Key")]
    key: KeyFilter,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyFilter {
    rules: Vec<KeyRule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyRule {
    name: &'static str,
    value: String,
}

/// Which events of a bus a rule takes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct EventPattern {
    detail_type: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FlexibleTimeWindow {
    mode: &'static str,
}

/// How often a rule tries to hand an event to Lambda.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RetryPolicy {
    maximum_retry_attempts: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterConfig {
    arn: Cfn,
}

// "Amazon EventBridge Scheduler API Reference", CreateSchedule.
const DESCRIPTION_LENGTH: usize = 512;

/// Returns a function's events by their ids, in the order of its triggers.
pub(super) fn events(app: &App, names: &Names, function: &Function) -> IndexMap<String, Event> {
    let mut made = IndexMap::new();
    let mut ticks = 0;
    let mut objects = 0;
    let mut raws = 0;
    for trigger in &function.triggers {
        let before = made.len();
        match &trigger.kind {
            TriggerKind::Http(it) => {
                made.insert(
                    route_event(it.method.value, &it.route.value),
                    route(app, it),
                );
            }
            TriggerKind::Queue(it) => {
                made.insert(
                    messages_event(it.queue.as_str()),
                    queue(app, names, function, it),
                );
            }
            TriggerKind::Topic(it) => {
                let name = it.topic.as_str();
                let fifo = app.topics.get(name).is_some_and(|it| it.fifo.value);
                let event = if fifo {
                    inbox(name, function)
                } else {
                    topic(app, names, name, &function.retry.value)
                };
                made.insert(messages_event(name), event);
            }
            TriggerKind::Schedule(it) => {
                let zone = it.zone.as_ref().map_or("UTC", |it| it.as_str());
                for expression in cron::from_cron(&it.cron.value) {
                    ticks += 1;
                    let event = tick(app, names, function, trigger, expression, zone, &it.input);
                    made.insert(format!("Tick{ticks}"), event);
                }
            }
            TriggerKind::Every(it) => {
                for expression in cron::from_cron(&it.cron()) {
                    ticks += 1;
                    let event = tick(app, names, function, trigger, expression, "UTC", &it.input);
                    made.insert(format!("Tick{ticks}"), event);
                }
            }
            TriggerKind::Stream(it) => {
                let name = it.source.as_str();
                let stream = located(app, names, Thing::Stream, name).arn;
                let event = log(app, names, "Kinesis", stream, it);
                made.insert(source_event(name, "Records"), event);
            }
            TriggerKind::Table(it) => {
                let name = it.source.as_str();
                let event = log(app, names, "DynamoDB", changes_arn(app, name), it);
                made.insert(source_event(name, "Changes"), event);
            }
            TriggerKind::Bucket(it) => {
                objects += 1;
                let what = match it.change {
                    BucketChange::Created => "Created",
                    BucketChange::Deleted => "Deleted",
                };
                let id = source_event(it.bucket.as_str(), what);
                let id = if made.contains_key(&id) {
                    format!("{id}{objects}")
                } else {
                    id
                };
                made.insert(id, bucket(it));
            }
            TriggerKind::Event(it) => {
                let id = bus_event(it.bus.as_str(), &it.event.value);
                made.insert(id, rule(app, names, function, it));
            }
            TriggerKind::Raw(it) if it.target == Target::Aws => {
                raws += 1;
                let event = raw(app, names, it);
                made.insert(format!("{}{raws}", event.kind), event);
                continue;
            }
            TriggerKind::Websocket(_) | TriggerKind::Raw(_) => {}
        }
        for event in made.values_mut().skip(before) {
            event.hatches = hatches(app, names, &trigger.hatches);
        }
    }
    made
}

/// Returns an event in AWS's own words; the rules have seen that it has a type.
fn raw(app: &App, names: &Names, it: &RawTrigger) -> Event {
    let kind = it.body.entries.get("Type");
    let properties = it.body.entries.get("Properties");
    Event {
        kind: Cow::Owned(kind.and_then(|it| it.value.plain()).unwrap_or_default()),
        properties: EventProperties::default(),
        hatches: properties
            .map(|it| value(app, names, &it.value))
            .into_iter()
            .collect(),
    }
}

fn route(app: &App, it: &HttpTrigger) -> Event {
    Event {
        kind: "HttpApi".into(),
        properties: EventProperties {
            api_id: Some(Cfn::Ref(API.to_owned())),
            method: Some(it.method.value.word()),
            path: Some(it.route.value.to_string()),
            payload_format_version: Some("2.0"),
            auth: authorizer_name(app, &it.auth.value).map(|authorizer| EventAuth { authorizer }),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}

fn queue(app: &App, names: &Names, function: &Function, it: &QueueTrigger) -> Event {
    let fifo = app
        .queues
        .get(it.queue.as_str())
        .is_some_and(|it| it.fifo.value);
    let batch = scaling::batch(it, fifo);
    let window = scaling::window(it, fifo);
    messages(
        queue_arn(app, names, it.queue.as_str()),
        batch,
        window,
        scaling::maximum_concurrency(function, it.concurrency.map(|it| it.value)),
    )
}

fn inbox(topic: &str, function: &Function) -> Event {
    messages(
        Cfn::arn(inbox_id(topic, function.name.as_str())),
        1,
        0,
        scaling::maximum_concurrency(function, None),
    )
}

fn messages(queue: Cfn, batch: u32, window: u64, concurrency: Option<u32>) -> Event {
    Event {
        kind: "SQS".into(),
        properties: EventProperties {
            queue: Some(queue),
            batch_size: Some(batch),
            maximum_batching_window_in_seconds: (window > 0).then_some(window),
            function_response_types: vec!["ReportBatchItemFailures"],
            scaling_config: concurrency.map(|it| ScalingConfig {
                maximum_concurrency: it,
            }),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}

/// Returns the event of a topic. Lambda tries again what the function fails; what SNS can't hand to Lambda is parked
/// by the subscription itself.
fn topic(app: &App, names: &Names, name: &str, retry: &Retry) -> Event {
    Event {
        kind: "SNS".into(),
        properties: EventProperties {
            topic: Some(located(app, names, Thing::Topic, name).arn),
            redrive_policy: retry.park.as_ref().map(|park| RedrivePolicy {
                dead_letter_target_arn: queue_arn(app, names, park.as_str()),
                max_receive_count: None,
            }),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}

/// Returns the event of a stream or of a table's changes. What the handler fails it fails for good only where the
/// program says how often it is tried.
fn log(app: &App, names: &Names, kind: &'static str, stream: Cfn, it: &StreamTrigger) -> Event {
    let window = scaling::log_window(it);
    let retry = it.retry.as_ref().map(|it| &it.value);
    Event {
        kind: kind.into(),
        properties: EventProperties {
            stream: Some(stream),
            starting_position: Some(match it.from.value {
                StartFrom::Oldest => "TRIM_HORIZON",
                StartFrom::Latest => "LATEST",
            }),
            batch_size: Some(scaling::log_batch(it)),
            maximum_batching_window_in_seconds: (window > 0).then_some(window),
            function_response_types: vec!["ReportBatchItemFailures"],
            parallelization_factor: Some(it.parallel.value).filter(|it| *it > 1),
            bisect_batch_on_function_error: it.split_on_error.value.then_some(true),
            maximum_retry_attempts: retry.map(|it| it.count),
            maximum_record_age_in_seconds: it.max_age.map(|it| whole_seconds(it.value)),
            destination_config: retry.and_then(|it| DestinationConfig::parking(app, names, it)),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}

/// Returns the event of a bucket's objects. What a life cycle deletes is deleted too.
fn bucket(it: &BucketTrigger) -> Event {
    let rule = |name, value: &String| KeyRule {
        name,
        value: value.clone(),
    };
    let rules = [("prefix", &it.prefix.value), ("suffix", &it.suffix.value)];
    let rules = rules.into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<KeyRule> = rules.map(|(name, value)| rule(name, value)).collect();
    Event {
        kind: "S3".into(),
        properties: EventProperties {
            bucket: Some(Cfn::Ref(bucket_id(it.bucket.as_str()))),
            events: match it.change {
                BucketChange::Created => vec!["s3:ObjectCreated:*"],
                BucketChange::Deleted => vec!["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"],
            },
            filter: (!rules.is_empty()).then_some(ObjectFilter {
                key: KeyFilter { rules },
            }),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}

/// Returns the event of a rule that brings events of one type. Lambda tries again what the function fails; what
/// EventBridge can't hand to Lambda it tries as often, where the program says how often, and the rule parks it then.
fn rule(app: &App, names: &Names, function: &Function, it: &EventTrigger) -> Event {
    let retry = &function.retry;
    let park = retry.value.park.as_ref();
    Event {
        kind: "EventBridgeRule".into(),
        properties: EventProperties {
            rule_name: Some(names.rule(function.name.as_str(), &it.event.value)),
            event_bus_name: Some(located(app, names, Thing::Bus, it.bus.as_str()).address),
            pattern: Some(EventPattern {
                detail_type: vec![it.event.value.clone()],
            }),
            retry_policy: retry.is_written().then_some(RetryPolicy {
                maximum_retry_attempts: retry.value.count,
            }),
            dead_letter_config: park.map(|park| DeadLetterConfig {
                arn: queue_arn(app, names, park.as_str()),
            }),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}

fn tick(
    app: &App,
    names: &Names,
    function: &Function,
    trigger: &Trigger,
    expression: Expression,
    zone: &str,
    input: &Map<String, Value>,
) -> Event {
    let skip = json!({ "days": expression.skipped_days, "zone": zone });
    let skip = (!expression.skipped_days.is_empty()).then_some(skip);
    let payload = match function.contract.value {
        Contract::Portable => tick_payload(input, skip),
        Contract::Lambda => scheduled_event(input, skip),
    };
    let park = function.retry.value.park.as_ref();
    Event {
        kind: "ScheduleV2".into(),
        properties: EventProperties {
            description: description(trigger.doc.as_deref(), DESCRIPTION_LENGTH),
            schedule_expression: Some(expression.text),
            schedule_expression_timezone: Some(zone.to_owned()),
            flexible_time_window: Some(FlexibleTimeWindow { mode: "OFF" }),
            // A name of its own would be the same in every stack of the account.
            omit_name: Some(true),
            input: Some(payload),
            dead_letter_config: park.map(|park| DeadLetterConfig {
                arn: queue_arn(app, names, park.as_str()),
            }),
            ..EventProperties::default()
        },
        hatches: Vec::new(),
    }
}
