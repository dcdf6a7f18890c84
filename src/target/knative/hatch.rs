//! Hatches: what the program says in Knative's own words, merged into its objects after all else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::address::{self, is_channel};
use super::admission::kind_of;
use super::names::Names;
use crate::model::{
    App, EnvPart, Hatch, Place, RawBody, RawResource, RawValue, Target, Trigger, TriggerKind,
};
use crate::source::Span;
use crate::target::merge;
use crate::target::name::{dashed, shortened};

/// The word for a service's one container, which stands in a list.
pub(super) const CONTAINER: &str = "container";
const CONTAINERS: &str = "/spec/template/spec/containers/0";

/// A hatch, and the object that it is merged into.
#[derive(Debug)]
pub(super) struct Site<'a> {
    /// The group and kind of the object.
    pub(super) kind: &'static str,
    /// The object's name.
    pub(super) name: String,
    pub(super) hatch: &'a Hatch,
}

/// A hatch that has no object to be merged into.
pub(super) type Placeless<'a> = (&'a Hatch, &'static str);

/// Returns the program's hatches for Knative, in the order they are merged, and those that have no place.
pub(super) fn sites<'a>(app: &'a App, names: &Names) -> (Vec<Site<'a>>, Vec<Placeless<'a>>) {
    let mut made = Vec::new();
    let mut placeless = Vec::new();
    let mut add = |hatches: &'a [Hatch], to: Result<(&'static str, String), &'static str>| {
        for hatch in hatches.iter().filter(|it| it.target == Target::Knative) {
            match &to {
                Ok((kind, name)) => made.push(Site {
                    kind,
                    name: name.clone(),
                    hatch,
                }),
                Err(why) => placeless.push((hatch, *why)),
            }
        }
    };
    let resource = |place: &Place, name: &str, kind: &'static str| match place.external {
        Some(_) => Err("another system owns it"),
        None => Ok((kind, names.resource(name))),
    };
    let carrier = |name: &str| {
        if is_channel(app, name) {
            "messaging.knative.dev/Channel"
        } else {
            "eventing.knative.dev/Broker"
        }
    };
    for it in app.queues.values() {
        let name = it.name.as_str();
        add(&it.place.hatches, resource(&it.place, name, carrier(name)));
    }
    for it in app.topics.values() {
        let name = it.name.as_str();
        add(&it.place.hatches, resource(&it.place, name, carrier(name)));
    }
    for it in app.buses.values() {
        let to = resource(&it.place, it.name.as_str(), "eventing.knative.dev/Broker");
        add(&it.place.hatches, to);
    }
    for it in app.streams.values() {
        let to = resource(
            &it.place,
            it.name.as_str(),
            "eventing.knative.dev/KafkaSink",
        );
        add(&it.place.hatches, to);
    }
    for function in app.functions.values() {
        let name = function.name.as_str();
        add(
            &function.hatches,
            Ok(("serving.knative.dev/Service", names.function(name))),
        );
        for (index, trigger) in function.triggers.iter().enumerate() {
            let kind = start(app, trigger);
            let to = kind.map(|kind| (kind, names.trigger(name, index)));
            add(
                &trigger.hatches,
                to.ok_or("the router takes it: it has no object of its own"),
            );
        }
    }
    (made, placeless)
}

/// Returns the kind of object that a trigger becomes.
fn start(app: &App, trigger: &Trigger) -> Option<&'static str> {
    let delivering = |name: &str| {
        if is_channel(app, name) {
            "messaging.knative.dev/Subscription"
        } else {
            "eventing.knative.dev/Trigger"
        }
    };
    match &trigger.kind {
        TriggerKind::Schedule(_) | TriggerKind::Every(_) => Some("sources.knative.dev/PingSource"),
        TriggerKind::Queue(it) => Some(delivering(it.queue.as_str())),
        TriggerKind::Topic(it) => Some(delivering(it.topic.as_str())),
        TriggerKind::Event(_) => Some("eventing.knative.dev/Trigger"),
        TriggerKind::Stream(_) => Some("sources.knative.dev/KafkaSource"),
        TriggerKind::Http(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    }
}

