//! A function's own role: what its triggers and `can` need, on exactly those resources.

use serde::Serialize;

use super::allow::{self, RawStatement};
use super::cfn::Cfn;
use super::environment::Store;
use super::located::{changes_arn, located, queue_arn};
use super::names::{Names, inbox_id, logs_id, role_id};
use super::resource::{Policy, Principal, Resource, Statement, Tag, function_tags};
use super::websocket;
use crate::model::{App, Function, Thing, TriggerKind, Verb};

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
    policy_document: Document,
}

/// What a role allows: what the language says, then what the function says in AWS's own words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Allowed>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Allowed {
    Said(Statement),
    Raw(RawStatement),
}

/// Returns the role of a function; `parks` tells whether Lambda itself parks its events.
pub(super) fn role(
    app: &App,
    names: &Names,
    function: &Function,
    parks: bool,
) -> Resource<RoleProperties> {
    let mut assume = Statement::allow("Run", &["sts:AssumeRole"], Vec::new());
    assume.principal = Some(Principal::service("lambda.amazonaws.com"));
    let name = function.name.as_str();
    let said = statements(app, names, function, parks).into_iter();
    let raw = allow::statements(app, names, function).map(Allowed::Raw);
    let properties = RoleProperties {
        assume_role_policy_document: Policy::new(vec![assume]),
        policies: vec![InlinePolicy {
            policy_name: name.to_owned(),
            policy_document: Document {
                version: Policy::VERSION,
                statement: said.map(Allowed::Said).chain(raw).collect(),
            },
        }],
        tags: function_tags(app, function),
    };
    Resource::new("AWS::IAM::Role", role_id(name), properties)
}

fn statements(app: &App, names: &Names, function: &Function, parks: bool) -> Vec<Statement> {
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
        vec![Cfn::arn(logs_id(function.name.as_str()))],
    )];
    let mut add = |sid, actions: &[&'static str], resources: Vec<Cfn>| {
        if !resources.is_empty() {
            list.push(Statement::allow(sid, actions, resources));
        }
    };
    for (sid, actions, of) in SOURCES {
        add(sid, actions, sources(app, names, function, of));
    }
    for (verb, of, sid, actions, part) in RIGHTS {
        let granted = function.can.iter();
        let granted = granted.filter(|it| it.verb == verb && it.of == of);
        let resources = granted.flat_map(|it| parts(app, names, of, it.resource.as_str(), part));
        add(sid, actions, resources.collect());
    }
    if function.granted(Verb::Reply).next().is_some() {
        let connections = websocket::connections_arn(app);
        add(
            "ReplyToClients",
            &["execute-api:ManageConnections"],
            vec![connections],
        );
    }
    add(
        "ParkEvents",
        &["sqs:SendMessage"],
        parking(app, names, function, parks),
    );
    add(
        "ReadSecrets",
        &["secretsmanager:GetSecretValue"],
        in_store(true),
    );
    add("ReadParameters", &["ssm:GetParameter"], in_store(false));
    if function.trace.value {
        // X-Ray has no resources that a right could name.
        add("SendTraces", TRACING, vec![Cfn::text("*")]);
    }
    if function.vpc.is_some() {
        // The interfaces get their ids when Lambda makes them.
        add("JoinNetwork", NETWORK, vec![Cfn::text("*")]);
    }
    list
}

// What Lambda itself does with a source that it polls for a function: "AWS Lambda Developer Guide", "Using Lambda with
// Amazon SQS", "… Amazon Kinesis" and "… Amazon DynamoDB", required permissions.
const SOURCES: [(&str, &[&str], Thing); 3] = [
    (
        "ReceiveMessages",
        &[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
        ],
        Thing::Queue,
    ),
    (
        "ReadRecords",
        &[
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:ListShards",
        ],
        Thing::Stream,
    ),
    (
        "ReadChanges",
        &[
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:DescribeStream",
            "dynamodb:ListStreams",
        ],
        Thing::Table,
    ),
];

// "AWS Lambda Developer Guide", "Visualize Lambda function invocations using AWS X-Ray", execution role permissions.
const TRACING: &[&str] = &["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

// "AWS Lambda Developer Guide", "Giving Lambda functions access to resources in an Amazon VPC", required permissions.
const NETWORK: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];

/// What of a resource a right is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The resource itself.
    Whole,
    /// A bucket's objects.
    Objects,
    /// A table and each of its indexes.
    Indexes,
}

