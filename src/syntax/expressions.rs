//! Values: literals, paths, lists, objects, and operators by precedence.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar says which rules can come, and its tests run each of them"
)]

use pest::iterators::Pair;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, BinaryOperator, ExprKind, UnaryOperator};
use crate::syntax::grammar::Rule;
use crate::syntax::reader::{Fallible, Parts, Reader, mistake};

/// A tree of an expression is at most this high.
const HEIGHT: usize = 128;

/// How tightly `not` and the sign bind; the operators between two operands are in [`level`].
const NOT: u8 = 3;
const SIGN: u8 = 7;

impl Reader<'_> {
    /// Reads what may stand after `=` and in a list.
    pub(super) fn value(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        if pair.as_rule() == Rule::expr {
            return self.expr(pair);
        }
        let span = self.span(&pair);
        let entries = pair.into_inner().filter(|it| it.as_rule() == Rule::entry);
        let entries = entries.map(|it| self.entry(it)).collect::<Fallible<_>>()?;
        Ok(ast::Expr {
            span,
            kind: ExprKind::Object(entries),
        })
    }

    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        let span = self.span(&pair);
        let is_operator = |it: &Pair<'_, Rule>| matches!(it.as_rule(), Rule::prefix | Rule::infix);
        let operators = pair.clone().into_inner().filter(is_operator).count();
        let mut terms = Parts::of(pair);
        let before = self.depth;
        self.depth += 1 + operators;
        let expr = if self.depth > HEIGHT {
            let message = "this expression is nested too deep, or too long";
            let found = mistake(Code::FN0109, message, span);
            Err(found.help("give parts of it a name with `let`"))
        } else if let Some(values) = terms.take(Rule::by_stage) {
            self.by_stage(values)
        } else if let Some(choice) = terms.take(Rule::choice) {
            self.choice(choice)
        } else {
            self.climb(&mut terms, 0)
        };
        self.depth = before;
        expr
    }

    /// Reads operands and operators that bind at least as tightly as `least`.
    fn climb(&mut self, terms: &mut Parts<'_>, least: u8) -> Fallible<ast::Expr> {
        let first = terms.any();
        let mut left = if first.as_rule() == Rule::prefix {
            self.unary(&first, terms, least)?
        } else if let Some(call) = terms.take(Rule::call) {
            self.call(first, call)?
        } else {
            self.operand(first)?
        };
        while let Some(pair) = terms.take_if(|it| tighter(it, least)) {
            let operator = Spanned::new(binary(pair.as_str()), self.span(&pair));
            let level = level(operator.value);
            let right = self.climb(terms, level + 1)?;
            if let Some(again) = terms.peek()
                && level == COMPARISON
                && tighter(again, level)
            {
                return Err(self.chained(operator, &right, self.word(again)));
            }
            left = ast::Expr {
                span: left.span.to(right.span),
                kind: ExprKind::Binary(ast::Binary {
                    operator,
                    left: Box::new(left),
                    right: Box::new(right),
                }),
            };
        }
        Ok(left)
    }

    fn unary(
        &mut self,
        pair: &Pair<'_, Rule>,
        terms: &mut Parts<'_>,
        least: u8,
    ) -> Fallible<ast::Expr> {
        let span = self.span(pair);
        let (operator, level) = match pair.as_str() {
            "-" => (UnaryOperator::Minus, SIGN),
            _ => (UnaryOperator::Not, NOT),
        };
        if operator == UnaryOperator::Not && least > NOT {
            let found = mistake(
                Code::FN0112,
                "`not` binds looser than what is before it",
                span,
            );
            return Err(found.help("write parentheses around it: `(not …)`"));
        }
        let operand = self.climb(terms, level)?;
        Ok(ast::Expr {
            span: span.to(operand.span),
            kind: ExprKind::Unary(ast::Unary {
                operator: Spanned::new(operator, span),
                operand: Box::new(operand),
            }),
        })
    }

    fn chained(
        &self,
        first: Spanned<BinaryOperator>,
        middle: &ast::Expr,
        second: ast::Name,
    ) -> Diagnostic {
        let middle = self.text.get(middle.span.range()).unwrap_or("b");
        let (one, two) = (first.value.symbol(), second.value);
        let found = mistake(Code::FN0112, "comparisons can't be chained", second.span);
        let found = found.label(first.span, "the first comparison");
        found.help(format!("write `… {one} {middle} and {middle} {two} …`"))
    }

    fn by_stage(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        parts.need(Rule::kw_by);
        let object = parts.need(Rule::object);
        let braces = self.span(&object);
        let values = object.into_inner().filter(|it| it.as_rule() == Rule::entry);
        let values = values.map(|it| self.entry(it)).collect::<Fallible<_>>()?;
        Ok(ast::Expr {
            span,
            kind: ExprKind::ByStage(Box::new(ast::ByStage { braces, values })),
        })
    }

    fn choice(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        let mut parts = Parts::of(pair);
        let start = self.span(&parts.need(Rule::kw_if));
        let condition = self.expr(parts.need(Rule::expr))?;
        parts.need(Rule::kw_then);
        let then = self.expr(parts.need(Rule::expr))?;
        parts.need(Rule::kw_else);
        let otherwise = self.expr(parts.need(Rule::expr))?;
        Ok(ast::Expr {
            span: start.to(otherwise.span),
            kind: ExprKind::If(ast::If {
                condition: Box::new(condition),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            }),
        })
    }

    /// Reads an operand: of an expression or of a setting.
    pub(super) fn operand(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::number => ExprKind::Number(pair.as_str().into()),
            Rule::bad_number => {
                return Err(bad_number(pair.as_str(), span));
            }
            Rule::string => ExprKind::Text(self.string(pair)?),
            Rule::literal => match pair.as_str() {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                _ => ExprKind::Null,
            },
            Rule::list => {
                let items = pair.into_inner();
                let items = items.filter(|it| matches!(it.as_rule(), Rule::expr | Rule::object));
                ExprKind::List(items.map(|it| self.value(it)).collect::<Fallible<_>>()?)
            }
            Rule::group => {
                let mut parts = Parts::of(pair);
                parts.need(Rule::open_paren);
                ExprKind::Group(Box::new(self.expr(parts.need(Rule::expr))?))
            }
            _ => ExprKind::Path(self.path(pair)?),
        };
        Ok(ast::Expr { span, kind })
    }

    fn call(&mut self, callee: Pair<'_, Rule>, call: Pair<'_, Rule>) -> Fallible<ast::Expr> {
        let callee_span = self.span(&callee);
        let span = callee_span.to(self.span(&call));
        let path = self.path(callee)?;
        let Some(name) = path.word().cloned() else {
            let found = mistake(Code::FN0101, "only a name can be called", callee_span);
            return Err(found.help("write `exists(…)` or `starts_with(…)`"));
        };
        let mut parts = Parts::of(call);
        let arguments = parts.all(Rule::expr).map(|it| self.expr(it));
        let arguments = arguments.collect::<Fallible<_>>()?;
        Ok(ast::Expr {
            span,
            kind: ExprKind::Call(Box::new(ast::Call { name, arguments })),
        })
    }

    fn path(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Path> {
        // One, mostly: a growing vector would make room for four.
        let mut segments = Vec::with_capacity(1);
        for part in pair.into_inner() {
            let quoted = part.as_rule() == Rule::string;
            let name = if quoted {
                self.plain_string(part, "the name of a member")?
            } else {
                self.word(&part)
            };
            segments.push(ast::Segment { name, quoted });
        }
        Ok(ast::Path { segments })
    }
}

