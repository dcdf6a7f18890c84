//! Filters that no record satisfies, as far as that is plain: parts of one `and` that exclude each other.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not plainly apart may hold together"
)]

use crate::model::{Comparison, Literal, Member, Predicate};
use crate::source::Span;

/// Returns where two parts of a conjunction stand that never hold together.
pub(super) fn find(predicate: &Predicate) -> Option<(Span, Span)> {
    match predicate {
        Predicate::All(parts) => parts.iter().enumerate().find_map(|(at, second)| {
            let earlier = parts.iter().take(at);
            let mut pairs = earlier.filter_map(|first| exclude(first, second));
            pairs.next().or_else(|| find(second))
        }),
        // One that can't hold is a mistake, though others can.
        Predicate::Any(parts) => parts.iter().find_map(find),
        Predicate::Not(_)
        | Predicate::Compare(..)
        | Predicate::Exists(_)
        | Predicate::StartsWith(..) => None,
    }
}

fn exclude(first: &Predicate, second: &Predicate) -> Option<(Span, Span)> {
    use Predicate::{Compare, Exists, Not, StartsWith};
    let apart = match (first, second) {
        (Compare(a, left, x), Compare(b, right, y)) => {
            a.path == b.path && !together((*left, x), (*right, y))
        }
        (Compare(a, comparison, x), StartsWith(b, start))
        | (StartsWith(b, start), Compare(a, comparison, x)) => {
            let fits = |text: &str| *comparison != Comparison::Equal || text.starts_with(start);
            a.path == b.path && !matches!(x, Literal::Text(text) if fits(text))
        }
        (StartsWith(a, x), StartsWith(b, y)) => {
            a.path == b.path && !x.starts_with(y.as_str()) && !y.starts_with(x.as_str())
        }
        // What isn't there can't be compared either.
        (Not(it), other) | (other, Not(it)) => match (&**it, member(other)) {
            (Exists(a), Some(b)) => a.path == b.path,
            _ => false,
        },
        _ => false,
    };
    let places = span(first).zip(span(second));
    places.filter(|_| apart)
}

fn member(predicate: &Predicate) -> Option<&Member> {
    match predicate {
        Predicate::Compare(it, ..) | Predicate::Exists(it) | Predicate::StartsWith(it, _) => {
            Some(it)
        }
        Predicate::All(_) | Predicate::Any(_) | Predicate::Not(_) => None,
    }
}

fn span(predicate: &Predicate) -> Option<Span> {
    match predicate {
        Predicate::Not(it) => span(it),
        other => member(other).map(|it| it.span),
    }
}

/// Tells whether one value can satisfy both comparisons.
fn together(first: (Comparison, &Literal), second: (Comparison, &Literal)) -> bool {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let order = match (first.1, second.1) {
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        (Literal::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => None,
        },
    };
    // A value has one JSON type.
    let Some(order) = order else { return false };
    let (low, high) = if order.is_gt() {
        (second.0, first.0)
    } else {
        (first.0, second.0)
    };
    if order.is_eq() {
        let holds = |it: Comparison| matches!(it, Equal | LessOrEqual | GreaterOrEqual);
        let below = |it: Comparison| matches!(it, Less | LessOrEqual | NotEqual);
        let above = |it: Comparison| matches!(it, Greater | GreaterOrEqual | NotEqual);
        return holds(low) && holds(high) || below(low) && below(high) || above(low) && above(high);
    }
    // The lower bound must let values above it in, or the higher one values below.
    let up = matches!(low, Greater | GreaterOrEqual | NotEqual);
    let down = matches!(high, Less | LessOrEqual | NotEqual);
    up || down
}

fn number(literal: &Literal) -> Option<f64> {
    match literal {
        #[expect(clippy::cast_precision_loss, reason = "as the evaluator compares")]
        Literal::Int(it) => Some(*it as f64),
        Literal::Decimal(it) => Some(*it),
        Literal::Text(_) | Literal::Bool(_) => None,
    }
}
