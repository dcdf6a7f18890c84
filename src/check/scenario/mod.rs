//! Reads tests: what is done to a program and what is expected of it, with the names of the program.

mod expect;
mod message;
mod step;

use jiff::Timestamp;

use super::scope::{Scope, collect};
use super::{Checker, Choices};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, sort};
use crate::model::{App, Scenario, StepKind};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, DeclarationKind, StatementKind};

/// When virtual time begins, 2026-01-01T00:00:00Z, in milliseconds since 1970.
pub const START: i64 = 1_767_225_600_000;

/// Reads the tests of files that stand beside a program, in one of its stages.
pub fn scenarios(
    files: &[ast::File],
    tests: &[ast::File],
    choices: &Choices,
) -> (Vec<Scenario>, Diagnostics) {
    // What is wrong with the program itself is for others to say.
    let mut unheard = Diagnostics::new();
    let scope: Scope = collect(files, choices, &mut unheard);
    let mut checker = Checker {
        scope,
        found: unheard,
        unneeded: 0,
        http: super::http::HttpDefaults::default(),
    };
    let app = checker.program(files);
    checker.found.clear();
    let mut scenarios = Vec::new();
    for declaration in tests.iter().flat_map(|it| &it.declarations) {
        if let DeclarationKind::Test(test) = &declaration.kind {
            if let Some(app) = &app {
                scenarios.push(checker.test(test, app));
            }
        } else {
            let message = "a file of tests holds tests only";
            checker.report(
                Diagnostic::new(Code::FN0220, message)
                    .label(declaration.span, "this belongs to the program")
                    .help("move it into the program's own file"),
            );
        }
    }
    let mut found = checker.found;
    sort(&mut found);
    (scenarios, found)
}

/// What is known of a test before a step.
struct Before<'a> {
    app: &'a App,
    /// How far virtual time has come, in milliseconds since 1970.
    now: i64,
    /// Whether a request or a direct call has been made.
    asked: bool,
}

impl Checker<'_> {
    /// Says that a test stands in a program's own file.
    pub(super) fn test_in_program(&mut self, test: &ast::Test) {
        self.report(
            Diagnostic::new(Code::FN0220, "a test can't stand in the program's own file")
                .label(test.title.span, "this test")
                .help("move it into a file beside it whose name ends with `.test.fn`"),
        );
    }

    fn test(&mut self, test: &ast::Test, app: &App) -> Scenario {
        let title = test.title.plain().unwrap_or_else(|| {
            self.report(
                Diagnostic::new(Code::FN0213, "a test's title is plain text")
                    .label(test.title.span, "this has parts that are computed")
                    .help("write the title without `${ }`"),
            );
            String::new()
        });
        let mut before = Before {
            app,
            now: START,
            asked: false,
        };
        let mut steps = Vec::new();
        let mut expects = false;
        for statement in &test.block.statements {
            match &statement.kind {
                StatementKind::Setting(setting) => {
                    expects |= setting.word.as_str() == "expect";
                    steps.extend(self.step(setting, statement.span, &mut before));
                }
                StatementKind::Trigger(it) => self.no_step(it.keyword, "`on …` is no step"),
                StatementKind::Entry(it) => {
                    let message = format!("`{} = …` is no step", it.key.value);
                    self.no_step(it.key.span, &message);
                }
                StatementKind::Broken => expects = true,
            }
        }
        if !expects {
            self.report(
                Diagnostic::new(Code::FN1204, "this test expects nothing")
                    .label(test.title.span, "it passes whatever the program does")
                    .help("say what must hold: `expect invoked FUNCTION`"),
            );
        }
        Scenario {
            title: Spanned::new(title, test.title.span),
            steps,
        }
    }

    fn no_step(&mut self, span: Span, message: &str) {
        self.report(
            Diagnostic::new(Code::FN0220, message)
                .label(span, "not in a test")
                .help("a test holds steps, such as `send QUEUE { body = … }` and `expect …`"),
        );
    }

    /// Moves the clock of a test on, if the step does.
    fn time_passes(&mut self, kind: &StepKind, span: Span, before: &mut Before) {
        match kind {
            StepKind::After(time) => {
                let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                before.now = before.now.saturating_add(millis);
            }
            StepKind::At(at) if *at < before.now => {
                let now = Timestamp::from_millisecond(before.now).unwrap_or_default();
                self.report(
                    Diagnostic::new(Code::FN1203, "time can't go back")
                        .label(span, format!("by now it is {now}"))
                        .help("tests begin at 2026-01-01T00:00:00Z; write a later time"),
                );
            }
            StepKind::At(at) => before.now = *at,
            StepKind::Http(_) | StepKind::Invoke { .. } => before.asked = true,
            StepKind::Stub { .. }
            | StepKind::Send { .. }
            | StepKind::Publish { .. }
            | StepKind::Write { .. }
            | StepKind::Put { .. }
            | StepKind::Delete { .. }
            | StepKind::Fire(_)
            | StepKind::Expect(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
