//! Queues and topics: Brokers where order is free, Channels where it is kept, and what delivers from them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::address::{external, is_channel};
use super::attempts::{Attempts, period};
use super::names::Names;
use super::schedule;
use crate::model::{App, Function, Name, Trigger, TriggerKind, duration_text};
use crate::source::Spanned;

/// How long a topic or a schedule keeps its events at most.
const KEEP: Duration = Duration::from_hours(96);

/// Everything that events pass through.
#[derive(Debug, Serialize, Default)]
pub(super) struct Eventing {
    pub(super) kafka: Vec<Kafka>,
    pub(super) brokers: Vec<Broker>,
    pub(super) channels: Vec<Channel>,
    pub(super) triggers: Vec<Delivering>,
    pub(super) subscriptions: Vec<Delivering>,
}

/// A `ConfigMap` with the settings of Brokers' Kafka topics.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct Kafka {
    name: String,
    retention_ms: String,
}

/// A Broker.
#[derive(Debug, Serialize)]
pub(super) struct Broker {
    name: String,
    description: String,
    config: String,
}

/// A Channel.
#[derive(Debug, Serialize)]
pub(super) struct Channel {
    name: String,
    description: String,
    retention: String,
}

/// A Trigger or a Subscription: from where, to whom, and what when it fails.
#[derive(Debug, Serialize)]
pub(super) struct Delivering {
    name: String,
    description: String,
    /// The Broker or Channel.
    from: String,
    /// The attribute and its text that are let through; empty: everything.
    attribute: &'static str,
    key: String,
    service: String,
    path: String,
    #[serde(flatten)]
    delivery: Delivery,
}

/// How often an event is tried, and where it goes then.
#[derive(Debug, Serialize)]
pub(super) struct Delivery {
    retry: u32,
    /// Empty: as long as Knative waits.
    timeout: String,
    /// Empty: nothing is parked, or at an address.
    sink: String,
    sink_api: &'static str,
    sink_kind: &'static str,
    /// The address of a queue that has nothing else.
    sink_uri: String,
}

/// Returns how an event is delivered.
pub(super) fn delivery(app: &App, names: &Names, attempts: Attempts) -> Delivery {
    let park = attempts.park.as_ref().map(Name::as_str);
    let (sink_api, sink_kind) = if park.is_some_and(|it| is_channel(app, it)) {
        ("messaging.knative.dev/v1", "Channel")
    } else {
        ("eventing.knative.dev/v1", "Broker")
    };
    // What is known by its address only can't be referred to.
    let nameless = |it: &&BTreeMap<String, Spanned<String>>| {
        !it.contains_key("channel") && !it.contains_key("broker")
    };
    let place = park.and_then(|it| external(app, it)).filter(nameless);
    let address = place.and_then(|it| it.get("address"));
    Delivery {
        retry: attempts.retry,
        timeout: attempts.timeout,
        sink: match (park, address) {
            (Some(park), None) => names.resource(park),
            (_, Some(_)) | (None, None) => String::new(),
        },
        sink_api,
        sink_kind,
        sink_uri: address.map_or_else(String::new, |it| it.value.clone()),
    }
}

/// Returns what carries the program's events.
pub(super) fn eventing(app: &App, names: &Names) -> Eventing {
    let mut made = Eventing::default();
    for queue in app.queues.values().filter(|it| it.place.external.is_none()) {
        made.add(
            names,
            &queue.name,
            queue.doc.as_ref(),
            queue.keep.value,
            queue.fifo.value,
        );
    }
    for topic in app.topics.values().filter(|it| it.place.external.is_none()) {
        made.add(
            names,
            &topic.name,
            topic.doc.as_ref(),
            KEEP,
            topic.fifo.value,
        );
    }
    for bus in app.buses.values().filter(|it| it.place.external.is_none()) {
        made.add(names, &bus.name, bus.doc.as_ref(), KEEP, false);
    }
    if app.functions.values().any(schedule::has_delivery) {
        let config = made.kafka(names, KEEP);
        made.brokers.push(Broker {
            name: names.schedules.clone(),
            description: "Schedules whose function has a retry of its own".to_owned(),
            config,
        });
    }
    for function in app.functions.values() {
        for (index, trigger) in function.triggers.iter().enumerate() {
            made.deliver(app, names, function, index, trigger);
        }
    }
    made
}

impl Eventing {
    fn add(
        &mut self,
        names: &Names,
        name: &Name,
        doc: Option<&String>,
        keep: Duration,
        fifo: bool,
    ) {
        let description = doc.cloned().unwrap_or_default();
        let name = names.resource(name.as_str());
        if fifo {
            let retention = period(keep);
            self.channels.push(Channel {
                name,
                description,
                retention,
            });
        } else {
            let config = self.kafka(names, keep);
            self.brokers.push(Broker {
                name,
                description,
                config,
            });
        }
    }

    /// Returns the name of the `ConfigMap` for this retention; a Broker can't change its own later, so it says which.
    fn kafka(&mut self, names: &Names, keep: Duration) -> String {
        let made = Kafka {
            name: format!("{}-kafka-{}", names.stem, duration_text(keep)),
            retention_ms: keep.as_millis().to_string(),
        };
        let name = made.name.clone();
        if !self.kafka.contains(&made) {
            self.kafka.push(made);
        }
        name
    }

    fn deliver(
        &mut self,
        app: &App,
        names: &Names,
        function: &Function,
        index: usize,
        trigger: &Trigger,
    ) {
        let own = &function.retry.value;
        let (from, key, path, fifo, attempts) = match &trigger.kind {
            TriggerKind::Http(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => return,
            TriggerKind::Schedule(_) | TriggerKind::Every(_)
                if !schedule::has_delivery(function) =>
            {
                return;
            }
            TriggerKind::Schedule(_) | TriggerKind::Every(_) => {
                let key = schedule::key(function, index);
                (
                    names.schedules.clone(),
                    key,
                    "/_fnc/schedule".to_owned(),
                    false,
                    Attempts::of(own),
                )
            }
            TriggerKind::Topic(it) => {
                let name = it.topic.as_str();
                (
                    names.resource(name),
                    String::new(),
                    format!("/_fnc/topic/{name}"),
                    is_channel(app, name),
                    Attempts::of(own),
                )
            }
            TriggerKind::Event(it) => (
                names.resource(it.bus.as_str()),
                it.event.value.clone(),
                format!("/_fnc/event/{}", it.bus.value),
                false,
                Attempts::of(own),
            ),
            TriggerKind::Queue(it) => {
                let name = it.queue.as_str();
                let Some(queue) = app.queues.get(name) else {
                    return;
                };
                (
                    names.resource(name),
                    String::new(),
                    format!("/_fnc/queue/{name}"),
                    is_channel(app, name),
                    Attempts::of_queue(queue),
                )
            }
        };
        let made = Delivering {
            name: names.trigger(function.name.as_str(), index),
            description: trigger.doc.clone().unwrap_or_default(),
            from,
            attribute: if matches!(trigger.kind, TriggerKind::Event(_)) {
                "type"
            } else {
                "fncschedule"
            },
            key,
            service: names.function(function.name.as_str()),
            path,
            delivery: delivery(app, names, attempts),
        };
        let place = if fifo {
            &mut self.subscriptions
        } else {
            &mut self.triggers
        };
        place.push(made);
    }
}
