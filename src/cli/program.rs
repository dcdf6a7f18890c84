//! The program a command works on: its sources and trees, and the handler files beside it.

#![expect(clippy::disallowed_methods, reason = "programs are read from disk")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::imports::Imported;
use super::{Failure, shown};
use crate::check::{Checked, Choices, HandlerFiles, check, scenarios};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest, has_errors};
use crate::model::Scenario;
use crate::source::{SourceId, Sources, Span};
use crate::syntax::{ast, parse};

/// Which program, and what is chosen in it.
#[derive(Debug, Args)]
pub(crate) struct ProgramArgs {
    /// A `.fn` file, or a folder that holds app.fn
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Choose a stage
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<String>,

    /// Give a param a value; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// A program that was read.
#[derive(Debug)]
pub(crate) struct Program {
    /// The folder it is in; handler files are relative to it.
    pub(crate) folder: PathBuf,
    /// Its texts.
    pub(crate) sources: Sources,
    /// The stages it declares.
    pub(crate) stages: Vec<String>,
    files: Vec<ast::File>,
    /// The files of tests beside it.
    tests: Vec<ast::File>,
    values: Vec<(String, String)>,
    found: Diagnostics,
}

impl Program {
    /// Reads and parses the program.
    pub(crate) fn load(args: &ProgramArgs) -> Result<Program, Failure> {
        let file = if args.path.is_dir() {
            args.path.join("app.fn")
        } else {
            args.path.clone()
        };
        if args.path.is_dir() && !file.is_file() {
            let folder = shown(&args.path);
            let message = format!(
                "there is no app.fn in `{folder}`; name a `.fn` file, or begin with `fnc init`"
            );
            return Err(Failure::Machine(message));
        }
        let parent = file.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).to_owned();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut sources = Sources::default();
        let imported = Imported::read(&folder, &name, &mut sources)?;
        let program = Program {
            folder,
            sources,
            stages: imported.files.iter().flat_map(declared_stages).collect(),
            files: imported.files,
            tests: Vec::new(),
            values: args.values.clone(),
            found: imported.found,
        };
        // Where the text is broken, its stages and params may be missing for that reason.
        if !has_errors(&program.found) {
            program.verify(args)?;
        }
        Ok(program)
    }

    /// Reads the files of tests beside the program: every `NAME.test.fn` beside an app.fn, beside another
    /// program only those that begin with its name.
    pub(crate) fn load_tests(&mut self, args: &ProgramArgs) -> Result<(), Failure> {
        let stem = match args.path.file_stem() {
            Some(stem) if args.path.is_file() && stem != "app" => stem.to_string_lossy(),
            Some(_) | None => "".into(),
        };
        let entries = fs::read_dir(&self.folder).map_err(Failure::file("read", &self.folder))?;
        let names = entries
            .flatten()
            .filter_map(|it| it.file_name().into_string().ok());
        let belongs = |name: &String| {
            let own = name.strip_suffix(".test.fn");
            own.is_some_and(|it| {
                stem.is_empty() || it == stem || it.starts_with(&format!("{stem}."))
            })
        };
        let mut names: Vec<String> = names.filter(belongs).collect();
        names.sort();
        for name in names {
            let path = self.folder.join(name);
            let bytes = fs::read(&path).map_err(Failure::file("read", &path))?;
            let (text, broken) = decode(bytes);
            let id = self.sources.add(shown(&path), text);
            let source = self.sources.get(id).expect("the source was just added");
            let parsed = parse(source);
            match broken {
                Some(at) => self.found.push(not_utf8(id, at)),
                None => self.found.extend(parsed.diagnostics),
            }
            self.tests.push(parsed.file);
        }
        Ok(())
    }

    /// Returns the tests beside the program, by file, as one stage of it reads them.
    pub(crate) fn scenarios(&self, stage: Option<&str>) -> (Vec<Scenario>, Diagnostics) {
        scenarios(&self.files, &self.tests, &self.choices(stage))
    }

