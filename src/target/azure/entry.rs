//! What Azure calls a function: one trigger of a function of the program. One with several triggers is registered
//! several times, with the same handler behind it.

use super::schedule::{Timer, in_utc, timers};
use crate::model::{
    BucketTrigger, Cron, EventTrigger, Filter, Function, Hatch, HttpTrigger, QueueTrigger,
    StreamTrigger, TopicTrigger, Trigger, TriggerKind, duration_text,
};
use crate::source::Span;
use serde_json::{Map, Value};

/// One trigger as Azure registers it.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Its name in the function app.
    pub(super) name: String,
    /// Its place among the function's entries, by which the shim finds its settings.
    pub(super) at: usize,
    /// The trigger's documentation comment, else the function's.
    pub(super) doc: String,
    /// Where the program says it: the trigger, else the function's name.
    pub(super) span: Span,
    /// Which records it takes.
    pub(super) filter: Option<&'a Filter>,
    /// What the trigger says in Azure's own words, and in others'.
    pub(super) hatches: &'a [Hatch],
    /// What starts it.
    pub(super) start: Start<'a>,
}

/// What starts an entry.
#[derive(Debug)]
pub(super) enum Start<'a> {
    /// A request.
    Http(&'a HttpTrigger),
    /// A request with a key of the app: how a function without triggers is called.
    Invoke,
    /// A message of a queue.
    Queue(&'a QueueTrigger),
    /// A message of a topic, through the function's subscription.
    Topic(&'a TopicTrigger),
    /// Records of a stream.
    Stream(&'a StreamTrigger),
    /// Changes of a table.
    Table(&'a StreamTrigger),
    /// A change of a bucket's objects, by way of the entry's inbox.
    Bucket(&'a BucketTrigger),
    /// An event of a bus, by way of the entry's inbox.
    Event(&'a EventTrigger),
    /// A tick.
    Timer(Tick<'a>),
}

/// A timer and what the program says about it.
#[derive(Debug)]
pub(super) struct Tick<'a> {
    /// As Azure takes it.
    pub(super) timer: Timer,
    /// The schedule as the program writes it: an expression or an interval.
    pub(super) written: String,
    /// What the handler gets.
    pub(super) input: &'a Map<String, Value>,
}

impl<'a> Start<'a> {
    /// Tells whether it belongs to the scale group that all http functions of an app share.
    pub(super) fn is_http(&self) -> bool {
        match self {
            Start::Http(_) | Start::Invoke => true,
            Start::Queue(_)
            | Start::Topic(_)
            | Start::Stream(_)
            | Start::Table(_)
            | Start::Bucket(_)
            | Start::Event(_)
            | Start::Timer(_) => false,
        }
    }

    /// Tells whether it receives messages of the Service Bus namespace.
    pub(super) fn is_message(&self) -> bool {
        match self {
            Start::Queue(_) | Start::Topic(_) | Start::Bucket(_) | Start::Event(_) => true,
            Start::Http(_)
            | Start::Invoke
            | Start::Stream(_)
            | Start::Table(_)
            | Start::Timer(_) => false,
        }
    }

    /// Returns what it says when it reads a log: a stream or a table's changes.
    pub(super) fn log(&self) -> Option<&'a StreamTrigger> {
        match self {
            Start::Stream(it) | Start::Table(it) => Some(it),
            Start::Http(_)
            | Start::Invoke
            | Start::Queue(_)
            | Start::Topic(_)
            | Start::Bucket(_)
            | Start::Event(_)
            | Start::Timer(_) => None,
        }
    }

    /// Returns the name of the bucket or bus whose events come by way of an inbox.
    pub(super) fn pushed_by(&self) -> Option<&'a str> {
        match self {
            Start::Bucket(it) => Some(it.bucket.as_str()),
            Start::Event(it) => Some(it.bus.as_str()),
            Start::Http(_)
            | Start::Invoke
            | Start::Queue(_)
            | Start::Topic(_)
            | Start::Stream(_)
            | Start::Table(_)
            | Start::Timer(_) => None,
        }
    }
}

/// Returns a function's entries, in the order of its triggers; at least one.
pub(super) fn entries(function: &Function) -> Vec<Entry<'_>> {
    let doc = |trigger: Option<&Trigger>| {
        let docs = [
            function.doc.as_deref(),
            trigger.and_then(|it| it.doc.as_deref()),
        ];
        let docs: Vec<&str> = docs.into_iter().flatten().collect();
        docs.join("\n\n")
    };
    let mut made: Vec<(Option<&Trigger>, Start<'_>)> = Vec::new();
    for trigger in &function.triggers {
        let starts = starts(trigger).into_iter();
        made.extend(starts.map(|it| (Some(trigger), it)));
    }
    if made.is_empty() {
        made.push((None, Start::Invoke));
    }
    let numbered = made.into_iter().enumerate();
    numbered
        .map(|(at, (trigger, start))| Entry {
            name: entry_name(&function.name.value, at),
            at,
            doc: doc(trigger),
            span: trigger.map_or(function.name.span, |it| it.span),
            filter: trigger.and_then(|it| it.filter.as_ref()),
            hatches: trigger.map_or(&[], |it| &it.hatches),
            start,
        })
        .collect()
}

fn starts(trigger: &Trigger) -> Vec<Start<'_>> {
    let ticks = |cron: &Cron, written: &str, input| {
        let made = timers(cron).into_iter().map(|timer| {
            Start::Timer(Tick {
                timer,
                written: written.to_owned(),
                input,
            })
        });
        made.collect()
    };
    match &trigger.kind {
        TriggerKind::Http(it) => vec![Start::Http(it)],
        TriggerKind::Queue(it) => vec![Start::Queue(it)],
        TriggerKind::Topic(it) => vec![Start::Topic(it)],
        TriggerKind::Every(it) => ticks(&it.cron(), &duration_text(it.interval.value), &it.input),
        TriggerKind::Schedule(it) => {
            let zone = it.zone.as_ref().map_or("UTC", |zone| zone.as_str());
            // A zone that can't be said in UTC is an error, so nothing is built from this.
            let cron = in_utc(&it.cron.value, zone).unwrap_or_else(|_| it.cron.value.clone());
            ticks(&cron, &it.cron.value.text, &it.input)
        }
        TriggerKind::Stream(it) => vec![Start::Stream(it)],
        TriggerKind::Table(it) => vec![Start::Table(it)],
        TriggerKind::Bucket(it) => vec![Start::Bucket(it)],
        TriggerKind::Event(it) => vec![Start::Event(it)],
        TriggerKind::Websocket(_) | TriggerKind::Raw(_) => Vec::new(),
    }
}

/// Returns an entry's name. `-` is in no name of the program, so it can't be another function's; `host` is the
/// one name that Azure keeps for itself.
fn entry_name(function: &str, at: usize) -> String {
    match at {
        0 if function != "host" => function.to_owned(),
        _ => format!("{function}-{at}"),
    }
}
