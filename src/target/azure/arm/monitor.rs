//! Where logs and metrics go: a workspace, and Application Insights on it.

use serde_json::{Value, json};

use super::expression::{call, literal};
use super::kind::{INSIGHTS, WORKSPACE, depends_on, with};
use super::placed;
use crate::model::App;
use crate::target::azure::rules::log_days;

/// Returns the workspace and the component.
pub(super) fn resources(app: &App) -> Vec<Value> {
    let name = |variable: &str| call("variables", [literal(variable)]);
    let workspace_id = WORKSPACE.id([name("workspace")]);
    let mut workspace = WORKSPACE.head(&name("workspace"));
    workspace.extend(placed(app));
    let mut insights = INSIGHTS.head(&name("insights"));
    insights.extend(placed(app));
    vec![
        with(
            workspace,
            json!({ "properties": { "sku": { "name": "PerGB2018" }, "retentionInDays": log_days(app) } }),
        ),
        with(
            insights,
            json!({
                "kind": "web",
                "dependsOn": depends_on(std::slice::from_ref(&workspace_id)),
                "properties": {
                    "Application_Type": "web",
                    "WorkspaceResourceId": workspace_id.written(),
                    "DisableLocalAuth": true,
                },
            }),
        ),
    ]
}
