//! Which rows of a table are looked for.

use std::cmp::Ordering;

use serde_json::Value;

use super::asked::Row;

/// Which rows are looked for: those of one partition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Fields that must be equal to these.
    pub equal: Row,
    /// What the sort field must be.
    pub range: Option<(String, Range)>,
    /// By which index; none: by the table's own key.
    pub index: Option<String>,
    /// So many rows at most.
    pub limit: Option<usize>,
    /// Whether the last come first.
    pub descending: bool,
}

/// What a sort field must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Range {
    /// It begins so.
    StartsWith(Value),
    /// At least the one, at most the other.
    Between(Option<Value>, Option<Value>),
}

/// Orders two values of a key's field; none where they are not of one type.
pub fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        // By bytes, which for UTF-8 is by characters.
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            (_, _) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_),
            _,
        ) => None,
    }
}

impl Range {
    /// Tells whether a value is in it.
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Range::StartsWith(start) => match (value, start) {
                (Value::String(value), Value::String(start)) => value.starts_with(start.as_str()),
                (_, _) => false,
            },
            Range::Between(from, to) => {
                let not = |bound: &Option<Value>, wrong: Ordering| {
                    let bound = bound.as_ref();
                    bound.is_none_or(|it| order(value, it).is_some_and(|it| it != wrong))
                };
                not(from, Ordering::Less) && not(to, Ordering::Greater)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_ends_of_a_range_belong_to_it() {
        let range = Range::Between(Some(json!(2)), Some(json!(4)));
        let inside: Vec<i32> = (1..=5).filter(|it| range.holds(&json!(it))).collect();
        assert_eq!(inside, [2, 3, 4]);
        assert!(Range::Between(Some(json!("b")), None).holds(&json!("ba")));
        assert!(!Range::Between(None, Some(json!("b"))).holds(&json!(1)));
        assert!(Range::StartsWith(json!("2026-")).holds(&json!("2026-01")));
        assert!(!Range::StartsWith(json!("2026-")).holds(&json!(2026)));
    }
}
