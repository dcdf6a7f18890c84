//! `fnc simulate`: a program under a modelled load.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::profile::ProfileArgs;
use super::{Failure, Outcome, Program, ProgramArgs, Terminal, shown};
use crate::diagnostic::{Severity, has_errors};
use crate::engine::{Nanos, Profile};
use crate::model::duration_text;
use crate::scenario::{Load, Series, Simulated, Simulation, Summary, simulate};

/// Show how a program scales under a modelled load: waiting times, instances, cold starts, backlog
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    program: ProgramArgs,

    #[command(flatten)]
    profile: ProfileArgs,

    /// The load, as JSON; without one what each function's `expect` says, for ten minutes
    #[arg(long, value_name = "FILE")]
    load: Option<PathBuf>,

    /// Where random numbers begin; the same seed gives the same numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// What is modelled, whatever the rules.
const MODEL: [&str; 3] = [
    "handlers are modelled: they send nothing, and calls take exponential times unless the load says otherwise",
    "an instance takes 93 ms to start with Python and 144 ms with Node.js unless the load says otherwise (medians of github.com/maxday/lambda-perf, 2026)",
    "events come at random (a Poisson process) unless the load says otherwise",
];

impl Simulate {
    /// Simulates and prints what came of it.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let program = Program::load(&self.program)?;
        let stage = program.chosen_stage(&self.program);
        let checked = program.check(stage);
        let mut found = checked.diagnostics;
        found.retain(|it| it.severity() == Severity::Error);
        if has_errors(&found) {
            terminal.findings(&found, &program.sources);
        }
        let Some(app) = checked.app.filter(|_| !has_errors(&found)) else {
            return Ok(Outcome::Faulty);
        };
        let load = match &self.load {
            Some(path) => read(path)?,
            None => Load::expected(&app),
        };
        let profile = self.profile.profile();
        let simulated = simulate(&app, &load, profile, self.seed).map_err(Failure::Usage)?;
        if terminal.is_json() {
            Terminal::result(as_json(&simulated, profile, self.seed));
        } else {
            Terminal::result(as_text(&simulated, profile, self.seed).trim_end());
        }
        Ok(Outcome::Done)
    }
}

#[expect(clippy::disallowed_methods, reason = "the load is read from disk")]
fn read(path: &std::path::Path) -> Result<Load, Failure> {
    let text = std::fs::read(path).map_err(Failure::file("read", path))?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::Usage(format!("`{}` is no load: {error}", shown(path))))
}

fn assumptions(profile: Profile) -> impl Iterator<Item = &'static str> {
    MODEL
        .into_iter()
        .chain(profile.assumptions().iter().copied())
}

fn as_text(simulated: &Simulated, profile: Profile, seed: u64) -> String {
    let mut lines = vec![format!(
        "{} under the rules of {}, seed {seed}",
        duration_text(std::time::Duration::from_nanos(simulated.length.0)),
        profile.word()
    )];
    for it in &simulated.functions {
        lines.push(String::new());
        lines.extend(function_text(it, simulated.length));
    }
    lines.push(String::new());
    lines.push("assumed:".to_owned());
    lines.extend(assumptions(profile).map(|it| format!("- {it}")));
    lines.join("\n")
}

fn function_text(it: &Simulation, length: Nanos) -> Vec<String> {
    let ledger = it.ledger;
    let mut fates = format!("arrived {}, done {}", ledger.arrived, ledger.done);
    for (count, what) in [
        (ledger.failed, "failed"),
        (ledger.parked, "parked"),
        (ledger.throttled, "throttled"),
        (ledger.dropped, "dropped"),
        (ledger.running, "running"),
        (it.waiting as u64, "waiting"),
    ] {
        if count > 0 {
            let _ = write!(fates, ", {what} {count}");
        }
    }
    let calls = it.wait.count();
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let share = it.cold as f64 * 100.0 / calls.max(1) as f64;
    let growth = match it.backlog.growth() {
        Some(growth) => format!(", and grows by {growth:.1}/s"),
        None => String::new(),
    };
    let part = Nanos(length.0 / 12);
    vec![
        it.name.clone(),
        format!("  events      {fates}"),
        format!("  waiting     {}", times(&it.wait.summary())),
        format!("  in all      {}", times(&it.total.summary())),
        format!("  cold        {} of {calls} calls ({share:.2}%)", it.cold),
        format!(
            "  instances   mean {:.2}, most {}; every {part}: {}",
            it.instances.mean(),
            it.instances.most(),
            points(&it.instances)
        ),
        format!(
            "  backlog     mean {:.2}, most {}{growth}; every {part}: {}",
            it.backlog.mean(),
            it.backlog.most(),
            points(&it.backlog)
        ),
        format!(
            "  used        {:.1} s of calls, {:.1} s of instances with {} MB",
            seconds(it.busy),
            it.instances.mean() * seconds(length),
            it.memory
        ),
    ]
}

fn times(it: &Summary) -> String {
    let Summary {
        mean,
        p50,
        p95,
        p99,
        max,
    } = it;
    let short = |it: &Nanos| Nanos(it.0 / 1000 * 1000);
    format!(
        "mean {}, p50 {}, p95 {}, p99 {}, most {}",
        short(mean),
        short(p50),
        short(p95),
        short(p99),
        short(max)
    )
}

fn points(series: &Series) -> String {
    let points = series.points().iter().map(ToString::to_string);
    points.collect::<Vec<_>>().join(" ")
}

#[expect(clippy::cast_precision_loss, reason = "seconds for people")]
fn seconds(it: Nanos) -> f64 {
    it.0 as f64 / 1e9
}

fn as_json(simulated: &Simulated, profile: Profile, seed: u64) -> Value {
    let functions = simulated.functions.iter().map(|it| {
        let ledger = it.ledger;
        json!({
            "function": it.name,
            "arrived": ledger.arrived,
            "done": ledger.done,
            "failed": ledger.failed,
            "parked": ledger.parked,
            "throttled": ledger.throttled,
            "dropped": ledger.dropped,
            "running": ledger.running,
            "waiting": it.waiting,
            "calls": it.wait.count(),
            "cold": it.cold,
            "wait_s": summary_json(&it.wait.summary()),
            "total_s": summary_json(&it.total.summary()),
            "instances": series_json(&it.instances),
            "backlog": series_json(&it.backlog),
            "backlog_growth_per_s": it.backlog.growth(),
            "busy_s": seconds(it.busy),
            "instance_s": it.instances.mean() * seconds(simulated.length),
            "memory_mb": it.memory,
        })
    });
    json!({
        "profile": profile.word(),
        "seed": seed,
        "length_s": seconds(simulated.length),
        "functions": functions.collect::<Vec<_>>(),
        "assumed": assumptions(profile).collect::<Vec<_>>(),
    })
}

fn summary_json(it: &Summary) -> Value {
    json!({
        "mean": seconds(it.mean),
        "p50": seconds(it.p50),
        "p95": seconds(it.p95),
        "p99": seconds(it.p99),
        "max": seconds(it.max),
    })
}

fn series_json(it: &Series) -> Value {
    json!({ "mean": it.mean(), "max": it.most(), "points": it.points() })
}
