//! Tags: labels of what they are about, annotations where Kubernetes takes the text for no label's.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::names::Names;
use crate::model::App;
use crate::source::Spanned;

/// The longest value of a label, and the longest name of a label or annotation behind its prefix.
const LABEL: usize = 63;

pub(super) type Tags = IndexMap<String, Spanned<String>>;

/// The tags of functions, by the name of their services.
pub(super) type Owners<'a> = BTreeMap<String, &'a Tags>;

/// Returns the tags of the functions that have some of their own.
pub(super) fn owners<'a>(app: &'a App, names: &Names) -> Owners<'a> {
    let tagged = app.functions.values().filter(|it| !it.tags.is_empty());
    let tagged = tagged.map(|it| (names.function(it.name.as_str()), &it.tags));
    tagged.collect()
}

/// Puts the app's tags on an object, and a function's own, which come first, on what is the function's.
pub(super) fn tag(app: &App, owners: &Owners<'_>, object: &mut Value) {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    let kind = object.get("kind").and_then(Value::as_str);
    let is_service = kind == Some("Service");
    let is_function = is_service || kind == Some("ServiceAccount");
    let own = name.filter(|_| is_function);
    let own = own.and_then(|it| owners.get(it)).copied();
    if let Some(metadata) = object.get_mut("metadata") {
        own.into_iter()
            .chain([&app.about.tags])
            .for_each(|it| put(it, metadata));
    }
    // Pods are what costs are counted by.
    if is_service && let Some(template) = object.pointer_mut("/spec/template/metadata") {
        own.into_iter()
            .chain([&app.about.tags])
            .for_each(|it| put(it, template));
    }
}

fn put(tags: &Tags, metadata: &mut Value) {
    for (key, text) in tags {
        let there = |place: &str| metadata.get(place).is_some_and(|it| it.get(key).is_some());
        if there("labels") || there("annotations") {
            continue;
        }
        let place = if is_label(&text.value) {
            "labels"
        } else {
            "annotations"
        };
        let Some(metadata) = metadata.as_object_mut() else {
            return;
        };
        let place = metadata
            .entry(place)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(place) = place.as_object_mut() {
            place.insert(key.clone(), Value::from(text.value.as_str()));
        }
    }
}

/// Tells whether a label may have this value: nothing, or letters, digits, `-`, `_` and `.` between two of the former.
pub(super) fn is_label(text: &str) -> bool {
    text.is_empty() || is_word(text)
}

/// Tells whether a label or an annotation may have this key: a word, and a domain before a `/`.
pub(super) fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        None => is_word(key),
        Some((domain, word)) => is_word(word) && is_domain(domain),
    }
}

fn is_word(text: &str) -> bool {
    let edge = |it: char| it.is_ascii_alphanumeric();
    (1..=LABEL).contains(&text.len())
        && text.starts_with(edge)
        && text.ends_with(edge)
        && text.chars().all(|it| edge(it) || "-_.".contains(it))
}

/// Tells whether this is a DNS name: labels of lower-case letters, digits and `-`, with `.` between them.
pub(super) fn is_domain(text: &str) -> bool {
    let edge = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let part = |it: &str| {
        it.starts_with(edge)
            && it.ends_with(edge)
            && it.len() <= LABEL
            && it.chars().all(|c| edge(c) || c == '-')
    };
    text.len() <= 253 && text.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        assert!(is_key("team") && is_key("example.com/cost_center"));
        for bad in ["cost center", "", "a/b/c", "-a", "Example.com/a", "/a"] {
            assert!(!is_key(bad), "{bad}");
        }
        assert!(is_label("") && is_label("4711") && !is_label("two words"));
    }
}
