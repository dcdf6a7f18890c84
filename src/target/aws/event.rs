//! Triggers, as the events of a SAM function.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::authorizer::authorizer_name;
use super::cfn::Cfn;
use super::cron::{self, Expression};
use super::names::{API, inbox_id, messages_event, queue_id, route_event, topic_id};
use super::queue::RedrivePolicy;
use super::resource::description;
use super::scaling;
use crate::model::{App, Function, HttpTrigger, QueueTrigger, Retry, Trigger, TriggerKind};

/// An event of a SAM function.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    #[serde(rename = "Type")]
    kind: &'static str,
    properties: EventProperties,
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
    batch_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_batching_window_in_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    function_response_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scaling_config: Option<ScalingConfig>,
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
    input: Option<String>,
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FlexibleTimeWindow {
    mode: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterConfig {
    arn: Cfn,
}

// "Amazon EventBridge Scheduler API Reference", CreateSchedule.
const DESCRIPTION_LENGTH: usize = 512;

/// Returns a function's events by their ids, in the order of its triggers.
pub(super) fn events(app: &App, function: &Function) -> IndexMap<String, Event> {
    let mut made = IndexMap::new();
    let mut ticks = 0;
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Http(it) => {
                made.insert(
                    route_event(it.method.value, &it.route.value),
                    route(app, it),
                );
            }
            TriggerKind::Queue(it) => {
                made.insert(messages_event(it.queue.as_str()), queue(app, function, it));
            }
            TriggerKind::Topic(it) => {
                let name = it.topic.as_str();
                let fifo = app.topics.get(name).is_some_and(|it| it.fifo.value);
                let event = if fifo {
                    inbox(name, function)
                } else {
                    topic(name, &function.retry.value)
                };
                made.insert(messages_event(name), event);
            }
            TriggerKind::Schedule(it) => {
                let zone = it.zone.as_ref().map_or("UTC", |it| it.as_str());
                for expression in cron::from_cron(&it.cron.value) {
                    ticks += 1;
                    let event = tick(function, trigger, expression, zone, &it.input);
                    made.insert(format!("Tick{ticks}"), event);
                }
            }
            TriggerKind::Every(it) => {
                for expression in cron::from_cron(&it.cron()) {
                    ticks += 1;
                    let event = tick(function, trigger, expression, "UTC", &it.input);
                    made.insert(format!("Tick{ticks}"), event);
                }
            }
            TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
    made
}

fn route(app: &App, it: &HttpTrigger) -> Event {
    Event {
        kind: "HttpApi",
        properties: EventProperties {
            api_id: Some(Cfn::Ref(API.to_owned())),
            method: Some(it.method.value.word()),
            path: Some(it.route.value.to_string()),
            payload_format_version: Some("2.0"),
            auth: authorizer_name(app, &it.auth.value).map(|authorizer| EventAuth { authorizer }),
            ..EventProperties::default()
        },
    }
}

fn queue(app: &App, function: &Function, it: &QueueTrigger) -> Event {
    let fifo = app
        .queues
        .get(it.queue.as_str())
        .is_some_and(|it| it.fifo.value);
    let batch = scaling::batch(it, fifo);
    let window = scaling::window(it, fifo);
    messages(
        Cfn::arn(queue_id(it.queue.as_str())),
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
        kind: "SQS",
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
    }
}

/// Returns the event of a topic. Lambda tries again what the function fails; what SNS can't hand to Lambda is parked
/// by the subscription itself.
fn topic(name: &str, retry: &Retry) -> Event {
    Event {
        kind: "SNS",
        properties: EventProperties {
            topic: Some(Cfn::Ref(topic_id(name))),
            redrive_policy: retry.park.as_ref().map(|park| RedrivePolicy {
                dead_letter_target_arn: Cfn::arn(queue_id(park.as_str())),
                max_receive_count: None,
            }),
            ..EventProperties::default()
        },
    }
}

fn tick(
    function: &Function,
    trigger: &Trigger,
    expression: Expression,
    zone: &str,
    input: &Map<String, Value>,
) -> Event {
    // The shim makes a record of this. EventBridge Scheduler fills in what stands in angle brackets.
    let mut payload = json!({
        "fnc": "schedule",
        "id": "<aws.scheduler.execution-id>",
        "scheduled": "<aws.scheduler.scheduled-time>",
        "attempt": "<aws.scheduler.attempt-number>",
        "input": input,
    });
    if let Some(members) = payload.as_object_mut()
        && !expression.skipped_days.is_empty()
    {
        let skip = json!({ "days": expression.skipped_days, "zone": zone });
        members.insert("skip".to_owned(), skip);
    }
    let park = function.retry.value.park.as_ref();
    Event {
        kind: "ScheduleV2",
        properties: EventProperties {
            description: description(trigger.doc.as_deref(), DESCRIPTION_LENGTH),
            schedule_expression: Some(expression.text),
            schedule_expression_timezone: Some(zone.to_owned()),
            flexible_time_window: Some(FlexibleTimeWindow { mode: "OFF" }),
            // A name of its own would be the same in every stack of the account.
            omit_name: Some(true),
            input: Some(payload.to_string()),
            dead_letter_config: park.map(|park| DeadLetterConfig {
                arn: Cfn::arn(queue_id(park.as_str())),
            }),
            ..EventProperties::default()
        },
    }
}
