//! Libraries that generated files import, put beside those that the program's own files name.

use serde_json::{Map, Value, json};

/// A library for Python, as a line of requirements, and for Node, its name and version.
pub(super) type Library = (&'static str, (&'static str, &'static str));

/// What verifies tokens, where a route asks for one.
pub(super) const TOKENS: Library = ("PyJWT[crypto]==2.15.1", ("jose", "6.2.17"));

/// Returns the user's requirements and ours; a package that the user names already is left to them.
pub(super) fn requirements<'a>(given: &[String], ours: impl Iterator<Item = &'a str>) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in given.iter().flat_map(|it| it.lines()) {
        if line.trim().is_empty() || !lines.contains(&line) {
            lines.push(line);
        }
    }
    let named: Vec<String> = lines.iter().map(|it| package_name(it)).collect();
    let ours: Vec<_> = ours
        .filter(|it| !named.contains(&package_name(it)))
        .collect();
    let mut text = lines.join("\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in ours {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// Returns the package that a line of requirements names, spelt as pip compares names (PEP 503).
fn package_name(line: &str) -> String {
    let line = line.trim();
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let name = line.get(..end.unwrap_or(line.len())).unwrap_or(line);
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Returns the members of the user's `package.json` files with our dependencies; a version that the user names stays.
pub(super) fn package_json<'a>(
    given: &[String],
    ours: impl Iterator<Item = (&'a str, &'a str)>,
) -> Map<String, Value> {
    let mut made: Map<String, Value> = Map::new();
    let mut dependencies: Map<String, Value> = Map::new();
    for text in given {
        let Ok(Value::Object(one)) = serde_json::from_str(text) else {
            continue;
        };
        for (name, value) in one {
            if let (Some(more), "dependencies") = (value.as_object(), name.as_str()) {
                for (package, version) in more {
                    dependencies
                        .entry(package)
                        .or_insert_with(|| version.clone());
                }
            } else {
                made.entry(name).or_insert(value);
            }
        }
    }
    for (package, version) in ours {
        dependencies
            .entry(package)
            .or_insert_with(|| json!(version));
    }
    made.insert("dependencies".to_owned(), Value::Object(dependencies));
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_merged() {
        let given = ["requests>=2\nPyjwt == 2.0 # newer is fine\n".to_owned()];
        let text = requirements(&given, ["azure-identity==1.27.0", TOKENS.0].into_iter());
        assert_eq!(
            text.lines().map(package_name).collect::<Vec<_>>(),
            ["requests", "pyjwt", "azure-identity"]
        );
        assert!(text.contains("Pyjwt == 2.0"));
        assert_eq!(requirements(&[], ["a==1"].into_iter()), "a==1\n");
    }
}
