//! Azure Functions on the Flex Consumption plan: one ARM template, and a folder for each function app.
//!
//! App → `plan` (which functions share an app) → `folder` (each app's files) and `arm` (all resources).

mod arm;
mod binding;
mod capacity;
mod config;
mod cors;
mod custom;
mod entry;
mod folder;
mod host;
mod log;
mod names;
mod plan;
mod profile;
mod readme;
mod rules;
mod schedule;
mod settings;
mod view;

use std::sync::LazyLock;

use self::folder::{folder, json_text};
use self::plan::Plan;
use super::name::dashed;
use super::{Artifact, Backend, Build, Limits, Package};
use crate::diagnostic::Diagnostics;
use crate::model::App;

static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| Limits::read(include_str!("../../../targets/azure/limits.json")));

/// The templates in `targets/azure`, by the name they are rendered under.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    (
        "azure/function_app.py",
        include_str!("../../../targets/azure/function_app.py.hbs"),
    ),
    (
        "azure/function_app.mjs",
        include_str!("../../../targets/azure/function_app.mjs.hbs"),
    ),
    (
        "azure/README.md",
        include_str!("../../../targets/azure/README.md.hbs"),
    ),
];

pub(super) struct Azure;

impl Backend for Azure {
    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn check(&self, app: &App, found: &mut Diagnostics) {
        rules::check(app, &Plan::of(app), found);
    }

    fn build(&self, app: &App, package: &Package) -> Build {
        let plan = Plan::of(app);
        let mut artifacts = vec![
            Artifact::new("README.md", readme::readme(app, &plan)),
            Artifact::new("azuredeploy.json", json_text(&arm::template(app, &plan))),
        ];
        let mut summary = Vec::new();
        for function_app in &plan.apps {
            let names: Vec<_> = function_app
                .functions
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            summary.push(format!(
                "function app `{}`: {}",
                function_app.name,
                names.join(", ")
            ));
            let made = folder(app, &plan, function_app, package);
            artifacts.extend(made.artifacts);
            for path in made.left_out {
                summary.push(format!(
                    "`{path}` is written by fnc, so yours is left out of it"
                ));
            }
        }
        let stem = dashed(&app.stem());
        let vault = if arm::needs_key_vault(&plan) {
            " --parameters keyVaultName=…"
        } else {
            ""
        };
        Build {
            artifacts,
            summary,
            deploy: format!(
                "az deployment group create --resource-group {stem} --template-file azuredeploy.json{vault}"
            ),
        }
    }
}