/// The hatches of each object, by its kind and name.
pub(super) type ByObject<'a> = BTreeMap<(String, String), Vec<&'a Site<'a>>>;

/// Returns the hatches by what they are merged into.
pub(super) fn by_object<'a>(sites: &'a [Site<'a>]) -> ByObject<'a> {
    let mut made = ByObject::new();
    for site in sites {
        let key = (site.kind.to_owned(), site.name.clone());
        made.entry(key).or_default().push(site);
    }
    made
}

/// Returns the hatches of an object.
pub(super) fn of<'a>(hatches: &'a ByObject<'a>, object: &Value) -> &'a [&'a Site<'a>] {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    let key = (kind_of(object), name.unwrap_or_default().to_owned());
    hatches.get(&key).map_or(&[], Vec::as_slice)
}

/// Merges what is said of an object into it.
pub(super) fn merge_into(app: &App, names: &Names, hatches: &ByObject<'_>, object: &mut Value) {
    for site in of(hatches, object) {
        let mut said = body(app, names, &site.hatch.body);
        let own = said
            .as_object_mut()
            .and_then(|it| it.shift_remove(CONTAINER));
        merge::merge(object, &said);
        if let (Some(own), Some(container)) = (own, object.pointer_mut(CONTAINERS)) {
            merge::merge(container, &own);
        }
    }
}

/// Returns entries in Knative's own words.
fn body(app: &App, names: &Names, body: &RawBody) -> Value {
    merge::body(body, &mut |parts| text(app, names, parts))
}

/// Returns a value in Knative's own words.
pub(super) fn value(app: &App, names: &Names, value: &RawValue) -> Value {
    merge::value(value, &mut |parts| text(app, names, parts))
}

/// Writes text; Kubernetes expands nothing here, so addresses have the namespace as it is built.
fn text(app: &App, names: &Names, parts: &[EnvPart]) -> Value {
    let parts = parts.iter().map(|part| match part {
        EnvPart::Plain(text) => text.clone(),
        EnvPart::Attribute(it) => {
            let text = address::attribute(app, names, it);
            let text = text.replace("$(FNC_NAMESPACE)", &names.stem);
            text.replace("$$", "$")
        }
    });
    Value::from(parts.collect::<String>())
}

/// Returns the program's objects in Knative's own words.
pub(super) fn raw(app: &App) -> impl Iterator<Item = &RawResource> {
    app.raw.iter().filter(|it| it.target == Target::Knative)
}

/// Returns what an object in Knative's own words is; it has a name of the app's where it says none.
pub(super) fn object(app: &App, names: &Names, raw: &RawResource) -> Value {
    let wanted = dashed(&format!("{}-{}", names.stem, raw.name.value));
    let name = shortened(wanted.trim_end_matches('-'), super::names::LABEL);
    let said = body(app, names, &raw.body);
    let mut made = json!({ "apiVersion": null, "kind": null, "metadata": { "name": name } });
    merge::merge(&mut made, &said);
    made
}

/// Returns the deepest entry of a hatch that a path in its object leads to, and how deep that is.
pub(super) fn entry(body: &RawBody, path: &str) -> Option<(usize, Span)> {
    let inner = path.strip_prefix(CONTAINERS);
    let path = inner.map_or_else(|| path.to_owned(), |it| format!("/{CONTAINER}{it}"));
    let mut entries = &body.entries;
    let mut found = None;
    for (depth, part) in path.split('/').skip(1).enumerate() {
        let name = part.replace("~1", "/").replace("~0", "~");
        let Some(entry) = entries.get(&name) else {
            break;
        };
        found = Some((depth + 1, entry.key.to(entry.span)));
        let Some(members) = entry.members() else {
            break;
        };
        entries = members;
    }
    found
}
