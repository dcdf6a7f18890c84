//! What an app's identity may do: each right on exactly the resource that a function needs it for.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::bucket::bucket_id;
use super::event_grid::bus_id;
use super::event_hubs::stream_id;
use super::expression::{Text, call, literal, property, resource_id, variable};
use super::hatch;
use super::kind::{IDENTITY, INSIGHTS, ROLE_ASSIGNMENT, STORAGE, depends_on, reference, with};
use super::service_bus::{entity_id, queue_id, subscription_id, topic_id};
use crate::model::{App, RawValue, Target, Thing, Verb};
use crate::target::azure::entry::Start;
use crate::target::azure::names::{inbox, secret_name};
use crate::target::azure::plan::{FunctionApp, Plan};

/// A built-in role, by its id (Azure built-in roles).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Role(Cow<'static, str>);

/// The Functions host keeps its locks, keys and packages in the app's own storage account.
const STORAGE_BLOB_DATA_OWNER: Role = Role(Cow::Borrowed("b7e6dc6d-f1e8-4753-8033-0f276bb0955b"));
const MONITORING_METRICS_PUBLISHER: Role =
    Role(Cow::Borrowed("3913510d-42f4-4e42-8a64-420c390055eb"));
const SERVICE_BUS_DATA_RECEIVER: Role = Role(Cow::Borrowed("4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"));
pub(super) const SERVICE_BUS_DATA_SENDER: Role =
    Role(Cow::Borrowed("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"));
const EVENT_HUBS_DATA_RECEIVER: Role = Role(Cow::Borrowed("a638d3c7-ab3a-418d-83e6-5f17a39d4fde"));
const EVENT_HUBS_DATA_SENDER: Role = Role(Cow::Borrowed("2b629674-e913-4c01-ae53-ef4638d8f975"));
const EVENT_GRID_DATA_SENDER: Role = Role(Cow::Borrowed("d5a91429-5739-47e2-a06b-3470a27159e7"));
const STORAGE_BLOB_DATA_READER: Role = Role(Cow::Borrowed("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"));
const STORAGE_BLOB_DATA_CONTRIBUTOR: Role =
    Role(Cow::Borrowed("ba92f5b4-2d11-453d-a403-e96b0029c9fe"));
const KEY_VAULT_SECRETS_USER: Role = Role(Cow::Borrowed("4633458b-17de-408a-b874-0445c86b69e6"));

/// A role on one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Right {
    role: Role,
    scope: Text,
    /// Whether the template itself makes the resource.
    created: bool,
}

/// Returns the rights that an app's functions need, each once.
pub(super) fn rights(app: &App, plan: &Plan<'_>, function_app: &FunctionApp<'_>) -> Vec<Right> {
    let right = Right::on;
    let storage = STORAGE.id([variable(&function_app.name, "storage")]);
    let insights = INSIGHTS.id([call("variables", [literal("insights")])]);
    let mut made = vec![
        right(STORAGE_BLOB_DATA_OWNER, storage),
        right(MONITORING_METRICS_PUBLISHER, insights),
    ];
    for (function, entry) in function_app.entries() {
        // A trigger on a topic needs the right on the subscription itself (Service Bus trigger, "Identity-based
        // connections").
        match entry.start {
            Start::Queue(it) => {
                made.push(right(SERVICE_BUS_DATA_RECEIVER, queue_id(&it.queue.value)));
            }
            Start::Topic(it) => {
                let scope = subscription_id(&it.topic.value, &function.name.value);
                made.push(right(SERVICE_BUS_DATA_RECEIVER, scope));
            }
            // The trigger asks the hub for its partitions, so the right on a consumer group isn't enough (Event Hubs
            // trigger, "Identity-based connections").
            Start::Stream(it) => {
                made.push(right(
                    EVENT_HUBS_DATA_RECEIVER,
                    stream_id(it.source.as_str()),
                ));
            }
            Start::Bucket(_) | Start::Event(_) => {
                let source = entry.start.pushed_by().unwrap_or_default();
                let inbox = inbox(function.name.as_str(), &entry, source);
                made.push(right(SERVICE_BUS_DATA_RECEIVER, entity_id(&inbox)));
            }
            Start::Table(_) | Start::Http(_) | Start::Invoke | Start::Timer(_) => {}
        }
    }
    let grants = function_app.grants();
    made.extend(grants.iter().filter_map(|(verb, thing, name)| {
        let (role, scope) = match (verb, thing) {
            (Verb::Send, Thing::Queue) => (SERVICE_BUS_DATA_SENDER, queue_id(name)),
            (Verb::Publish, Thing::Topic) => (SERVICE_BUS_DATA_SENDER, topic_id(name)),
            (Verb::Publish, Thing::Bus) => (EVENT_GRID_DATA_SENDER, bus_id(name)),
            (Verb::Read, Thing::Bucket) => (STORAGE_BLOB_DATA_READER, bucket_id(name)),
            (Verb::Write, Thing::Bucket) => (STORAGE_BLOB_DATA_CONTRIBUTOR, bucket_id(name)),
            (Verb::Write, Thing::Stream) => (EVENT_HUBS_DATA_SENDER, stream_id(name)),
            (
                Verb::Send | Verb::Publish | Verb::Write | Verb::Read | Verb::Invoke | Verb::Reply,
                _,
            ) => return None,
        };
        Some(right(role, scope))
    }));
    for secret in function_app.secrets() {
        let vault = call("parameters", [literal("keyVaultName")]);
        let name = literal(&secret_name(app, secret));
        made.push(Right {
            role: KEY_VAULT_SECRETS_USER,
            scope: resource_id("Microsoft.KeyVault/vaults/secrets", [vault, name]),
            created: false,
        });
    }
    for right in allowed(plan, function_app) {
        if !made.contains(&right) {
            made.push(right);
        }
    }
    made
}

