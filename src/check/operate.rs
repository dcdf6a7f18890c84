//! Operators on values.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value of any other type is the same mistake"
)]

use std::time::Duration;

use super::Checker;
use super::scope::ConstantSource;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::Size;
use crate::source::Span;
use crate::syntax::ast::{Binary, BinaryOperator, ExprKind, ParamKind, Text};

impl Checker<'_> {
    /// Returns the result of a binary operator, or reports the operand that doesn't fit.
    pub(super) fn operate(&mut self, it: &Binary, left: &Value, right: &Value) -> Value {
        if matches!(left, Value::Error) || matches!(right, Value::Error) {
            return Value::Error;
        }
        let operator = it.operator.value;
        if matches!(
            operator,
            BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::In
        ) && let Some(value) = self.never_equal(it)
        {
            return value;
        }
        match operator {
            BinaryOperator::And | BinaryOperator::Or => match (left, right) {
                (Value::Bool(a), Value::Bool(b)) if operator == BinaryOperator::And => {
                    Value::Bool(*a && *b)
                }
                (Value::Bool(a), Value::Bool(b)) => Value::Bool(*a || *b),
                (Value::Bool(_), _) => {
                    self.operand(operator.symbol(), "bools", right, it.right.span)
                }
                _ => self.operand(operator.symbol(), "bools", left, it.left.span),
            },
            BinaryOperator::In => match right {
                Value::List(items) => Value::Bool(items.contains(left)),
                _ => self.operand("in", "a list on its right", right, it.right.span),
            },
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                if left.kind() != right.kind() {
                    return self.mismatch(it, left, right);
                }
                if matches!(left.kind(), Some(Kind::Secret | Kind::Deployed)) {
                    return self.deployed(it.left.span);
                }
                Value::Bool((left == right) == (operator == BinaryOperator::Equal))
            }
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => self.order(it, left, right),
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Times
            | BinaryOperator::Divide => self.arithmetic(it, left, right),
        }
    }

    /// Reports a comparison of the stage, or of a param that has choices, with a text that is none of them.
    fn never_equal(&mut self, it: &Binary) -> Option<Value> {
        for (one, other) in [(&it.left, &it.right), (&it.right, &it.left)] {
            let ExprKind::Path(path) = &one.kind else {
                continue;
            };
            let Some(name) = path.word() else { continue };
            let choices = self.choices(name.as_str());
            if choices.is_empty() {
                continue;
            }
            let items = match &other.kind {
                ExprKind::List(items) => items.as_slice(),
                _ => std::slice::from_ref(other.as_ref()),
            };
            for item in items {
                let ExprKind::Text(text) = &item.kind else {
                    continue;
                };
                let Some(text) = text.plain().filter(|it| !choices.contains(it)) else {
                    continue;
                };
                let (code, message) = if name.value == "stage" {
                    (Code::FN0218, format!("there is no stage `{text}`"))
                } else {
                    let message = format!("`{text}` is none of the choices of `{}`", name.value);
                    (Code::FN0222, message)
                };
                let help = match closest(&text, choices.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("it is one of {}", choices.join(", ")),
                };
                let label = format!("`{}` is never this", name.value);
                let finding = Diagnostic::new(code, message).label(item.span, label);
                return Some(self.report(finding.help(help)));
            }
        }
        None
    }

    /// Returns all the texts that a name may stand for, where the program lists them.
    fn choices(&self, name: &str) -> Vec<String> {
        if !self.scope.whole {
            return Vec::new();
        }
        if name == "stage" {
            return self
                .scope
                .stages
                .iter()
                .map(|it| it.value.to_string())
                .collect();
        }
        match self.scope.constants.get(name).map(|it| it.source) {
            Some(ConstantSource::Param(param)) => match &param.kind {
                ParamKind::OneOf(texts) => texts.iter().filter_map(Text::plain).collect(),
                ParamKind::Word(_) => Vec::new(),
            },
            Some(ConstantSource::Let(_)) | None => Vec::new(),
        }
    }

    fn order(&mut self, it: &Binary, left: &Value, right: &Value) -> Value {
        let ordering = match (left, right) {
            (Value::Int(a), Value::Int(b)) => a.partial_cmp(b),
            (Value::Decimal(a), Value::Decimal(b)) => a.partial_cmp(b),
            (Value::Duration(a), Value::Duration(b)) => a.partial_cmp(b),
            (Value::Size(a), Value::Size(b)) => a.partial_cmp(b),
            (Value::Percent(a), Value::Percent(b)) => a.partial_cmp(b),
            _ => return self.mismatch(it, left, right),
        };
        let Some(ordering) = ordering else {
            return Value::Bool(false);
        };
        let operator = it.operator.value;
        let holds = if operator == BinaryOperator::Less {
            ordering.is_lt()
        } else if operator == BinaryOperator::LessOrEqual {
            ordering.is_le()
        } else if operator == BinaryOperator::Greater {
            ordering.is_gt()
        } else {
            ordering.is_ge()
        };
        Value::Bool(holds)
    }

    fn arithmetic(&mut self, it: &Binary, left: &Value, right: &Value) -> Value {
        use BinaryOperator::{Divide, Minus, Plus, Times};
        let operator = it.operator.value;
        let result = match (left, operator, right) {
            (Value::Int(a), Plus, Value::Int(b)) => a.checked_add(*b).map(Value::Int),
            (Value::Int(a), Minus, Value::Int(b)) => a.checked_sub(*b).map(Value::Int),
            (Value::Int(a), Times, Value::Int(b)) => a.checked_mul(*b).map(Value::Int),
            (Value::Int(a), Divide, Value::Int(b)) => floor(*a, *b).map(Value::Int),
            (Value::Decimal(a), Plus, Value::Decimal(b)) => finite(a + b),
            (Value::Decimal(a), Minus, Value::Decimal(b)) => finite(a - b),
            (Value::Decimal(a), Times, Value::Decimal(b)) => finite(a * b),
            (Value::Decimal(a), Divide, Value::Decimal(b)) => finite(a / b),
            (Value::Duration(a), Plus, Value::Duration(b)) => {
                a.checked_add(*b).map(Value::Duration)
            }
            (Value::Duration(a), Minus, Value::Duration(b)) => {
                a.checked_sub(*b).map(Value::Duration)
            }
            (Value::Duration(a), Times, Value::Int(n))
            | (Value::Int(n), Times, Value::Duration(a)) => {
                times_duration(*a, *n).map(Value::Duration)
            }
            (Value::Size(a), Plus, Value::Size(b)) => {
                a.0.checked_add(b.0).map(|it| Value::Size(Size(it)))
            }
            (Value::Size(a), Minus, Value::Size(b)) => {
                a.0.checked_sub(b.0).map(|it| Value::Size(Size(it)))
            }
            (Value::Size(a), Times, Value::Int(n)) | (Value::Int(n), Times, Value::Size(a)) => {
                let n = u64::try_from(*n).ok();
                n.and_then(|n| a.0.checked_mul(n))
                    .map(|it| Value::Size(Size(it)))
            }
            _ => return self.mismatch(it, left, right),
        };
        match result {
            Some(value) => value,
            // The branch isn't taken: only its type matters, and that is the left operand's.
            None if self.unneeded > 0 => left.clone(),
            None => {
                let zero = operator == Divide;
                let label = if zero {
                    "this is zero"
                } else {
                    "too large, or below zero"
                };
                let span = if zero {
                    it.right.span
                } else {
                    it.left.span.to(it.right.span)
                };
                self.report(
                    Diagnostic::new(
                        Code::FN0214,
                        format!("`{}` has no result here", operator.symbol()),
                    )
                    .label(span, label)
                    .help(if zero {
                        "divide by another number, or choose: `(if n == 0 then … else … / n)`"
                    } else {
                        "ints hold 64 bits; durations and sizes can't be negative"
                    }),
                )
            }
        }
    }

    /// Reports an operand that an operator doesn't take.
    pub(super) fn operand(
        &mut self,
        symbol: &str,
        takes: &str,
        value: &Value,
        span: Span,
    ) -> Value {
        let kind = match value.kind() {
            None => return Value::Error,
            Some(Kind::Secret) => return self.secret_misplaced(span),
            Some(Kind::Deployed) => return self.deployed(span),
            Some(kind) => kind,
        };
        self.report(
            Diagnostic::new(Code::FN0212, format!("`{symbol}` takes {takes}"))
                .label(span, format!("this is {}", kind.title()))
                .help("values are never converted; write both sides in the same type"),
        )
    }

    fn mismatch(&mut self, it: &Binary, left: &Value, right: &Value) -> Value {
        let symbol = it.operator.value.symbol();
        for (value, span) in [(left, it.left.span), (right, it.right.span)] {
            match value.kind() {
                Some(Kind::Secret) => return self.secret_misplaced(span),
                Some(Kind::Deployed) => return self.deployed(span),
                _ => {}
            }
        }
        let (Some(a), Some(b)) = (left.kind(), right.kind()) else {
            return Value::Error;
        };
        let help = if a == Kind::Text && it.operator.value == BinaryOperator::Plus {
            "join strings by interpolation: \"${a}${b}\""
        } else {
            "values are never converted; write both sides in the same type"
        };
        self.report(
            Diagnostic::new(
                Code::FN0212,
                format!("`{symbol}` doesn't work on {} and {}", a.title(), b.title()),
            )
            .label(it.right.span, format!("this is {}", b.title()))
            .label(it.left.span, format!("this is {}", a.title()))
            .help(help),
        )
    }
}

fn floor(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a.checked_rem(b)? != 0;
    Some(quotient - i64::from(inexact && (a < 0) != (b < 0)))
}

fn finite(result: f64) -> Option<Value> {
    result.is_finite().then_some(Value::Decimal(result))
}

fn times_duration(a: Duration, n: i64) -> Option<Duration> {
    a.checked_mul(u32::try_from(n).ok()?)
}
