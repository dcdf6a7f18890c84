//! What the phases found: plain data, shown by `render` for people and by `json` for machines.

mod codes;
mod json;
mod render;
mod suggest;

pub use codes::Code;
pub use json::json;
pub use render::{Style, render, summary};
pub use suggest::closest;

use crate::source::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The same meaning in other units; worth knowing.
    Note,
    /// Only speed or money changes, or it is likely a slip.
    Warning,
    /// A promise would break, or the program has no meaning: nothing is built.
    Error,
}

impl Severity {
    /// Returns the lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A mark under some text, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// What is marked.
    pub span: Span,
    /// What the mark says; may be empty.
    pub text: String,
}

/// One finding: what, where, why, and what to do now.
///
/// The message is lower case without a full stop, names stand in backticks, in the user's own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Its stable code; the severity follows from it.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The marks; the first is the main one.
    pub labels: Vec<Label>,
    /// What to type instead; empty when there is nothing to say.
    pub help: String,
}

impl Diagnostic {
    /// Returns a finding with no mark yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            labels: Vec::new(),
            help: String::new(),
        }
    }

    /// Adds a mark; the first one added is the main one.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Returns how bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Returns the main mark's place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The findings of a phase, in the order found; [`sort`] puts them in source order.
pub type Diagnostics = Vec<Diagnostic>;

/// Puts findings in source order and drops exact repetitions.
pub fn sort(diagnostics: &mut Diagnostics) {
    diagnostics.sort_by_key(|it| (it.span().unwrap_or_default(), it.code));
    diagnostics.dedup();
}

/// Tells whether any finding is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|it| it.severity() == Severity::Error)
}
