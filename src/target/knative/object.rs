//! Manifests as objects: read back from the templates' text where something is put in, and written again.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::target::block::block;

/// Returns the comment that a manifest begins with, and its objects. It reads what the templates of this target lay
/// out: block style, two blanks a level, scalars as JSON.
pub(super) fn read(text: &str) -> (String, Vec<Value>) {
    let mut heading = String::new();
    for comment in text.lines().take_while(|it| it.starts_with('#')) {
        heading.push_str(comment);
        heading.push('\n');
    }
    let mut objects = Vec::new();
    for part in text.split("\n---\n") {
        let lines = part
            .lines()
            .filter(|it| !it.is_empty() && !it.starts_with('#') && *it != "---");
        let lines = lines.map(|it| {
            let rest = it.trim_start_matches(' ');
            (it.len() - rest.len(), rest)
        });
        let mut lines: VecDeque<_> = lines.collect();
        if !lines.is_empty() {
            objects.push(node(&mut lines));
        }
    }
    (heading, objects)
}

/// Returns the text of a manifest.
pub(super) fn write(heading: &str, objects: &[Value]) -> String {
    let mut made = heading.to_owned();
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            made.push_str("---\n");
        }
        block(object, 0, &mut made);
        if !made.ends_with('\n') {
            made.push('\n');
        }
    }
    made
}

/// Reads the list or the mapping that begins on the first line.
fn node(lines: &mut VecDeque<(usize, &str)>) -> Value {
    let Some(&(indent, first)) = lines.front() else {
        return Value::Null;
    };
    if first.starts_with("- ") {
        let mut items = Vec::new();
        while let Some(&(_, line)) = lines
            .front()
            .filter(|(at, line)| *at == indent && line.starts_with("- "))
        {
            lines.pop_front();
            let rest = line.trim_start_matches("- ");
            if entry(rest).is_some() {
                lines.push_front((indent + 2, rest));
                items.push(node(lines));
            } else {
                items.push(scalar(rest));
            }
        }
        return Value::Array(items);
    }
    let mut members = Map::new();
    while let Some(&(_, line)) = lines.front().filter(|(at, _)| *at == indent) {
        lines.pop_front();
        let (key, rest) = entry(line).unwrap_or_else(|| (line.to_owned(), ""));
        let value = match lines.front() {
            _ if !rest.is_empty() => scalar(rest),
            Some((deeper, _)) if *deeper > indent => node(lines),
            Some(_) | None => Value::Null,
        };
        members.insert(key, value);
    }
    Value::Object(members)
}

/// Splits `key: value`; a key may stand in quotes, a scalar in quotes is no key.
fn entry(line: &str) -> Option<(String, &str)> {
    if line.starts_with('"') {
        let mut quoted = serde_json::Deserializer::from_str(line).into_iter::<String>();
        let key = quoted.next()?.ok()?;
        let rest = line.get(quoted.byte_offset()..)?.strip_prefix(':')?;
        return Some((key, rest.trim_start_matches(' ')));
    }
    let (key, rest) = line
        .split_once(": ")
        .or_else(|| line.strip_suffix(':').map(|key| (key, "")))?;
    Some((key.to_owned(), rest))
}

fn scalar(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read() {
        let objects = [
            json!({ "kind": "A", "spec": { "list": [{ "name": "x: y", "deep": { "n": 3 } }, { "name": "on" }], "words": ["a", "b"] } }),
            json!({ "kind": "B", "metadata": { "annotations": { "a/b": "é \" # \n --- " } }, "ok": true }),
        ];
        let text = write("# About.\n", &objects);
        let (heading, read) = read(&text);
        assert_eq!(heading, "# About.\n");
        assert_eq!(read, objects);
    }

    #[test]
    fn templates_are_read() {
        let (_, read) = read(
            "# x\nkind: \"A\"\nspec:\n  containers:\n    - name: \"c\"\n      ports:\n        - name: \"http1\"\n          containerPort: 8080\n    - name: \"d\"\n",
        );
        assert_eq!(
            read,
            [
                json!({ "kind": "A", "spec": { "containers": [{ "name": "c", "ports": [{ "name": "http1", "containerPort": 8080 }] }, { "name": "d" }] } })
            ]
        );
    }
}
