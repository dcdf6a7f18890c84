//! `fnc check`: findings only.

use clap::Args;

use super::findings::Findings;
use super::targets;
use super::{Failure, Outcome, Program, ProgramArgs, TargetArgs, Terminal};
use crate::diagnostic::has_errors;
use crate::model::{Stats, defaults};

/// Check a program for its targets, in every stage
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    targets: TargetArgs,

    /// Print what holds where the program says nothing, in the chosen stage or the first
    #[arg(long)]
    explain_defaults: bool,

    /// Print how much the language says itself and how much stands in a target's own words
    #[arg(long)]
    stats: bool,
}

impl Check {
    /// Prints what is found in the program.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let mut program = Program::load(&self.program)?;
        program.load_tests(&self.program)?;
        let mut findings = Findings::default();
        let mut targets = Vec::new();
        let tested = program.chosen_stage(&self.program);
        for stage in program.chosen_stages(&self.program) {
            let checked = program.check(stage);
            let mut found = checked.diagnostics;
            // A test is made for one stage: what it speaks of may be absent in another.
            if stage == tested && !has_errors(&found) {
                found.extend(program.scenarios(stage).1);
            }
            if let Some(app) = &checked.app {
                targets = self.targets.of(app);
                targets::check(app, &targets, &mut found);
            }
            findings.add(stage, found);
        }
        let found = findings.merge();
        terminal.findings(&found, &program.sources);
        if has_errors(&found) {
            return Ok(Outcome::Faulty);
        }
        if self.explain_defaults
            && let Some(app) = program.check(program.chosen_stage(&self.program)).app
        {
            let mut owner = String::new();
            for it in defaults(&app) {
                if it.owner != owner {
                    owner.clone_from(&it.owner);
                    Terminal::result(&owner);
                }
                Terminal::result(format_args!("  {:<28} // {}", it.setting, it.from));
            }
        }
        if self.stats
            && let Some(app) = program.check(program.chosen_stage(&self.program)).app
        {
            counted(Stats::of(&app), terminal);
        }
        let targets: Vec<&str> = targets.iter().map(|it| it.word()).collect();
        terminal.say(format!("no errors for {}", targets.join(", ")));
        Ok(Outcome::Done)
    }
}

/// Prints the counts of one stage.
fn counted(stats: Stats, terminal: &Terminal) {
    if terminal.is_json() {
        let counts = serde_json::json!({ "counts": stats, "first_class_percent": stats.share() });
        Terminal::result(counts);
        return;
    }
    let rows = [
        ("functions", stats.functions),
        ("resources", stats.resources),
        ("secrets", stats.secrets),
        ("outputs", stats.outputs),
        ("triggers", stats.triggers),
        ("rights", stats.rights),
        ("target blocks", stats.hatches.blocks),
        ("raw resources", stats.hatches.resources),
        ("raw permissions", stats.hatches.permissions),
        ("raw triggers", stats.hatches.triggers),
    ];
    for (what, count) in rows {
        Terminal::result(format_args!("{what:<16} {count}"));
    }
    Terminal::result(format_args!("{:<16} {}%", "first class", stats.share()));
}
