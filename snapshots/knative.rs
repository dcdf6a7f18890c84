//! Knative: build folders of the examples, and what single words become.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use fnc::check::{Choices, HandlerFiles, check};
use fnc::diagnostic::{Diagnostics, Style, has_errors, render, sort};
use fnc::model::App;
use fnc::source::Sources;
use fnc::syntax::parse;
use fnc::target::{Build, Package, Target, build};
use serde_json::Value;

mod admission;
mod diagnostics;
mod examples;
mod words;

/// A program, and the files beside it.
struct Program {
    sources: Sources,
    app: Option<App>,
    found: Diagnostics,
    package: Package,
}

/// The handler files that a program names, or any.
struct Files<'a>(Option<&'a Package>);

impl HandlerFiles for Files<'_> {
    fn read(&self, path: &str) -> Option<String> {
        match self.0 {
            None => {
                Some("def handle(event, context): pass\nexport function handle() {}\n".to_owned())
            }
            Some(package) => {
                let file = package.files.get(path);
                file.map(|it| String::from_utf8(it.clone()).unwrap())
            }
        }
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

impl Program {
    fn new(text: &str, stage: Option<&str>, package: Package, files: &Files<'_>) -> Program {
        let mut sources = Sources::default();
        let id = sources.add("app.fn", text);
        let parsed = parse(sources.get(id).unwrap());
        let choices = Choices {
            stage: stage.map(str::to_owned),
            ..Choices::default()
        };
        let checked = check(&[parsed.file], &choices, files);
        let mut found = parsed.diagnostics;
        found.extend(checked.diagnostics);
        let app = checked.app.filter(|_| !has_errors(&found));
        Program {
            sources,
            app,
            found,
            package,
        }
    }

    /// Reads a program whose handlers don't matter.
    fn text(text: &str) -> Program {
        Program::new(text, None, Package::default(), &Files(None))
    }

    /// Reads an example, with its files.
    fn example(name: &str, stage: Option<&str>) -> Program {
        Program::folder(&format!("examples/{name}"), stage)
    }

    /// Reads a program of the repository, with its files.
    fn folder(path: &str, stage: Option<&str>) -> Program {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let mut package = Package::default();
        read_folder(&root, "", &mut package.files);
        let text = String::from_utf8(package.files["app.fn"].clone()).unwrap();
        // What `fnc build` packs: the handlers' folders, and the manifests beside the program.
        let packed =
            |path: &String| path.starts_with("src/") || !path.contains('/') && path != "app.fn";
        let files = package.clone();
        package
            .files
            .retain(|path, _| packed(path) && path != "README.md");
        Program::new(&text, stage, package, &Files(Some(&files)))
    }

    /// Builds it; everything that was found on the way comes in source order.
    fn build(&self) -> (Option<Build>, Diagnostics) {
        let mut found = self.found.clone();
        let built = self
            .app
            .as_ref()
            .map(|app| build(app, Target::Knative, &self.package));
        let made = built.and_then(|it| {
            found.extend(it.diagnostics);
            it.build
        });
        sort(&mut found);
        (made, found)
    }

    /// Returns the texts of the build folder.
    fn built(&self) -> BTreeMap<String, String> {
        let (made, found) = self.build();
        let made = made.unwrap_or_else(|| panic!("{}", self.shown(&found)));
        let files = made.artifacts.into_iter();
        files
            .map(|it| {
                (
                    it.path,
                    String::from_utf8(it.contents.into_owned()).unwrap(),
                )
            })
            .collect()
    }

    /// Returns every object of the manifests, by kind and name.
    fn objects(&self) -> BTreeMap<(String, String), Value> {
        let mut objects = BTreeMap::new();
        for (path, text) in self.built() {
            if path.contains(".yaml") && path != "kustomization.yaml" {
                for object in documents(&text) {
                    let text = |it: &Value| it.as_str().unwrap().to_owned();
                    let key = (text(&object["kind"]), text(&object["metadata"]["name"]));
                    assert!(
                        objects.insert(key.clone(), object).is_none(),
                        "{key:?} twice"
                    );
                }
            }
        }
        objects
    }

    /// Returns one object.
    fn object(&self, kind: &str, name: &str) -> Value {
        let objects = self.objects();
        let names: Vec<_> = objects.keys().cloned().collect();
        let found = objects.get(&(kind.to_owned(), name.to_owned()));
        found
            .unwrap_or_else(|| panic!("no {kind} {name} in {names:?}"))
            .clone()
    }

    fn shown(&self, found: &Diagnostics) -> String {
        let drawn = found
            .iter()
            .map(|it| render(it, &self.sources, Style::default()));
        drawn.collect()
    }
}

/// Reads YAML with a parser of its own.
fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml_ng::Deserializer::from_str(text);
    documents
        .map(|it| serde::Deserialize::deserialize(it).unwrap())
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "examples are files")]
fn read_folder(root: &Path, folder: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        if name.starts_with('.')
            || ["build", "node_modules", "__pycache__"].contains(&name.as_str())
        {
            continue;
        }
        if entry.path().is_dir() {
            read_folder(root, &path, files);
        } else {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}
