//! Whether a caller is let in.

use serde_json::Value;

use crate::event::{Json, json_of};

/// The header that holds the key of a route.
pub const KEY_HEADER: &str = "x-api-key";

/// Tells whether a key is the right one, in a time that doesn't say how much of it is; an empty secret lets nobody in.
pub fn is_key(given: Option<&str>, wanted: &str) -> bool {
    let given = given.unwrap_or("").as_bytes();
    let wanted = wanted.as_bytes();
    let same = given
        .iter()
        .zip(wanted)
        .fold(0, |other, (a, b)| other | (a ^ b));
    !wanted.is_empty() && given.len() == wanted.len() && same == 0
}

/// Returns what a function that lets callers in found out about one; none: it doesn't let this one in.
pub fn verdict(answer: &[u8]) -> Option<Json> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let lets_in = answer.get("isAuthorized") == Some(&Value::Bool(true));
    let known = answer.get("context").filter(|it| it.is_object());
    lets_in.then(|| known.map_or_else(|| json_of(&Value::Object(serde_json::Map::new())), json_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_opens() {
        assert!(is_key(Some("s3cret"), "s3cret"));
        for wrong in [
            None,
            Some(""),
            Some("s3cre"),
            Some("s3cret2"),
            Some("S3cret"),
        ] {
            assert!(!is_key(wrong, "s3cret"), "{wrong:?}");
        }
        assert!(!is_key(Some(""), "") && !is_key(None, ""));
    }

    #[test]
    fn only_true_lets_in() {
        let known = |answer: &str| verdict(answer.as_bytes()).map(|it| it.get().to_owned());
        assert_eq!(
            known(r#"{"isAuthorized":true,"context":{"a":1}}"#).as_deref(),
            Some(r#"{"a":1}"#)
        );
        assert_eq!(known(r#"{"isAuthorized":true}"#).as_deref(), Some("{}"));
        for no in [
            "{}",
            "null",
            r#"{"isAuthorized":"true"}"#,
            r#"{"isAuthorized":false}"#,
            "x",
        ] {
            assert_eq!(known(no), None, "{no}");
        }
    }
}
