//! Targets: a folder of templates, shims and limits under `targets/`, and a module here that fills them in.

mod aws;
mod azure;
mod block;
mod contract;
mod encode;
mod external;
mod knative;
mod left_out;
mod libraries;
mod limits;
pub mod merge;
mod name;
mod package;
pub mod parity;
mod render;
pub mod shared;
mod shim_filter;
mod words;

pub use limits::{Limits, Range, Status, Word};
pub use package::{Artifact, LayerFile, Package};

pub use crate::model::Target;

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, has_errors};
use crate::model::App;
use crate::source::Span;

/// What a target's module does.
pub trait Backend: Sync {
    /// Returns the target's table of limits and capabilities.
    fn limits(&self) -> &'static Limits;

    /// Finds what this target can't honour, or honours in its own way, beyond what the table of limits says.
    fn check(&self, app: &App, found: &mut Diagnostics);

    /// Returns the build folder's files; called only when no error was found.
    fn build(&self, app: &App, package: &Package) -> Build;
}

/// The files of a build folder, and what to say about them.
#[derive(Debug, Default)]
pub struct Build {
    /// The files, each path once.
    pub artifacts: Vec<Artifact>,
    /// Lines for the build summary: what a reader would not expect, such as a program split into two apps.
    pub summary: Vec<String>,
    /// The command that deploys the folder.
    pub deploy: String,
}

/// What building for one target came to.
#[derive(Debug)]
pub struct Built {
    /// The files; `None` when there are errors.
    pub build: Option<Build>,
    /// What was found.
    pub diagnostics: Diagnostics,
}

/// Finds everything that `target` has to say about the program.
pub fn check(app: &App, target: Target) -> Diagnostics {
    let backend = backend(target);
    let mut found = Diagnostics::new();
    limits::check(app, target, backend.limits(), &mut found);
    words::check(app, target, backend.limits(), &mut found);
    shim_filter::check(app, target, &mut found);
    external::check(app, target, &mut found);
    left_out::check(app, target, &mut found);
    backend.check(app, &mut found);
    once_per_cause(found)
}

/// Keeps one finding for each cause: a value in `defaults` concerns every function that takes it.
fn once_per_cause(found: Diagnostics) -> Diagnostics {
    let mut causes: IndexMap<(Code, Option<Span>), (Diagnostic, usize)> = IndexMap::new();
    for diagnostic in found {
        let cause = (diagnostic.code, diagnostic.span());
        let known = causes.entry(cause).or_insert((diagnostic, 0));
        known.1 += 1;
    }
    let told = |(mut diagnostic, times): (Diagnostic, usize)| {
        if let Some(label) = diagnostic.labels.first_mut().filter(|_| times > 1) {
            let more = format!("the same for {} more", times - 1);
            let parts = [label.text.as_str(), more.as_str()];
            label.text = parts
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join("; ");
        }
        diagnostic
    };
    causes.into_values().map(told).collect()
}

/// Compiles the program for one target.
pub fn build(app: &App, target: Target, package: &Package) -> Built {
    let diagnostics = check(app, target);
    let build = (!has_errors(&diagnostics)).then(|| backend(target).build(app, package));
    Built { build, diagnostics }
}

/// Returns the words that a program uses, of those that not every target offers, by the keys of the targets' tables.
pub fn words(app: &App, target: Target) -> BTreeSet<&'static str> {
    words::keys(app, target)
}

fn backend(target: Target) -> &'static dyn Backend {
    match target {
        Target::Aws => &aws::Aws,
        Target::Azure => &azure::Azure,
        Target::Knative => &knative::Knative,
    }
}
