//! What objects say of each other, which nothing in a cluster checks before an event is lost.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Fault, FaultKind, kind_of, text};

/// What is there beside the objects of the build.
#[derive(Debug, Default)]
pub(in crate::target::knative) struct Known {
    /// Brokers and Channels of other systems, by name.
    pub(in crate::target::knative) external: BTreeSet<String>,
}

/// Where an object refers to another one.
const PLACES: [&str; 8] = [
    "/spec/sink/ref",
    "/spec/subscriber/ref",
    "/spec/reply/ref",
    "/spec/delivery/deadLetterSink/ref",
    "/spec/channel",
    "/spec/subject",
    "/spec/brokerRef",
    "/spec/ref",
];

/// The kinds whose objects are all the app's own.
const KINDS: [&str; 6] = [
    "serving.knative.dev/Service",
    "eventing.knative.dev/Broker",
    "messaging.knative.dev/Channel",
    "messaging.knative.dev/Subscription",
    "eventing.knative.dev/Trigger",
    "eventing.knative.dev/KafkaSink",
];

/// Returns what is wrong with the objects together, each with the index of the object.
pub(in crate::target::knative) fn across(objects: &[Value], known: &Known) -> Vec<(usize, Fault)> {
    let mut found = Vec::new();
    let mut there: BTreeSet<(String, &str)> = BTreeSet::new();
    let mut add = |index: usize, path: &str, message: String| {
        let fault = Fault {
            path: path.to_owned(),
            message,
            kind: FaultKind::Refused,
        };
        found.push((index, fault));
    };
    for (index, it) in objects.iter().enumerate() {
        let name = text(it, "/metadata/name").unwrap_or_default();
        let kind = kind_of(it);
        if !there.insert((kind, name)) {
            let kind = text(it, "/kind").unwrap_or_default();
            add(
                index,
                "/metadata/name",
                format!("there is a {kind} `{name}` already"),
            );
        }
    }
    let has = |kind: &str, name: &str| {
        let external = kind.ends_with("/Broker") || kind.ends_with("/Channel");
        there.contains(&(kind.to_owned(), name)) || external && known.external.contains(name)
    };
    for (index, it) in objects.iter().enumerate() {
        for place in PLACES {
            let Some(reference) = it.pointer(place) else {
                continue;
            };
            let kind = kind_of(reference);
            let name = text(reference, "/name").unwrap_or_default();
            if KINDS.contains(&kind.as_str()) && !name.is_empty() && !has(&kind, name) {
                let kind = text(reference, "/kind").unwrap_or_default();
                add(
                    index,
                    &format!("{place}/name"),
                    format!("there is no {kind} `{name}`"),
                );
            }
        }
        let broker = text(it, "/spec/broker").filter(|_| kind_of(it).ends_with("/Trigger"));
        if let Some(broker) = broker.filter(|it| !has("eventing.knative.dev/Broker", it)) {
            add(
                index,
                "/spec/broker",
                format!("there is no Broker `{broker}`"),
            );
        }
        let account = "/spec/template/spec/serviceAccountName";
        if let Some(name) = text(it, account).filter(|it| !has("/ServiceAccount", it)) {
            add(
                index,
                account,
                format!("there is no ServiceAccount `{name}`"),
            );
        }
    }
    found
}
