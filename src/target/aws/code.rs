//! Code folders: the handlers' folders whole, the shim, one entry, and a line about each function.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::config::config;
use super::direct;
use super::names::Names;
use crate::model::{App, Function, Language, Runtime, TriggerKind};
use crate::target::name::hash;
use crate::target::shared::{self, File, files};
use crate::target::{Artifact, Package};
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// The shim and its parts.
const PYTHON: [File; 9] = files!("aws":
    "entry.py" "messages.py" "native.py" "payload.py" "result.py" "rows.py" "services.py" "shim.py" "verbs.py"
);
const NODE: [File; 9] = files!("aws":
    "entry.mjs" "messages.mjs" "native.mjs" "payload.mjs" "result.mjs" "rows.mjs" "services.mjs" "shim.mjs" "verbs.mjs"
);
/// What lays layers under the code, and the entry that calls it.
const LAYERS_PYTHON: [File; 2] = [
    (
        "entry.py",
        include_str!("../../../targets/aws/entry_layers.py"),
    ),
    ("layers.py", include_str!("../../../targets/aws/layers.py")),
];
const LAYERS_NODE: [File; 2] = [
    (
        "entry.mjs",
        include_str!("../../../targets/aws/entry_layers.mjs"),
    ),
    (
        "layers.mjs",
        include_str!("../../../targets/aws/layers.mjs"),
    ),
];

/// What Lambda starts where no runtime of its own does.
const BOOTSTRAP: &str = "bootstrap";

/// What Lambda calls: a module in the code folder, and a symbol of it.
const HANDLER: &str = "_fnc/entry.handler";

/// The variable that tells the entry which function it serves.
pub(super) const FUNCTION: &str = "FNC_FUNCTION";

/// The code folders of a program, each packed into one archive: functions share one where they are written in the
/// same language and installed by the same manifest.
#[derive(Debug)]
pub(super) struct Code {
    folders: Vec<Folder>,
    of_function: IndexMap<String, usize>,
    /// What Lambda calls itself, by function.
    direct: IndexMap<String, String>,
}

#[derive(Debug)]
struct Folder {
    name: String,
    language: Language,
    /// The path of the `requirements.txt` or `package.json`, where there is one.
    manifest: Option<String>,
}

impl Code {
    /// Sorts the functions into folders.
    pub(super) fn new(app: &App, package: &Package) -> Code {
        let mut folders: IndexMap<(Language, Option<String>), Folder> = IndexMap::new();
        let mut of_function = IndexMap::new();
        // An image has a folder of its own.
        let packed = |it: &&Function| it.runtime.value != Runtime::Container;
        for function in app.functions.values().filter(packed) {
            let language = function.runtime.value.language();
            let manifest = match language {
                Language::Python | Language::Node => {
                    manifest(package, function.handler.folder(), language)
                }
                // What Lambda starts itself can't lie beside the file that starts others.
                Language::Other => {
                    Some(BOOTSTRAP.to_owned()).filter(|it| *it == function.handler.file)
                }
            };
            let next = Folder {
                name: String::new(),
                language,
                manifest: manifest.clone(),
            };
            let entry = folders.entry((language, manifest));
            of_function.insert(function.name.value.clone(), entry.index());
            entry.or_insert(next);
        }
        let mut folders: Vec<Folder> = folders.into_values().collect();
        name_folders(&mut folders);
        let functions = app.functions.values();
        let direct = functions.filter_map(|it| {
            let handler = direct::handler(app, package, it)?;
            Some((it.name.value.clone(), handler))
        });
        Code {
            folders,
            of_function,
            direct: direct.collect(),
        }
    }

    /// Returns the folder that holds a function's code.
    pub(super) fn folder_of(&self, function: &Function) -> &str {
        let folder = self.of_function.get(function.name.as_str());
        let folder = folder.and_then(|it| self.folders.get(*it));
        folder.map_or("", |it| it.name.as_str())
    }

    /// Returns what Lambda calls for a function: the handler itself where nothing is to be done around it, else the entry.
    pub(super) fn handler(&self, function: &Function) -> String {
        let direct = self.direct.get(function.name.as_str());
        direct.map_or(HANDLER, String::as_str).to_owned()
    }

    /// Returns the names of all folders.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(|it| it.name.as_str())
    }

    /// Returns all files of all folders.
    pub(super) fn artifacts(&self, app: &App, names: &Names, package: &Package) -> Vec<Artifact> {
        let mut inside: Vec<Vec<(&Function, bool)>> =
            self.folders.iter().map(|_| Vec::new()).collect();
        for function in app.functions.values() {
            let folder = self.of_function.get(function.name.as_str());
            if let Some(functions) = folder.and_then(|it| inside.get_mut(*it)) {
                let shimmed = !self.direct.contains_key(function.name.as_str());
                functions.push((function, shimmed));
            }
        }
        let mut made = Vec::new();
        for (folder, functions) in self.folders.iter().zip(&inside) {
            for (path, contents) in folder.files(app, names, package, functions) {
                let executable = folder.language == Language::Other
                    && (path == BOOTSTRAP || functions.iter().any(|it| path == it.0.handler.file));
                let path = format!("{}/{path}", folder.name);
                made.push(Artifact {
                    path,
                    contents,
                    executable,
                });
            }
        }
        made
    }
}

