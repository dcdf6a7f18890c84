//! `fnc build`: compiles a program into build folders.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::diff::unified;
use super::folder::Plan;
use super::pack::pack;
use super::targets;
use super::{Failure, Outcome, Program, ProgramArgs, TargetArgs, Terminal, shown};
use crate::diagnostic::{self, Severity, has_errors};
use crate::model::{App, Target};
use crate::target::{self, Build as Compiled};

/// Compile a program into build folders
#[derive(Debug, Args)]
pub(crate) struct Build {
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    targets: TargetArgs,

    /// Write into this folder; with several targets, into a folder for each below it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write nothing; show how the folders differ from what would be written
    #[arg(long)]
    check: bool,
}

/// A target's build folder and what it is to hold.
struct Folder {
    target: Target,
    path: PathBuf,
    plan: Plan,
    summary: Vec<String>,
    deploy: String,
}

impl Build {
    /// Compiles for each target, then writes; nothing is written when there is an error.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let program = Program::load(&self.program)?;
        let stage = program.chosen_stage(&self.program);
        let checked = program.check(stage);
        let mut found = checked.diagnostics;
        let mut built = Vec::new();
        if let Some(app) = &checked.app {
            let targets = self.targets.of(app);
            let paths = self.paths(&program, app, &targets);
            if let Some(path) = paths.iter().find(|it| program.is_inside(it)) {
                let path = shown(path);
                let message =
                    format!("`{path}` holds the program itself; build into another folder");
                return Err(Failure::Usage(message));
            }
            if has_errors(&found) {
                targets::check(app, &targets, &mut found);
            } else {
                let package = pack(&program.folder, app, &paths)?;
                for (target, path) in targets.into_iter().zip(paths) {
                    let compiled = target::build(app, target, &package);
                    found.extend(compiled.diagnostics);
                    built.extend(compiled.build.map(|it| (target, path, it)));
                }
            }
        }
        diagnostic::sort(&mut found);
        // Notes are for who checks a program; a build that prints pages of them hides its result.
        terminal.findings_from(Severity::Warning, &found, &program.sources);
        if has_errors(&found) {
            terminal.remark("nothing was written");
            return Ok(Outcome::Faulty);
        }
        let folders = built
            .into_iter()
            .map(|(target, path, it)| plan(target, path, it));
        let folders = folders.collect::<Result<Vec<Folder>, Failure>>()?;
        if self.check {
            return Ok(compare(&folders, terminal));
        }
        for folder in &folders {
            folder.plan.apply()?;
        }
        report(&folders, stage, terminal);
        Ok(Outcome::Done)
    }

    /// Returns the folder of each target.
    fn paths(&self, program: &Program, app: &App, targets: &[Target]) -> Vec<PathBuf> {
        let path = |target: &Target| match &self.out {
            Some(out) if targets.len() == 1 => out.clone(),
            Some(out) => out.join(target.word()),
            None => {
                let build = program.folder.join("build");
                let build = match &app.stage {
                    Some(stage) => build.join(stage),
                    None => build,
                };
                build.join(target.word())
            }
        };
        targets.iter().map(path).collect()
    }
}

fn plan(target: Target, path: PathBuf, compiled: Compiled) -> Result<Folder, Failure> {
    let plan = Plan::new(&path, compiled.artifacts)?;
    let (summary, deploy) = (compiled.summary, compiled.deploy);
    Ok(Folder {
        target,
        path,
        plan,
        summary,
        deploy,
    })
}

/// Prints how the folders differ from what would be written.
fn compare(folders: &[Folder], terminal: &Terminal) -> Outcome {
    let mut outcome = Outcome::Done;
    for folder in folders {
        let path = shown(&folder.path);
        let changes = &folder.plan.changes;
        for change in changes {
            let new = change.new.as_ref().map(|it| it.contents.as_ref());
            let file = format!("{path}/{}", change.path);
            Terminal::result(unified(&file, change.old.as_deref(), new).trim_end());
        }
        if changes.is_empty() {
            terminal.say(format!("{path} is up to date"));
        } else {
            outcome = Outcome::Faulty;
            let files = count(changes.len(), "file");
            terminal.remark(format!("{path} is out of date: {files} would change"));
        }
    }
    outcome
}

/// Prints what was written and how to go on.
fn report(folders: &[Folder], stage: Option<&str>, terminal: &Terminal) {
    if terminal.is_json() {
        let report = Report {
            stage,
            folders: folders.iter().map(Folder::report).collect(),
        };
        let text = serde_json::to_string_pretty(&report).expect("a report is plain data");
        Terminal::result(text);
        return;
    }
    for folder in folders {
        let changed = folder.report();
        let (path, total) = (&changed.folder, count(changed.files, "file"));
        let what = match (changed.written.len(), changed.removed.len()) {
            (0, 0) => "all up to date".to_owned(),
            (written, 0) => format!("{written} written"),
            (written, removed) => format!("{written} written, {removed} removed"),
        };
        terminal.say(format!(
            "{:8} {path}: {total}, {what}",
            folder.target.word()
        ));
        for line in &folder.summary {
            terminal.say(format!("         {line}"));
        }
        for file in &changed.written {
            terminal.detail(format!("         wrote {file}"));
        }
        for file in &changed.removed {
            terminal.detail(format!("         removed {file}"));
        }
        terminal.say(format!(
            "         deploy, in that folder: {}",
            folder.deploy
        ));
    }
}

#[derive(Serialize)]
struct Report<'a> {
    stage: Option<&'a str>,
    folders: Vec<FolderReport<'a>>,
}

#[derive(Serialize)]
struct FolderReport<'a> {
    target: &'a str,
    folder: String,
    files: usize,
    written: Vec<&'a str>,
    removed: Vec<&'a str>,
    summary: &'a [String],
    deploy: &'a str,
}

impl Folder {
    fn report(&self) -> FolderReport<'_> {
        let changes = self.plan.changes.iter().filter(|it| !it.is_list());
        let (written, removed): (Vec<_>, Vec<_>) = changes.partition(|it| it.new.is_some());
        FolderReport {
            target: self.target.word(),
            folder: shown(&self.path),
            files: self.plan.total,
            written: written.iter().map(|it| it.path.as_str()).collect(),
            removed: removed.iter().map(|it| it.path.as_str()).collect(),
            summary: &self.summary,
            deploy: &self.deploy,
        }
    }
}

fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