/// Comparisons stand alone at their level.
const COMPARISON: u8 = 4;

/// Returns how tightly an operator binds.
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
        | BinaryOperator::In => COMPARISON,
        BinaryOperator::Plus | BinaryOperator::Minus => 5,
        BinaryOperator::Times | BinaryOperator::Divide => 6,
    }
}

fn tighter(pair: &Pair<'_, Rule>, least: u8) -> bool {
    pair.as_rule() == Rule::infix && level(binary(pair.as_str())) >= least
}

fn binary(symbol: &str) -> BinaryOperator {
    match symbol {
        "or" => BinaryOperator::Or,
        "and" => BinaryOperator::And,
        "==" => BinaryOperator::Equal,
        "!=" => BinaryOperator::NotEqual,
        "<" => BinaryOperator::Less,
        "<=" => BinaryOperator::LessOrEqual,
        ">" => BinaryOperator::Greater,
        ">=" => BinaryOperator::GreaterOrEqual,
        "in" => BinaryOperator::In,
        "+" => BinaryOperator::Plus,
        "-" => BinaryOperator::Minus,
        "*" => BinaryOperator::Times,
        _ => BinaryOperator::Divide,
    }
}

fn bad_number(written: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` is neither a number nor a name");
    let found = mistake(Code::FN0106, message, span);
    if written.starts_with("0x") {
        found.help("numbers are decimal")
    } else if written.contains('_') {
        found.help(format!("write `{}`", written.replace('_', "")))
    } else {
        found.help("a number is digits and at most one unit (`10s`, `256MB`, `200/s`, `70%`); a name begins with a letter")
    }
}

#[cfg(test)]
mod tests {
    use crate::source::{Source, SourceId};
    use crate::syntax::ast::{DeclarationKind, Expr, ExprKind};
    use crate::syntax::parse;

    /// Shows a tree with brackets around each operation.
    fn shape(expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Number(it) => it.to_string(),
            ExprKind::Text(it) => format!("{:?}", it.plain().unwrap_or_default()),
            ExprKind::Bool(it) => it.to_string(),
            ExprKind::Null => "null".to_owned(),
            ExprKind::List(items) => format!("{:?}", items.iter().map(shape).collect::<Vec<_>>()),
            ExprKind::Object(entries) => format!("{} entries", entries.len()),
            ExprKind::Group(inner) => format!("group{}", shape(inner)),
            ExprKind::Call(it) => format!("{}({})", it.name.value, it.arguments.len()),
            ExprKind::Path(it) => {
                let names = it.segments.iter().map(|it| it.name.as_str());
                names.collect::<Vec<_>>().join(".")
            }
            ExprKind::Unary(it) => format!("({:?} {})", it.operator.value, shape(&it.operand)),
            ExprKind::Binary(it) => {
                let operator = it.operator.value.symbol();
                format!("({} {operator} {})", shape(&it.left), shape(&it.right))
            }
            ExprKind::ByStage(it) => {
                let values = it.values.iter();
                let values = values.map(|it| format!("{}: {}", it.key.value, shape(&it.value)));
                format!("(by {})", values.collect::<Vec<_>>().join(", "))
            }
            ExprKind::If(it) => {
                let parts = [&it.condition, &it.then, &it.otherwise];
                let [condition, then, otherwise] = parts.map(|it| shape(it));
                format!("(if {condition} {then} {otherwise})")
            }
        }
    }

    fn reads(text: &str, tree: &str) {
        let source = Source::new(SourceId(0), "a.fn", format!("let x = {text}"));
        let parsed = parse(&source);
        assert_eq!(parsed.diagnostics, []);
        let DeclarationKind::Constant(it) = &parsed.file.declarations[0].kind else {
            panic!("`let` makes a constant");
        };
        assert_eq!(shape(&it.value), tree, "{text}");
        assert_eq!(source.slice(it.value.span), text);
    }

    #[test]
    fn operators_bind_as_the_language_says() {
        reads("a or b and c or d", "((a or (b and c)) or d)");
        reads("not a == b and c", "((Not (a == b)) and c)");
        reads("not not a", "(Not (Not a))");
        reads("a and not b or c", "((a and (Not b)) or c)");
        reads("a + b * -c - d / e", "((a + (b * (Minus c))) - (d / e))");
        reads("a - b - c", "((a - b) - c)");
        reads("a + 1 < b * 2", "((a + 1) < (b * 2))");
        reads("a in [b, c] or d", "((a in [\"b\", \"c\"]) or d)");
        reads("(a < b) == (c < d)", "(group(a < b) == group(c < d))");
        reads(
            "if a then b else if c then d else e + 1",
            "(if a b (if c d (e + 1)))",
        );
        reads("a.b[\"c d\"].e", "a.b.c d.e");
        reads(
            "if a then b else by stage { dev = 1 + 2; else = by }",
            "(if a b (by dev: (1 + 2), else: by))",
        );
        reads("by + stage", "(by + stage)");
    }

    #[test]
    fn numbers_keep_their_unit() {
        reads("200/s", "200/s");
        reads("a / s", "(a / s)");
        reads("1.5 * 70%", "(1.5 * 70%)");
        reads("exists(a.b, 1)", "exists(2)");
    }
}
