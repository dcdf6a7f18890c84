//! From the checked model to what the engine needs of it.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use super::clock::Nanos;
use super::program::{
    Function, FunctionId, Kind, Log, Program, Retry, Scale, Source, SourceId, Topic,
};
use super::ticks::Ticks;
use crate::model::{self, Thing, TriggerKind};

/// Why a program can't be run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LowerError {
    /// A schedule's zone or expression can't be used.
    #[error("the schedule of `{function}`: {why}")]
    Schedule {
        /// Whose schedule.
        function: String,
        /// What is wrong.
        why: String,
    },
}

/// Instances take as long to be ready as the slowest runtime allows, never less than this.
const INIT_LIMIT: Nanos = Nanos::seconds(10);

/// Returns the engine's view of a program; `default_max` is MAX where none is written.
pub fn lower(app: &model::App, default_max: u32) -> Result<Program, LowerError> {
    let mut program = Program::default();
    for function in app.functions.values() {
        program
            .functions
            .push(lower_function(function, default_max));
    }
    for (at, function) in app.functions.values().enumerate() {
        add_sources(app, &mut program, FunctionId(at), function)?;
    }
    for queue in app.queues.values() {
        if program.queue(&queue.name.value).is_none() {
            let source = queue_source(queue, None);
            program.sources.push(source);
        }
    }
    let topics = app.topics.keys().map(|it| (it, Thing::Topic));
    let streams = app.streams.keys().map(|it| (it, Thing::Stream));
    let tables = app.tables.keys().map(|it| (it, Thing::Table));
    let buckets = app.buckets.keys().map(|it| (it, Thing::Bucket));
    let buses = app.buses.keys().map(|it| (it, Thing::Bus));
    let all = topics.chain(streams).chain(tables).chain(buckets);
    for (name, of) in all.chain(buses) {
        let sources = program.sources.iter().enumerate();
        let subscribers = sources
            .filter(|(_, it)| it.reads() == Some(of) && it.name == *name)
            .map(|(at, _)| SourceId(at));
        let subscribers = subscribers.collect();
        program.topics.push(Topic {
            name: name.clone(),
            of,
            subscribers,
        });
    }
    park(app, &mut program);
    Ok(program)
}

