//! `--target`: which targets a command is about.

use clap::{Args, ValueEnum};

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, has_errors};
use crate::model::{App, Target};
use crate::target;

/// Which targets.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Choose a target; may be repeated; default: the app's `targets`
    #[arg(
        long = "target",
        value_enum,
        value_delimiter = ',',
        value_name = "TARGET"
    )]
    chosen: Vec<Choice>,
}

/// A word after `--target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// AWS SAM
    Aws,
    /// Azure Functions
    Azure,
    /// Knative
    Knative,
    /// The app's targets
    All,
}

impl TargetArgs {
    /// Returns the targets in the order they are listed everywhere: those named, else the app's.
    pub(crate) fn of(&self, app: &App) -> Vec<Target> {
        let all = self.chosen.is_empty() || self.chosen.contains(&Choice::All);
        let chosen = |target: &Target| {
            let named = self.chosen.contains(&match target {
                Target::Aws => Choice::Aws,
                Target::Azure => Choice::Azure,
                Target::Knative => Choice::Knative,
            });
            named || all && app.targets.contains(target)
        };
        Target::ALL.into_iter().filter(chosen).collect()
    }
}

/// Adds what the targets have to say about the program. Where the program itself has errors, only errors: a reader who
/// has to correct it anyway is not to look for them between remarks.
pub(crate) fn check(app: &App, targets: &[Target], found: &mut Diagnostics) {
    let least = if has_errors(found) {
        Severity::Error
    } else {
        Severity::Note
    };
    let errors = found.iter().filter(|it| it.severity() == Severity::Error);
    let told: Vec<_> = errors.filter_map(Diagnostic::span).collect();
    for target in targets {
        let said = target::check(app, *target).into_iter();
        // What the language itself refuses needs no second word from a target.
        let told = |it: &Diagnostic| it.span().is_some_and(|it| told.contains(&it));
        let news = said.filter(|it| it.severity() >= least && !told(it));
        found.extend(news);
    }
}
