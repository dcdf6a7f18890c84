//! Tree to model: resolves names, evaluates what is known at compile time, types every setting, and applies the
//! rules that concern the language itself. What a target allows is checked by `target`.

mod files;

use indexmap::IndexMap;

pub use files::HandlerFiles;

use crate::diagnostic::Diagnostics;
use crate::model::App;
use crate::syntax::ast;

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
    /// What was found.
    pub diagnostics: Diagnostics,
}

/// Checks one stage of a program.
pub fn check(files: &[ast::File], choices: &Choices, handlers: &dyn HandlerFiles) -> Checked {
    let _ = (files, choices, handlers);
    Checked {
        app: None,
        stages: Vec::new(),
        diagnostics: Diagnostics::new(),
    }
}