fn nanos(duration: Duration) -> Nanos {
    Nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

fn lower_function(function: &model::Function, default_max: u32) -> Function {
    let scale = &function.scale;
    let min = scale.min.value;
    let timeout = nanos(function.timeout.value);
    Function {
        name: function.name.value.clone(),
        scale: Scale {
            min,
            max: scale.max.value.unwrap_or(default_max.max(min)),
            concurrency: scale.concurrency.value.max(1),
            target: scale.target.value.max(1),
            idle: nanos(scale.idle.value),
        },
        timeout,
        init_limit: timeout.max(INIT_LIMIT),
    }
}

fn add_sources(
    app: &model::App,
    program: &mut Program,
    id: FunctionId,
    function: &model::Function,
) -> Result<(), LowerError> {
    let own = |name: &str, kind| Source::new(name, Some(id), kind);
    // Two more attempts, then dropped, unless the program says otherwise.
    let pushed = Retry {
        more: Some(function.retry.value.count),
        then: None,
    };
    if function.has_http() {
        program.sources.push(own("http", Kind::Http));
    }
    for trigger in &function.triggers {
        let source = match &trigger.kind {
            TriggerKind::Http(_) | TriggerKind::Websocket(_) | TriggerKind::Raw(_) => continue,
            TriggerKind::Stream(it) => {
                let Some(stream) = app.streams.get(&it.source.value) else {
                    continue;
                };
                let log = log(stream.shards.value, it);
                log_source(id, it, Kind::Stream(log), stream.keep.value)
            }
            TriggerKind::Table(it) => log_source(id, it, Kind::Table(log(1, it)), CHANGES_KEPT),
            TriggerKind::Bucket(it) => {
                let mut source = own(&it.bucket.value, Kind::Bucket);
                source.detail = bucket_detail(it);
                source.retry = pushed;
                source
            }
            TriggerKind::Event(it) => {
                let mut source = own(&it.bus.value, Kind::Event);
                source.detail.clone_from(&it.event.value);
                source.retry = pushed;
                source
            }
            TriggerKind::Schedule(it) => {
                let zone = it.zone.as_ref().map(|it| it.value.as_str());
                let ticks = ticks(function, &it.cron.value, zone)?;
                let mut source = own(&it.cron.value.text, Kind::Schedule(Box::new(ticks)));
                source.retry = pushed;
                source
            }
            TriggerKind::Every(it) => {
                let ticks = ticks(function, &it.cron(), None)?;
                let mut source = own(&every_name(it), Kind::Schedule(Box::new(ticks)));
                source.retry = pushed;
                source
            }
            TriggerKind::Topic(it) => {
                let topic = app.topics.get(&it.topic.value);
                let mut source = own(&it.topic.value, Kind::Topic);
                source.fifo = topic.is_some_and(|it| it.fifo.value);
                source.retry = pushed;
                source
            }
            TriggerKind::Queue(it) => {
                let Some(queue) = app.queues.get(&it.queue.value) else {
                    continue;
                };
                let mut source = queue_source(queue, Some(id));
                source.batch = it.batch.value.max(1);
                source.window = nanos(it.within.value);
                source.concurrency = it.concurrency.as_ref().map(|it| it.value.max(1));
                // An invocation ends at its timeout at the latest; only a shorter time matters.
                let hidden = nanos(queue.hidden.value);
                source.returns = Some(hidden);
                source.hidden = (hidden < nanos(function.timeout.value)).then_some(hidden);
                source
            }
        };
        program.sources.push(source);
    }
    program.sources.push(own("invoke", Kind::Invoke));
    Ok(())
}

/// A table's changes wait for a day: Amazon `DynamoDB` Developer Guide, "Change data capture for `DynamoDB` Streams".
const CHANGES_KEPT: Duration = Duration::from_hours(24);

fn log(shards: u32, it: &model::StreamTrigger) -> Log {
    Log {
        shards: shards.max(1),
        parallel: it.parallel.value.max(1),
    }
}

fn log_source(id: FunctionId, it: &model::StreamTrigger, kind: Kind, keep: Duration) -> Source {
    let mut source = Source::new(&it.source.value, Some(id), kind);
    source.batch = it.batch.value.max(1);
    source.window = nanos(it.within.value);
    let keep = it.max_age.map_or(keep, |it| it.value.min(keep));
    source.keep = Some(nanos(keep));
    source.fifo = true;
    source.split_on_error = it.split_on_error.value;
    source.retry = Retry {
        more: it.retry.as_ref().map(|it| it.value.count),
        then: None,
    };
    source
}

/// Returns what tells a trigger on a bucket from others on it: `created in/*.csv`.
pub fn bucket_detail(it: &model::BucketTrigger) -> String {
    let (change, prefix) = (it.change.word(), &it.prefix.value);
    format!("{change} {prefix}*{}", it.suffix.value)
}

/// Returns the name of the source of an `on every` trigger.
pub fn every_name(every: &model::EveryTrigger) -> String {
    format!("every {}", model::duration_text(every.interval.value))
}

fn ticks(
    function: &model::Function,
    cron: &model::Cron,
    zone: Option<&str>,
) -> Result<Ticks, LowerError> {
    Ticks::new(cron, zone).map_err(|why| LowerError::Schedule {
        function: function.name.value.clone(),
        why,
    })
}

fn queue_source(queue: &model::Queue, consumer: Option<FunctionId>) -> Source {
    let mut source = Source::new(&queue.name.value, consumer, Kind::Queue);
    source.keep = Some(nanos(queue.keep.value));
    source.delay = nanos(queue.delay.value);
    source.fifo = queue.fifo.value;
    source.retry = Retry {
        more: queue.retry.as_ref().map(|it| it.value.count),
        then: None,
    };
    source
}

/// Resolves the names of parking queues, now that every queue has its number.
fn park(app: &model::App, program: &mut Program) {
    let queues = program.sources.iter().enumerate();
    let queues: BTreeMap<String, SourceId> = queues
        .filter(|(_, it)| matches!(it.kind, Kind::Queue))
        .map(|(at, it)| (it.name.clone(), SourceId(at)))
        .collect();
    let functions: Vec<&model::Function> = app.functions.values().collect();
    for source in &mut program.sources {
        let park = match source.kind {
            Kind::Queue => app.queues.get(&source.name).and_then(|it| {
                let retry = it.retry.as_ref()?;
                retry.value.park.as_ref()
            }),
            Kind::Stream(_) | Kind::Table(_) => {
                let function = source.function.and_then(|it| functions.get(it.0));
                function.and_then(|it| log_park(it, &source.name))
            }
            Kind::Topic | Kind::Bucket | Kind::Event | Kind::Schedule(_) => {
                let function = source.function.and_then(|it| functions.get(it.0));
                function.and_then(|it| it.retry.value.park.as_ref())
            }
            Kind::Http | Kind::Invoke => None,
        };
        source.retry.then = park.and_then(|it| queues.get(&it.value).copied());
    }
}

/// Returns where the records of a log are parked that a function gives up.
fn log_park<'a>(function: &'a model::Function, log: &str) -> Option<&'a model::Name> {
    let mut triggers = function.triggers.iter().filter_map(|it| it.kind.log());
    let trigger = triggers.find(|it| it.source.value == log)?;
    trigger.retry.as_ref()?.value.park.as_ref()
}
