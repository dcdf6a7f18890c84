//! Topics, and the queues through which fifo topics reach functions: Lambda can't subscribe to those itself
//! ("Amazon SNS Developer Guide", "Message delivery for FIFO topics").

use serde::Serialize;

use super::cfn::Cfn;
use super::hatch::hatches;
use super::located::{located, queue_arn};
use super::names::{Names, inbox_id, topic_id};
use super::queue::{QueuePolicyProperties, QueueProperties, RedrivePolicy, inbox, policy};
use super::resource::{Resource, Tag, function_tags, tags};
use crate::model::{App, Function, Thing, Topic};

/// Properties of `AWS::SNS::Topic`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TopicProperties {
    topic_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fifo_topic: Option<bool>,
    kms_master_key_id: &'static str,
    tags: Vec<Tag>,
}

/// Properties of `AWS::SNS::Subscription`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubscriptionProperties {
    topic_arn: Cfn,
    protocol: &'static str,
    endpoint: Cfn,
}

/// A queue between a fifo topic and a function.
#[derive(Debug, Serialize)]
pub(super) struct Inbox {
    pub(super) queue: Resource<QueueProperties>,
    pub(super) policy: Resource<QueuePolicyProperties>,
    pub(super) subscription: Resource<SubscriptionProperties>,
}

/// Returns a topic of the program.
pub(super) fn topic(app: &App, names: &Names, topic: &Topic) -> Resource<TopicProperties> {
    let properties = TopicProperties {
        topic_name: names.topic(topic),
        fifo_topic: topic.fifo.value.then_some(true),
        // The key that AWS manages for SNS: encrypted at rest, and nothing to look after.
        kms_master_key_id: "alias/aws/sns",
        tags: tags(app),
    };
    let id = topic_id(topic.name.as_str());
    Resource::new("AWS::SNS::Topic", id, properties)
        .comment(topic.doc.as_deref())
        .hatched(hatches(app, names, &topic.place.hatches))
}

/// Returns the queue through which `topic` reaches `function`.
pub(super) fn topic_inbox(app: &App, names: &Names, topic: &Topic, function: &Function) -> Inbox {
    let (topic, name) = (topic.name.as_str(), function.name.as_str());
    let id = inbox_id(topic, name);
    let retry = &function.retry.value;
    let redrive = retry.park.as_ref().map(|park| RedrivePolicy {
        dead_letter_target_arn: queue_arn(app, names, park.as_str()),
        max_receive_count: Some(retry.count + 1),
    });
    let hidden = function.timeout.value * 6;
    let queue = inbox(
        id.clone(),
        names.inbox(topic, name),
        hidden,
        redrive,
        function_tags(app, function),
    );
    let topic = located(app, names, Thing::Topic, topic).arn;
    let policy = policy(format!("{id}Policy"), &id, vec![topic.clone()]);
    let subscription = SubscriptionProperties {
        topic_arn: topic,
        protocol: "sqs",
        endpoint: Cfn::arn(id.clone()),
    };
    let mut subscription = Resource::new(
        "AWS::SNS::Subscription",
        format!("{id}Subscription"),
        subscription,
    );
    // A message that comes before the policy is there would be lost.
    subscription.depends_on.push(policy.id.clone());
    Inbox {
        queue,
        policy,
        subscription,
    }
}
