//! A function's own role: what its triggers and `can` need, on exactly those resources.

use serde::Serialize;

use super::cfn::Cfn;
use super::environment::Store;
use super::names::{inbox_id, logs_id, queue_id, role_id, topic_id};
use super::resource::{Policy, Principal, Resource, Statement, Tag, tags};
use crate::model::{App, Function, Name, TriggerKind, Verb};

/// Properties of `AWS::IAM::Role`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleProperties {
    assume_role_policy_document: Policy,
    policies: Vec<InlinePolicy>,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicy {
    policy_name: String,
    policy_document: Policy,
}

/// Returns the role of a function; `parks` tells whether Lambda itself parks its events.
pub(super) fn role(app: &App, function: &Function, parks: bool) -> Resource<RoleProperties> {
    let mut assume = Statement::allow("Run", &["sts:AssumeRole"], Vec::new());
    assume.principal = Some(Principal {
        service: "lambda.amazonaws.com",
    });
    let name = function.name.as_str();
    let properties = RoleProperties {
        assume_role_policy_document: Policy::new(vec![assume]),
        policies: vec![InlinePolicy {
            policy_name: name.to_owned(),
            policy_document: Policy::new(statements(app, function, parks)),
        }],
        tags: tags(app),
    };
    Resource::new("AWS::IAM::Role", role_id(name), properties)
}

fn statements(app: &App, function: &Function, parks: bool) -> Vec<Statement> {
    let name = function.name.as_str();
    let queues = |names: &[&str]| names.iter().map(|it| Cfn::arn(queue_id(it))).collect();
    let granted = |verb| -> Vec<&str> { function.granted(verb).map(Name::as_str).collect() };
    let topics = granted(Verb::Publish).into_iter();
    let park = function.retry.value.park.as_ref().filter(|_| parks);
    let stores: Vec<Store> = Store::of_function(app, function);
    let in_store = |manager: bool| {
        let stores = stores
            .iter()
            .filter(|it| it.is_secrets_manager() == manager);
        stores.map(Store::arn).collect()
    };
    let mut list = vec![Statement::allow(
        "WriteLogs",
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        vec![Cfn::arn(logs_id(name))],
    )];
    let mut add = |sid, actions: &[&'static str], resources: Vec<Cfn>| {
        if !resources.is_empty() {
            list.push(Statement::allow(sid, actions, resources));
        }
    };
    let receive = [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ];
    add("ReceiveMessages", &receive, sources(app, function));
    add(
        "SendMessages",
        &["sqs:SendMessage"],
        queues(&granted(Verb::Send)),
    );
    add(
        "PublishMessages",
        &["sns:Publish"],
        topics.map(|it| Cfn::Ref(topic_id(it))).collect(),
    );
    add(
        "ParkEvents",
        &["sqs:SendMessage"],
        park.map(|it| Cfn::arn(queue_id(it.as_str())))
            .into_iter()
            .collect(),
    );
    add(
        "ReadSecrets",
        &["secretsmanager:GetSecretValue"],
        in_store(true),
    );
    add("ReadParameters", &["ssm:GetParameter"], in_store(false));
    list
}

/// Returns the queues that Lambda polls for a function.
fn sources(app: &App, function: &Function) -> Vec<Cfn> {
    let source = |kind: &TriggerKind| match kind {
        TriggerKind::Queue(it) => Some(Cfn::arn(queue_id(it.queue.as_str()))),
        TriggerKind::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str())?;
            let id = || inbox_id(it.topic.as_str(), function.name.as_str());
            topic.fifo.value.then(|| Cfn::arn(id()))
        }
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    };
    let triggers = function.triggers.iter();
    triggers.filter_map(|it| source(&it.kind)).collect()
}
