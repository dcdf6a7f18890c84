//! The kinds of resource that are deployed, each in the API version whose reference the back end follows
//! (learn.microsoft.com/azure/templates).

use serde_json::{Map, Value, json};

use super::expression::{Text, call, literal, resource_id};

/// A type of resource and its API version.
#[derive(Debug, Clone, Copy)]
pub(in crate::target::azure) struct Kind {
    /// The type, as `Microsoft.Web/sites`.
    pub(in crate::target::azure) name: &'static str,
    /// The version.
    pub(in crate::target::azure) version: &'static str,
}

const fn kind(name: &'static str, version: &'static str) -> Kind {
    Kind { name, version }
}

pub(in crate::target::azure) const IDENTITY: Kind = kind(
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "2023-01-31",
);
pub(in crate::target::azure) const STORAGE: Kind =
    kind("Microsoft.Storage/storageAccounts", "2025-01-01");
pub(super) const CONTAINER: Kind = kind(
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "2025-01-01",
);
pub(in crate::target::azure) const INSIGHTS: Kind =
    kind("Microsoft.Insights/components", "2020-02-02");
pub(super) const WORKSPACE: Kind = kind("Microsoft.OperationalInsights/workspaces", "2023-09-01");
pub(super) const NAMESPACE: Kind = kind("Microsoft.ServiceBus/namespaces", "2024-01-01");
pub(super) const QUEUE: Kind = kind("Microsoft.ServiceBus/namespaces/queues", "2024-01-01");
pub(super) const TOPIC: Kind = kind("Microsoft.ServiceBus/namespaces/topics", "2024-01-01");
pub(super) const SUBSCRIPTION: Kind = kind(
    "Microsoft.ServiceBus/namespaces/topics/subscriptions",
    "2024-01-01",
);
pub(super) const BLOB_SERVICE: Kind = kind(
    "Microsoft.Storage/storageAccounts/blobServices",
    "2025-01-01",
);
pub(super) const EXPIRY: Kind = kind(
    "Microsoft.Storage/storageAccounts/managementPolicies",
    "2025-01-01",
);
pub(in crate::target::azure) const BUS: Kind = kind("Microsoft.EventGrid/topics", "2022-06-15");
pub(super) const BUS_SUBSCRIPTION: Kind = kind(
    "Microsoft.EventGrid/topics/eventSubscriptions",
    "2022-06-15",
);
pub(super) const CHANGES: Kind = kind("Microsoft.EventGrid/systemTopics", "2022-06-15");
pub(super) const CHANGES_SUBSCRIPTION: Kind = kind(
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    "2022-06-15",
);
pub(super) const EVENT_HUBS: Kind = kind("Microsoft.EventHub/namespaces", "2024-01-01");
pub(super) const EVENT_HUB: Kind = kind("Microsoft.EventHub/namespaces/eventhubs", "2024-01-01");
pub(super) const CONSUMER_GROUP: Kind = kind(
    "Microsoft.EventHub/namespaces/eventhubs/consumergroups",
    "2024-01-01",
);
pub(in crate::target::azure) const COSMOS: Kind =
    kind("Microsoft.DocumentDB/databaseAccounts", "2024-05-15");
pub(super) const COSMOS_DATABASE: Kind = kind(
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases",
    "2024-05-15",
);
pub(super) const COSMOS_CONTAINER: Kind = kind(
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers",
    "2024-05-15",
);
pub(super) const COSMOS_ROLE: Kind = kind(
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions",
    "2024-05-15",
);
pub(super) const COSMOS_ROLE_ASSIGNMENT: Kind = kind(
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments",
    "2024-05-15",
);
pub(super) const PLAN: Kind = kind("Microsoft.Web/serverfarms", "2024-11-01");
pub(super) const SITE: Kind = kind("Microsoft.Web/sites", "2024-11-01");
pub(super) const ROLE_ASSIGNMENT: Kind =
    kind("Microsoft.Authorization/roleAssignments", "2022-04-01");

impl Kind {
    /// Returns the id of a resource of this kind.
    pub(super) fn id(&self, names: impl IntoIterator<Item = Text>) -> Text {
        resource_id(self.name, names)
    }

    /// Returns the members that every resource begins with.
    pub(super) fn head(&self, name: &Text) -> Map<String, Value> {
        let mut made = Map::new();
        made.insert("type".to_owned(), json!(self.name));
        made.insert("apiVersion".to_owned(), json!(self.version));
        made.insert("name".to_owned(), json!(name.written()));
        made
    }
}

/// Returns the run-time state of a resource of this deployment.
pub(in crate::target::azure) fn reference(
    kind: &Kind,
    names: impl IntoIterator<Item = Text>,
) -> Text {
    call("reference", [kind.id(names), literal(kind.version)])
}

/// Adds the members of `more`, an object, to a resource.
pub(super) fn with(mut resource: Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        resource.extend(more);
    }
    Value::Object(resource)
}

/// Returns `dependsOn` of the ids.
pub(super) fn depends_on(ids: &[Text]) -> Vec<String> {
    ids.iter().map(Text::written).collect()
}
