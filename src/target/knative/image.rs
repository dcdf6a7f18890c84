//! Container images: one for each runtime, and one more for each handler folder with packages of its own.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use serde::Serialize;

use super::router;
use crate::model::{App, Arch, Contract, Function, Language, Runtime};
use crate::target::libraries;
use crate::target::name::{dashed, digest};
use crate::target::render::render;
use crate::target::shared::{self, File, files};
use crate::target::{Artifact, Package};

const PYTHON: [File; 4] = files!("knative": "gate.py" "router.py" "server.py" "shim.py");
const NODE: [File; 4] = files!("knative": "gate.mjs" "router.mjs" "server.mjs" "shim.mjs");

/// An image and the functions in it.
#[derive(Debug)]
pub(super) struct Image {
    /// Its name as the manifests write it: `shop/python3.13`.
    pub(super) name: String,
    /// Its folder below `images/`.
    pub(super) folder: String,
    /// The processor it is built for, by the name of Kubernetes and Docker; empty: the builder's own.
    pub(super) arch: &'static str,
    /// A tag that changes with what the image holds.
    pub(super) tag: String,
    /// The files of its folder.
    pub(super) artifacts: Vec<Artifact>,
    /// Its functions.
    pub(super) functions: IndexSet<String>,
}

impl Image {
    /// Tells whether a function is in it.
    pub(super) fn holds(&self, function: Option<&Function>) -> bool {
        function.is_some_and(|it| self.functions.contains(&it.name.value))
    }
}

#[derive(Serialize)]
struct Dockerfile<'a> {
    version: &'a str,
    packages: bool,
    /// Whether the shim uses one of them.
    shim_packages: bool,
}

/// Returns the images, in the order that the program needs them.
pub(super) fn images(app: &App, package: &Package) -> Vec<Image> {
    let mut groups: Vec<(Runtime, &str, &'static str, Vec<&Function>)> = Vec::new();
    for function in app.functions.values() {
        let runtime = function.runtime.value;
        let own = own_packages(package, function);
        let arch = arch(function);
        let alike = |it: &&mut (Runtime, &str, &str, _)| (it.0, it.1, it.2) == (runtime, own, arch);
        match groups.iter_mut().find(alike) {
            Some((_, _, _, functions)) => functions.push(function),
            None => groups.push((runtime, own, arch, vec![function])),
        }
    }
    let made = groups.into_iter();
    made.map(|(runtime, own, arch, functions)| image(app, package, runtime, own, arch, &functions))
        .collect()
}

/// Returns the processor that a function asks for.
fn arch(function: &Function) -> &'static str {
    match function.arch.value {
        _ if !function.arch.is_written() => "",
        Arch::X64 => "amd64",
        Arch::Arm64 => "arm64",
    }
}

/// Returns the handler's folder when it says itself which packages it needs, else nothing.
fn own_packages<'a>(package: &Package, function: &'a Function) -> &'a str {
    let folder = function.handler.folder();
    let manifest = format!("{folder}/{}", manifest(function.runtime.value));
    if package.files.contains_key(&manifest) {
        folder
    } else {
        ""
    }
}

fn manifest(runtime: Runtime) -> &'static str {
    match runtime.language() {
        Language::Python => "requirements.txt",
        Language::Node | Language::Other => "package.json",
    }
}

/// Tells whether the router runs in the image of these functions.
fn is_routers(app: &App, functions: &[&Function]) -> bool {
    let routed = app.functions.values().find(|it| it.has_http());
    routed.is_some_and(|first| functions.iter().any(|it| it.name.value == first.name.value))
}

/// Returns what an image installs: what the user's file names and, where the router verifies tokens in it, a library that can.
fn packages(
    app: &App,
    package: &Package,
    runtime: Runtime,
    own: &str,
    functions: &[&Function],
) -> Option<Vec<u8>> {
    let given = package.manifest(own, manifest(runtime));
    if !is_routers(app, functions) || !router::has_tokens(app) {
        return given.map(<[u8]>::to_vec);
    }
    let given: Vec<String> = given
        .into_iter()
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .collect();
    let text = match runtime.language() {
        Language::Python => libraries::requirements(&given, std::iter::once(libraries::TOKENS.0)),
        Language::Node | Language::Other => {
            let made = libraries::package_json(&given, std::iter::once(libraries::TOKENS.1));
            format!("{:#}\n", serde_json::Value::Object(made))
        }
    };
    Some(text.into_bytes())
}

fn image(
    app: &App,
    package: &Package,
    runtime: Runtime,
    own: &str,
    arch: &'static str,
    functions: &[&Function],
) -> Image {
    let mut folder = runtime.word().to_owned();
    if !arch.is_empty() {
        folder = format!("{folder}-{arch}");
    }
    if !own.is_empty() {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let suffix: String = own.chars().map(plain).collect();
        let hash = digest(own.bytes()) & 0xffff;
        folder = format!("{folder}-{}-{hash:04x}", suffix.trim_matches('-'));
    }
    let mut artifacts = Vec::new();
    let packages = packages(app, package, runtime, own, functions);
    let view = Dockerfile {
        version: runtime.version(),
        packages: packages.is_some(),
        shim_packages: is_routers(app, functions) && router::has_tokens(app),
    };
    let (template, portable, gate, contract, shim) = match runtime.language() {
        Language::Python => (
            "knative/python.Dockerfile",
            shared::PYTHON,
            shared::GATE_PYTHON,
            shared::CONTRACT_PYTHON,
            PYTHON,
        ),
        Language::Node | Language::Other => (
            "knative/node.Dockerfile",
            shared::NODE,
            shared::GATE_NODE,
            shared::CONTRACT_NODE,
            NODE,
        ),
    };
    artifacts.push(Artifact::new("Dockerfile", render(template, &view)));
    let lambda = functions
        .iter()
        .any(|it| it.contract.value == Contract::Lambda);
    let contract = contract.into_iter().filter(|_| lambda);
    let shims = portable.into_iter().chain(gate).chain(contract).chain(shim);
    for (name, text) in shims {
        artifacts.push(Artifact::fixed(format!("_fnc/{name}"), text));
    }
    if let Some(contents) = packages {
        artifacts.push(Artifact::new(manifest(runtime), contents));
    }
    let folders: BTreeSet<&str> = functions.iter().map(|it| it.handler.folder()).collect();
    for folder in folders {
        for (path, contents) in package.folder(folder) {
            artifacts.push(Artifact::new(format!("app/{path}"), contents));
        }
    }
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    artifacts.dedup_by(|a, b| a.path == b.path);
    let tag = digest(artifacts.iter().flat_map(|it| {
        let sizes = [it.path.len(), it.contents.len()].map(|it| (it as u64).to_le_bytes());
        let texts = it.path.bytes().chain(it.contents.iter().copied());
        sizes
            .into_iter()
            .flatten()
            .chain(texts)
            .collect::<Vec<u8>>()
    }));
    for artifact in &mut artifacts {
        artifact.path = format!("images/{folder}/{}", artifact.path);
    }
    Image {
        name: format!(
            "{}/{folder}",
            dashed(app.name.as_str()).trim_end_matches('-')
        ),
        folder,
        arch,
        tag: format!("{tag:016x}"),
        artifacts,
        functions: functions.iter().map(|it| it.name.value.clone()).collect(),
    }
}
