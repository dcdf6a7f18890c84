//! Which records a trigger takes: the one evaluator of `where`. `portable.py` and `portable.mjs` have the same, working
//! from the JSON form; the vectors in `targets/vectors/filter` hold the three together.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::Record;
use crate::model::{Comparison, Literal, Member, Predicate};

/// Tells whether a record, as handlers see it, satisfies a predicate.
pub fn matches(predicate: &Predicate, record: &Value) -> bool {
    match predicate {
        Predicate::All(all) => all.iter().all(|it| matches(it, record)),
        Predicate::Any(any) => any.iter().any(|it| matches(it, record)),
        Predicate::Not(it) => !matches(it, record),
        Predicate::Compare(member, comparison, literal) => {
            found(member, record).is_some_and(|it| compare(it, *comparison, literal))
        }
        Predicate::Exists(member) => found(member, record).is_some_and(|it| !it.is_null()),
        Predicate::StartsWith(member, start) => found(member, record)
            .and_then(Value::as_str)
            .is_some_and(|it| it.starts_with(start)),
    }
}

/// Tells whether a trigger takes a record; all, where it has no filter.
pub fn takes(predicate: Option<&Predicate>, record: &Record) -> bool {
    predicate.is_none_or(|it| {
        let record = serde_json::to_value(record);
        matches(
            it,
            &record.expect("a record holds text, numbers and JSON only"),
        )
    })
}

/// Returns the predicate as shims read it.
pub fn form(predicate: &Predicate) -> Value {
    let forms = |all: &[Predicate]| all.iter().map(form).collect::<Vec<_>>();
    match predicate {
        Predicate::All(all) => json!({ "all": forms(all) }),
        Predicate::Any(any) => json!({ "any": forms(any) }),
        Predicate::Not(it) => json!({ "not": form(it) }),
        Predicate::Compare(member, comparison, literal) => json!({
            "member": member.path,
            "is": comparison.symbol(),
            "value": value(literal),
        }),
        Predicate::Exists(member) => json!({ "exists": member.path }),
        Predicate::StartsWith(member, start) => {
            json!({ "member": member.path, "is": "starts_with", "value": start })
        }
    }
}

/// Returns a literal as JSON.
pub fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Text(it) => json!(it),
        Literal::Int(it) => json!(it),
        Literal::Decimal(it) => json!(it),
        Literal::Bool(it) => json!(it),
    }
}

fn found<'a>(member: &Member, record: &'a Value) -> Option<&'a Value> {
    let mut at = record;
    for name in &member.path {
        at = at.as_object()?.get(name)?;
    }
    Some(at)
}

fn compare(found: &Value, comparison: Comparison, literal: &Literal) -> bool {
    let order = match (found, literal) {
        (Value::String(it), Literal::Text(text)) => Some(it.as_str().cmp(text)),
        (Value::Bool(it), Literal::Bool(truth)) => Some(it.cmp(truth)),
        (Value::Number(it), Literal::Int(n)) => number(it.as_f64(), whole(*n)),
        (Value::Number(it), Literal::Decimal(n)) => number(it.as_f64(), *n),
        // Another JSON type: no comparison holds.
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_),
            Literal::Text(_) | Literal::Bool(_) | Literal::Int(_) | Literal::Decimal(_),
        ) => None,
    };
    order.is_some_and(|it| holds(comparison, it))
}

/// Numbers are compared as JavaScript does, in 64-bit floating point, so that all languages agree.
fn number(found: Option<f64>, literal: f64) -> Option<Ordering> {
    found?.partial_cmp(&literal)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers are compared in floating point"
)]
fn whole(n: i64) -> f64 {
    n as f64
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::cases;
    use super::*;
    use crate::check::{Choices, HandlerFiles, check};
    use crate::source::{Source, SourceId};
    use crate::syntax::parse;

    struct Handlers;

    impl HandlerFiles for Handlers {
        fn read(&self, _path: &str) -> Option<String> {
            Some("def handle(event, context): ...".to_owned())
        }

        fn list(&self, _folder: &str) -> Vec<String> {
            Vec::new()
        }
    }

    /// Returns the predicate of a filter on a topic.
    fn predicate(filter: &str) -> Predicate {
        let text = format!(
            "app x\ntopic t\nfunction f {{ handler \"src/a.py:handle\"; on topic t where {filter} }}"
        );
        let file = parse(&Source::new(SourceId(0), "app.fn", &text)).file;
        let checked = check(&[file], &Choices::default(), &Handlers);
        let app = checked.app.unwrap();
        let trigger = &app.functions["f"].triggers[0];
        trigger.filter.as_ref().expect(filter).predicate.clone()
    }

    #[test]
    fn the_vectors_hold() {
        for (name, case) in cases("filter") {
            let source = case["where"].as_str().unwrap();
            let predicate = predicate(source);
            assert_eq!(form(&predicate), case["form"], "{name}: {source}");
            let records = case["records"].as_array().unwrap();
            assert!(!records.is_empty(), "{name}");
            for it in records {
                let taken = it["taken"].as_bool().unwrap();
                assert_eq!(matches(&predicate, &it["record"]), taken, "{name}: {it}");
            }
        }
    }
}
