//! FN0813 and FN0814: more than an AWS account begins with, and more than one stack takes.

use std::collections::BTreeSet;

use super::super::{is_invoked_by_events, scaling, websocket};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Auth, Function, Place, Target, TriggerKind};
use crate::target::aws::cron;

// "AWS Lambda Developer Guide", "Lambda quotas" and "Configuring reserved concurrency": 1000 instances an account,
// of which 100 can't be reserved.
const ACCOUNT: u32 = 1000;
const UNRESERVED: u32 = 100;
// "Amazon API Gateway Developer Guide", "Quotas for HTTP APIs".
const ROUTES: usize = 300;
// "AWS CloudFormation User Guide", "CloudFormation quotas".
const RESOURCES: usize = 500;
const OUTPUTS: usize = 200;

/// Adds up what the whole program takes.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let reserved: u32 = app
        .functions
        .values()
        .filter_map(scaling::reserved)
        .fold(0, u32::saturating_add);
    let written = app.settings.get(&Target::Aws);
    let written = written.and_then(|it| it.get("account_concurrency"));
    // What is no number isn't one that a program would reach.
    let account = written.map_or(ACCOUNT, |it| it.value.parse().unwrap_or(u32::MAX));
    let most = account.saturating_sub(UNRESERVED);
    if reserved > most {
        let largest = app
            .functions
            .values()
            .max_by_key(|it| scaling::reserved(it));
        let span = largest.and_then(|it| it.scale.max.span());
        let message = format!("the functions reserve {reserved} instances together");
        let has = match written {
            Some(_) => "this account has",
            None => "an account begins with",
        };
        let mut made = Diagnostic::new(Code::FN0813, message)
            .label(
                span.unwrap_or(app.name.span),
                format!("{has} {account}, of which {most} can be reserved"),
            )
            .help(match written {
                Some(_) => "lower the maxima, or ask AWS for a higher quota before the deployment",
                None => "lower the maxima, or ask AWS for a higher quota and say it: `aws { account_concurrency 3000 }`",
            });
        if let Some(written) = written {
            made = made.label(written.span, "the account's quota");
        }
        found.push(made);
    }
    let routes: usize = app.functions.values().map(routes).sum();
    if routes > ROUTES {
        found.push(
            Diagnostic::new(Code::FN0813, format!("the app has {routes} routes"))
                .label(
                    app.name.span,
                    format!("an API begins with {ROUTES} of them"),
                )
                .help("ask AWS for a higher quota before the deployment, or split the app"),
        );
    }
    let resources = resources(app);
    if resources > RESOURCES {
        let message = format!("the app becomes about {resources} CloudFormation resources");
        found.push(
            Diagnostic::new(Code::FN0814, message)
                .label(app.name.span, format!("one stack takes {RESOURCES}"))
                .help("split it into several apps"),
        );
    }
    let addresses = usize::from(routes > 0) + usize::from(socket(app) > 0);
    if app.outputs.len() + addresses > OUTPUTS {
        let message = format!("the app has {} outputs", app.outputs.len());
        found.push(
            Diagnostic::new(Code::FN0814, message)
                .label(app.name.span, format!("one stack takes {OUTPUTS}"))
                .help("leave out those that nobody reads, or split the app"),
        );
    }
}

fn routes(function: &Function) -> usize {
    let http = |kind: &TriggerKind| matches!(kind, TriggerKind::Http(_));
    function.triggers.iter().filter(|it| http(&it.kind)).count()
}

