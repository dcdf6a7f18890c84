//! Key conditions of queries ("Amazon `DynamoDB` Developer Guide", "Key condition expressions for the Query operation").

use indexmap::IndexMap;
use serde_json::Value;

use super::fault::Fault;
use crate::runtime::query::{Query, Range};

/// What names and values in an expression stand for.
pub(super) struct Terms {
    /// By `#name`.
    pub(super) names: IndexMap<String, String>,
    /// By `:value`.
    pub(super) values: IndexMap<String, Value>,
}

/// Reads `partition = :p`, and after `AND` what the sort field must be.
pub(super) fn query(expression: &str, terms: &Terms) -> Result<Query, Fault> {
    let tokens = tokens(expression);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let mut made = Query::default();
    let mut rest = tokens.as_slice();
    loop {
        rest = one(rest, terms, &mut made).ok_or_else(|| unread(expression))?;
        match rest {
            [] => return Ok(made),
            [and, after @ ..] if and.eq_ignore_ascii_case("and") => rest = after,
            _ => return Err(unread(expression)),
        }
    }
}

fn unread(expression: &str) -> Fault {
    Fault::not_here(&format!("the key condition `{expression}`"))
}

/// Reads one condition; returns what follows.
fn one<'a>(tokens: &'a [&'a str], terms: &Terms, made: &mut Query) -> Option<&'a [&'a str]> {
    let name = |it: &str| {
        if it.starts_with('#') {
            terms.names.get(it).cloned()
        } else {
            Some(it.to_owned())
        }
    };
    let value = |it: &str| terms.values.get(it).cloned();
    let (field, range, rest) = match tokens {
        [field, "=", it, rest @ ..] => {
            made.equal.insert(name(field)?, value(it)?);
            return Some(rest);
        }
        [field, "<=", it, rest @ ..] => (field, Range::Between(None, Some(value(it)?)), rest),
        [field, ">=", it, rest @ ..] => (field, Range::Between(Some(value(it)?), None), rest),
        ["begins_with", "(", field, ",", it, ")", rest @ ..] => {
            (field, Range::StartsWith(value(it)?), rest)
        }
        [field, between, from, and, to, rest @ ..]
            if between.eq_ignore_ascii_case("between") && and.eq_ignore_ascii_case("and") =>
        {
            (
                field,
                Range::Between(Some(value(from)?), Some(value(to)?)),
                rest,
            )
        }
        _ => return None,
    };
    let before = made.range.replace((name(field)?, range));
    before.is_none().then_some(rest)
}

fn tokens(expression: &str) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    let mut word = String::new();
    for it in expression.chars() {
        if it.is_alphanumeric() || "_#:.-".contains(it) {
            word.push(it);
            continue;
        }
        if !word.is_empty() {
            made.push(std::mem::take(&mut word));
        }
        match made.last_mut() {
            Some(last) if it == '=' && ["<", ">"].contains(&last.as_str()) => last.push(it),
            _ if it.is_whitespace() => {}
            _ => made.push(it.to_string()),
        }
    }
    if !word.is_empty() {
        made.push(word);
    }
    made
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(expression: &str) -> Option<Query> {
        let names = [("#d".to_owned(), "day".to_owned())].into();
        let values = [(":a", json!("x")), (":b", json!(2)), (":c", json!(4))];
        let values = values.map(|(name, it)| (name.to_owned(), it)).into();
        query(expression, &Terms { names, values }).ok()
    }

    #[test]
    fn conditions_of_both_fields() {
        let range = |text: &str| read(text).unwrap().range.unwrap();
        assert_eq!(read("id = :a").unwrap().equal["id"], json!("x"));
        let both = read("id=:a AND #d=:b").unwrap();
        assert_eq!((both.equal.len(), both.range), (2, None));
        let between = Range::Between(Some(json!(2)), Some(json!(4)));
        assert_eq!(
            range("id = :a and #d BETWEEN :b AND :c"),
            ("day".to_owned(), between)
        );
        assert_eq!(
            range("id = :a AND day>=:b").1,
            Range::Between(Some(json!(2)), None)
        );
        assert_eq!(
            range("begins_with(day,:a) AND id = :a").1,
            Range::StartsWith(json!("x"))
        );
    }

    #[test]
    fn what_is_not_a_key_condition_is_refused() {
        for no in [
            "",
            "id",
            "id = :nobody",
            "#no = :a",
            "id = :a OR id = :b",
            "id = :a AND day < :b",
            "id = :a AND",
            "day >= :b AND day <= :c",
        ] {
            assert!(read(no).is_none(), "{no}");
        }
    }
}
