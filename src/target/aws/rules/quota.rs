//! FN0813 and FN0814: more than an AWS account begins with, and more than one stack takes.

use super::super::{is_invoked_by_events, scaling};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Target, TriggerKind};
use crate::target::aws::cron;

// "AWS Lambda Developer Guide", "Lambda quotas" and "Configuring reserved concurrency": 1000 instances an account,
// of which 100 can't be reserved.
const ACCOUNT: u32 = 1000;
const UNRESERVED: u32 = 100;
// "Amazon API Gateway Developer Guide", "Quotas for HTTP APIs".
const ROUTES: usize = 300;
// "AWS CloudFormation User Guide", "CloudFormation quotas".
const RESOURCES: usize = 500;

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
    let resources = app.queues.len()
        + app.topics.len()
        + usize::from(routes > 0) * 2
        + app
            .functions
            .values()
            .map(|it| resources(app, it))
            .sum::<usize>();
    if resources > RESOURCES {
        let message = format!("the app becomes about {resources} CloudFormation resources");
        found.push(
            Diagnostic::new(Code::FN0814, message)
                .label(app.name.span, format!("one stack takes {RESOURCES}"))
                .help("split it into several apps"),
        );
    }
}

fn routes(function: &Function) -> usize {
    let http = |kind: &TriggerKind| matches!(kind, TriggerKind::Http(_));
    function.triggers.iter().filter(|it| http(&it.kind)).count()
}

/// Counts what becomes of a function: itself, its role, its log group, and what SAM makes of its settings.
fn resources(app: &App, function: &Function) -> usize {
    let ready = function.scale.min.value > 0;
    let own = 3 + usize::from(ready) * 2 + usize::from(is_invoked_by_events(app, function));
    let trigger = |kind: &TriggerKind| match kind {
        TriggerKind::Http(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => 1,
        TriggerKind::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str());
            if topic.is_some_and(|it| it.fifo.value) {
                4
            } else {
                2
            }
        }
        TriggerKind::Schedule(it) => 2 * cron::from_cron(&it.cron.value).len(),
        TriggerKind::Every(it) => 2 * cron::from_cron(&it.cron()).len(),
    };
    let triggers = function.triggers.iter();
    own + triggers.map(|it| trigger(&it.kind)).sum::<usize>()
}