/// Counts what becomes of the app, with what SAM makes of it.
pub(in crate::target::aws) fn resources(app: &App) -> usize {
    let own = |place: &Place| usize::from(place.external.is_none());
    let queues: usize = app.queues.values().map(|it| own(&it.place)).sum();
    let topics: usize = app.topics.values().map(|it| own(&it.place)).sum();
    let streams: usize = app.streams.values().map(|it| own(&it.place)).sum();
    let tables: usize = app.tables.values().map(|it| own(&it.place)).sum();
    let buses: usize = app.buses.values().map(|it| own(&it.place)).sum();
    // What anybody may read has a policy that says so.
    let buckets = app.buckets.values();
    let buckets = buckets.map(|it| own(&it.place) * (1 + usize::from(it.public_read.value)));
    let layers = app.layers.values().filter(|it| it.folder.is_some()).count();
    let raw = app.raw.iter().filter(|it| it.target == Target::Aws).count();
    let functions = app.functions.values();
    let functions: usize = functions.map(|it| of_function(app, it)).sum();
    let stores = queues + topics + streams + tables + buses + buckets.sum::<usize>();
    stores + layers + raw + functions + parking(app) + api(app) + socket(app)
}

/// Counts the queues where SNS and EventBridge park: each has a policy that lets them.
fn parking(app: &App) -> usize {
    let functions = app.functions.values();
    let queues: BTreeSet<&str> = functions.filter_map(|it| parks(app, it)).collect();
    queues.len()
}

/// Returns the app's own queue where what brings events to a function parks them.
fn parks<'a>(app: &App, function: &'a Function) -> Option<&'a str> {
    let pushed = function.triggers.iter().any(|it| match &it.kind {
        TriggerKind::Event(_) => true,
        TriggerKind::Topic(it) => !is_fifo(app, it.topic.as_str()),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => false,
    });
    let park = function.retry.value.park.as_ref().filter(|_| pushed)?;
    let queue = app.queues.get(park.as_str())?;
    let own = queue.place.external.is_none();
    own.then_some(park.as_str())
}

/// Counts the API with its stage, its host name, and the rights to call authorizers.
fn api(app: &App) -> usize {
    if !app.functions.values().any(Function::has_http) {
        return 0;
    }
    let domain = app.about.domain.as_ref();
    let address = domain.and_then(|it| it.addresses.get(&Target::Aws));
    let domain = address.map_or(0, |it| 2 + usize::from(it.contains_key("zone")));
    let custom = app.auths().filter_map(|(_, it)| match &it.value {
        Auth::Custom(function) => Some(function.as_str()),
        Auth::None | Auth::Jwt(_) | Auth::Key(_) => None,
    });
    2 + domain + custom.collect::<BTreeSet<_>>().len()
}

/// Counts the API of the websocket with its stage, its authorizer and the right to call it.
fn socket(app: &App) -> usize {
    let mut triggers = websocket::triggers(app);
    let Some((_, first)) = triggers.next() else {
        return 0;
    };
    let mut all = triggers.map(|it| it.1).chain([first]);
    2 + 2 * usize::from(all.any(|it| matches!(it.auth.value, Auth::Custom(_))))
}

fn is_fifo(app: &App, topic: &str) -> bool {
    app.topics.get(topic).is_some_and(|it| it.fifo.value)
}

/// Counts what becomes of a function: itself, its role, its log group, and what SAM makes of its settings.
fn of_function(app: &App, function: &Function) -> usize {
    let ready = function.scale.min.value > 0;
    // What brings the websocket's events, and its right to call.
    let listener = 2 * usize::from(websocket::takes(function));
    let own =
        3 + listener + usize::from(ready) * 2 + usize::from(is_invoked_by_events(app, function));
    let trigger = |kind: &TriggerKind| match kind {
        TriggerKind::Http(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Websocket(_) => 1,
        // A rule or a subscription, and the right to call.
        TriggerKind::Event(_) | TriggerKind::Raw(_) => 2,
        TriggerKind::Topic(it) => 2 + 2 * usize::from(is_fifo(app, it.topic.as_str())),
        TriggerKind::Schedule(it) => 2 * cron::from_cron(&it.cron.value).len(),
        TriggerKind::Every(it) => 2 * cron::from_cron(&it.cron()).len(),
    };
    let triggers = function.triggers.iter();
    own + triggers.map(|it| trigger(&it.kind)).sum::<usize>()
}
