//! `azuredeploy.json`: every resource of the program as one ARM template.

pub(super) mod bucket;
pub(super) mod cosmos;
pub(super) mod event_grid;
pub(super) mod event_hubs;
pub(super) mod expression;
mod function_app;
pub(super) mod hatch;
pub(super) mod kind;
mod monitor;
mod right;
mod service_bus;
mod table_right;
mod variables;

use serde_json::{Map, Value, json};

pub(super) use self::function_app::DEFAULT_INSTANCES;
pub(super) use self::service_bus::LONGEST_LOCK;

use self::expression::{Text, call, literal, property, variable};
use self::kind::{SITE, reference};
use self::right::rights;
use self::variables::variables;
use super::names;
use super::plan::{FunctionApp, Plan};
use super::settings::part;
use crate::model::App;

/// Returns the template.
pub(super) fn template(app: &App, plan: &Plan<'_>) -> Value {
    let mut resources = monitor::resources(app);
    if uses_service_bus(app, plan) {
        resources.extend(service_bus::resources(app));
    }
    resources.extend(event_hubs::resources(app));
    resources.extend(bucket::resources(app));
    resources.extend(event_grid::resources(app));
    resources.extend(cosmos::resources(app));
    for function_app in &plan.apps {
        resources.extend(function_app::resources(app, plan, function_app));
    }
    resources.extend(table_right::assignments(app, plan));
    hatch::merge_all(app, plan, &mut resources);
    resources.extend(hatch::raw(app, plan));
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": { "description": description(app).written() },
        "parameters": parameters(plan),
        "variables": variables(app, plan),
        "resources": resources,
        "outputs": outputs(app, plan),
    })
}

/// Tells whether the program needs a Service Bus namespace: it has a queue or a topic.
pub(super) fn uses_service_bus(app: &App, plan: &Plan<'_>) -> bool {
    let any = plan.apps.iter().any(FunctionApp::uses_service_bus);
    any || !app.queues.is_empty() || !app.topics.is_empty()
}

fn parameters(plan: &Plan<'_>) -> Value {
    let mut made = Map::new();
    let location = json!({
        "type": "string",
        "defaultValue": "[resourceGroup().location]",
        "metadata": { "description": "The region of all resources." },
    });
    made.insert("location".to_owned(), location);
    if needs_key_vault(plan) {
        let vault = json!({
            "type": "string",
            "metadata": {
                "description": "The key vault in this resource group that holds the program's secrets.",
            },
        });
        made.insert("keyVaultName".to_owned(), vault);
    }
    Value::Object(made)
}

/// Tells whether a secret is used.
pub(super) fn needs_key_vault(plan: &Plan<'_>) -> bool {
    plan.apps.iter().any(|it| !it.secrets().is_empty())
}

/// Returns what the program says about itself, else its documentation comment.
fn description(app: &App) -> Text {
    let said = app.about.description.as_ref();
    let said = said.map(|it| it.value.as_str());
    literal(said.or(app.doc.as_deref()).unwrap_or(""))
}

/// Returns the names of the template's own outputs; a value that the program shows has another one.
pub(super) fn own_outputs(plan: &Plan<'_>) -> Vec<String> {
    let apps = plan.apps.iter().map(|it| names::output(&it.name));
    apps.flat_map(|it| [format!("{it}_url"), it]).collect()
}

fn outputs(app: &App, plan: &Plan<'_>) -> Value {
    let output = |app: &FunctionApp<'_>| {
        let site = variable(&app.name, "site");
        let name = names::output(&app.name);
        let host = property(&reference(&SITE, [site.clone()]), "defaultHostName");
        let url = call("format", [literal("https://{0}"), host]);
        let text = |value: &Text| json!({ "type": "string", "value": value.written() });
        [(format!("{name}_url"), text(&url)), (name, text(&site))]
    };
    let mut made: Map<String, Value> = plan.apps.iter().flat_map(output).collect();
    for output in app.outputs.values() {
        let parts = output.value.iter().map(|it| part(plan, it));
        let value = Text::joined(parts.collect()).written();
        let mut shown = Map::new();
        shown.insert("type".to_owned(), json!("string"));
        shown.insert("value".to_owned(), json!(value));
        if let Some(doc) = &output.doc {
            let doc = json!({ "description": literal(doc).written() });
            shown.insert("metadata".to_owned(), doc);
        }
        made.insert(output.name.value.clone(), Value::Object(shown));
    }
    Value::Object(made)
}

/// Returns the tags of every resource that takes some.
fn tags(app: &App) -> Map<String, Value> {
    let mut made = Map::new();
    made.insert("fnc:app".to_owned(), json!(app.name.value));
    if let Some(stage) = &app.stage {
        made.insert("fnc:stage".to_owned(), json!(stage));
    }
    for (name, value) in &app.about.tags {
        made.insert(name.clone(), json!(literal(&value.value).written()));
    }
    made
}

/// Returns what each resource that isn't a child has: where it is, and its tags.
fn placed(app: &App) -> Map<String, Value> {
    let mut made = Map::new();
    made.insert("location".to_owned(), json!("[parameters('location')]"));
    made.insert("tags".to_owned(), Value::Object(tags(app)));
    made
}
