//! Queues, and who besides our functions may put messages on them.

use std::time::Duration;

use serde::Serialize;

use super::cfn::Cfn;
use super::hatch::hatches;
use super::located::queue_arn;
use super::names::{Names, queue_id, queue_policy_id};
use super::resource::{Policy, Resource, Statement, Tag, tags};
use super::whole_seconds;
use crate::model::{App, Queue};

/// Properties of `AWS::SQS::Queue`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueProperties {
    pub(super) queue_name: String,
    #[serde(flatten)]
    pub(super) order: Option<Order>,
    pub(super) visibility_timeout: u64,
    pub(super) message_retention_period: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delay_seconds: Option<u64>,
    pub(super) maximum_message_size: u64,
    pub(super) sqs_managed_sse_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redrive_policy: Option<RedrivePolicy>,
    pub(super) tags: Vec<Tag>,
}

/// What makes a queue keep the order within a group, without a bound on the number of groups at once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Order {
    fifo_queue: bool,
    deduplication_scope: &'static str,
    fifo_throughput_limit: &'static str,
}

impl Order {
    pub(super) const FIFO: Order = Order {
        fifo_queue: true,
        deduplication_scope: "messageGroup",
        fifo_throughput_limit: "perMessageGroupId",
    };
}

/// Where messages go after the last attempt.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedrivePolicy {
    pub(super) dead_letter_target_arn: Cfn,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_receive_count: Option<u32>,
}

/// Properties of `AWS::SQS::QueuePolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueuePolicyProperties {
    queues: Vec<Cfn>,
    policy_document: Policy,
}

/// Returns a queue of the program.
pub(super) fn queue(app: &App, names: &Names, queue: &Queue) -> Resource<QueueProperties> {
    let redrive_policy = queue.retry.as_ref().and_then(|retry| {
        let park = retry.value.park.as_ref()?;
        Some(RedrivePolicy {
            dead_letter_target_arn: queue_arn(app, names, park.as_str()),
            max_receive_count: Some(retry.value.count + 1),
        })
    });
    let delay = whole_seconds(queue.delay.value);
    let properties = QueueProperties {
        queue_name: names.queue(queue),
        order: queue.fifo.value.then_some(Order::FIFO),
        visibility_timeout: whole_seconds(queue.hidden.value),
        message_retention_period: whole_seconds(queue.keep.value),
        delay_seconds: (delay > 0).then_some(delay),
        maximum_message_size: queue.max_size.value.0,
        sqs_managed_sse_enabled: true,
        redrive_policy,
        tags: tags(app),
    };
    let id = queue_id(queue.name.as_str());
    Resource::new("AWS::SQS::Queue", id, properties)
        .comment(queue.doc.as_deref())
        .hatched(hatches(app, names, &queue.place.hatches))
}

/// Returns the queue through which messages of a fifo topic reach a function.
pub(super) fn inbox(
    id: String,
    queue_name: String,
    hidden: Duration,
    redrive_policy: Option<RedrivePolicy>,
    tags: Vec<Tag>,
) -> Resource<QueueProperties> {
    let properties = QueueProperties {
        queue_name,
        order: Some(Order::FIFO),
        visibility_timeout: whole_seconds(hidden),
        message_retention_period: INBOX_KEEP,
        delay_seconds: None,
        maximum_message_size: MAX_SIZE,
        sqs_managed_sse_enabled: true,
        redrive_policy,
        tags,
    };
    Resource::new("AWS::SQS::Queue", id, properties)
}

// A topic has no settings of its own for these. SNS wraps messages, so that a queue must take more than SNS does.
const INBOX_KEEP: u64 = 14 * 24 * 60 * 60;
const MAX_SIZE: u64 = 1 << 20;

/// Returns the policy that lets SNS put messages of `topics` on the queue with the id `queue`.
pub(super) fn policy(id: String, queue: &str, topics: Vec<Cfn>) -> Resource<QueuePolicyProperties> {
    let properties = QueuePolicyProperties {
        queues: vec![Cfn::Ref(queue.to_owned())],
        policy_document: Policy::new(vec![Statement::from_topics(Cfn::arn(queue), topics)]),
    };
    Resource::new("AWS::SQS::QueuePolicy", id, properties)
}

/// Returns the policy of a queue where SNS parks messages of `topics` that it can't deliver, and EventBridge events
/// that it can't deliver by `rules`.
pub(super) fn parking_policy(
    queue: &str,
    topics: Vec<Cfn>,
    rules: Vec<Cfn>,
) -> Resource<QueuePolicyProperties> {
    let id = queue_id(queue);
    let mut statements = Vec::new();
    if !topics.is_empty() {
        statements.push(Statement::from_topics(Cfn::arn(id.clone()), topics));
    }
    if !rules.is_empty() {
        statements.push(Statement::from_rules(Cfn::arn(id.clone()), rules));
    }
    let properties = QueuePolicyProperties {
        queues: vec![Cfn::Ref(id)],
        policy_document: Policy::new(statements),
    };
    Resource::new("AWS::SQS::QueuePolicy", queue_policy_id(queue), properties)
}
