//! The template's variables: names that are unique on Azure.

use serde_json::{Map, Value, json};

use super::expression::{call, literal};
use super::{bucket, cosmos, event_grid, event_hubs, uses_service_bus};
use crate::model::App;
use crate::target::azure::names;
use crate::target::azure::plan::Plan;
use crate::target::name::dashed;

/// Returns the variables.
pub(super) fn variables(app: &App, plan: &Plan<'_>) -> Value {
    let suffix = call("variables", [literal("suffix")]);
    let shared = names::shared_stem(app);
    let suffixed = |stem: &str| {
        let format = literal(&format!("{stem}-{{0}}"));
        call("format", [format, suffix.clone()]).written()
    };
    let mut made = Map::new();
    let mut add = |name: &str, value: Value| made.insert(name.to_owned(), value);
    add("suffix", json!("[uniqueString(resourceGroup().id)]"));
    add("workspace", json!(suffixed(&shared)));
    add("insights", json!(suffixed(&shared)));
    if uses_service_bus(app, plan) {
        add("serviceBus", json!(suffixed(&shared)));
    }
    if event_hubs::own(app).next().is_some() {
        add("eventHubs", json!(suffixed(&names::hubs_stem(app))));
    }
    if cosmos::own(app).next().is_some() {
        add("cosmos", json!(suffixed(&names::cosmos_stem(app))));
    }
    let buckets: Map<String, Value> = bucket::own(app)
        .map(|it| {
            let stem = format!("{}-{}", dashed(&app.stem()), it.name.value);
            let unique = format!("[format('st{{0}}', uniqueString(resourceGroup().id, '{stem}'))]");
            (it.name.value.clone(), json!(unique))
        })
        .collect();
    if !buckets.is_empty() {
        add("buckets", Value::Object(buckets));
    }
    let buses: Map<String, Value> = event_grid::own(app)
        .map(|it| {
            let stem = names::bus_stem(app, it.name.as_str());
            (it.name.value.clone(), json!(suffixed(&stem)))
        })
        .collect();
    if !buses.is_empty() {
        add("buses", Value::Object(buses));
    }
    if event_grid::is_used(app) {
        add("events", json!(suffixed(&format!("{shared}-events"))));
    }
    for function_app in &plan.apps {
        let stem = names::stem(app, &function_app.name);
        // Storage accounts have short names without dashes, so the app's name is hashed too.
        let unique = format!("[format('st{{0}}', uniqueString(resourceGroup().id, '{stem}'))]");
        let of_app = json!({
            "site": suffixed(&stem),
            "plan": suffixed(&stem),
            "identity": suffixed(&stem),
            "storage": unique,
        });
        add(&function_app.name, of_app);
    }
    Value::Object(made)
}
