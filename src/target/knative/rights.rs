//! Permissions in Kubernetes' own words: a Role of the function's own, in the app's namespace.

use serde_json::{Value, json};

use super::hatch;
use super::names::Names;
use super::object;
use crate::model::{App, Function, RawAllow, RawValue, Target};
use crate::target::Artifact;

/// What a function may do in the cluster.
#[derive(Debug)]
pub(super) struct Right {
    /// The function's `ServiceAccount`, after which its Role is called.
    pub(super) account: String,
    rules: Vec<Value>,
}

/// Returns the rights of the functions that have some.
pub(super) fn rights(app: &App, names: &Names) -> Vec<Right> {
    let made = app.functions.values().map(|function| Right {
        account: names.function(function.name.as_str()),
        rules: own(function).flat_map(|it| rules(app, names, it)).collect(),
    });
    made.filter(|it| !it.rules.is_empty()).collect()
}

/// Returns a function's permissions for Knative.
pub(super) fn own(function: &Function) -> impl Iterator<Item = &RawAllow> {
    let all = function.allow.iter();
    all.filter(|it| it.target == Target::Knative)
}

/// Returns the rules of a permission, one for each thing that it is about.
fn rules(app: &App, names: &Names, allow: &RawAllow) -> Vec<Value> {
    let verbs: Vec<&str> = allow.actions.iter().map(|it| it.value.as_str()).collect();
    let rule = |on: &RawValue| {
        let mut rule = match on.plain() {
            Some(text) => {
                let (resource, group) = thing(&text);
                json!({ "apiGroups": [group], "resources": [resource] })
            }
            None => hatch::value(app, names, on),
        };
        if let Some(members) = rule.as_object_mut() {
            members.insert("verbs".to_owned(), json!(verbs));
        }
        rule
    };
    allow.on.iter().map(|it| rule(&it.value)).collect()
}

/// Splits what a permission is about as kubectl writes it: `deployments.apps`, `pods/log`.
pub(super) fn thing(text: &str) -> (String, &str) {
    let (name, part) = text
        .split_once('/')
        .map_or((text, None), |it| (it.0, Some(it.1)));
    let (name, group) = name.split_once('.').unwrap_or((name, ""));
    let resource = part.map_or_else(|| name.to_owned(), |part| format!("{name}/{part}"));
    (resource, group)
}

/// Returns the file that holds them.
pub(super) fn manifest(rights: &[Right]) -> Option<Artifact> {
    let objects = rights.iter().flat_map(|it| {
        let api = "rbac.authorization.k8s.io/v1";
        let name = it.account.as_str();
        [
            json!({ "apiVersion": api, "kind": "Role", "metadata": { "name": name }, "rules": it.rules }),
            json!({
                "apiVersion": api,
                "kind": "RoleBinding",
                "metadata": { "name": name },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name },
                "subjects": [{ "kind": "ServiceAccount", "name": name }],
            }),
        ]
    });
    let objects: Vec<Value> = objects.collect();
    let text = object::write(
        "# What functions may do in the cluster, as the program says.\n",
        &objects,
    );
    (!objects.is_empty()).then(|| Artifact::new("25-rights.yaml", text))
}
