//! What an app's identity may do with tables: roles of Cosmos DB's own, each on exactly one container.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cosmos::{LEASES, account, account_id, container_id, last_container, own};
use super::expression::{Text, call, literal, property, variable};
use super::kind::{COSMOS_ROLE_ASSIGNMENT, IDENTITY, depends_on, reference, with};
use crate::model::{App, Thing, Verb};
use crate::target::azure::entry::Start;
use crate::target::azure::names::entity;
use crate::target::azure::plan::{FunctionApp, Plan};

/// A built-in role, by its id (Cosmos DB, "Data plane security reference"); the wider one comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Reader,
    Contributor,
}

impl Role {
    fn id(self) -> &'static str {
        match self {
            Role::Reader => "00000000-0000-0000-0000-000000000001",
            Role::Contributor => "00000000-0000-0000-0000-000000000002",
        }
    }
}

/// A role on one container.
#[derive(Debug)]
pub(super) struct TableRight {
    role: Role,
    container: String,
}

/// Returns the rights that an app's functions need, one for each container.
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
    let wanted = wanted.into_iter();
    wanted
        .map(|(container, role)| TableRight { role, container })
        .collect()
}

/// Returns the assignments of all rights to the apps' identities.
///
/// An account makes one assignment at a time and refuses another one meanwhile, so each waits for the one before.
pub(super) fn assignments(app: &App, plan: &Plan<'_>) -> Vec<Value> {
    let Some(mut before) = last_container(app) else {
        return Vec::new();
    };
    let mut made = Vec::new();
    for function_app in &plan.apps {
        let identity = variable(&function_app.name, "identity");
        for right in table_rights(app, function_app) {
            made.push(right.assignment(&identity, before));
            before = right.id(&identity);
        }
    }
    made
}

impl TableRight {
    /// Returns the id of the right's assignment to an identity, by the identity's name.
    pub(super) fn id(&self, identity: &Text) -> Text {
        COSMOS_ROLE_ASSIGNMENT.id([account(), self.name(identity)])
    }

    fn name(&self, identity: &Text) -> Text {
        let identity = IDENTITY.id([identity.clone()]);
        let role = literal(self.role.id());
        call("guid", [container_id(&self.container), identity, role])
    }

    fn assignment(&self, identity: &Text, before: Text) -> Value {
        let principal = property(&reference(&IDENTITY, [identity.clone()]), "principalId");
        let of_account =
            |path: &str| call("format", [literal(&format!("{{0}}/{path}")), account_id()]);
        let scope = format!("dbs/{}/colls/{}", super::cosmos::DATABASE, self.container);
        let role = format!("sqlRoleDefinitions/{}", self.role.id());
        let name = call(
            "format",
            [literal("{0}/{1}"), account(), self.name(identity)],
        );
        let mut needs = vec![
            IDENTITY.id([identity.clone()]),
            container_id(&self.container),
            before,
        ];
        needs.dedup();
        with(
            COSMOS_ROLE_ASSIGNMENT.head(&name),
            json!({
                "dependsOn": depends_on(&needs),
                "properties": {
                    "roleDefinitionId": of_account(&role).written(),
                    "principalId": principal.written(),
                    "scope": of_account(&scope).written(),
                },
            }),
        )
    }
}
