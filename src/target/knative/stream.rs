//! Streams: Kafka topics that a `KafkaSink` makes and writes to, read by a `KafkaSource` for each function.

use serde::Serialize;

use super::address::external;
use super::attempts::Attempts;
use super::eventing::{Delivery, delivery};
use super::names::Names;
use super::settings;
use crate::model::{App, Function, StartFrom, Stream, StreamTrigger, Trigger, TriggerKind};

/// What carries the program's streams.
#[derive(Debug, Serialize, Default)]
pub(super) struct Streams {
    pub(super) sinks: Vec<Sink>,
    pub(super) sources: Vec<Source>,
}

/// A `KafkaSink`.
#[derive(Debug, Serialize)]
pub(super) struct Sink {
    name: String,
    description: String,
    topic: String,
    servers: Vec<String>,
    /// Of a topic that it makes; empty: it is there.
    partitions: String,
}

/// A `KafkaSource`.
#[derive(Debug, Serialize)]
pub(super) struct Source {
    name: String,
    description: String,
    topic: String,
    servers: Vec<String>,
    consumers: u32,
    offset: &'static str,
    service: String,
    path: String,
    #[serde(flatten)]
    delivery: Delivery,
}

/// Returns what carries the program's streams.
pub(super) fn streams(app: &App, names: &Names) -> Streams {
    let mut made = Streams::default();
    for stream in app.streams.values() {
        let own = external(app, stream.name.as_str()).is_none();
        let (topic, servers) = topic(app, names, stream);
        made.sinks.push(Sink {
            name: names.resource(stream.name.as_str()),
            description: stream.doc.clone().unwrap_or_default(),
            topic,
            servers,
            partitions: if own {
                stream.shards.value.to_string()
            } else {
                String::new()
            },
        });
    }
    for function in app.functions.values() {
        for (index, trigger) in function.triggers.iter().enumerate() {
            if let TriggerKind::Stream(it) = &trigger.kind
                && let Some(stream) = app.streams.get(it.source.as_str())
            {
                made.sources
                    .push(source(app, names, function, (index, trigger), it, stream));
            }
        }
    }
    made
}

fn source(
    app: &App,
    names: &Names,
    function: &Function,
    (index, trigger): (usize, &Trigger),
    it: &StreamTrigger,
    stream: &Stream,
) -> Source {
    let (topic, servers) = topic(app, names, stream);
    let own = external(app, stream.name.as_str()).is_none();
    let parallel = it.parallel.value;
    Source {
        name: names.trigger(function.name.as_str(), index),
        description: trigger.doc.clone().unwrap_or_default(),
        topic,
        servers,
        // More than there are partitions would have nothing to do.
        consumers: if own {
            parallel.min(stream.shards.value)
        } else {
            parallel
        },
        offset: match it.from.value {
            StartFrom::Oldest => "earliest",
            StartFrom::Latest => "latest",
        },
        service: names.function(function.name.as_str()),
        path: format!("/_fnc/stream/{}", it.source.value),
        delivery: delivery(
            app,
            names,
            Attempts::of_log(it.retry.as_ref(), stream.keep.value),
        ),
    }
}

/// Returns a stream's Kafka topic, and its servers.
fn topic(app: &App, names: &Names, stream: &Stream) -> (String, Vec<String>) {
    let name = stream.name.as_str();
    let written = external(app, name);
    let word = |word: &str| Some(written?.get(word)?.value.as_str());
    let servers = word("bootstrap").unwrap_or(settings::kafka(app));
    let servers = servers.split(',').map(|it| it.trim().to_owned()).collect();
    let topic = word("topic").map_or_else(|| names.resource(name), str::to_owned);
    (topic, servers)
}
