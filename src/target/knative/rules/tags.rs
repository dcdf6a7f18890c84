//! FN0890: a tag that can be neither a label nor an annotation.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;
use crate::target::knative::tag::is_key;

/// Domains whose labels mean something to Kubernetes, Knative and the compiler, with all below them.
const RESERVED: [&str; 4] = ["kubernetes.io", "k8s.io", "knative.dev", "fnc"];

/// Compares every tag's key with what Kubernetes takes.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let own = app.functions.values().flat_map(|it| &it.tags);
    for (key, value) in app.about.tags.iter().chain(own) {
        let domain = key.split_once('/').map(|(domain, _)| domain);
        let reserved = RESERVED.into_iter().find(|it| {
            domain.is_some_and(|domain| {
                let rest = domain.strip_suffix(it);
                rest.is_some_and(|it| it.is_empty() || it.ends_with('.'))
            })
        });
        let why = match reserved {
            Some(it) => format!("keys of `{it}/` have a meaning of their own"),
            None if !is_key(key) => "Kubernetes takes no such key".to_owned(),
            None => continue,
        };
        found.push(
            Diagnostic::new(Code::FN0890, format!("`{key}` can't be a tag on Knative"))
                .label(value.span, why)
                .help("a key has up to 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends; a domain and `/` may stand before it"),
        );
    }
}
