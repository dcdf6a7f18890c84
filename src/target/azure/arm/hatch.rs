//! Hatches: members in Azure's own words, merged into the resource that a part of the program becomes, after all else;
//! and whole resources in its words.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::bucket::account;
use super::cosmos::container_name;
use super::event_grid::bus_name;
use super::event_hubs::hub_name;
use super::expression::{Text, variable};
use super::kind::{BUS, COSMOS_CONTAINER, EVENT_HUB, Kind, QUEUE, SITE, STORAGE, TOPIC};
use super::service_bus::entity_name;
use crate::model::{App, EnvPart, Hatch, RawBody, RawValue, Target};
use crate::target::azure::names::entity;
use crate::target::azure::plan::Plan;
use crate::target::azure::settings::part;
use crate::target::merge;

/// What a hatch may say of the resource itself; all else is one of its properties (Azure Resource Manager templates,
/// "Resources").
const BESIDE: [&str; 7] = [
    "comments",
    "extendedLocation",
    "identity",
    "kind",
    "sku",
    "tags",
    "zones",
];

/// Returns the hatches for Azure.
pub(in crate::target::azure) fn own(hatches: &[Hatch]) -> impl Iterator<Item = &Hatch> {
    hatches.iter().filter(|it| it.target == Target::Azure)
}

/// Merges what the program's hatches say into the resources.
pub(super) fn merge_all(app: &App, plan: &Plan<'_>, resources: &mut [Value]) {
    let hatched = hatched(app, plan);
    if hatched.is_empty() {
        return;
    }
    for resource in resources {
        let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        let key = (text("type"), text("name"));
        for hatch in hatched.get(&key).into_iter().flatten() {
            merge::merge(resource, hatch);
        }
    }
}

/// Returns the resources in Azure's own words, as they are written.
pub(super) fn raw(app: &App, plan: &Plan<'_>) -> Vec<Value> {
    let own = app.raw.iter().filter(|it| it.target == Target::Azure);
    own.map(|it| body(plan, &it.body)).collect()
}

/// Returns what a text of a hatch becomes: one without references is as it is written, so that it may be an expression.
pub(super) fn text(plan: &Plan<'_>, parts: &[EnvPart]) -> Text {
    let Some(whole) = RawValue::Text(parts.to_vec()).plain() else {
        return Text::joined(parts.iter().map(|it| part(plan, it)).collect());
    };
    let inner = whole.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    match inner.filter(|it| !it.starts_with('[')) {
        Some(inner) => Text::Expression(inner.to_owned()),
        None => Text::Plain(whole),
    }
}

fn body(plan: &Plan<'_>, body: &RawBody) -> Value {
    merge::body(body, &mut |parts| Value::from(text(plan, parts).written()))
}

/// Returns what is merged, by type and name of the resource.
fn hatched(app: &App, plan: &Plan<'_>) -> IndexMap<(String, String), Vec<Value>> {
    let mut made = IndexMap::new();
    let mut add = |kind: Kind, name: &dyn Fn() -> Text, hatches: &[Hatch]| {
        let members: Vec<Value> = own(hatches).map(|it| members(plan, &it.body)).collect();
        if !members.is_empty() {
            made.insert((kind.name.to_owned(), name().written()), members);
        }
    };
    for it in app.queues.values() {
        add(QUEUE, &|| entity_name(&[&it.name.value]), &it.place.hatches);
    }
    for it in app.topics.values() {
        add(TOPIC, &|| entity_name(&[&it.name.value]), &it.place.hatches);
    }
    for it in app.streams.values() {
        add(EVENT_HUB, &|| hub_name(&it.name.value), &it.place.hatches);
    }
    for it in app.buckets.values() {
        add(STORAGE, &|| account(&it.name.value), &it.place.hatches);
    }
    for it in app.tables.values() {
        let name = || container_name(&entity(&it.name.value));
        add(COSMOS_CONTAINER, &name, &it.place.hatches);
    }
    for it in app.buses.values() {
        add(BUS, &|| bus_name(&it.name.value), &it.place.hatches);
    }
    for function_app in &plan.apps {
        for it in &function_app.functions {
            let name = || variable(&function_app.name, "site");
            add(SITE, &name, &it.hatches);
        }
    }
    made
}

/// Returns the members of a hatch where they stand in a resource.
fn members(plan: &Plan<'_>, hatch: &RawBody) -> Value {
    let Value::Object(said) = body(plan, hatch) else {
        return Value::Null;
    };
    let beside = |name: &String| BESIDE.contains(&name.as_str());
    let (mut made, properties): (Map<_, _>, Map<_, _>) =
        said.into_iter().partition(|(name, _)| beside(name));
    if !properties.is_empty() {
        made.insert("properties".to_owned(), Value::Object(properties));
    }
    Value::Object(made)
}