impl Folder {
    fn files(
        &self,
        app: &App,
        names: &Names,
        package: &Package,
        inside: &[(&Function, bool)],
    ) -> BTreeMap<String, Cow<'static, [u8]>> {
        let mut files = BTreeMap::new();
        let functions: Vec<&Function> = inside.iter().map(|it| it.0).collect();
        let shimmed: Vec<&Function> = inside.iter().filter(|it| it.1).map(|it| it.0).collect();
        let folders: BTreeSet<&str> = functions.iter().map(|it| it.handler.folder()).collect();
        for folder in folders {
            for (path, contents) in package.folder(folder) {
                files.insert(path.to_owned(), Cow::Owned(contents.to_vec()));
            }
        }
        if self.language == Language::Other {
            if self.manifest.is_none() {
                let text = include_str!("../../../targets/aws/bootstrap");
                files.insert(BOOTSTRAP.to_owned(), Cow::Borrowed(text.as_bytes()));
            }
            return files;
        }
        let (portable, shim, layers) = match self.language {
            Language::Python => (shared::PYTHON, PYTHON, LAYERS_PYTHON),
            Language::Node | Language::Other => (shared::NODE, NODE, LAYERS_NODE),
        };
        let layered = shimmed.iter().any(|it| !it.layers.is_empty());
        let layers = layers.into_iter().filter(|_| layered);
        let files_of_shim = portable.into_iter().chain(shim).chain(layers);
        for (name, text) in files_of_shim.filter(|_| !shimmed.is_empty()) {
            files.insert(format!("_fnc/{name}"), Cow::Borrowed(text.as_bytes()));
        }
        if !shimmed.is_empty() {
            let configs = shimmed.iter().map(|it| config(app, names, it));
            let lines = Cow::Owned(lines(configs).into_bytes());
            files.insert("_fnc/functions.jsonl".to_owned(), lines);
        }
        let needed = self.manifest_text(package, &functions);
        if let Some(text) = needed {
            let name = manifest_name(self.language).to_owned();
            files.insert(name, Cow::Owned(text));
        }
        files
    }

    /// Returns the manifest at the top of the folder, where the tools that install packages look for it.
    fn manifest_text(&self, package: &Package, functions: &[&Function]) -> Option<Vec<u8>> {
        let given = self.manifest.as_ref().and_then(|it| package.files.get(it));
        let mut text = given.cloned();
        if self.language == Language::Python && functions.iter().any(|it| needs_zones(it)) {
            let text = text.get_or_insert_default();
            if !text.is_empty() && !text.ends_with(b"\n") {
                text.push(b'\n');
            }
            text.extend_from_slice(b"tzdata\n");
        }
        text
    }
}

/// Returns the configs of functions, each on a line that begins with the function's name: an instance looks for its
/// own and reads no other.
fn lines(configs: impl Iterator<Item = Value>) -> String {
    let mut made = String::new();
    for config in configs {
        let name = config.get("function").cloned().unwrap_or_default();
        let mut line = Map::from_iter([("function".to_owned(), name)]);
        line.extend(config.as_object().cloned().unwrap_or_default());
        made.push_str(&Value::Object(line).to_string());
        made.push('\n');
    }
    made
}

/// Tells whether the shim reads the local day of a tick, for which Python needs a table of time zones.
fn needs_zones(function: &Function) -> bool {
    function.triggers.iter().any(|it| match &it.kind {
        TriggerKind::Schedule(it) => {
            let zone = it.zone.as_ref().is_some_and(|it| it.value != "UTC");
            let expressions = super::cron::from_cron(&it.cron.value);
            zone && expressions.iter().any(|it| !it.skipped_days.is_empty())
        }
        TriggerKind::Http(_)
        | TriggerKind::Every(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => false,
    })
}

fn manifest_name(language: Language) -> &'static str {
    match language {
        Language::Python => "requirements.txt",
        Language::Node | Language::Other => "package.json",
    }
}

/// Returns the path of the manifest that holds for handlers in `folder`.
fn manifest(package: &Package, folder: &str, language: Language) -> Option<String> {
    let name = manifest_name(language);
    let own = format!("{folder}/{name}");
    [own, name.to_owned()]
        .into_iter()
        .find(|it| package.files.contains_key(it))
}

/// Names the folders after their languages, and after the folder of the manifest where a language has several.
fn name_folders(folders: &mut [Folder]) {
    let languages: Vec<Language> = folders.iter().map(|it| it.language).collect();
    let mut taken = BTreeSet::new();
    for folder in folders {
        let language = match folder.language {
            Language::Python => "python",
            Language::Node => "node",
            Language::Other => "custom",
        };
        let alone = languages
            .iter()
            .filter(|it| **it == folder.language)
            .count()
            == 1;
        let home = folder
            .manifest
            .as_deref()
            .and_then(|it| it.rsplit_once('/'));
        folder.name = match home {
            Some((home, _)) if !alone => {
                let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
                let name: String = home.chars().map(plain).collect();
                format!("{language}-{name}")
            }
            _ => language.to_owned(),
        };
        if !taken.insert(folder.name.clone()) {
            let home = home.map_or("", |(home, _)| home);
            folder.name = format!("{}-{}", folder.name, hash(home));
        }
    }
}
