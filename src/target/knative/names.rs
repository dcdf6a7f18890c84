//! Names in a cluster: DNS labels that begin with a letter, each once for its kind.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{App, Name, Place, Target, TriggerKind};
use crate::source::Spanned;
use crate::target::name::{dashed, hash, shortened};

/// The longest DNS label.
pub(super) const LABEL: usize = 63;
/// A Channel's Kubernetes Service is its name and `-kn-channel`, which has to be a label too.
const CHANNEL: usize = 52;

/// The names of a program's objects.
#[derive(Debug)]
pub(super) struct Names {
    /// `APP` or `APP-STAGE`: the namespace, the `ConfigMap` and the Secret.
    pub(super) stem: String,
    /// The service that routes requests.
    pub(super) router: String,
    /// The `ConfigMap` of the program's outputs.
    pub(super) outputs: String,
    /// The Broker that schedules with a `retry` go through.
    pub(super) schedules: String,
    functions: BTreeMap<String, String>,
    resources: BTreeMap<String, String>,
    triggers: BTreeMap<(String, usize), String>,
}

impl Names {
    pub(super) fn new(app: &App) -> Names {
        let stem = shortened(&dashed(&app.stem()), LABEL);
        let mut services = Taken::new(&stem);
        let mut resources = Taken::new(&stem);
        let mut triggers = Taken::new(&stem);
        let functions = app.functions.values();
        for name in app.functions.values().filter_map(|it| it.named.as_ref()) {
            services.take(&name.value);
        }
        let functions = functions.map(|it| match &it.named {
            Some(named) => (it.name.value.clone(), named.value.clone()),
            None => (
                it.name.value.clone(),
                services.claim(&[it.name.as_str()], LABEL),
            ),
        });
        let functions = functions.collect();
        let all: Vec<_> = places(app).collect();
        for (_, place, _) in &all {
            if let Some(named) = external(place).or(place.named.as_ref()) {
                resources.take(&named.value);
            }
        }
        let named = all.into_iter().map(|(name, place, limit)| {
            let derived = || resources.claim(&[name.as_str()], limit);
            let made = external(place).or(place.named.as_ref());
            let made = made.map(|it| it.value.clone());
            (name.value.clone(), made.unwrap_or_else(derived))
        });
        let named = named.collect();
        let mut starts = BTreeMap::new();
        for function in app.functions.values() {
            for (index, trigger) in function.triggers.iter().enumerate() {
                let number = (index + 1).to_string();
                let source = match &trigger.kind {
                    TriggerKind::Http(_)
                    | TriggerKind::Table(_)
                    | TriggerKind::Bucket(_)
                    | TriggerKind::Websocket(_)
                    | TriggerKind::Raw(_) => continue,
                    TriggerKind::Schedule(_) | TriggerKind::Every(_) => vec!["schedule", &number],
                    TriggerKind::Queue(it) => vec![it.queue.as_str()],
                    TriggerKind::Topic(it) => vec![it.topic.as_str()],
                    TriggerKind::Stream(it) => vec![it.source.as_str()],
                    TriggerKind::Event(it) => vec![it.bus.as_str(), &number],
                };
                let parts = [&[function.name.as_str()], source.as_slice()].concat();
                let key = (function.name.value.clone(), index);
                starts.insert(key, triggers.claim(&parts, LABEL));
            }
        }
        Names {
            router: services.claim(&["router"], LABEL),
            outputs: shortened(&format!("{stem}-outputs"), LABEL),
            schedules: resources.claim(&["schedules"], LABEL),
            functions,
            resources: named,
            triggers: starts,
            stem,
        }
    }

    /// Returns the name of a function's service.
    pub(super) fn function(&self, name: &str) -> String {
        self.functions.get(name).cloned().unwrap_or_default()
    }

    /// Returns the name of a queue's or topic's Broker or Channel.
    pub(super) fn resource(&self, name: &str) -> String {
        self.resources.get(name).cloned().unwrap_or_default()
    }

    /// Returns the name of what starts a function, by the trigger's place in it.
    pub(super) fn trigger(&self, function: &str, index: usize) -> String {
        let key = (function.to_owned(), index);
        self.triggers.get(&key).cloned().unwrap_or_default()
    }
}

/// Returns the name that the cluster has for what another system owns.
fn external(place: &Place) -> Option<&Spanned<String>> {
    let address = place.external.as_ref()?.addresses.get(&Target::Knative)?;
    ["channel", "broker"]
        .into_iter()
        .find_map(|it| address.get(it))
}

/// Returns what lies in Kafka, with the most characters that its name may have.
pub(super) fn places(app: &App) -> impl Iterator<Item = (&Name, &Place, usize)> {
    let limit = |fifo: bool| if fifo { CHANNEL } else { LABEL };
    let queues = app.queues.values();
    let queues = queues.map(move |it| (&it.name, &it.place, limit(it.fifo.value)));
    let topics = app.topics.values();
    let topics = topics.map(move |it| (&it.name, &it.place, limit(it.fifo.value)));
    let streams = app.streams.values().map(|it| (&it.name, &it.place, LABEL));
    let buses = app.buses.values().map(|it| (&it.name, &it.place, LABEL));
    queues.chain(topics).chain(streams).chain(buses)
}

/// The names of one kind that are in use.
struct Taken<'a> {
    stem: &'a str,
    names: BTreeSet<String>,
}

impl<'a> Taken<'a> {
    fn new(stem: &'a str) -> Self {
        Taken {
            stem,
            names: BTreeSet::new(),
        }
    }

    /// Notes a name that the program itself gives.
    fn take(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Returns the label for `parts`; where it would be none, or another's, a hash keeps them apart.
    fn claim(&mut self, parts: &[&str], limit: usize) -> String {
        let wanted = dashed(&format!("{}-{}", self.stem, parts.join("-")));
        let mut name = shortened(&wanted, limit);
        if name.ends_with('-') || self.names.contains(&name) {
            let kept = shortened(wanted.trim_end_matches('-'), limit - 9);
            name = format!("{kept}-{}", hash(&parts.join("/")));
        }
        self.names.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_and_stay_apart() {
        let mut taken = Taken::new("shop-dev");
        assert_eq!(
            taken.claim(&["failed_orders"], LABEL),
            "shop-dev-failed-orders"
        );
        assert_eq!(taken.claim(&["a", "b_c"], LABEL), "shop-dev-a-b-c");
        let other = taken.claim(&["a_b", "c"], LABEL);
        assert!(other.starts_with("shop-dev-a-b-c-"), "{other}");
        let bare = taken.claim(&["a_"], LABEL);
        assert!(
            bare.starts_with("shop-dev-a-") && !bare.ends_with('-'),
            "{bare}"
        );
        let long = taken.claim(&["x".repeat(60).as_str()], CHANNEL);
        assert_eq!(long.len(), CHANNEL);
    }
}
