//! Brokers, Triggers, Channels and Subscriptions.

use serde_json::Value;

use super::delivery::{self, destination, reference};
use super::values::period;
use super::{Faults, cesql, int, items, members, text};

pub(super) fn broker(object: &Value, found: &mut Faults) {
    let class = "/metadata/annotations/eventing.knative.dev~1broker.class";
    if text(object, class) != Some("Kafka") {
        found.add(
            "/metadata/annotations",
            "a Broker needs the annotation `eventing.knative.dev/broker.class`: `Kafka`, else the cluster's default takes its place",
        );
    }
    if text(object, "/spec/config/kind").is_none() || text(object, "/spec/config/name").is_none() {
        found.add("/spec/config", "config needs kind and name");
    }
    delivery::check(object, found);
}

pub(super) fn trigger(object: &Value, found: &mut Faults) {
    let given = |name: &str| object.pointer(name).is_some();
    if given("/spec/broker") == given("/spec/brokerRef") {
        found.add("/spec", "a Trigger has one of broker and brokerRef");
    }
    if given("/spec/filter") {
        found.add(
            "/spec/filter",
            "`filter` is the old form: write `filters`, a list",
        );
    }
    for (path, filter) in items(object, "/spec/filters") {
        one(filter, &path, found);
    }
    destination(object, "/spec/subscriber", found);
    delivery::check(object, found);
}

/// Checks one filter, which may hold others.
fn one(filter: &Value, path: &str, found: &mut Faults) {
    if filter.as_object().is_none_or(|it| it.len() != 1) {
        found.add(
            path,
            "a filter has one dialect: exact, prefix, suffix, all, any, not or cesql",
        );
    }
    for dialect in ["exact", "prefix", "suffix"] {
        let place = format!("/{dialect}");
        if filter
            .get(dialect)
            .and_then(Value::as_object)
            .is_some_and(serde_json::Map::is_empty)
        {
            found.add(
                format!("{path}{place}"),
                format!("an empty `{dialect}` lets everything through"),
            );
        }
        for (inner, name, value) in members(filter, &place) {
            if !is_attribute(name) {
                found.add(
                    format!("{path}{inner}"),
                    format!(
                        "`{name}` is no attribute of CloudEvents: lower-case letters and digits"
                    ),
                );
            } else if value.as_str().is_none_or(str::is_empty) {
                found.add(
                    format!("{path}{inner}"),
                    format!("`{name}` is compared with nothing"),
                );
            }
        }
    }
    for dialect in ["all", "any"] {
        for (inner, filter) in items(filter, &format!("/{dialect}")) {
            one(filter, &format!("{path}{inner}"), found);
        }
    }
    if let Some(inner) = filter.get("not") {
        one(inner, &format!("{path}/not"), found);
    }
    if let Some(expression) = text(filter, "/cesql")
        && let Err(why) = cesql::check(expression)
    {
        found.add(
            format!("{path}/cesql"),
            format!("`{expression}` can't be read: {why}"),
        );
    }
}

/// CloudEvents 1.0, "Naming conventions".
pub(super) fn is_attribute(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_lowercase())
        && name
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
}

pub(super) fn channel(object: &Value, found: &mut Faults) {
    let place = "/spec/channelTemplate";
    for name in ["apiVersion", "kind"] {
        if text(object, &format!("{place}/{name}")).is_none() {
            found.add(place, format!("channelTemplate needs {name}"));
        }
    }
    if text(object, "/spec/channelTemplate/kind") == Some("KafkaChannel") {
        for (path, name, value) in members(object, "/spec/channelTemplate/spec") {
            let fits = match name {
                "numPartitions" | "replicationFactor" => value.as_i64().is_some_and(|it| it >= 1),
                "retentionDuration" => value.as_str().and_then(period).is_some(),
                _ => {
                    found.of(
                        super::FaultKind::Unknown,
                        path,
                        format!("`KafkaChannel` has no `{name}`"),
                    );
                    continue;
                }
            };
            if !fits {
                found.add(path, format!("{name} doesn't take {value}"));
            }
        }
    }
    if object.pointer("/spec/delivery").is_some() {
        found.add(
            "/spec/delivery",
            "a Channel can't be changed later: `delivery` belongs on what reads it",
        );
    }
}

pub(super) fn subscription(object: &Value, found: &mut Faults) {
    match object.pointer("/spec/channel") {
        Some(it) => reference(it, "/spec/channel", found),
        None => found.add("/spec", "a Subscription needs a channel"),
    }
    destination(object, "/spec/subscriber", found);
    if object.pointer("/spec/reply").is_some() {
        destination(object, "/spec/reply", found);
    }
    if int(object, "/spec/delivery/retry").is_none() && object.pointer("/spec/delivery").is_some() {
        found.add(
            "/spec/delivery",
            "delivery without retry tries once only: write `retry = 0` where that is meant",
        );
    }
    delivery::check(object, found);
}
