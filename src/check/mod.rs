//! Tree to model: resolves names, evaluates what is known at compile time, types every setting, and applies the
//! rules that concern the language itself. What a target allows is checked by `target`.

pub mod addresses;
mod arguments;
mod by_stage;
mod contradiction;
mod env;
mod eval;
mod files;
mod filter;
mod function;
mod handler;
mod hatch;
mod hatch_words;
mod http;
mod operate;
mod output;
mod param;
mod place;
mod platform;
mod program;
mod record_trigger;
mod resource;
mod rules;
mod scale;
mod scenario;
mod scope;
mod secret;
mod settings;
mod shared;
mod storage;
mod test_words;
#[cfg(test)]
mod tests;
mod trigger;
mod untaken;
mod unused;
mod value;
mod web_words;
mod websocket;
pub mod words;

use indexmap::IndexMap;

pub use files::HandlerFiles;
pub use scenario::{START, scenarios};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, sort};
use crate::model::App;
use crate::syntax::ast;
use scope::Scope;
use value::Value;

/// What the caller chooses: the stage and the values of params.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The stage; `None`: the first one declared.
    pub stage: Option<String>,
    /// Values for params, by name, as written on the command line.
    pub values: IndexMap<String, String>,
}

/// What checking came to.
#[derive(Debug)]
pub struct Checked {
    /// The program, when there is enough of it to go on; only complete when there are no errors.
    pub app: Option<App>,
    /// The stages it declares.
    pub stages: Vec<String>,
    /// What was found, in source order.
    pub diagnostics: Diagnostics,
}

/// Checks one stage of a program.
pub fn check(files: &[ast::File], choices: &Choices, handlers: &dyn HandlerFiles) -> Checked {
    let mut found = Diagnostics::new();
    let scope = scope::collect(files, choices, &mut found);
    let stages = scope.stages.iter().map(|it| it.value.to_string()).collect();
    let mut checker = Checker {
        scope,
        found,
        unneeded: 0,
        http: http::HttpDefaults::default(),
    };
    let app = checker.program(files);
    let mut found = checker.found;
    // A misspelt name is one mistake, not two: the thing it stands for isn't unused.
    let named = [Code::FN0202, Code::FN0206];
    let all_known = found.iter().all(|it| !named.contains(&it.code));
    if all_known && files.iter().all(|it| it.broken.is_empty()) {
        unused::unused(files, &mut found);
        untaken::untaken(files, &mut found);
    }
    if let Some(app) = &app {
        rules::apply(app, files, handlers, &mut found);
    }
    sort(&mut found);
    Checked {
        app,
        stages,
        diagnostics: found,
    }
}

/// The state of one check.
struct Checker<'a> {
    scope: Scope<'a>,
    found: Diagnostics,
    /// Greater than zero inside a branch whose value isn't needed.
    unneeded: u32,
    /// What the app says for every route.
    http: http::HttpDefaults,
}

impl Checker<'_> {
    /// Records a finding; returns the value that keeps later phases silent about it.
    fn report(&mut self, diagnostic: Diagnostic) -> Value {
        self.found.push(diagnostic);
        Value::Error
    }
}