    /// Returns the stage named on the command line, else the first one declared.
    pub(crate) fn chosen_stage<'a>(&'a self, args: &'a ProgramArgs) -> Option<&'a str> {
        args.stage
            .as_deref()
            .or(self.stages.first().map(String::as_str))
    }

    /// Returns the stage named on the command line, else every stage; `None` stands for a program without.
    pub(crate) fn chosen_stages<'a>(&'a self, args: &'a ProgramArgs) -> Vec<Option<&'a str>> {
        match &args.stage {
            Some(stage) => vec![Some(stage)],
            None if self.stages.is_empty() => vec![None],
            None => self.stages.iter().map(|it| Some(it.as_str())).collect(),
        }
    }

    /// Tells whether the program lies in a folder or below it.
    pub(crate) fn is_inside(&self, folder: &Path) -> bool {
        let (Ok(folder), Ok(own)) = (folder.canonicalize(), self.folder.canonicalize()) else {
            return false;
        };
        own.starts_with(folder)
    }

    /// Checks one stage; no stage: the first one declared.
    pub(crate) fn check(&self, stage: Option<&str>) -> Checked {
        let handlers = Disk {
            folder: &self.folder,
        };
        let mut checked = check(&self.files, &self.choices(stage), &handlers);
        checked.diagnostics.extend(self.found.iter().cloned());
        checked
    }

    fn choices(&self, stage: Option<&str>) -> Choices {
        Choices {
            stage: stage.map(ToOwned::to_owned),
            values: self.values.iter().cloned().collect(),
        }
    }

    /// Refuses a stage or a param on the command line that the program doesn't have.
    fn verify(&self, args: &ProgramArgs) -> Result<(), Failure> {
        if let Some(stage) = &args.stage
            && !self.stages.contains(stage)
        {
            return Err(Failure::Usage(unknown("stage", stage, &self.stages)));
        }
        let params: Vec<String> = self.files.iter().flat_map(declared_params).collect();
        match args.values.iter().find(|(name, _)| !params.contains(name)) {
            Some((name, _)) => Err(Failure::Usage(unknown("param", name, &params))),
            None => Ok(()),
        }
    }
}

/// Says that there is no such name, and which there are.
fn unknown(kind: &str, name: &str, known: &[String]) -> String {
    let names = || known.iter().map(String::as_str);
    let hint = match closest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "the program declares none".to_owned(),
        None => {
            let list: Vec<_> = names().map(|it| format!("`{it}`")).collect();
            format!("the program declares {}", list.join(", "))
        }
    };
    format!("there is no {kind} `{name}`; {hint}")
}

fn declared_stages(file: &ast::File) -> Vec<String> {
    let mut stages = Vec::new();
    for declaration in &file.declarations {
        if let ast::DeclarationKind::Stages(it) = &declaration.kind {
            stages.extend(it.names.iter().map(|name| name.value.to_string()));
        }
    }
    stages
}

fn declared_params(file: &ast::File) -> Vec<String> {
    let mut params = Vec::new();
    for declaration in &file.declarations {
        if let ast::DeclarationKind::Param(it) = &declaration.kind {
            params.push(it.name.value.to_string());
        }
    }
    params
}

/// Returns the text, and where the first byte stands that isn't UTF-8; such bytes are replaced.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            (
                String::from_utf8_lossy(error.as_bytes()).into_owned(),
                Some(at),
            )
        }
    }
}

/// Says that a file is not UTF-8.
pub(crate) fn not_utf8(source: SourceId, at: usize) -> Diagnostic {
    let span = Span::new(source, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
    Diagnostic::new(Code::FN0101, "this file is not UTF-8")
        .label(span, "the first byte that isn't")
        .help("save the file in UTF-8")
}

/// The handler files on disk.
struct Disk<'a> {
    folder: &'a Path,
}

impl HandlerFiles for Disk<'_> {
    fn read(&self, path: &str) -> Option<String> {
        let bytes = fs::read(self.folder.join(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.join(folder)) else {
            return Vec::new();
        };
        let files = entries.flatten().filter(|it| it.path().is_file());
        let names = files.filter_map(|it| it.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn has_folder(&self, folder: &str) -> bool {
        self.folder.join(folder).is_dir()
    }
}