type Right = (Verb, Thing, &'static str, &'static [&'static str], Part);

/// What each verb of `can` allows; docs/aws.md has the same table.
const RIGHTS: [Right; 11] = [
    (
        Verb::Send,
        Thing::Queue,
        "SendMessages",
        &["sqs:SendMessage"],
        Part::Whole,
    ),
    (
        Verb::Publish,
        Thing::Topic,
        "PublishMessages",
        &["sns:Publish"],
        Part::Whole,
    ),
    (
        Verb::Publish,
        Thing::Bus,
        "PublishEvents",
        &["events:PutEvents"],
        Part::Whole,
    ),
    (
        Verb::Write,
        Thing::Stream,
        "WriteRecords",
        &["kinesis:PutRecord", "kinesis:PutRecords"],
        Part::Whole,
    ),
    (
        Verb::Write,
        Thing::Bucket,
        "WriteObjects",
        &["s3:PutObject", "s3:DeleteObject"],
        Part::Objects,
    ),
    (
        Verb::Read,
        Thing::Bucket,
        "ReadObjects",
        &["s3:GetObject"],
        Part::Objects,
    ),
    (
        Verb::Read,
        Thing::Bucket,
        "ListObjects",
        &["s3:ListBucket"],
        Part::Whole,
    ),
    (
        Verb::Write,
        Thing::Table,
        "WriteRows",
        &[
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
        ],
        Part::Whole,
    ),
    (
        Verb::Read,
        Thing::Table,
        "ReadRows",
        &["dynamodb:GetItem", "dynamodb:BatchGetItem"],
        Part::Whole,
    ),
    (
        Verb::Read,
        Thing::Table,
        "QueryRows",
        &["dynamodb:Query"],
        Part::Indexes,
    ),
    (
        Verb::Invoke,
        Thing::Function,
        "CallFunctions",
        &["lambda:InvokeFunction"],
        Part::Whole,
    ),
];

/// Returns the ARNs of what a right is about.
fn parts(app: &App, names: &Names, of: Thing, name: &str, part: Part) -> Vec<Cfn> {
    let arn = located(app, names, of, name).arn;
    match part {
        Part::Whole if of == Thing::Function => {
            let ready = app.functions.get(name);
            let ready = ready.is_some_and(|it| it.scale.min.value > 0);
            vec![if ready { arn.with(":live") } else { arn }]
        }
        Part::Whole => vec![arn],
        Part::Objects => vec![arn.with("/*")],
        Part::Indexes => {
            let table = app.tables.get(name).into_iter();
            let indexes = table.flat_map(|it| &it.indexes);
            let indexes = indexes.map(|it| arn.clone().with(&format!("/index/{}", it.name.value)));
            let mut made = vec![arn.clone()];
            made.extend(indexes);
            made
        }
    }
}

/// Returns the queues in which Lambda parks for a function: events it takes, where `parks`, and records it polls.
fn parking(app: &App, names: &Names, function: &Function, parks: bool) -> Vec<Cfn> {
    let own = function.retry.value.park.as_ref().filter(|_| parks);
    let logs = function.triggers.iter().filter_map(|it| it.kind.log());
    let logs = logs.filter_map(|it| it.retry.as_ref()?.value.park.as_ref());
    let mut made = Vec::new();
    for park in own.into_iter().chain(logs) {
        let arn = queue_arn(app, names, park.as_str());
        if !made.contains(&arn) {
            made.push(arn);
        }
    }
    made
}

/// Returns the queues, streams or changes of tables that Lambda polls for a function.
fn sources(app: &App, names: &Names, function: &Function, of: Thing) -> Vec<Cfn> {
    let source = |kind: &TriggerKind| match kind {
        TriggerKind::Queue(it) if of == Thing::Queue => {
            Some(queue_arn(app, names, it.queue.as_str()))
        }
        TriggerKind::Topic(it) if of == Thing::Queue => {
            let topic = app.topics.get(it.topic.as_str())?;
            let id = || inbox_id(it.topic.as_str(), function.name.as_str());
            topic.fifo.value.then(|| Cfn::arn(id()))
        }
        TriggerKind::Stream(it) if of == Thing::Stream => {
            Some(located(app, names, Thing::Stream, it.source.as_str()).arn)
        }
        TriggerKind::Table(it) if of == Thing::Table => Some(changes_arn(app, it.source.as_str())),
        TriggerKind::Queue(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    };
    let triggers = function.triggers.iter();
    triggers.filter_map(|it| source(&it.kind)).collect()
}
