//! One function app: its identity, storage, rights, plan and site.

use serde_json::{Map, Value, json};

use super::expression::{Text, call, literal, property, variable};
use super::kind::{CONTAINER, IDENTITY, PLAN, SITE, STORAGE, depends_on, reference, with};
use super::table_right::table_rights;
use super::{placed, rights};
use crate::model::App;
use crate::target::azure::custom;
use crate::target::azure::entry::entries;
use crate::target::azure::folder::worker;
use crate::target::azure::plan::{FunctionApp, Plan};
use crate::target::azure::rules::subnet;
use crate::target::azure::settings::settings;

/// Instances of an app at most where the program sets no bound (Flex Consumption plan, "Concurrency").
pub(in crate::target::azure) const DEFAULT_INSTANCES: u32 = 100;
/// The container that the deployed package is in.
const PACKAGES: &str = "deployments";

/// Returns the resources of one app.
pub(super) fn resources(app: &App, plan: &Plan<'_>, function_app: &FunctionApp<'_>) -> Vec<Value> {
    let name = |what: &str| variable(&function_app.name, what);
    let placed_head = |head: Map<String, Value>| {
        let mut head = head;
        head.extend(placed(app));
        if let Some(Value::Object(tags)) = head.get_mut("tags") {
            let own = function_app.profile.tags.iter();
            tags.extend(own.map(|(name, value)| (name.clone(), json!(literal(value).written()))));
        }
        head
    };
    let identity = placed_head(IDENTITY.head(&name("identity")));
    let storage = with(
        placed_head(STORAGE.head(&name("storage"))),
        json!({
            "kind": "StorageV2",
            "sku": { "name": "Standard_LRS" },
            "properties": {
                "allowBlobPublicAccess": false,
                "allowSharedKeyAccess": false,
                "minimumTlsVersion": "TLS1_2",
                "supportsHttpsTrafficOnly": true,
            },
        }),
    );
    let format = literal(&format!("{{0}}/default/{PACKAGES}"));
    let container = with(
        CONTAINER.head(&call("format", [format, name("storage")])),
        json!({
            "dependsOn": depends_on(&[STORAGE.id([name("storage")])]),
            "properties": { "publicAccess": "None" },
        }),
    );
    let server = with(
        placed_head(PLAN.head(&name("plan"))),
        json!({
            "kind": "functionapp",
            "sku": { "name": "FC1", "tier": "FlexConsumption" },
            "properties": { "reserved": true },
        }),
    );
    let mut made = vec![Value::Object(identity), storage, container];
    let all = rights(app, plan, function_app);
    made.extend(all.iter().map(|it| it.assignment(&name("identity"))));
    made.push(server);
    let mut needs = vec![
        PLAN.id([name("plan")]),
        IDENTITY.id([name("identity")]),
        CONTAINER.id([name("storage"), literal("default"), literal(PACKAGES)]),
    ];
    // The site starts at once, so its rights must be there first.
    needs.extend(all.iter().map(|it| it.id(&name("identity"))));
    let tables = table_rights(app, function_app);
    needs.extend(tables.iter().map(|it| it.id(&name("identity"))));
    let head = placed_head(SITE.head(&name("site")));
    made.push(site(head, &needs, app, plan, function_app));
    made
}

fn site(
    head: Map<String, Value>,
    needs: &[Text],
    app: &App,
    plan: &Plan<'_>,
    function_app: &FunctionApp<'_>,
) -> Value {
    let name = |what: &str| variable(&function_app.name, what);
    let identity = IDENTITY.id([name("identity")]);
    let settings: Vec<Value> = settings(app, plan, function_app)
        .iter()
        .filter_map(|it| Some(json!({ "name": it.name, "value": it.arm.as_ref()?.written() })))
        .collect();
    let mut users = Map::new();
    users.insert(identity.written(), json!({}));
    let mut properties = Map::new();
    let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    add("serverFarmId", json!(PLAN.id([name("plan")]).written()));
    add("httpsOnly", json!(true));
    if !function_app.secrets().is_empty() {
        add("keyVaultReferenceIdentity", json!(identity.written()));
    }
    add(
        "siteConfig",
        json!({ "minTlsVersion": "1.2", "appSettings": settings }),
    );
    let vpc = function_app.profile.vpc.as_ref();
    if let Some(subnet) = vpc.and_then(|it| subnet(app, it)) {
        add(
            "virtualNetworkSubnetId",
            json!(literal(&subnet.value).written()),
        );
    }
    add("functionAppConfig", config(function_app, &identity));
    with(
        head,
        json!({
            "kind": "functionapp,linux",
            "dependsOn": depends_on(needs),
            "identity": { "type": "UserAssigned", "userAssignedIdentities": users },
            "properties": properties,
        }),
    )
}

fn config(function_app: &FunctionApp<'_>, identity: &Text) -> Value {
    let profile = &function_app.profile;
    let storage = reference(&STORAGE, [variable(&function_app.name, "storage")]);
    let blobs = property(&storage, "primaryEndpoints.blob");
    let packages = call("format", [literal(&format!("{{0}}{PACKAGES}")), blobs]);
    let version = match profile.executable {
        Some(_) => custom::VERSION,
        None => profile.runtime.version(),
    };
    let ready = always_ready(function_app);
    let count = |it: &Value| it.get("instanceCount").and_then(Value::as_u64).unwrap_or(0);
    let all_ready = ready.iter().map(count).sum::<u64>();
    let most = match profile.capacity.instances {
        Some(instances) => u64::from(instances),
        None => all_ready.max(DEFAULT_INSTANCES.into()),
    };
    let mut scale = Map::new();
    scale.insert("instanceMemoryMB".to_owned(), json!(profile.memory_mb));
    scale.insert("maximumInstanceCount".to_owned(), json!(most));
    if !ready.is_empty() {
        scale.insert("alwaysReady".to_owned(), json!(ready));
    }
    if function_app.has_http() {
        let http = json!({ "http": { "perInstanceConcurrency": profile.capacity.calls } });
        scale.insert("triggers".to_owned(), http);
    }
    json!({
        "deployment": {
            "storage": {
                "type": "blobContainer",
                "value": packages.written(),
                "authentication": {
                    "type": "UserAssignedIdentity",
                    "userAssignedIdentityResourceId": identity.written(),
                },
            },
        },
        "scaleAndConcurrency": scale,
        "runtime": { "name": worker(profile.runtime), "version": version },
    })
}

/// Returns the instances kept ready: http functions share theirs, every other entry has its own.
fn always_ready(function_app: &FunctionApp<'_>) -> Vec<Value> {
    let ready = |name: &str, count: u32| json!({ "name": name, "instanceCount": count });
    let mut http = 0;
    let mut others = Vec::new();
    for function in &function_app.functions {
        let min = function.scale.min.value;
        let entries = entries(function);
        if entries.iter().any(|it| it.start.is_http()) {
            http += min;
        }
        let own = entries.iter().filter(|it| !it.start.is_http() && min > 0);
        others.extend(own.map(|it| ready(&format!("function:{}", it.name), min)));
    }
    let mut made = Vec::new();
    if http > 0 {
        made.push(ready("http", http));
    }
    made.extend(others);
    made
}
