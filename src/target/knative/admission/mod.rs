//! What Knative's admission webhooks refuse, and what they let pass although it never works.
//!
//! The rules are read from the public API reference and from the validation of knative.dev/serving
//! (`pkg/apis/serving`, `pkg/apis/autoscaling`), knative.dev/eventing (`pkg/apis/eventing`, `messaging`, `sources`, `duck`) and
//! eventing-kafka-broker. They are applied to the objects that are about to be written, whatever put a value there.

mod across;
mod cesql;
mod container;
mod cron;
mod delivery;
mod eventing;
mod fault;
mod fields;
mod image;
mod metadata;
mod scaling;
mod serving;
mod sources;
mod values;

use serde_json::Value;

pub(super) use across::{Known, across};
use fault::Faults;
pub(super) use fault::{Fault, FaultKind};

/// Returns the group and the kind of an object: `serving.knative.dev/Service`; core kinds have an empty group.
pub(super) fn kind_of(object: &Value) -> String {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let group = text("apiVersion").split_once('/').map_or("", |it| it.0);
    format!("{group}/{}", text("kind"))
}

/// Returns what is wrong with an object by itself.
pub(super) fn faults(object: &Value) -> Vec<Fault> {
    let mut found = Faults::default();
    let kind = kind_of(object);
    fields::check(&kind, object, &mut found);
    if !found.list.is_empty() {
        // Rules are about objects of the right shape.
        return found.list;
    }
    metadata::check(&kind, object, &mut found);
    match kind.as_str() {
        "serving.knative.dev/Service" => serving::service(object, &mut found),
        "serving.knative.dev/DomainMapping" => serving::domain_mapping(object, &mut found),
        "eventing.knative.dev/Broker" => eventing::broker(object, &mut found),
        "eventing.knative.dev/Trigger" => eventing::trigger(object, &mut found),
        "messaging.knative.dev/Channel" => eventing::channel(object, &mut found),
        "messaging.knative.dev/Subscription" => eventing::subscription(object, &mut found),
        "sources.knative.dev/PingSource" => sources::ping(object, &mut found),
        "sources.knative.dev/KafkaSource" => sources::kafka(object, &mut found),
        "eventing.knative.dev/KafkaSink" => sources::kafka_sink(object, &mut found),
        "sources.knative.dev/SinkBinding" => sources::binding(object, &mut found),
        "sources.knative.dev/IntegrationSource" => sources::integration(object, true, &mut found),
        "sinks.knative.dev/IntegrationSink" => sources::integration(object, false, &mut found),
        "gateway.networking.k8s.io/HTTPRoute" => serving::http_route(object, &mut found),
        _ => {}
    }
    found.list
}

fn text<'a>(object: &'a Value, path: &str) -> Option<&'a str> {
    object.pointer(path).and_then(Value::as_str)
}

fn int(object: &Value, path: &str) -> Option<i64> {
    object.pointer(path).and_then(Value::as_i64)
}

/// Returns the members of the object at a path, with the path of each.
fn members<'a>(
    object: &'a Value,
    path: &'a str,
) -> impl Iterator<Item = (String, &'a str, &'a Value)> {
    let found = object.pointer(path).and_then(Value::as_object);
    found.into_iter().flatten().map(move |(name, value)| {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        (format!("{path}/{escaped}"), name.as_str(), value)
    })
}

/// Returns the items of the list at a path, with the path of each.
fn items<'a>(object: &'a Value, path: &'a str) -> impl Iterator<Item = (String, &'a Value)> {
    let found = object.pointer(path).and_then(Value::as_array);
    let found = found.into_iter().flatten().enumerate();
    found.map(move |(index, it)| (format!("{path}/{index}"), it))
}
