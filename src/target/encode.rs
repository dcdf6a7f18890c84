//! Values as the text of a file type, so that no value can break out of its place.

use std::fmt::Write;

use serde_json::Value;

/// Returns a scalar as YAML and TOML write it: a JSON scalar is one of theirs (YAML 1.2, section 1.3; TOML 1.0,
/// "String"), so a string comes out quoted and `on` stays text.
pub(super) fn yaml(value: &Value) -> String {
    let mut made = String::new();
    escaped(&json_line(value), &mut made);
    made
}

/// Writes text as YAML and TOML quote it.
pub(super) fn quoted(text: &str, made: &mut String) {
    if text
        .bytes()
        .all(|it| matches!(it, b' '..=b'~') && it != b'"' && it != b'\\')
    {
        made.push('"');
        made.push_str(text);
        made.push('"');
    } else {
        let line = serde_json::to_string(text).expect("text can be written as JSON");
        escaped(&line, made);
    }
}

/// Writes JSON with escapes for what some reader of YAML or TOML doesn't take as it is.
fn escaped(line: &str, made: &mut String) {
    if !line.contains(is_special) {
        made.push_str(line);
        return;
    }
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
}

/// Writes a key of YAML, in quotes unless it is a word that no reader takes for anything else.
pub(super) fn key(name: &str, made: &mut String) {
    const OTHERS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|it| it.is_ascii_alphanumeric())
        && name.bytes().any(|it| it.is_ascii_lowercase())
        && !OTHERS.iter().any(|it| name.eq_ignore_ascii_case(it));
    if plain {
        made.push_str(name);
    } else {
        quoted(name, made);
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
}
