//! Values as the text of a file type, so that no value can break out of its place.

use std::fmt::Write;

use serde_json::Value;

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

/// Returns a value of a CloudFormation template, its functions as short tags.
pub(super) fn cloudformation(value: &Value) -> String {
    let tagged = |tag: &str, text: &Value| format!("!{tag} {}", yaml(text));
    let only = value.as_object().filter(|it| it.len() == 1);
    match only.and_then(|it| it.iter().next()) {
        Some((name, id)) if name == "Ref" => tagged("Ref", id),
        Some((name, text)) if name == "Fn::Sub" => tagged("Sub", text),
        Some((name, Value::Array(path))) if name == "Fn::GetAtt" => {
            let parts: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
            tagged("GetAtt", &Value::String(parts.join(".")))
        }
        _ => yaml(value),
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
    fn literals_of_python() {
        let value = json!({"a": null, "b": [true, "ü\\"], "c": {}});
        let text = "{\n    \"a\": None,\n    \"b\": [\n        True,\n        \"ü\\\\\",\n    ],\n    \"c\": {},\n}";
        assert_eq!(python(&value), text);
    }
}
