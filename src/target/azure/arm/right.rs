//! What an app's identity may do: each right on exactly the resource that a function needs it for.

use serde_json::{Value, json};

use super::expression::{Text, call, literal, property, resource_id, variable};
use super::kind::{IDENTITY, INSIGHTS, ROLE_ASSIGNMENT, STORAGE, depends_on, reference, with};
use super::service_bus::{queue_id, subscription_id, topic_id};
use crate::model::{App, Verb};
use crate::target::azure::entry::Start;
use crate::target::azure::names::secret_name;
use crate::target::azure::plan::FunctionApp;

/// A built-in role, by its id (Azure built-in roles).
#[derive(Debug, Clone, Copy)]
struct Role(&'static str);

/// The Functions host keeps its locks, keys and packages in the app's own storage account.
const STORAGE_BLOB_DATA_OWNER: Role = Role("b7e6dc6d-f1e8-4753-8033-0f276bb0955b");
const MONITORING_METRICS_PUBLISHER: Role = Role("3913510d-42f4-4e42-8a64-420c390055eb");
const SERVICE_BUS_DATA_RECEIVER: Role = Role("4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0");
const SERVICE_BUS_DATA_SENDER: Role = Role("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39");
const KEY_VAULT_SECRETS_USER: Role = Role("4633458b-17de-408a-b874-0445c86b69e6");

/// A role on one resource.
#[derive(Debug, Clone)]
pub(super) struct Right {
    role: Role,
    scope: Text,
    /// Whether the template itself makes the resource.
    created: bool,
}

/// Returns the rights that an app's functions need, each once.
pub(super) fn rights(app: &App, function_app: &FunctionApp<'_>) -> Vec<Right> {
    let right = |role, scope| Right {
        role,
        scope,
        created: true,
    };
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
            Start::Http(_) | Start::Invoke | Start::Timer(_) => {}
        }
    }
    let queues = function_app.sends(Verb::Send);
    let topics = function_app.sends(Verb::Publish);
    let senders = queues.into_iter().map(queue_id);
    let senders = senders.chain(topics.into_iter().map(topic_id));
    made.extend(senders.map(|it| right(SERVICE_BUS_DATA_SENDER, it)));
    for secret in function_app.secrets() {
        let vault = call("parameters", [literal("keyVaultName")]);
        let name = literal(&secret_name(app, secret));
        made.push(Right {
            role: KEY_VAULT_SECRETS_USER,
            scope: resource_id("Microsoft.KeyVault/vaults/secrets", [vault, name]),
            created: false,
        });
    }
    made
}

impl Right {
    /// Returns the assignment's own id.
    pub(super) fn id(&self, function_app: &str) -> Text {
        let kind = literal(ROLE_ASSIGNMENT.name);
        call(
            "extensionResourceId",
            [self.scope.clone(), kind, self.name(function_app)],
        )
    }

    fn name(&self, function_app: &str) -> Text {
        let identity = IDENTITY.id([variable(function_app, "identity")]);
        call("guid", [self.scope.clone(), identity, literal(self.role.0)])
    }

    /// Returns the assignment of the right to an app's identity.
    pub(super) fn assignment(&self, function_app: &str) -> Value {
        let identity = variable(function_app, "identity");
        let principal = property(&reference(&IDENTITY, [identity.clone()]), "principalId");
        let definitions = literal("Microsoft.Authorization/roleDefinitions");
        let role = call(
            "subscriptionResourceId",
            [definitions, literal(self.role.0)],
        );
        let mut needs = vec![IDENTITY.id([identity])];
        if self.created {
            needs.push(self.scope.clone());
        }
        with(
            ROLE_ASSIGNMENT.head(&self.name(function_app)),
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
