//! A function with all that is its own: log group, role, and queues between it and fifo topics.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use super::cfn::Cfn;
use super::code::Code;
use super::environment::variables;
use super::event::{Event, events};
use super::hatch::hatches;
use super::image;
use super::layer;
use super::located::queue_arn;
use super::names::{Names, function_id, logs_id, role_id};
use super::network::{VpcConfig, vpc_config};
use super::platform::{self, EphemeralStorage};
use super::resource::{CUT, Resource, Tag, description, function_tag_map, function_tags};
use super::role::{RoleProperties, role};
use super::template::Shared;
use super::topic::{Inbox, topic_inbox};
use super::websocket::{Listener, listener};
use super::{is_invoked_by_events, scaling};
use crate::model::{App, Function, Retry, Runtime, TriggerKind};

/// A function and what belongs to it.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) logs: Resource<LogsProperties>,
    pub(super) role: Resource<RoleProperties>,
    pub(super) inboxes: Vec<Inbox>,
    pub(super) function: Resource<FunctionProperties>,
    pub(super) listener: Option<Listener>,
}

/// Properties of `AWS::Logs::LogGroup`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LogsProperties {
    log_group_name: String,
    retention_in_days: u64,
    tags: Vec<Tag>,
}

/// What functions may share, so that it stands once under `Globals`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Common {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) handler: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runtime: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) architectures: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ephemeral_storage: Option<EphemeralStorage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tracing: Option<&'static str>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) tags: IndexMap<String, String>,
}

/// Properties of `AWS::Serverless::Function`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FunctionProperties {
    function_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(flatten)]
    pub(super) common: Common,
    role: Cfn,
    logging_config: LoggingConfig,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    layers: Vec<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_config: Option<VpcConfig>,
    environment: Environment,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_concurrent_executions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_publish_alias: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_publish_alias_all_properties: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioned_concurrency_config: Option<Provisioned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_invoke_config: Option<EventInvokeConfig>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    events: IndexMap<String, Event>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingConfig {
    log_group: Cfn,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: IndexMap<String, Cfn>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Provisioned {
    provisioned_concurrent_executions: u32,
}

/// What Lambda does with events that it takes and the function fails.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EventInvokeConfig {
    maximum_retry_attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_config: Option<DestinationConfig>,
}

/// Where Lambda puts what it gives up.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DestinationConfig {
    on_failure: OnFailure,
}

impl DestinationConfig {
    /// Returns the queue where `retry` parks.
    pub(super) fn parking(app: &App, names: &Names, retry: &Retry) -> Option<DestinationConfig> {
        let park = retry.park.as_ref()?;
        Some(DestinationConfig {
            on_failure: OnFailure {
                kind: "SQS",
                destination: queue_arn(app, names, park.as_str()),
            },
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct OnFailure {
    #[serde(rename = "Type")]
    kind: &'static str,
    destination: Cfn,
}

impl Group {
    /// Writes all of it in the template.
    pub(super) fn write(&self, made: &mut String) {
        self.logs.write(made);
        self.role.write(made);
        for inbox in &self.inboxes {
            inbox.queue.write(made);
            inbox.policy.write(made);
            inbox.subscription.write(made);
        }
        self.function.write(made);
        if let Some(listener) = &self.listener {
            listener.write(made);
        }
    }
}

// "AWS Lambda API Reference", CreateFunction.
const DESCRIPTION_LENGTH: usize = 256;

/// Returns a function and what belongs to it.
pub(super) fn group(
    app: &App,
    names: &Names,
    function: &Function,
    code: &Code,
    shared: &Shared,
) -> Group {
    let name = function.name.as_str();
    let logs = LogsProperties {
        log_group_name: format!("/aws/lambda/{}", names.function(name)),
        retention_in_days: platform::log_days(function),
        tags: function_tags(app, function),
    };
    let properties = properties(app, names, function, code, shared);
    let id = function_id(name);
    let mut merged = of_events(&properties.events);
    merged.extend(hatches(app, names, &function.hatches));
    // The description says it, unless it is too long for one.
    let cut = properties
        .description
        .as_ref()
        .is_some_and(|it| it.ends_with(CUT));
    Group {
        logs: Resource::new("AWS::Logs::LogGroup", logs_id(name), logs),
        role: role(app, names, function, is_invoked_by_events(app, function)),
        inboxes: inboxes(app, names, function),
        function: Resource::new("AWS::Serverless::Function", id, properties)
            .comment(function.doc.as_deref().filter(|_| cut))
            .hatched(merged)
            .built(image::how(function)),
        listener: listener(app, function),
    }
}

/// Returns what is merged into a function for the hatches of its triggers.
fn of_events(events: &IndexMap<String, Event>) -> Vec<Value> {
    let mut made = Vec::new();
    for (id, event) in events {
        for hatch in &event.hatches {
            made.push(json!({ "Events": { id: { "Properties": hatch } } }));
        }
    }
    made
}

/// Returns what a function may share with others.
pub(super) fn common(app: &App, function: &Function, code: &Code, runtime: &str) -> Common {
    let packed = function.runtime.value != Runtime::Container;
    Common {
        package_type: (!packed).then_some("Image"),
        handler: packed.then(|| code.handler(function)),
        code_uri: packed.then(|| code.folder_of(function).to_owned() + "/"),
        runtime: packed.then(|| runtime.to_owned()),
        architectures: vec![platform::architecture(function)],
        memory_size: Some(function.memory.value.to_mb()),
        timeout: Some(platform::timeout(function)),
        ephemeral_storage: platform::ephemeral_storage(function),
        tracing: platform::tracing(function),
        tags: function_tag_map(app, function),
    }
}

fn properties(
    app: &App,
    names: &Names,
    function: &Function,
    code: &Code,
    shared: &Shared,
) -> FunctionProperties {
    let name = function.name.as_str();
    let variables = variables(app, names, function);
    let min = function.scale.min.value;
    let ready = min > 0;
    FunctionProperties {
        function_name: names.function(name),
        description: description(function.doc.as_deref(), DESCRIPTION_LENGTH),
        common: shared.rest(app, function, code),
        role: Cfn::arn(role_id(name)),
        logging_config: LoggingConfig {
            log_group: Cfn::Ref(logs_id(name)),
        },
        layers: layer::of_function(app, function),
        vpc_config: vpc_config(app, function),
        environment: Environment { variables },
        reserved_concurrent_executions: scaling::reserved(function),
        auto_publish_alias: ready.then_some("live"),
        // Without it a change of memory or of a variable would never reach the alias.
        auto_publish_alias_all_properties: ready.then_some(true),
        provisioned_concurrency_config: ready.then_some(Provisioned {
            provisioned_concurrent_executions: min,
        }),
        event_invoke_config: is_invoked_by_events(app, function)
            .then(|| invoke_config(app, names, function)),
        events: events(app, names, function),
    }
}

fn invoke_config(app: &App, names: &Names, function: &Function) -> EventInvokeConfig {
    let retry = &function.retry.value;
    EventInvokeConfig {
        maximum_retry_attempts: retry.count,
        destination_config: DestinationConfig::parking(app, names, retry),
    }
}

fn inboxes(app: &App, names: &Names, function: &Function) -> Vec<Inbox> {
    let mut made = Vec::new();
    for trigger in &function.triggers {
        if let TriggerKind::Topic(it) = &trigger.kind
            && let Some(topic) = app.topics.get(it.topic.as_str())
            && topic.fifo.value
        {
            made.push(topic_inbox(app, names, topic, function));
        }
    }
    made
}
