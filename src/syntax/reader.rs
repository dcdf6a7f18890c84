//! What the builders of the tree share: places, findings, and the children of a pair.

use std::iter::{Filter, Peekable};
use std::ops::Range;

use pest::iterators::{Pair, Pairs};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::ast::Name;
use crate::syntax::grammar::Rule;

/// A part of the tree, or the fault that made it unreadable.
pub(super) type Fallible<T> = Result<T, Diagnostic>;

/// Builds the tree of one declaration; `base` is where its text begins in the file.
pub(super) struct Reader<'a> {
    pub(super) source: SourceId,
    /// The whole file.
    pub(super) text: &'a str,
    pub(super) comments: &'a [Range<usize>],
    pub(super) base: usize,
    /// How deep the expression that is being built nests.
    pub(super) depth: usize,
    /// The `{` of the innermost block that is never closed.
    pub(super) unclosed: Option<Span>,
    /// The `{` of a block whose `}` is indented as if it closed an outer one.
    pub(super) suspect: Option<Span>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        source: SourceId,
        text: &'a str,
        comments: &'a [Range<usize>],
        base: usize,
    ) -> Self {
        Reader {
            source,
            text,
            comments,
            base,
            depth: 0,
            unclosed: None,
            suspect: None,
            diagnostics: Vec::new(),
        }
    }

    /// Returns the span of a range of bytes of the file.
    pub(super) fn at(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        self.at(self.base + span.start(), self.base + span.end())
    }

    /// Returns the text of a token with its place.
    pub(super) fn word(&self, pair: &Pair<'_, Rule>) -> Name {
        Name::new(pair.as_str().into(), self.span(pair))
    }
}

/// Returns a finding with its mark.
pub(super) fn mistake(code: Code, message: impl Into<String>, at: Span) -> Diagnostic {
    Diagnostic::new(code, message).label(at, "")
}

/// The children of a pair, taken in the order of the grammar.
pub(super) struct Parts<'i>(Peekable<WithoutComments<'i>>);

/// Pairs without those of comments.
type WithoutComments<'i> = Filter<Pairs<'i, Rule>, fn(&Pair<'i, Rule>) -> bool>;

impl<'i> Parts<'i> {
    pub(super) fn of(pair: Pair<'i, Rule>) -> Self {
        Parts::over(pair.into_inner())
    }

    pub(super) fn over(pairs: Pairs<'i, Rule>) -> Self {
        let code: WithoutComments<'i> = pairs.filter(|it| it.as_rule() != Rule::remarks);
        Parts(code.peekable())
    }

    /// Takes the next child if it is of this rule.
    pub(super) fn take(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        self.0.next_if(|it| it.as_rule() == rule)
    }

    /// Takes the next child, which the grammar says is of this rule.
    pub(super) fn need(&mut self, rule: Rule) -> Pair<'i, Rule> {
        self.take(rule).expect("the grammar puts it here")
    }

    /// Takes the next child, which the grammar says is there.
    pub(super) fn any(&mut self) -> Pair<'i, Rule> {
        self.0.next().expect("the grammar puts one here")
    }

    /// Takes the next child, of any rule.
    pub(super) fn more(&mut self) -> Option<Pair<'i, Rule>> {
        self.0.next()
    }

    /// Takes the next child if the test holds.
    pub(super) fn take_if(
        &mut self,
        test: impl Fn(&Pair<'i, Rule>) -> bool,
    ) -> Option<Pair<'i, Rule>> {
        self.0.next_if(|it| test(it))
    }

    /// Returns the next child without taking it.
    pub(super) fn peek(&mut self) -> Option<&Pair<'i, Rule>> {
        self.0.peek()
    }

    /// Takes all children of one rule, passing over the others.
    pub(super) fn all(&mut self, rule: Rule) -> impl Iterator<Item = Pair<'i, Rule>> + '_ {
        self.0.by_ref().filter(move |it| it.as_rule() == rule)
    }
}
