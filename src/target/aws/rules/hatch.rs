//! FN1005, FN1006, FN1007: hatches that say what the template has no place for, or what is said elsewhere.

use super::super::Aws;
use super::super::properties::{Misfit, Properties};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Hatch, Place, RawBody, RawEntry, Target, TriggerKind};
use crate::source::Span;
use crate::target::{Backend, Status};

/// Compares every hatch for AWS with the table of properties.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut resource = |place: &Place, kind: &str| hatches(&place.hatches, kind, found);
    let queues = app.queues.values();
    queues.for_each(|it| resource(&it.place, "AWS::SQS::Queue"));
    let topics = app.topics.values();
    topics.for_each(|it| resource(&it.place, "AWS::SNS::Topic"));
    let streams = app.streams.values();
    streams.for_each(|it| resource(&it.place, "AWS::Kinesis::Stream"));
    let buckets = app.buckets.values();
    buckets.for_each(|it| resource(&it.place, "AWS::S3::Bucket"));
    let tables = app.tables.values();
    tables.for_each(|it| resource(&it.place, "AWS::DynamoDB::Table"));
    let buses = app.buses.values();
    buses.for_each(|it| resource(&it.place, "AWS::Events::EventBus"));
    for layer in app.layers.values() {
        hatches(&layer.hatches, "AWS::Serverless::LayerVersion", found);
    }
    for function in app.functions.values() {
        of_function(app, function, found);
    }
}

fn of_function(app: &App, function: &Function, found: &mut Diagnostics) {
    for hatch in own(&function.hatches) {
        let mut body = hatch.body.clone();
        if let Some(events) = body.entries.shift_remove("Events") {
            found.push(
                Diagnostic::new(Code::FN1005, "a function's events are its triggers")
                    .label(events.key, "no place for this")
                    .help("say it in the trigger's own block, `on queue orders { aws { … } }`, or as a trigger of AWS: `on aws { Type = \"…\"; Properties = { … } }`"),
            );
        }
        if let Some(environment) = body.entries.get("Environment") {
            variables(function, environment, found);
        }
        entries(&body, "AWS::Serverless::Function", found);
    }
    for trigger in &function.triggers {
        if let Some(kind) = event(app, &trigger.kind) {
            hatches(&trigger.hatches, kind, found);
        } else {
            for hatch in own(&trigger.hatches) {
                found.push(
                    Diagnostic::new(Code::FN1005, "this trigger is no event of the function")
                        .label(hatch.body.span, "no place for this")
                        .help(
                            "say what else AWS needs as a resource: `aws { resource NAME { … } }`",
                        ),
                );
            }
        }
    }
}

/// Warns of variables that the build sets itself.
fn variables(function: &Function, environment: &RawEntry, found: &mut Diagnostics) {
    let is_set = |name: &str| {
        name.starts_with("FNC_") || function.env.iter().any(|it| it.name.value == name)
    };
    let inner = environment.members().and_then(|it| it.get("Variables"));
    let mut told = |name: &str, key| found.push(fnc_says(name, key, SHIM, LEAVE));
    match (inner, inner.and_then(RawEntry::members)) {
        (_, Some(variables)) => {
            let set = variables.iter().filter(|(name, _)| is_set(name));
            set.for_each(|(name, entry)| told(name, entry.key));
        }
        (Some(all), None) => told("Variables", all.key),
        (None, None) => told("Environment", environment.key),
    }
}

const SHIM: &str = "the shim and the handler read variables that the build sets";
const LEAVE: &str = "leave it as the build makes it";

fn fnc_says(name: &str, key: Span, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(Code::FN1007, format!("`{name}` is fnc's to say"))
        .label(key, why)
        .help(help)
}

/// Returns the kind of event that a trigger becomes.
fn event(app: &App, kind: &TriggerKind) -> Option<&'static str> {
    Some(match kind {
        TriggerKind::Http(_) => "HttpApi",
        TriggerKind::Schedule(_) | TriggerKind::Every(_) => "ScheduleV2",
        TriggerKind::Queue(_) => "SQS",
        TriggerKind::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str());
            if topic.is_some_and(|it| it.fifo.value) {
                "SQS"
            } else {
                "SNS"
            }
        }
        TriggerKind::Stream(_) => "Kinesis",
        TriggerKind::Table(_) => "DynamoDB",
        TriggerKind::Bucket(_) => "S3",
        TriggerKind::Event(_) => "EventBridgeRule",
        TriggerKind::Websocket(_) | TriggerKind::Raw(_) => return None,
    })
}

fn own(hatches: &[Hatch]) -> impl Iterator<Item = &Hatch> {
    hatches.iter().filter(|it| it.target == Target::Aws)
}

fn hatches(hatches: &[Hatch], kind: &str, found: &mut Diagnostics) {
    own(hatches).for_each(|it| entries(&it.body, kind, found));
}

/// Compares the entries of a hatch of a resource or an event with the properties of its type.
fn entries(body: &RawBody, kind: &str, found: &mut Diagnostics) {
    let table = Properties::get();
    let resource = table.resources.get(kind);
    let Some(shape) = resource.or_else(|| table.events.get(kind)) else {
        return;
    };
    let mut misfits = Vec::new();
    let is_attribute = |name: &str| resource.is_some() && table.is_attribute(name);
    let entries = body.entries.iter();
    let (attributes, properties): (Vec<_>, Vec<_>) =
        entries.partition(|(name, _)| is_attribute(name));
    table.entries(&table.attributes, attributes.into_iter(), "", &mut misfits);
    table.entries(shape, properties.iter().copied(), "", &mut misfits);
    found.extend(misfits.into_iter().map(|it| tell(it, kind)));
    for (name, entry) in properties {
        let said = table.said.get(kind).and_then(|it| it.get(name));
        let needed = table.needed.get(kind).and_then(|it| it.get(name));
        let limits = Aws.limits();
        let said = said.filter(|key| {
            let word = limits.words.get(key.as_str());
            word.is_some_and(|it| it.status != Status::Refused)
        });
        if let Some(key) = said {
            let word = key.rsplit('.').next().unwrap_or(key);
            let why = "neither the checks nor the other targets see this";
            found.push(fnc_says(
                name,
                entry.key,
                why,
                &format!("say it with `{word}`"),
            ));
        } else if let Some(why) = needed {
            found.push(fnc_says(name, entry.key, why, LEAVE));
        }
    }
}

/// Returns what is said of an entry that doesn't fit.
pub(super) fn tell(misfit: Misfit, kind: &str) -> Diagnostic {
    match misfit {
        Misfit::Unknown { path, key, near } => {
            let message = format!("{kind} has no `{path}`");
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the reference of {kind} names what there is"),
            };
            Diagnostic::new(Code::FN1005, message)
                .label(key, "no such name")
                .help(help)
        }
        Misfit::Kind {
            path,
            value,
            wanted,
            given,
        } => Diagnostic::new(Code::FN1006, format!("`{path}` of {kind} takes {wanted}"))
            .label(value, given)
            .help(format!("write it as the reference of {kind} says")),
    }
}
