//! How the rules are tested: a program in, codes and places out. The only caller of `check` in these tests.

use std::collections::BTreeMap;

use crate::check::tests::AnyHandlers;
use crate::check::{Choices, HandlerFiles, check};
use crate::diagnostic::{Diagnostic, sort};
use crate::source::Sources;
use crate::syntax::parse;

/// Handler files held in memory.
pub(super) struct Files(BTreeMap<&'static str, &'static str>);

impl Files {
    /// Returns files with these paths and texts.
    pub(super) fn new<const N: usize>(files: [(&'static str, &'static str); N]) -> Self {
        Files(files.into())
    }
}

impl HandlerFiles for Files {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).map(|it| (*it).to_owned())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let paths = self.0.keys().filter_map(|it| it.rsplit_once('/'));
        let inside = paths.filter(|(of, _)| *of == folder);
        inside.map(|(_, name)| name.to_owned()).collect()
    }
}

/// Checks that exactly this is found, one finding a line, code and place; all handlers exist.
#[track_caller]
pub(super) fn finds(source: &str, expected: &str) {
    finds_with(source, &AnyHandlers, expected);
}

/// Checks that exactly this is found with these handler files.
#[track_caller]
pub(super) fn finds_with(source: &str, files: &dyn HandlerFiles, expected: &str) {
    let (found, sources) = run(source, files);
    let place = |it: &Diagnostic| {
        let span = it.span().unwrap_or_default();
        let text = sources.get(span.source).map_or("", |it| it.slice(span));
        format!("{} at `{text}`", it.code.name())
    };
    let lines: Vec<_> = found.iter().map(place).collect();
    assert_eq!(lines.join("\n"), expected, "\n{source}\n{found:#?}");
}

/// Returns the help line of the only finding; all handlers exist.
#[track_caller]
pub(super) fn help(source: &str) -> String {
    help_with(source, &AnyHandlers)
}

/// Returns the help line of the only finding with these handler files.
#[track_caller]
pub(super) fn help_with(source: &str, files: &dyn HandlerFiles) -> String {
    let (found, _) = run(source, files);
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].help.clone()
}

fn run(source: &str, files: &dyn HandlerFiles) -> (Vec<Diagnostic>, Sources) {
    let app = if source.contains("app a") {
        ""
    } else {
        "app a\n"
    };
    let mut sources = Sources::default();
    let id = sources.add("app.fn", format!("{app}{source}"));
    let parsed = parse(sources.get(id).expect("it was just added"));
    let mut found = parsed.diagnostics;
    found.extend(check(&[parsed.file], &Choices::default(), files).diagnostics);
    sort(&mut found);
    (found, sources)
}
