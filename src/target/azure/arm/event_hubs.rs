//! Streams: one Event Hubs namespace of the program's own, with a hub for each and a consumer group for each reader.

use std::time::Duration;

use serde_json::{Value, json};

use super::expression::{Text, call, literal};
use super::kind::{CONSUMER_GROUP, EVENT_HUB, EVENT_HUBS, depends_on, with};
use super::placed;
use crate::model::{App, Function, Stream, TriggerKind};
use crate::target::azure::names::entity;

/// The most throughput units that a namespace grows to (Event Hubs quotas, tier Standard).
const MOST_UNITS: u32 = 40;

/// Returns the namespace, its hubs and their consumer groups; nothing when the program has no stream of its own.
pub(super) fn resources(app: &App) -> Vec<Value> {
    let streams: Vec<&Stream> = own(app).collect();
    if streams.is_empty() {
        return Vec::new();
    }
    let mut head = EVENT_HUBS.head(&name());
    head.extend(placed(app));
    // A unit takes 1 MB a second, as much as a partition does: with as many units as partitions none is held back.
    let units: u32 = streams.iter().map(|it| it.shards.value).sum();
    let namespace = json!({
        "sku": { "name": "Standard", "tier": "Standard", "capacity": 1 },
        "properties": {
            "disableLocalAuth": true,
            "minimumTlsVersion": "1.2",
            "isAutoInflateEnabled": true,
            "maximumThroughputUnits": units.clamp(1, MOST_UNITS),
        },
    });
    let mut made = vec![with(head, namespace)];
    for stream in streams {
        made.push(hub(stream));
        made.extend(readers(app, stream.name.as_str()).map(|it| group(stream, it)));
    }
    made
}

/// Returns the streams that the program creates.
pub(in crate::target::azure) fn own(app: &App) -> impl Iterator<Item = &Stream> {
    let streams = app.streams.values();
    streams.filter(|it| it.place.external.is_none())
}

/// Returns the functions that read a stream, each once, in order.
pub(in crate::target::azure) fn readers<'a>(
    app: &'a App,
    stream: &'a str,
) -> impl Iterator<Item = &'a Function> {
    let reads = move |function: &&Function| {
        let streams = function.triggers.iter().filter_map(|it| match &it.kind {
            TriggerKind::Stream(it) => Some(it),
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => None,
        });
        streams.into_iter().any(|it| it.source.value == stream)
    };
    app.functions.values().filter(reads)
}

fn name() -> Text {
    call("variables", [literal("eventHubs")])
}

/// Returns a stream's id.
pub(super) fn stream_id(stream: &str) -> Text {
    EVENT_HUB.id([name(), literal(&entity(stream))])
}

fn hub(stream: &Stream) -> Value {
    with(
        EVENT_HUB.head(&hub_name(stream.name.as_str())),
        json!({
            "dependsOn": depends_on(&[EVENT_HUBS.id([name()])]),
            "properties": {
                "partitionCount": stream.shards.value,
                "retentionDescription": {
                    "cleanupPolicy": "Delete",
                    "retentionTimeInHours": whole_hours(stream.keep.value),
                },
            },
        }),
    )
}

/// Returns the whole name of a stream.
pub(super) fn hub_name(stream: &str) -> Text {
    let format = literal(&format!("{{0}}/{}", entity(stream)));
    call("format", [format, name()])
}

fn group(stream: &Stream, function: &Function) -> Value {
    let (stream, function) = (stream.name.as_str(), function.name.as_str());
    let format = literal(&format!("{{0}}/{}/{}", entity(stream), entity(function)));
    with(
        CONSUMER_GROUP.head(&call("format", [format, name()])),
        json!({ "dependsOn": depends_on(&[stream_id(stream)]), "properties": {} }),
    )
}

/// Returns a duration in whole hours, rounded up.
pub(in crate::target::azure) fn whole_hours(duration: Duration) -> u64 {
    let hour = Duration::from_hours(1).as_millis();
    u64::try_from(duration.as_millis().div_ceil(hour)).unwrap_or(u64::MAX)
}
