//! The folder of one function app.

use std::borrow::Cow;
use std::collections::BTreeMap;

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use super::config::functions;
use super::host::host_json;
use super::plan::{FunctionApp, Plan};
use super::settings::{local_settings, settings};
use super::view::entries_view;
use crate::model::{App, Language, Thing};
use crate::target::render::render;
use crate::target::shared::{self, File, files};
use crate::target::{Artifact, Package};

/// The libraries that the generated files import, in the versions they are tested with.
const PYTHON: &str = "azure-functions==2.3.0";
const NODE: (&str, &str) = ("@azure/functions", "4.16.5");
/// A library of the shim's for some kinds of resource: for Python, and for Node with its version.
type Library = (&'static [Thing], &'static str, (&'static str, &'static str));
const LIBRARIES: [Library; 5] = [
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
const TOKENS: Library = (&[], "PyJWT[crypto]==2.15.1", ("jose", "6.2.17"));

const SHIM_PYTHON: [File; 4] = files!("azure": "clients.py" "cors.py" "shim.py" "token.py");
const SHIM_NODE: [File; 4] = files!("azure": "clients.mjs" "cors.mjs" "shim.mjs" "token.mjs");

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
    let mut files: BTreeMap<String, Contents> = BTreeMap::new();
    let functions = function_app.functions.iter();
    let folders: IndexSet<&str> = functions.map(|it| it.handler.folder()).collect();
    for folder in &folders {
        for (path, contents) in package.folder(folder) {
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
        let taken = files.insert(path.clone(), contents).is_some();
        if taken && !merged.contains(&path.as_str()) {
            left_out.push(path);
        }
    }
    let artifact = |(path, contents)| Artifact {
        path: format!("{}/{path}", function_app.name),
        contents,
        executable: false,
    };
    Folder {
        artifacts: files.into_iter().map(artifact).collect(),
        left_out,
    }
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
    let (runtime, portable, shim, own) = match function_app.profile.runtime.language() {
        Language::Python => (
            "python",
            shared::PYTHON,
            SHIM_PYTHON,
            vec![
                ("_fnc/__init__.py", fixed("")),
                (
                    "function_app.py",
                    made(render("azure/function_app.py", &view)),
                ),
                (
                    "requirements.txt",
                    made(requirements(&manifests("requirements.txt"), &libraries)),
                ),
            ],
        ),
        Language::Node | Language::Other => (
            "node",
            shared::NODE,
            SHIM_NODE,
            vec![
                (
                    "function_app.mjs",
                    made(render("azure/function_app.mjs", &view)),
                ),
                (
                    "package.json",
                    made(package_json(app, &manifests("package.json"), &libraries)),
                ),
            ],
        ),
    };
    let settings = settings(app, plan, function_app);
    let own = own.into_iter().chain([
        (
            "_fnc/functions.json",
            made(json_text(&functions(app, function_app))),
        ),
        ("host.json", made(json_text(&host_json(function_app)))),
        (
            "local.settings.json",
            made(json_text(&local_settings(runtime, &settings))),
        ),
    ]);
    let own = own.map(|(path, contents)| (path.to_owned(), contents));
    let copied = portable.into_iter().chain(shim);
    let copied = copied.map(|(name, text)| (format!("_fnc/{name}"), fixed(text)));
    copied.chain(own).collect()
}

/// Returns the user's requirements and ours; a package that the user names already is left to them.
fn requirements(given: &[String], libraries: &[&Library]) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in given.iter().flat_map(|it| it.lines()) {
        if line.trim().is_empty() || !lines.contains(&line) {
            lines.push(line);
        }
    }
    let named: Vec<String> = lines.iter().map(|it| package_name(it)).collect();
    let ours = std::iter::once(PYTHON).chain(libraries.iter().map(|it| it.1));
    let ours: Vec<_> = ours
        .filter(|it| !named.contains(&package_name(it)))
        .collect();
    let mut text = lines.join("\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in ours {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// Returns the package that a line of requirements names, spelt as pip compares names (PEP 503).
fn package_name(line: &str) -> String {
    let line = line.trim();
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let name = line.get(..end.unwrap_or(line.len())).unwrap_or(line);
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Returns the user's `package.json` with our entry and dependencies; a version that the user names stays.
fn package_json(app: &App, given: &[String], libraries: &[&Library]) -> String {
    let mut made: Map<String, Value> = Map::new();
    let mut dependencies: Map<String, Value> = Map::new();
    for text in given {
        let Ok(Value::Object(one)) = serde_json::from_str(text) else {
            continue;
        };
        for (name, value) in one {
            if let (Some(more), "dependencies") = (value.as_object(), name.as_str()) {
                for (package, version) in more {
                    dependencies
                        .entry(package)
                        .or_insert_with(|| version.clone());
                }
            } else {
                made.entry(name).or_insert(value);
            }
        }
    }
    let ours = std::iter::once(NODE).chain(libraries.iter().map(|it| it.2));
    for (package, version) in ours {
        dependencies
            .entry(package)
            .or_insert_with(|| json!(version));
    }
    made.entry("name").or_insert_with(|| json!(app.stem()));
    made.entry("version").or_insert_with(|| json!("0.0.0"));
    made.entry("private").or_insert_with(|| json!(true));
    made.insert("main".to_owned(), json!("function_app.mjs"));
    made.insert("dependencies".to_owned(), Value::Object(dependencies));
    json_text(&Value::Object(made))
}

/// Returns JSON over several lines, with a newline at the end.
pub(super) fn json_text(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_merged() {
        let given = ["requests>=2\nAzure_Functions==1.0 # ours is newer\n".to_owned()];
        let text = requirements(&given, &[&LIBRARIES[0], &LIBRARIES[4]]);
        assert_eq!(
            text.lines().map(package_name).collect::<Vec<_>>(),
            [
                "requests",
                "azure-functions",
                "azure-servicebus",
                "azure-identity"
            ]
        );
        assert!(text.contains("Azure_Functions==1.0"));
        assert_eq!(requirements(&[], &[]), format!("{PYTHON}\n"));
    }
}
