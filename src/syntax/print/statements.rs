//! Blocks and statements.

use std::ops::Range;

use super::comments::Between;
use super::layout::Doc;
use super::{Printer, range};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, StatementKind};

impl<'a> Printer<'a> {
    /// Prints what stands in braces: on one line where it was written on one and fits.
    pub(super) fn braces<T>(
        &mut self,
        span: Span,
        things: &[T],
        place: impl Fn(&T) -> Range<usize>,
        print: impl Fn(&mut Self, &T) -> Doc<'a>,
    ) -> Doc<'a> {
        let (open, close) = (span.start as usize + 1, span.end as usize - 1);
        if things.is_empty() && !self.has_comment(open..close) {
            return Doc::text("{}");
        }
        if !self.written(span).contains(['\n', '\r']) {
            let mut inner = vec![Doc::Line];
            for (index, thing) in things.iter().enumerate() {
                if index > 0 {
                    inner.extend([Doc::Flat(";"), Doc::Line]);
                }
                inner.push(print(self, thing));
            }
            return Doc::group(vec![
                Doc::text("{"),
                Doc::Nest(inner),
                Doc::Line,
                Doc::text("}"),
            ]);
        }
        let lines = self.lines(Between::Brackets(open, close, ""), things, place, print);
        let docs = vec![Doc::text("{"), Doc::Nest(lines), Doc::Hard, Doc::text("}")];
        Doc::group(docs)
    }

    pub(super) fn block(&mut self, block: &ast::Block) -> Doc<'a> {
        let place = |it: &ast::Statement| range(&it.docs, it.span);
        self.braces(block.span, &block.statements, place, Printer::statement)
    }

    /// Prints a block after a blank.
    pub(super) fn optional_block(&mut self, block: Option<&ast::Block>) -> Vec<Doc<'a>> {
        block.map_or_else(Vec::new, |it| vec![Doc::text(" "), self.block(it)])
    }

    /// Prints documentation lines, each with its line end.
    pub(super) fn docs(docs: &[Spanned<String>]) -> Vec<Doc<'a>> {
        let lines = docs.iter().flat_map(|it| {
            let blank = if it.value.is_empty() { "" } else { " " };
            [Doc::text(format!("///{blank}{}", it.value)), Doc::Hard]
        });
        lines.collect()
    }

    fn statement(&mut self, statement: &ast::Statement) -> Doc<'a> {
        let mut docs = Self::docs(&statement.docs);
        match &statement.kind {
            StatementKind::Entry(entry) => docs.push(self.entry(entry)),
            StatementKind::Trigger(trigger) => {
                docs.push(Doc::text("on"));
                docs.push(self.arguments(&trigger.arguments));
                docs.extend(self.condition(" where ", trigger.filter.as_ref()));
                docs.extend(self.condition(" when ", trigger.when.as_ref()));
                docs.extend(self.optional_block(trigger.block.as_ref()));
            }
            StatementKind::Setting(setting) => {
                docs.push(Doc::text(self.written(setting.word.span)));
                docs.push(self.arguments(&setting.arguments));
                docs.extend(self.optional_block(setting.block.as_ref()));
            }
            StatementKind::Broken => docs.push(Doc::text(self.written(statement.span))),
        }
        Doc::Concat(docs)
    }

    /// Prints `when` or `where` and its expression.
    pub(super) fn condition(
        &mut self,
        word: &'static str,
        expr: Option<&ast::Expr>,
    ) -> Vec<Doc<'a>> {
        expr.map_or_else(Vec::new, |it| vec![Doc::text(word), self.expr(it)])
    }

    fn arguments(&mut self, arguments: &[ast::Argument]) -> Doc<'a> {
        let mut docs = Vec::new();
        for argument in arguments {
            if argument.after_comma {
                docs.extend([Doc::text(","), Doc::Line]);
            } else {
                docs.push(Doc::text(" "));
            }
            docs.push(self.expr(&argument.value));
            if let Some(end) = &argument.range {
                docs.push(Doc::text(".."));
                docs.extend(end.as_ref().map(|it| self.expr(it)));
            }
        }
        Doc::group(vec![Doc::Nest(docs)])
    }
}
