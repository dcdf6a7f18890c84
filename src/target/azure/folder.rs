//! The folder of one function app.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use serde_json::{Value, json};

use super::config::functions;
use super::custom::function_jsons;
use super::host::host_json;
use super::plan::{FunctionApp, Plan};
use super::settings::{local_settings, settings};
use super::view::entries_view;
use crate::model::{App, Language, Runtime, Thing};
use crate::target::libraries;
use crate::target::render::render;
use crate::target::shared::{self, File, files};
use crate::target::{Artifact, Package};

/// The libraries that the generated files import, in the versions they are tested with.
const PYTHON: &str = "azure-functions==2.3.0";
const NODE: (&str, &str) = ("@azure/functions", "4.16.5");
/// A library of the shim's for some kinds of resource: for Python, and for Node with its version.
type Library = (&'static [Thing], &'static str, (&'static str, &'static str));
const LIBRARIES: [Library; 6] = [
    (
        &[Thing::Queue, Thing::Topic],
        "azure-servicebus==7.15.0",
        ("@azure/service-bus", "7.9.5"),
    ),
    (
        &[Thing::Stream],
        "azure-eventhub==5.15.1",
        ("@azure/event-hubs", "6.0.4"),
    ),
    (
        &[Thing::Bucket],
        "azure-storage-blob==12.31.1",
        ("@azure/storage-blob", "12.34.0"),
    ),
    (
        &[Thing::Table],
        "azure-cosmos==4.17.1",
        ("@azure/cosmos", "4.10.1"),
    ),
    (
        &[Thing::Bus],
        "azure-eventgrid==4.22.1",
        ("@azure/eventgrid", "5.12.0"),
    ),
    (
        &[
            Thing::Queue,
            Thing::Topic,
            Thing::Stream,
            Thing::Bucket,
            Thing::Table,
            Thing::Bus,
        ],
        "azure-identity==1.27.0",
        ("@azure/identity", "4.14.1"),
    ),
];

/// What verifies tokens, where a route asks for one.
const TOKENS: Library = (&[], libraries::TOKENS.0, libraries::TOKENS.1);

const SHIM_PYTHON: [File; 4] = files!("azure": "clients.py" "cors.py" "rows.py" "shim.py");
const SHIM_NODE: [File; 4] = files!("azure": "clients.mjs" "cors.mjs" "rows.mjs" "shim.mjs");

/// What a file holds.
type Contents = Cow<'static, [u8]>;

/// The files of an app's folder, and what of the user's had to give way.
#[derive(Debug)]
pub(super) struct Folder {
    /// The files, in order of path.
    pub(super) artifacts: Vec<Artifact>,
    /// The user's files whose paths the function app needs for itself.
    pub(super) left_out: Vec<String>,
}

/// Returns an app's folder.
pub(super) fn folder(
    app: &App,
    plan: &Plan<'_>,
    function_app: &FunctionApp<'_>,
    package: &Package,
) -> Folder {
    // Layers first: what the functions' own folders hold, and what is written for them, wins.
    let mut files = layers(app, function_app, package);
    let mut of_layers: BTreeSet<String> = files.keys().cloned().collect();
    let functions = function_app.functions.iter();
    let folders: IndexSet<&str> = functions.map(|it| it.handler.folder()).collect();
    for folder in &folders {
        for (path, contents) in package.folder(folder) {
            of_layers.remove(path);
            files.insert(path.to_owned(), Contents::Owned(contents.to_vec()));
        }
    }
    let manifests = |name: &str| -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for folder in &folders {
            let text = package.manifest(folder, name).map(String::from_utf8_lossy);
            if let Some(text) = text.filter(|text| !found.iter().any(|it| it == text)) {
                found.push(text.into_owned());
            }
        }
        found
    };
    let own = generated(app, plan, function_app, &manifests);
    let merged = ["requirements.txt", "package.json"];
    let mut left_out = Vec::new();
    for (path, contents) in own {
        let of_layer = of_layers.contains(&path);
        let taken = files.insert(path.clone(), contents).is_some();
        if taken && (of_layer || !merged.contains(&path.as_str())) {
            left_out.push(path);
        }
    }
    let artifact = |(path, contents)| Artifact {
        path: format!("{}/{path}", function_app.name),
        executable: function_app
            .profile
            .executable
            .as_ref()
            .is_some_and(|it| it.file == path),
        contents,
    };
    Folder {
        artifacts: files.into_iter().map(artifact).collect(),
        left_out,
    }
}

