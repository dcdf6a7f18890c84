//! Programs compiled for Azure inside the test process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fnc::check::{Choices, HandlerFiles, check};
use fnc::diagnostic::{Diagnostics, Style, has_errors, render, sort};
use fnc::model::App;
use fnc::source::Sources;
use fnc::syntax::parse;
use fnc::target::{Build, Package, Target, build};
use serde_json::Value;

/// A program and the files beside it.
pub(crate) struct Program {
    sources: Sources,
    pub(crate) app: Option<App>,
    found: Diagnostics,
    pub(crate) package: Package,
}

struct Files<'a>(&'a Package);

impl HandlerFiles for Files<'_> {
    fn read(&self, path: &str) -> Option<String> {
        let file = self.0.files.get(path);
        file.map(|it| String::from_utf8(it.clone()).unwrap())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.0
            .folder(folder)
            .map(|(path, _)| path.to_owned())
            .collect()
    }
}

/// Every handler is there: nothing to look for.
struct Anything;

impl HandlerFiles for Anything {
    fn read(&self, _path: &str) -> Option<String> {
        Some("def handle(event, context): pass\nexport function handle() {}\n".to_owned())
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

impl Program {
    fn checked(
        path: &str,
        text: &str,
        stage: Option<&str>,
        package: Package,
        files: &dyn HandlerFiles,
    ) -> Program {
        let mut sources = Sources::default();
        let id = sources.add(path, text);
        let parsed = parse(sources.get(id).unwrap());
        let choices = Choices {
            stage: stage.map(str::to_owned),
            ..Choices::default()
        };
        let checked = check(&[parsed.file], &choices, files);
        let mut found = parsed.diagnostics;
        found.extend(checked.diagnostics);
        Program {
            sources,
            app: checked.app,
            found,
            package,
        }
    }

    /// Reads a program whose handlers don't matter.
    pub(crate) fn text(text: &str) -> Program {
        Program::checked("app.fn", text, None, Package::default(), &Anything)
    }

    pub(crate) fn example(name: &str, stage: Option<&str>) -> Program {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(name);
        let mut package = Package::default();
        read_folder(&root, "", &mut package.files);
        let text = String::from_utf8(package.files["app.fn"].clone()).unwrap();
        let files = package.clone();
        Program::checked("app.fn", &text, stage, package, &Files(&files))
    }

    /// Builds it; with everything found on the way in source order.
    pub(crate) fn build(&self) -> (Option<Build>, Diagnostics) {
        let mut found = self.found.clone();
        let mut made = None;
        if let Some(app) = self.app.as_ref().filter(|_| !has_errors(&found)) {
            let built = build(app, Target::Azure, &self.package);
            found.extend(built.diagnostics);
            made = built.build;
        }
        sort(&mut found);
        (made, found)
    }

    pub(crate) fn built(&self) -> BTreeMap<String, String> {
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

    pub(crate) fn json(&self, path: &str) -> Value {
        let built = self.built();
        let text = built
            .get(path)
            .unwrap_or_else(|| panic!("{path} among {:?}", built.keys()));
        serde_json::from_str(text).unwrap()
    }

    /// Returns the resources of this type in `azuredeploy.json`.
    pub(crate) fn resources(&self, kind: &str) -> Vec<Value> {
        let template = self.json("azuredeploy.json");
        let all = template["resources"].as_array().unwrap().iter();
        all.filter(|it| it["type"] == kind).cloned().collect()
    }

    /// Returns the codes of Azure's own findings, in source order.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        let (_, found) = self.build();
        let codes = found.iter().map(|it| it.code.name());
        codes
            .filter(|it| it.starts_with("FN08") || it.starts_with("FN09"))
            .collect()
    }

    pub(crate) fn shown(&self, found: &Diagnostics) -> String {
        let shown = found
            .iter()
            .map(|it| render(it, &self.sources, Style::default()));
        shown.collect::<Vec<_>>().join("\n")
    }
}

fn read_folder(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with('.')
            || ["build", "node_modules", "__pycache__"].contains(&name.as_str())
        {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), into);
        } else {
            into.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}
