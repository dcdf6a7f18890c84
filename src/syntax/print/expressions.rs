//! Expressions, strings and lists.

use super::Printer;
use super::comments::Between;
use super::layout::{Doc, flat};
use crate::syntax::ast::{self, BinaryOperator, ExprKind, TextPart, UnaryOperator};

impl<'a> Printer<'a> {
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Doc<'a> {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Null | ExprKind::Path(_) => {
                Doc::text(self.written(expr.span))
            }
            ExprKind::Text(text) => self.string(text),
            ExprKind::List(items) => self.list(expr, items),
            ExprKind::Object(entries) => self.object(expr, entries),
            ExprKind::Group(inner) => {
                let inner = self.expr(inner);
                bracketed("(", vec![inner], ")")
            }
            ExprKind::Call(call) => {
                let mut inner = Vec::new();
                for argument in &call.arguments {
                    if !inner.is_empty() {
                        inner.extend([Doc::text(","), Doc::Line]);
                    }
                    inner.push(self.expr(argument));
                }
                let name = Doc::text(self.written(call.name.span));
                Doc::Concat(vec![name, bracketed("(", inner, ")")])
            }
            ExprKind::Unary(unary) => {
                let operator = match unary.operator.value {
                    UnaryOperator::Not => "not ",
                    UnaryOperator::Minus => "-",
                };
                Doc::Concat(vec![Doc::text(operator), self.expr(&unary.operand)])
            }
            ExprKind::Binary(binary) => {
                let mut rest = Vec::new();
                let first = self.chain(binary, &mut rest);
                Doc::group(vec![first, Doc::Nest(rest)])
            }
            ExprKind::ByStage(it) => {
                let place =
                    |it: &ast::Entry| it.key.span.start as usize..it.value.span.end as usize;
                let values = self.braces(it.braces, &it.values, place, Printer::entry);
                Doc::Concat(vec![Doc::text("by stage "), values])
            }
            ExprKind::If(choice) => {
                let condition = self.expr(&choice.condition);
                let then = self.expr(&choice.then);
                let otherwise = self.expr(&choice.otherwise);
                Doc::group(vec![
                    Doc::text("if "),
                    condition,
                    Doc::Nest(vec![
                        Doc::Line,
                        Doc::text("then "),
                        then,
                        Doc::Line,
                        Doc::text("else "),
                        otherwise,
                    ]),
                ])
            }
        }
    }

    /// Puts operands that are joined by operators of one level in a row, `a + b - c`, and returns the first of them.
    fn chain(&mut self, binary: &ast::Binary, rest: &mut Vec<Doc<'a>>) -> Doc<'a> {
        let first = if let ExprKind::Binary(left) = &binary.left.kind
            && level(left.operator.value) == level(binary.operator.value)
        {
            self.chain(left, rest)
        } else {
            self.expr(&binary.left)
        };
        rest.extend([Doc::text(" "), Doc::text(binary.operator.value.symbol())]);
        // A list breaks inside of its brackets.
        let list = matches!(binary.right.kind, ExprKind::List(_));
        rest.push(if list { Doc::text(" ") } else { Doc::Line });
        rest.push(self.expr(&binary.right));
        first
    }

    /// Prints a string as it was written, but for the expressions in it.
    pub(super) fn string(&mut self, text: &ast::Text) -> Doc<'a> {
        let mut out = String::new();
        let mut at = text.span.start as usize;
        for part in &text.parts {
            let TextPart::Value(value) = part else {
                continue;
            };
            let value_start = value.span.start as usize;
            let before = self.text.get(at..value_start).unwrap_or("");
            out.push_str(before.trim_end_matches([' ', '\t']));
            let value_doc = self.expr(value);
            out.push_str(&flat(&value_doc));
            let end = value.span.end as usize;
            let after = self.text.get(end..).unwrap_or("");
            at = end + (after.len() - after.trim_start_matches([' ', '\t']).len());
        }
        out.push_str(self.text.get(at..text.span.end as usize).unwrap_or(""));
        Doc::text(out)
    }

    fn list(&mut self, expr: &ast::Expr, items: &[ast::Expr]) -> Doc<'a> {
        let (open, close) = (expr.span.start as usize + 1, expr.span.end as usize - 1);
        let before = items.first().map_or(close, |it| it.span.start as usize);
        let before = self.text.get(open..before).unwrap_or("");
        let wide = !items.is_empty() && before.contains(['\n', '\r']);
        if !wide && !self.has_comment(open..close) {
            let mut inner = Vec::new();
            for item in items {
                if !inner.is_empty() {
                    inner.extend([Doc::text(","), Doc::Line]);
                }
                inner.push(self.expr(item));
            }
            if !items.is_empty() {
                inner.push(Doc::Broken(","));
            }
            return bracketed("[", inner, "]");
        }
        let lines = self.lines(
            Between::Brackets(open, close, ","),
            items,
            |it| it.span.range(),
            Printer::expr,
        );
        let docs = vec![Doc::text("["), Doc::Nest(lines), Doc::Hard, Doc::text("]")];
        Doc::group(docs)
    }

    fn object(&mut self, expr: &ast::Expr, entries: &[ast::Entry]) -> Doc<'a> {
        let place = |it: &ast::Entry| it.key.span.start as usize..it.value.span.end as usize;
        self.braces(expr.span, entries, place, Printer::entry)
    }

    pub(super) fn entry(&mut self, entry: &ast::Entry) -> Doc<'a> {
        let key = Doc::text(self.written(entry.key.span));
        Doc::Concat(vec![key, Doc::text(" = "), self.expr(&entry.value)])
    }
}

/// Puts brackets around a document; a line may break inside of both.
fn bracketed<'a>(open: &'static str, inner: Vec<Doc<'a>>, close: &'static str) -> Doc<'a> {
    let inner = std::iter::once(Doc::Soft).chain(inner).collect();
    Doc::group(vec![
        Doc::text(open),
        Doc::Nest(inner),
        Doc::Soft,
        Doc::text(close),
    ])
}

/// Returns the same number for operators that bind equally.
fn level(operator: BinaryOperator) -> u8 {
    match operator {
        BinaryOperator::Or => 1,
        BinaryOperator::And => 2,
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual
        | BinaryOperator::In => 4,
        BinaryOperator::Plus | BinaryOperator::Minus => 5,
        BinaryOperator::Times | BinaryOperator::Divide => 6,
    }
}
