//! What an app's identity may do with tables: roles of Cosmos DB's own, each on exactly one container.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cosmos::{DATABASE, LEASES, account, account_id, container_id, last_container, own};
use super::expression::{Text, call, literal, property, variable};
use super::kind::{COSMOS_ROLE, COSMOS_ROLE_ASSIGNMENT, IDENTITY, depends_on, reference, with};
use crate::model::{App, Thing, Verb};
use crate::target::azure::entry::Start;
use crate::target::azure::names::entity;
use crate::target::azure::plan::{FunctionApp, Plan};

/// A role; the wider one comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// A role of the program's own, which shows what there is and no row.
    Metadata,
    Reader,
    Contributor,
}

impl Role {
    /// Returns the role's name: an id of its own, or that of a built-in role (Cosmos DB, "Data plane security
    /// reference").
    fn name(self) -> Text {
        match self {
            Role::Metadata => call("guid", [account_id(), literal("metadata")]),
            Role::Reader => literal("00000000-0000-0000-0000-000000000001"),
            Role::Contributor => literal("00000000-0000-0000-0000-000000000002"),
        }
    }

    fn id(self) -> Text {
        COSMOS_ROLE.id([account(), self.name()])
    }
}

/// A role on one container; without one, on the account.
#[derive(Debug)]
pub(super) struct TableRight {
    role: Role,
    container: Option<String>,
}

/// Returns the rights that an app's functions need: one for each container, and one to see what there is.
pub(super) fn table_rights(app: &App, function_app: &FunctionApp<'_>) -> Vec<TableRight> {
    let mut wanted: BTreeMap<String, Role> = BTreeMap::new();
    let mut want = |container: String, role: Role| {
        let most = wanted.entry(container).or_insert(role);
        *most = role.max(*most);
    };
    let is_own = |name: &str| own(app).any(|it| it.name.value == name);
    for (_, entry) in function_app.entries() {
        if let Start::Table(it) = entry.start
            && is_own(it.source.as_str())
        {
            want(entity(it.source.as_str()), Role::Reader);
            want(LEASES.to_owned(), Role::Contributor);
        }
    }
    for (verb, thing, name) in function_app.grants() {
        if thing != Thing::Table || !is_own(name) {
            continue;
        }
        match verb {
            Verb::Read => want(entity(name), Role::Reader),
            Verb::Write => want(entity(name), Role::Contributor),
            Verb::Send | Verb::Publish | Verb::Invoke | Verb::Reply => {}
        }
    }
    let mut made = Vec::new();
    if !wanted.is_empty() {
        // Who opens the account, and a trigger the database, asks what it is (github.com/Azure/azure-cosmos-dotnet-v3,
        // issue 3638); the roles on containers don't answer that.
        made.push(TableRight {
            role: Role::Metadata,
            container: None,
        });
    }
    made.extend(wanted.into_iter().map(|(container, role)| TableRight {
        role,
        container: Some(container),
    }));
    made
}

/// Returns the assignments of all rights to the apps' identities, and the role that isn't built in.
///
/// An account makes one of them at a time and refuses another one meanwhile, so each waits for the one before.
pub(super) fn assignments(app: &App, plan: &Plan<'_>) -> Vec<Value> {
    let Some(last) = last_container(app) else {
        return Vec::new();
    };
    let mut made = Vec::new();
    let mut before = last.clone();
    for function_app in &plan.apps {
        let identity = variable(&function_app.name, "identity");
        for right in table_rights(app, function_app) {
            if made.is_empty() {
                made.push(metadata(&last));
                before = Role::Metadata.id();
            }
            made.push(right.assignment(&identity, before));
            before = right.id(&identity);
        }
    }
    made
}

fn metadata(before: &Text) -> Value {
    let name = call(
        "format",
        [literal("{0}/{1}"), account(), Role::Metadata.name()],
    );
    let action = "Microsoft.DocumentDB/databaseAccounts/readMetadata";
    with(
        COSMOS_ROLE.head(&name),
        json!({
            "dependsOn": depends_on(std::slice::from_ref(before)),
            "properties": {
                "roleName": "fnc: see what there is",
                "type": "CustomRole",
                "assignableScopes": [account_id().written()],
                "permissions": [{ "dataActions": [action] }],
            },
        }),
    )
}

impl TableRight {
    /// Returns the id of the right's assignment to an identity, by the identity's name.
    pub(super) fn id(&self, identity: &Text) -> Text {
        COSMOS_ROLE_ASSIGNMENT.id([account(), self.name(identity)])
    }

    /// Returns the id of what it is a right on.
    fn on(&self) -> Text {
        let container = self.container.as_deref();
        container.map_or_else(account_id, container_id)
    }

    /// Returns what it is a right on, as Cosmos DB writes it.
    fn scope(&self) -> Text {
        match &self.container {
            None => account_id(),
            Some(container) => {
                let format = literal(&format!("{{0}}/dbs/{DATABASE}/colls/{container}"));
                call("format", [format, account_id()])
            }
        }
    }

    fn name(&self, identity: &Text) -> Text {
        let identity = IDENTITY.id([identity.clone()]);
        call("guid", [self.on(), identity, self.role.name()])
    }

    fn assignment(&self, identity: &Text, before: Text) -> Value {
        let principal = property(&reference(&IDENTITY, [identity.clone()]), "principalId");
        let name = call(
            "format",
            [literal("{0}/{1}"), account(), self.name(identity)],
        );
        let needs = [IDENTITY.id([identity.clone()]), self.on(), before];
        with(
            COSMOS_ROLE_ASSIGNMENT.head(&name),
            json!({
                "dependsOn": depends_on(&needs),
                "properties": {
                    "roleDefinitionId": self.role.id().written(),
                    "principalId": principal.written(),
                    "scope": self.scope().written(),
                },
            }),
        )
    }
}
