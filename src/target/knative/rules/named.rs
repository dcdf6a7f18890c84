//! FN0892: a physical name that Kubernetes doesn't take, or that stands twice.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Name};
use crate::target::knative::names::{LABEL, places};

/// Compares every `named` with what becomes an object's name and part of a host name.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let functions = app.functions.values();
    let functions = functions.filter_map(|it| Some((it.named.as_ref()?, LABEL)));
    compare(functions, found);
    compare(
        places(app).filter_map(|(_, place, limit)| Some((place.named.as_ref()?, limit))),
        found,
    );
}

fn compare<'a>(names: impl Iterator<Item = (&'a Name, usize)>, found: &mut Diagnostics) {
    let mut taken = BTreeSet::new();
    for (name, limit) in names {
        let text = name.as_str();
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let why = if !text.chars().all(inner) {
            "small letters, digits and `-` only".to_owned()
        } else if !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.ends_with('-') {
            "a letter first, a letter or digit last".to_owned()
        } else if text.len() > limit {
            format!("{} characters, and {limit} are allowed", text.len())
        } else if !taken.insert(text) {
            "another one has this name".to_owned()
        } else {
            continue;
        };
        found.push(
            Diagnostic::new(Code::FN0892, format!("Knative takes no name such as `{text}`"))
                .label(name.span, why)
                .help("it becomes part of a host name: up to 63 small letters, digits and `-`, of what keeps order up to 52"),
        );
    }
}
