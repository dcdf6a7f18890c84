//! Tables: one Cosmos DB account of the program's own, paid by request, with a container for each.
//!
//! A row is an item `{id, partition, row}`, `id` standing for the sort field. Where a function waits for changes, each
//! change is an item of its own beside the row, written in the same transaction: the change feed shows neither rows
//! that are gone nor what a row was before, and of several changes only the last (Change feed modes, "Latest version").

use serde_json::{Value, json};

use super::expression::{Text, call, literal};
use super::kind::{COSMOS, COSMOS_CONTAINER, COSMOS_DATABASE, depends_on, with};
use super::placed;
use crate::model::{App, Table, TableField, TableKey, TriggerKind};
use crate::target::azure::names::entity;

/// The database that holds all containers.
pub(in crate::target::azure) const DATABASE: &str = "tables";
/// The container in which triggers keep how far they have read; no name of the program has a dot.
pub(in crate::target::azure) const LEASES: &str = "fnc.leases";

/// Returns the account, its database and the containers; nothing when the program has no table of its own.
pub(super) fn resources(app: &App) -> Vec<Value> {
    if own(app).next().is_none() {
        return Vec::new();
    }
    let mut head = COSMOS.head(&account());
    head.extend(placed(app));
    let place = json!({ "locationName": "[parameters('location')]", "failoverPriority": 0 });
    let properties = json!({
        "kind": "GlobalDocumentDB",
        "properties": {
            "databaseAccountOfferType": "Standard",
            "locations": [place],
            "capabilities": [{ "name": "EnableServerless" }],
            // A row that was put is what is read from then on, by whomever.
            "consistencyPolicy": { "defaultConsistencyLevel": "Strong" },
            "disableLocalAuth": true,
            "minimalTlsVersion": "Tls12",
        },
    });
    let database = with(
        COSMOS_DATABASE.head(&below(DATABASE)),
        json!({
            "dependsOn": depends_on(&[account_id()]),
            "properties": { "resource": { "id": DATABASE } },
        }),
    );
    let mut made = vec![with(head, properties), database];
    // An account makes one change at a time, so each waits for the one before.
    let mut before = COSMOS_DATABASE.id([account(), literal(DATABASE)]);
    for (name, properties) in containers(app) {
        made.push(with(
            COSMOS_CONTAINER.head(&container_name(&name)),
            json!({
                "dependsOn": depends_on(&[before]),
                "properties": { "resource": properties },
            }),
        ));
        before = container_id(&name);
    }
    made
}

/// Returns the tables that the program creates.
pub(in crate::target::azure) fn own(app: &App) -> impl Iterator<Item = &Table> {
    let tables = app.tables.values();
    tables.filter(|it| it.place.external.is_none())
}

/// Tells whether a function waits for changes of a table.
pub(in crate::target::azure) fn is_watched(app: &App, table: &str) -> bool {
    let mut triggers = app.functions.values().flat_map(|it| &it.triggers);
    triggers.any(|it| match &it.kind {
        TriggerKind::Table(it) => it.source.value == table,
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => false,
    })
}

/// Returns the account's name.
pub(super) fn account() -> Text {
    call("variables", [literal("cosmos")])
}

/// Returns the account's id.
pub(super) fn account_id() -> Text {
    COSMOS.id([account()])
}

/// Returns the id of a container.
pub(super) fn container_id(container: &str) -> Text {
    COSMOS_CONTAINER.id([account(), literal(DATABASE), literal(container)])
}

/// Returns the id of the container that is deployed last.
pub(super) fn last_container(app: &App) -> Option<Text> {
    let (name, _) = containers(app).pop()?;
    Some(container_id(&name))
}

/// Returns the whole name of a container.
pub(super) fn container_name(container: &str) -> Text {
    below(&format!("{DATABASE}/{container}"))
}

fn below(path: &str) -> Text {
    call("format", [literal(&format!("{{0}}/{path}")), account()])
}

/// Returns the containers by name, in the order in which they are deployed.
fn containers(app: &App) -> Vec<(String, Value)> {
    let mut made = Vec::new();
    if own(app).any(|it| is_watched(app, it.name.as_str())) {
        let properties = json!({ "id": LEASES, "partitionKey": partition("/id") });
        made.push((LEASES.to_owned(), properties));
    }
    made.extend(own(app).map(|it| {
        let name = entity(it.name.as_str());
        let properties = container(app, it, &name);
        (name, properties)
    }));
    made
}

fn container(app: &App, table: &Table, name: &str) -> Value {
    let sort = table.key.iter().filter_map(|it| it.sort.as_ref());
    let indexed = table.indexes.iter().flat_map(|it| fields(&it.key));
    let mut paths: Vec<String> = sort
        .chain(indexed)
        .map(|it| format!("/row/\"{}\"/?", it.name.value))
        .collect();
    paths.push("/partition/?".to_owned());
    paths.sort_unstable();
    paths.dedup();
    let included: Vec<Value> = paths.iter().map(|it| json!({ "path": it })).collect();
    let mut made = json!({
        "id": name,
        "partitionKey": partition("/partition"),
        // Rows are found by their keys alone.
        "indexingPolicy": {
            "indexingMode": "consistent",
            "automatic": true,
            "includedPaths": included,
            "excludedPaths": [{ "path": "/*" }],
        },
    });
    if (table.ttl.is_some() || is_watched(app, table.name.as_str()))
        && let Value::Object(members) = &mut made
    {
        // Each item says itself when it goes; without a word it stays.
        members.insert("defaultTtl".to_owned(), json!(-1));
    }
    made
}

fn partition(path: &str) -> Value {
    json!({ "paths": [path], "kind": "Hash", "version": 2 })
}

fn fields(key: &TableKey) -> impl Iterator<Item = &TableField> {
    std::iter::once(&key.partition).chain(&key.sort)
}