/// Returns the rights that functions name in Azure's own words.
fn allowed(plan: &Plan<'_>, function_app: &FunctionApp<'_>) -> impl Iterator<Item = Right> {
    let all = function_app.functions.iter().flat_map(|it| &it.allow);
    let own = all.filter(|it| it.target == Target::Azure);
    own.flat_map(|it| {
        let scopes = it.on.iter().filter_map(|it| match &it.value {
            RawValue::Text(parts) => Some(hatch::text(plan, parts)),
            RawValue::Null
            | RawValue::Bool(_)
            | RawValue::Int(_)
            | RawValue::Decimal(_)
            | RawValue::List(_)
            | RawValue::Object(_) => None,
        });
        scopes.flat_map(|scope| {
            it.actions.iter().map(move |role| Right {
                role: Role(Cow::Owned(role.value.clone())),
                scope: scope.clone(),
                created: false,
            })
        })
    })
}

impl Right {
    /// Returns a role on a resource of the template's own.
    pub(super) fn on(role: Role, scope: Text) -> Right {
        Right {
            role,
            scope,
            created: true,
        }
    }

    /// Returns the id of the right's assignment to an identity, by the identity's name.
    pub(super) fn id(&self, identity: &Text) -> Text {
        let kind = literal(ROLE_ASSIGNMENT.name);
        call(
            "extensionResourceId",
            [self.scope.clone(), kind, self.name(identity)],
        )
    }

    fn name(&self, identity: &Text) -> Text {
        let identity = IDENTITY.id([identity.clone()]);
        call(
            "guid",
            [self.scope.clone(), identity, literal(&self.role.0)],
        )
    }

    /// Returns the assignment of the right to an identity, by the identity's name.
    pub(super) fn assignment(&self, identity: &Text) -> Value {
        let principal = property(&reference(&IDENTITY, [identity.clone()]), "principalId");
        let definitions = literal("Microsoft.Authorization/roleDefinitions");
        let role = call(
            "subscriptionResourceId",
            [definitions, literal(&self.role.0)],
        );
        let mut needs = vec![IDENTITY.id([identity.clone()])];
        if self.created {
            needs.push(self.scope.clone());
        }
        with(
            ROLE_ASSIGNMENT.head(&self.name(identity)),
            json!({
                "scope": self.scope.written(),
                "dependsOn": depends_on(&needs),
                "properties": {
                    "roleDefinitionId": role.written(),
                    "principalId": principal.written(),
                    "principalType": "ServicePrincipal",
                },
            }),
        )
    }
}
