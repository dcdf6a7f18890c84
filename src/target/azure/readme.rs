//! `README.md` of the build folder: how to deploy it, and how the program was split.

use serde::Serialize;

use super::arm::DEFAULT_INSTANCES;
use super::arm::cosmos::own;
use super::arm::needs_key_vault;
use super::names::{entity, output, secret_name};
use super::plan::{FunctionApp, Plan};
use crate::model::{App, Language, duration_text};
use crate::target::name::dashed;
use crate::target::render::render;

#[derive(Debug, Serialize)]
struct ReadmeView {
    title: String,
    doc: Vec<String>,
    stem: String,
    vault: bool,
    secrets: Vec<String>,
    /// The containers of tables, by name.
    tables: Vec<String>,
    apps: Vec<AppView>,
}

#[derive(Debug, Serialize)]
struct AppView {
    name: String,
    output: String,
    language: &'static str,
    node: bool,
    functions: String,
    runtime: &'static str,
    memory: u64,
    timeout: String,
    instances: String,
    calls: u32,
    executable: Option<ExecutableView>,
}

#[derive(Debug, Serialize)]
struct ExecutableView {
    file: String,
    forwarded: bool,
    entries: Vec<DocView>,
}

/// An entry and what the program says about it.
#[derive(Debug, Serialize)]
struct DocView {
    name: String,
    doc: String,
}

/// Returns the page.
pub(super) fn readme(app: &App, plan: &Plan<'_>) -> String {
    let doc = app.doc.as_deref().unwrap_or("");
    let mut secrets: Vec<_> = plan.apps.iter().flat_map(FunctionApp::secrets).collect();
    secrets.sort_unstable();
    secrets.dedup();
    let apps = plan.apps.iter().map(|it| AppView {
        name: it.name.clone(),
        output: output(&it.name),
        language: match it.profile.runtime.language() {
            Language::Python => "python",
            Language::Node => "javascript",
            Language::Other => "custom",
        },
        node: it.profile.runtime.language() == Language::Node,
        functions: {
            let names: Vec<_> = it
                .functions
                .iter()
                .map(|f| format!("`{}`", f.name.value))
                .collect();
            names.join(", ")
        },
        runtime: it.profile.runtime.word(),
        memory: it.profile.memory_mb,
        timeout: duration_text(it.profile.timeout),
        instances: match it.profile.capacity.instances {
            Some(instances) => format!("at most {instances}"),
            None => format!("at most {DEFAULT_INSTANCES}, Azure's default"),
        },
        calls: it.profile.capacity.calls,
        executable: it.profile.executable.as_ref().map(|made| ExecutableView {
            file: made.file.clone(),
            forwarded: made.forwarded,
            entries: docs(it),
        }),
    });
    let view = ReadmeView {
        title: app.stem(),
        doc: doc.lines().map(str::to_owned).collect(),
        stem: dashed(&app.stem()),
        vault: needs_key_vault(plan),
        secrets: secrets.iter().map(|it| secret_name(app, it)).collect(),
        tables: own(app).map(|it| entity(it.name.as_str())).collect(),
        apps: apps.collect(),
    };
    render("azure/README.md", &view)
}

fn docs(function_app: &FunctionApp<'_>) -> Vec<DocView> {
    let entries = function_app.entries().into_iter();
    entries
        .map(|(_, it)| DocView {
            name: it.name,
            doc: it.doc.split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect()
}
