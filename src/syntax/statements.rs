//! Blocks and their statements: entries, triggers and settings.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar says which rules can come, and its tests run each of them"
)]

use pest::iterators::Pair;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, ExprKind, StatementKind};
use crate::syntax::grammar::Rule;
use crate::syntax::reader::{Fallible, Parts, Reader, mistake};

/// Words that are units of a number.
const UNITS: &[&str] = &["ms", "s", "m", "h", "d", "KB", "MB", "GB", "kb", "mb", "gb"];

impl Reader<'_> {
    pub(super) fn block(&mut self, pair: Pair<'_, Rule>) -> ast::Block {
        let mut parts = Parts::of(pair);
        let open = self.span(&parts.need(Rule::open_brace));
        let mut statements = Vec::new();
        let mut stray: Option<Span> = None;
        let mut span = open;
        while let Some(part) = parts.more() {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::statement => statements.push(self.statement(part)),
                Rule::broken => statements.push(self.broken(part)),
                Rule::stray_doc => {
                    // The lines of one comment are one mistake.
                    let joined = stray.filter(|it| self.only_blanks(it.end, place.start));
                    if joined.is_none() {
                        self.diagnostics.push(stray_doc(place));
                    }
                    stray = Some(place);
                }
                Rule::unclosed => {
                    self.unclosed.get_or_insert(open);
                    span = open.to(self.at(place.start as usize, place.start as usize));
                }
                _ => {
                    debug_assert_eq!(part.as_rule(), Rule::close_brace);
                    span = open.to(place);
                    self.note_indent(open, place);
                }
            }
        }
        statements.shrink_to_fit();
        ast::Block { span, statements }
    }

    fn only_blanks(&self, start: u32, end: u32) -> bool {
        let between = self.text.get(start as usize..end as usize);
        between.is_some_and(|it| it.trim().is_empty())
    }

    /// Remembers a block that seems to be closed by the `}` of an outer one.
    fn note_indent(&mut self, open: Span, close: Span) {
        let indent = |at: u32| {
            let before = self.text.get(..at as usize).unwrap_or("");
            let line = before.rfind(['\n', '\r']).map_or(0, |it| it + 1);
            let line = before.get(line..).unwrap_or("");
            (line.len() - line.trim_start().len(), line.trim().is_empty())
        };
        let ((outer, _), (inner, alone)) = (indent(open.start), indent(close.start));
        if alone && inner < outer {
            self.suspect.get_or_insert(open);
        }
    }

    /// Takes the documentation lines off the children.
    pub(super) fn docs(&self, parts: &mut Parts<'_>) -> Vec<Spanned<String>> {
        let mut docs = Vec::new();
        while let Some(line) = parts.take(Rule::doc) {
            let text = line.as_str().trim_start_matches('/');
            let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
            docs.push(Spanned::new(text.to_owned(), self.span(&line)));
        }
        docs
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> ast::Statement {
        let whole = self.trimmed(self.span(&pair));
        let mut parts = Parts::of(pair);
        let docs = self.docs(&mut parts);
        let sentence = parts.any();
        let start = self.span(&sentence);
        let read = match sentence.as_rule() {
            Rule::entry => self.entry(sentence).map(|it| {
                let span = it.key.span.to(it.value.span);
                (span, StatementKind::Entry(it))
            }),
            Rule::trigger => self.trigger(sentence),
            _ => self.setting(sentence),
        };
        match read {
            Ok((span, kind)) => ast::Statement { docs, span, kind },
            Err(fault) => {
                self.diagnostics.push(fault);
                ast::Statement {
                    docs,
                    span: self.at(start.start as usize, whole.end as usize),
                    kind: StatementKind::Broken,
                }
            }
        }
    }

    pub(super) fn entry(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Entry> {
        let mut parts = Parts::of(pair);
        let key = Parts::of(parts.need(Rule::key)).any();
        let key = if key.as_rule() == Rule::string {
            self.plain_string(key, "a key")?
        } else {
            self.word(&key)
        };
        parts.need(Rule::assign);
        let value = self.value(parts.any())?;
        Ok(ast::Entry { key, value })
    }

    fn trigger(&mut self, pair: Pair<'_, Rule>) -> Fallible<(Span, StatementKind)> {
        let mut parts = Parts::of(pair);
        let keyword = self.span(&parts.need(Rule::kw_on));
        let arguments = self.arguments(&mut parts)?;
        let filter = match parts.take(Rule::filter) {
            Some(filter) => Some(self.condition(filter)?),
            None => None,
        };
        let when = self.when(&mut parts)?;
        let block = parts.take(Rule::block).map(|it| self.block(it));
        let mut span = arguments.last().map_or(keyword, |it| keyword.to(it.span));
        for more in [&filter, &when].into_iter().flatten() {
            span = span.to(more.span);
        }
        Ok((
            block.as_ref().map_or(span, |it| span.to(it.span)),
            StatementKind::Trigger(Box::new(ast::Trigger {
                keyword,
                arguments,
                filter,
                when,
                block,
            })),
        ))
    }

    /// Takes `when expr` off the children.
    pub(super) fn when(&mut self, parts: &mut Parts<'_>) -> Fallible<Option<ast::Expr>> {
        match parts.take(Rule::when) {
            Some(when) => self.condition(when).map(Some),
            None => Ok(None),
        }
    }

    fn condition(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        let expr = pair.into_inner().last();
        self.expr(expr.expect("an expression follows its word"))
    }

    fn setting(&mut self, pair: Pair<'_, Rule>) -> Fallible<(Span, StatementKind)> {
        let mut parts = Parts::of(pair);
        let word = self.word(&parts.need(Rule::word));
        let arguments = self.arguments(&mut parts)?;
        let block = parts.take(Rule::block).map(|it| self.block(it));
        let span = arguments
            .last()
            .map_or(word.span, |it| word.span.to(it.span));
        Ok((
            block.as_ref().map_or(span, |it| span.to(it.span)),
            StatementKind::Setting(ast::Setting {
                word,
                arguments,
                block,
            }),
        ))
    }

    fn arguments(&mut self, parts: &mut Parts<'_>) -> Fallible<Vec<ast::Argument>> {
        let mut arguments: Vec<ast::Argument> = Vec::with_capacity(1);
        loop {
            let after_comma = parts.take(Rule::comma).is_some();
            let Some(argument) = parts.take(Rule::argument) else {
                arguments.shrink_to_fit();
                return Ok(arguments);
            };
            let argument = self.argument(argument, after_comma)?;
            if let Some(last) = arguments.last()
                && !after_comma
                && let Some((number, unit)) = apart(last, &argument)
            {
                let span = last.span.to(argument.span);
                return Err(units_apart(number, unit, span));
            }
            arguments.push(argument);
        }
    }

    fn argument(&mut self, pair: Pair<'_, Rule>, after_comma: bool) -> Fallible<ast::Argument> {
        let mut parts = Parts::of(pair);
        let value = self.operand(parts.any())?;
        let mut span = value.span;
        let mut range = None;
        if let Some(dots) = parts.take(Rule::dots) {
            let end = match parts.more() {
                Some(end) => Some(Box::new(self.operand(end)?)),
                None => None,
            };
            span = span.to(end.as_ref().map_or(self.span(&dots), |it| it.span));
            range = Some(end);
        }
        Ok(ast::Argument {
            span,
            after_comma,
            value,
            range,
        })
    }

    /// Returns the span without blanks and comments at its end.
    pub(super) fn trimmed(&self, span: Span) -> Span {
        let mut end = span.end as usize;
        loop {
            let text = self.text.get(span.start as usize..end).unwrap_or("");
            end = span.start as usize + text.trim_end().len();
            let index = self.comments.partition_point(|it| it.start < end);
            let last = index.checked_sub(1).and_then(|it| self.comments.get(it));
            match last {
                Some(it) if it.end >= end && it.start > span.start as usize => end = it.start,
                _ => return self.at(span.start as usize, end),
            }
        }
    }
}

/// Returns a number and the unit that stands beside it.
fn apart<'a>(number: &'a ast::Argument, unit: &'a ast::Argument) -> Option<(&'a str, &'a str)> {
    let (ExprKind::Number(number), None) = (&number.value.kind, &number.range) else {
        return None;
    };
    let ExprKind::Path(path) = &unit.value.kind else {
        return None;
    };
    let unit = path.word().filter(|it| is_unit(it.as_str()))?;
    let bare = number.ends_with(|it: char| it.is_ascii_digit());
    bare.then_some((number.as_str(), unit.as_str()))
}

/// Says that a documentation comment documents nothing.
pub(super) fn stray_doc(place: Span) -> Diagnostic {
    let message = "this documentation comment documents nothing";
    mistake(Code::FN0107, message, place).help(
        "put it on the lines right above a declaration, a trigger or a setting, or write `//`",
    )
}

/// Says that a number and its unit are one word.
pub(super) fn units_apart(number: &str, unit: &str, span: Span) -> Diagnostic {
    let message = format!("`{number}` and its unit `{unit}` stand apart");
    mistake(Code::FN0106, message, span).help(format!("write `{number}{unit}`"))
}

/// Tells whether a word is a unit of a number.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}
