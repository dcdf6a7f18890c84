//! `fnc test`: the scenarios beside a program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::profile::ProfileArgs;
use super::secrets::{SecretArgs, missing};
use super::{Failure, Outcome, Program, ProgramArgs, Terminal};
use crate::diagnostic::{Severity, has_errors};
use crate::model::{App, Scenario};
use crate::runtime::spec::Place;
use crate::runtime::{Plan, PlanError};
use crate::scenario::{Tested, run};
use crate::source::Sources;

/// Run the tests beside a program (`*.test.fn`) on a virtual clock, with its real handlers
#[derive(Debug, Args)]
pub(crate) struct Test {
    #[command(flatten)]
    program: ProgramArgs,

    #[command(flatten)]
    profile: ProfileArgs,

    #[command(flatten)]
    secrets: SecretArgs,
}

impl Test {
    /// Runs the tests one after the other and prints what came of them.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let mut program = Program::load(&self.program)?;
        program.load_tests(&self.program)?;
        let stage = program.chosen_stage(&self.program).map(ToOwned::to_owned);
        let checked = program.check(stage.as_deref());
        let mut found = checked.diagnostics;
        found.retain(|it| it.severity() == Severity::Error);
        let (scenarios, more) = program.scenarios(stage.as_deref());
        found.extend(more);
        if has_errors(&found) || terminal.is_json() && !found.is_empty() {
            terminal.findings(&found, &program.sources);
        }
        let Some(app) = checked.app.filter(|_| !has_errors(&found)) else {
            return Ok(Outcome::Faulty);
        };
        if scenarios.is_empty() {
            return Err(Failure::Usage(
                "there is no test beside this program: write one into a file whose name ends with `.test.fn`"
                    .to_owned(),
            ));
        }
        let folder =
            std::path::absolute(&program.folder).map_err(Failure::file("find", &program.folder))?;
        let plan = Arc::new(self.plan(app, &folder)?);
        let mut report = Report {
            sources: &program.sources,
            terminal,
            json: Vec::new(),
            file: String::new(),
            failed: 0,
        };
        let mut warned = BTreeSet::new();
        for scenario in &scenarios {
            let tested = run(&plan, scenario, self.profile.profile());
            let tested = tested.map_err(|it| Failure::Machine(it.to_string()))?;
            report.add(scenario, &tested);
            for warning in tested.warnings.difference(&warned) {
                terminal.remark(warning);
            }
            warned.extend(tested.warnings);
        }
        report.end(scenarios.len());
        Ok(match report.failed {
            0 => Outcome::Done,
            _ => Outcome::Faulty,
        })
    }

    /// Returns the plan of the program. Tests are hermetic: a secret has the value that the command line gives, else
    /// one made of its name.
    fn plan(&self, app: App, folder: &std::path::Path) -> Result<Plan, Failure> {
        let mut secrets = BTreeMap::new();
        for name in app.secrets.keys() {
            secrets.insert(name.clone(), format!("test-{name}"));
        }
        secrets.extend(self.secrets.given());
        let place = Place {
            url: "http://localhost:3000",
            secrets: &secrets,
        };
        Plan::unbounded(app, folder, place).map_err(|error| match error {
            PlanError::Secret(name) => missing(&name),
            error @ (PlanError::Engine(_) | PlanError::NotHere(..)) => {
                Failure::Usage(error.to_string())
            }
        })
    }
}

/// What is printed of the tests.
struct Report<'a> {
    sources: &'a Sources,
    terminal: &'a Terminal,
    json: Vec<serde_json::Value>,
    /// The file whose tests are being printed.
    file: String,
    failed: usize,
}

impl Report<'_> {
    fn add(&mut self, scenario: &Scenario, tested: &Tested) {
        let source = self.sources.get(scenario.title.span.source);
        let file = source.map_or("", |it| it.path.as_str());
        let title = scenario.title.as_str();
        let place = |start: u32| source.map(|it| it.position(start));
        if self.terminal.is_json() {
            let at = tested.failed.as_ref().and_then(|it| place(it.span.start));
            self.json.push(json!({
                "file": file,
                "test": title,
                "passed": tested.failed.is_none(),
                "line": at.map(|it| it.line),
                "column": at.map(|it| it.column),
                "expected": tested.failed.as_ref().map(|it| &it.expected),
                "found": tested.failed.as_ref().map(|it| &it.found),
                "trace": tested.failed.as_ref().map(|it| &it.lines),
            }));
        }
        if self.file != file {
            file.clone_into(&mut self.file);
            self.terminal.say(file);
        }
        let calls = match tested.calls {
            1 => "1 call".to_owned(),
            n => format!("{n} calls"),
        };
        let Some(failed) = &tested.failed else {
            self.terminal
                .say(format!("  passed  {title}  ({calls}, {})", tested.time));
            return;
        };
        self.failed += 1;
        if self.terminal.is_json() {
            return;
        }
        let at = place(failed.span.start).map_or(0, |it| it.line);
        let step = source.map_or("", |it| it.slice(failed.span));
        let step: String = step.lines().next().unwrap_or("").chars().take(80).collect();
        let mut text = format!("  FAILED  {title}\n          {file}:{at}: {step}\n");
        let _ = writeln!(text, "          expected: {}", failed.expected);
        let _ = write!(text, "          but:      {}", failed.found);
        if !failed.lines.is_empty() {
            text.push_str("\n          what happened:");
            for line in &failed.lines {
                let _ = write!(text, "\n          {line}");
            }
        }
        Terminal::result(text);
    }

    fn end(&self, count: usize) {
        if self.terminal.is_json() {
            Terminal::result(serde_json::Value::Array(self.json.clone()));
            return;
        }
        let tests = if count == 1 { "test" } else { "tests" };
        let passed = count - self.failed;
        let text = match self.failed {
            0 => format!("{count} {tests} passed"),
            n => format!("{count} {tests}: {passed} passed, {n} failed"),
        };
        self.terminal.say(text);
    }
}