/// Returns the files of the app's layers at their paths in them.
fn layers(
    app: &App,
    function_app: &FunctionApp<'_>,
    package: &Package,
) -> BTreeMap<String, Contents> {
    let used = function_app.profile.layers.iter();
    let folders = used.filter_map(|it| app.layers.get(it)?.folder.as_ref());
    let files = folders.flat_map(|it| package.layer(it.as_str()));
    files
        .map(|(path, file)| (path.to_owned(), Contents::Owned(file.contents.clone())))
        .collect()
}

fn generated(
    app: &App,
    plan: &Plan<'_>,
    function_app: &FunctionApp<'_>,
    manifests: &dyn Fn(&str) -> Vec<String>,
) -> Vec<(String, Contents)> {
    let fixed = |text: &'static str| Contents::Borrowed(text.as_bytes());
    let made = |text: String| Contents::Owned(text.into_bytes());
    let view = entries_view(app, function_app);
    let tokens = function_app.has_tokens().then_some(&TOKENS);
    let libraries: Vec<&Library> = LIBRARIES
        .iter()
        .filter(|it| function_app.may_use(it.0))
        .chain(tokens)
        .collect();
    let copied = |all: &[&[File]]| -> Vec<(String, Contents)> {
        let all = all.iter().copied().flatten();
        all.map(|(name, text)| (format!("_fnc/{name}"), fixed(text)))
            .collect()
    };
    let lambda = function_app.takes_lambda();
    let shim_config = || made(json_text(&functions(app, function_app)));
    let mut files = match function_app.profile.runtime.language() {
        Language::Python => {
            let contract = lambda.then_some(&shared::CONTRACT_PYTHON[..]);
            let contract = contract.unwrap_or_default();
            let gate = &shared::GATE_PYTHON;
            let mut files = copied(&[&shared::PYTHON, gate, contract, &SHIM_PYTHON]);
            let named = libraries::requirements(
                &manifests("requirements.txt"),
                std::iter::once(PYTHON).chain(libraries.iter().map(|it| it.1)),
            );
            let entries = render("azure/function_app.py", &view);
            files.push(("_fnc/__init__.py".to_owned(), fixed("")));
            files.push(("_fnc/functions.json".to_owned(), shim_config()));
            files.push(("function_app.py".to_owned(), made(entries)));
            files.push(("requirements.txt".to_owned(), made(named)));
            files
        }
        Language::Node => {
            let contract = lambda.then_some(&shared::CONTRACT_NODE[..]);
            let contract = contract.unwrap_or_default();
            let mut files = copied(&[&shared::NODE, &shared::GATE_NODE, contract, &SHIM_NODE]);
            let named = package_json(app, &manifests("package.json"), &libraries);
            let entries = render("azure/function_app.mjs", &view);
            files.push(("_fnc/functions.json".to_owned(), shim_config()));
            files.push(("function_app.mjs".to_owned(), made(entries)));
            files.push(("package.json".to_owned(), made(named)));
            files
        }
        Language::Other => function_jsons(function_app, &view.entries)
            .into_iter()
            .map(|(path, it)| (path, made(json_text(&it))))
            .collect(),
    };
    let local = local_settings(
        worker(function_app.profile.runtime),
        &settings(app, plan, function_app),
    );
    let settings = [
        ("host.json", host_json(function_app)),
        ("local.settings.json", local),
    ];
    files.extend(settings.map(|(path, it)| (path.to_owned(), made(json_text(&it)))));
    files
}

/// Returns Azure's name of a language (Azure Functions, "App settings reference", `FUNCTIONS_WORKER_RUNTIME`).
pub(super) fn worker(runtime: Runtime) -> &'static str {
    match runtime.language() {
        Language::Python => "python",
        Language::Node => "node",
        // Images are an error, so nothing is built from them.
        Language::Other => "custom",
    }
}

/// Returns the user's `package.json` with our entry and dependencies; a version that the user names stays.
fn package_json(app: &App, given: &[String], libraries: &[&Library]) -> String {
    let ours = std::iter::once(NODE).chain(libraries.iter().map(|it| it.2));
    let mut made = libraries::package_json(given, ours);
    made.entry("name").or_insert_with(|| json!(app.stem()));
    made.entry("version").or_insert_with(|| json!("0.0.0"));
    made.entry("private").or_insert_with(|| json!(true));
    made.insert("main".to_owned(), json!("function_app.mjs"));
    json_text(&Value::Object(made))
}

/// Returns JSON over several lines, with a newline at the end.
pub(super) fn json_text(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text + "\n"
}
