//! A value and who chose it: the program, its `defaults` block, or the language.

use crate::source::Span;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Written where it applies.
    Written(Span),
    /// Written in the `defaults` block.
    Defaults(Span),
    /// The language's own default.
    Language,
}

/// A value with its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value that holds.
    pub value: T,
    /// Who chose it.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// Returns a value written at `span`.
    pub fn written(value: T, span: Span) -> Self {
        Setting {
            value,
            origin: Origin::Written(span),
        }
    }

    /// Returns the language's default.
    pub fn language(value: T) -> Self {
        Setting {
            value,
            origin: Origin::Language,
        }
    }

    /// Returns where it was written, in place or in `defaults`.
    pub fn span(&self) -> Option<Span> {
        match self.origin {
            Origin::Written(span) | Origin::Defaults(span) => Some(span),
            Origin::Language => None,
        }
    }

    /// Tells whether the program says it itself.
    pub fn is_written(&self) -> bool {
        self.span().is_some()
    }
}
