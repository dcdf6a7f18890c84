//! Values as the text of a file type, so that no value can break out of its place.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Returns a scalar as YAML and TOML write it: a JSON scalar is one of theirs (YAML 1.2, section 1.3; TOML 1.0,
/// "String"), so a string comes out quoted and `on` stays text.
pub(super) fn yaml(value: &Value) -> String {
    let line = json_line(value);
    if !line.contains(is_special) {
        return line;
    }
    let mut made = String::new();
    for c in line.chars() {
        if is_special(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _infallible = write!(made, "\\u{unit:04x}");
            }
        } else {
            made.push(c);
        }
    }
    made
}

/// Returns a value of a CloudFormation template on one line, its functions as short tags.
pub(super) fn cloudformation(value: &Value) -> String {
    match value.as_object().and_then(function) {
        Some((tag, Value::Array(path))) => {
            let parts: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
            format!("!{tag} {}", yaml(&Value::from(parts.join("."))))
        }
        Some((tag, text)) => format!("!{tag} {}", yaml(text)),
        None => yaml(value),
    }
}

/// Returns the short tag and the argument of a function in its long form, `{"Ref": …}`.
fn function(members: &Map<String, Value>) -> Option<(&'static str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    match name.as_str() {
        "Ref" => Some(("Ref", argument)),
        "Fn::Sub" => Some(("Sub", argument)),
        "Fn::GetAtt" => Some(("GetAtt", argument)),
        _ => None,
    }
}

/// Returns an object of a CloudFormation template as lines of YAML, each `indent` blanks to the right.
pub(super) fn block(value: &Value, indent: usize) -> String {
    let mut made = String::new();
    block_into(value, indent, &mut made);
    made
}

fn block_into(value: &Value, indent: usize, made: &mut String) {
    let inner = |value: &Value, made: &mut String| {
        if is_scalar(value) {
            made.push(' ');
            made.push_str(&cloudformation(value));
        } else {
            made.push('\n');
            block_into(value, indent + 2, made);
        }
    };
    match value {
        Value::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    made.push('\n');
                }
                blanks(indent, made);
                made.push_str(&key(name));
                made.push(':');
                inner(value, made);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    made.push('\n');
                }
                blanks(indent, made);
                made.push('-');
                if is_scalar(item) {
                    inner(item, made);
                } else {
                    // The first member stands beside the hyphen.
                    let start = made.len();
                    block_into(item, indent + 2, made);
                    made.replace_range(start..start + indent + 2, " ");
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            blanks(indent, made);
            made.push_str(&cloudformation(value));
        }
    }
}

fn blanks(count: usize, made: &mut String) {
    made.extend(std::iter::repeat_n(' ', count));
}

/// Tells whether a value stands on one line: plain ones, functions, and what is empty.
fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty() || function(members).is_some(),
        Value::Array(items) => items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Returns a key, in quotes unless it is a word that no reader of YAML takes for anything else.
fn key(name: &str) -> String {
    const OTHERS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = name.contains(|c: char| c.is_ascii_lowercase())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
        && !OTHERS.iter().any(|it| name.eq_ignore_ascii_case(it));
    if plain {
        name.to_owned()
    } else {
        yaml(&Value::from(name))
    }
}

/// Returns text as a line of a comment: what ends a line somewhere becomes a blank.
pub(super) fn comment(text: &str) -> String {
    let blank = |c: char| {
        if c.is_control() || is_special(c) {
            ' '
        } else {
            c
        }
    };
    text.chars().map(blank).collect()
}

/// Returns text as one word of a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns JSON, which is JavaScript too (ECMA-262, since 2019).
pub(super) fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value can be written")
}

/// Returns a Python literal.
pub(super) fn python(value: &Value) -> String {
    let mut made = String::new();
    python_into(value, 0, &mut made);
    made
}

fn python_into(value: &Value, depth: usize, made: &mut String) {
    let line = |made: &mut String, depth: usize| {
        made.push('\n');
        made.push_str(&"    ".repeat(depth));
    };
    match value {
        Value::Null => made.push_str("None"),
        Value::Bool(true) => made.push_str("True"),
        Value::Bool(false) => made.push_str("False"),
        // A JSON string without raw line ends is a Python string.
        Value::Number(_) | Value::String(_) => made.push_str(&yaml(value)),
        Value::Array(items) if items.is_empty() => made.push_str("[]"),
        Value::Object(members) if members.is_empty() => made.push_str("{}"),
        Value::Array(items) => {
            made.push('[');
            for item in items {
                line(made, depth + 1);
                python_into(item, depth + 1, made);
                made.push(',');
            }
            line(made, depth);
            made.push(']');
        }
        Value::Object(members) => {
            made.push('{');
            for (name, item) in members {
                line(made, depth + 1);
                made.push_str(&yaml(&Value::String(name.clone())));
                made.push_str(": ");
                python_into(item, depth + 1, made);
                made.push(',');
            }
            line(made, depth);
            made.push('}');
        }
    }
}

fn json_line(value: &Value) -> String {
    serde_json::to_string(value).expect("a JSON value can be written")
}

/// Tells whether some reader takes a character for the end of a line, or refuses it unescaped. Older YAML readers do
/// so with U+0085, U+2028 and U+2029.
fn is_special(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn strings_are_quoted() {
        assert_eq!(yaml(&json!("on")), "\"on\"");
        assert_eq!(yaml(&json!("a\u{2028}b\"\n")), r#""a\u2028b\"\n""#);
        assert_eq!(yaml(&json!(256)), "256");
        assert_eq!(comment("a\nb\u{85}c"), "a b c");
        assert_eq!(shell("it's"), r"'it'\''s'");
    }

    #[test]
    fn functions_are_tags() {
        assert_eq!(cloudformation(&json!({"Ref": "Q"})), "!Ref \"Q\"");
        let arn = json!({"Fn::GetAtt": ["Q", "Arn"]});
        assert_eq!(cloudformation(&arn), "!GetAtt \"Q.Arn\"");
        assert_eq!(cloudformation(&json!("!Ref Q")), "\"!Ref Q\"");
    }

    #[test]
    fn blocks_of_yaml() {
        let value =
            json!({"Ab": {"on": [{"b": 1, "C": {"Ref": "X"}}, "text"]}, "NO": [[1]], "e": []});
        let text = "  Ab:\n    \"on\":\n      - b: 1\n        \"C\": !Ref \"X\"\n      - \"text\"\n  \"NO\":\n    - - 1\n  e: []";
        assert_eq!(block(&value, 2), text);
    }

    #[test]
    fn literals_of_python() {
        let value = json!({"a": null, "b": [true, "ü\\"], "c": {}});
        let text = "{\n    \"a\": None,\n    \"b\": [\n        True,\n        \"ü\\\\\",\n    ],\n    \"c\": {},\n}";
        assert_eq!(python(&value), text);
    }
}
