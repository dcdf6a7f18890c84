//! Names and labels.

use serde_json::Value;

use super::{Faults, members, text};
use crate::target::knative::tag::{is_domain, is_key, is_label};

/// The longest DNS label.
const LABEL: usize = 63;
/// A Channel's Kubernetes Service is its name and `-kn-channel`, which has to be a label too.
const CHANNEL: usize = 52;

pub(super) fn check(kind: &str, object: &Value, found: &mut Faults) {
    let name = text(object, "/metadata/name").unwrap_or_default();
    let path = "/metadata/name";
    let most = match kind {
        "messaging.knative.dev/Channel" => CHANNEL,
        _ => LABEL,
    };
    if kind == "serving.knative.dev/DomainMapping" {
        if !is_host(name) {
            found.add(path, format!("`{name}` is no host name of one's own"));
        }
    } else if !kind.contains(".knative.dev/") {
        if !is_domain(name) {
            found.add(
                path,
                format!("`{name}` is no name: lower-case letters, digits, `-` and `.`"),
            );
        }
    } else if name.len() > most {
        found.add(
            path,
            format!(
                "`{name}` has more than {most} letters; other names in the cluster are made of it"
            ),
        );
    } else if !is_label_1035(name) {
        found.add(
            path,
            format!("`{name}` is no name: lower-case letters, digits and `-`, a letter first"),
        );
    }
    if object.pointer("/metadata/namespace").is_some() {
        found.add(
            "/metadata/namespace",
            "everything of the app lies in one namespace: leave it out",
        );
    }
    for place in ["/metadata", "/spec/template/metadata"] {
        for (path, key, value) in members(object, &format!("{place}/labels")) {
            if !is_key(key) {
                found.add(path, format!("`{key}` can't be a label"));
            } else if !value.as_str().is_some_and(is_label) {
                found.add(
                    path,
                    format!("a label has at most {LABEL} letters, digits, `-`, `_` and `.`"),
                );
            }
        }
        for (path, key, _) in members(object, &format!("{place}/annotations")) {
            if !is_key(key) {
                found.add(path, format!("`{key}` can't be an annotation"));
            }
        }
    }
}

/// RFC 1035: a letter first, and no dot.
pub(super) fn is_label_1035(text: &str) -> bool {
    is_domain(text) && !text.contains('.') && text.starts_with(|it: char| it.is_ascii_lowercase())
}

/// Tells whether a `DomainMapping` may have this name: two parts or more, none of the cluster's own.
fn is_host(text: &str) -> bool {
    is_domain(text)
        && text.contains('.')
        && text != "cluster.local"
        && !text.ends_with(".cluster.local")
}
