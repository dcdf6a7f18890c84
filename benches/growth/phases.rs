//! Each phase by itself: how its time grows with the program.

use std::hint::black_box;
use std::process::Command;
use std::slice::from_ref;
use std::time::Duration;

use fnc::check::{Choices, check};
use fnc::diagnostic::{Code, Diagnostic, Style, has_errors, render};
use fnc::model::{App, Target};
use fnc::source::{Source, Sources, Span};
use fnc::syntax::{Parsed, ast, parse, print};
use fnc::target::{self, Package};

use crate::clock::{self, shown};
use crate::program::{Handlers, files, text};

/// Ten times the program may take so many times as long.
const MOST: f64 = 12.0;

const SMALL: usize = 1_000;
const LARGE: usize = 10_000;

/// A phase: its name, and how it is measured.
type Phase = (&'static str, fn(&Size) -> Duration);

const PHASES: [Phase; 8] = [
    ("parse", Size::parse),
    ("format", Size::format),
    ("mistakes", Size::mistakes),
    ("check", Size::check),
    ("show", Size::show),
    ("aws", |it| it.build(Target::Aws)),
    ("azure", |it| it.build(Target::Azure)),
    ("knative", |it| it.build(Target::Knative)),
];

/// Each time is the shortest of so many processes.
const PROCESSES: usize = 5;

/// Measures both sizes, prints the times, and tells whether each phase grows as it should.
///
/// A phase runs once in a process of its own, as it does for whoever types a command. In one process again and again,
/// a small program would find all its memory at hand the second time, and a large one wouldn't.
pub(crate) fn measure() -> bool {
    let head = "phase, functions";
    println!("{head:24} {SMALL:>10} {LARGE:>10}   growth (at most {MOST} ×)");
    let mut good = true;
    for (phase, _) in PHASES {
        let [before, after] = [SMALL, LARGE].map(|it| in_processes(phase, it));
        let growth = after.as_secs_f64() / before.as_secs_f64();
        let mark = if growth > MOST { "  ← too much" } else { "" };
        let (before, after) = (shown(before), shown(after));
        println!("{phase:24} {before:>10} {after:>10}   {growth:.1} ×{mark}");
        good &= growth <= MOST;
    }
    good & depth()
}

/// Has processes measure a phase, and returns the shortest time.
fn in_processes(phase: &str, functions: usize) -> Duration {
    let program = std::env::current_exe().expect("this program has a path");
    let run = |_| {
        let arguments = [phase, &functions.to_string()];
        let output = Command::new(&program).args(arguments).output();
        let output = output.expect("this program starts").stdout;
        let micros = String::from_utf8_lossy(&output).trim().parse();
        Duration::from_micros(micros.expect("it prints a number"))
    };
    (0..PROCESSES).map(run).min().unwrap_or_default()
}

/// Runs one phase once, and prints the microseconds it took.
pub(crate) fn alone(phase: &str, functions: usize) {
    let phase = PHASES.iter().find(|(name, _)| *name == phase);
    let (_, time) = phase.expect("a phase has this name");
    println!("{}", time(&Size::new(functions)).as_micros());
}

/// Returns how long something takes, and what comes of it.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = clock::own();
    let result = black_box(work());
    (clock::own().saturating_sub(before), result)
}

/// A program of one size.
struct Size {
    functions: usize,
    sources: Sources,
    file: ast::File,
    app: App,
}

impl Size {
    fn new(functions: usize) -> Self {
        let mut sources = Sources::default();
        let id = sources.add("app.fn", text(functions));
        let Parsed { file, diagnostics } = parse(sources.get(id).expect("just added"));
        assert_eq!(diagnostics, [], "the program can be read");
        let checked = check(from_ref(&file), &Choices::default(), &Handlers);
        let error = checked
            .diagnostics
            .iter()
            .find(|it| has_errors(from_ref(it)));
        assert_eq!(error, None, "the program is right");
        Size {
            functions,
            sources,
            file,
            app: checked.app.expect("a program without errors"),
        }
    }

    fn source(&self) -> &Source {
        self.sources.iter().next().expect("there is one")
    }

    fn parse(&self) -> Duration {
        timed(|| parse(self.source())).0
    }

    fn format(&self) -> Duration {
        let (time, printed) = timed(|| print(&self.file, self.source()));
        assert_eq!(
            printed,
            self.source().text,
            "the program is in canonical form"
        );
        time
    }

    fn check(&self) -> Duration {
        let file = from_ref(&self.file);
        timed(|| check(file, &Choices::default(), &Handlers)).0
    }

    fn build(&self, target: Target) -> Duration {
        let files = files(self.functions).map(|(path, text)| (path, text.into_bytes()));
        let package = Package {
            files: files.collect(),
            ..Package::default()
        };
        let (time, built) = timed(|| target::build(&self.app, target, &package));
        let error = built.diagnostics.iter().find(|it| has_errors(from_ref(it)));
        assert_eq!(error, None, "the program suits {}", target.word());
        assert!(built.build.is_some_and(|it| !it.artifacts.is_empty()));
        time
    }

    /// Shows a finding in each of a hundred places.
    fn show(&self) -> Duration {
        let last = self.source().text.len() - 10;
        let finding = |n: usize| {
            let start = last / 100 * n;
            let span = Span::new(self.source().id, start, start + 5);
            Diagnostic::new(Code::FN0101, "a mistake").label(span, "here")
        };
        let found: Vec<Diagnostic> = (0..100).map(finding).collect();
        timed(|| -> Vec<String> {
            let show = |it: &Diagnostic| render(it, &self.sources, Style::default());
            found.iter().map(show).collect()
        })
        .0
    }

    /// Parses the program when every tenth handler has lost a quote, and shows what is found.
    fn mistakes(&self) -> Duration {
        let mut lines: Vec<&str> = self.source().text.lines().collect();
        let handlers = lines.iter_mut().filter(|it| it.contains("handler"));
        for line in handlers.step_by(10) {
            *line = line.trim_end_matches('"');
        }
        let mut sources = Sources::default();
        let id = sources.add("app.fn", lines.join("\n"));
        let source = sources.get(id).expect("just added");
        let (time, found) = timed(|| {
            let found = parse(source).diagnostics;
            for diagnostic in &found {
                black_box(render(diagnostic, &sources, Style::default()));
            }
            found
        });
        assert_eq!(found.len(), 21, "twenty, and how many more there are");
        time
    }
}

/// Tells whether brackets in brackets take their time in proportion.
fn depth() -> bool {
    let nested = |depth: usize| {
        let [open, close] = ["[(", ")]"].map(|it| it.repeat(depth / 2));
        let lines = (0..2_000).map(|n| format!("let a_{n} = {open}1{close}\n"));
        let mut sources = Sources::default();
        let id = sources.add("app.fn", lines.collect::<String>());
        let source = sources.get(id).expect("just added");
        let times = (0..3).map(|_| timed(|| parse(source)).0);
        times.min().unwrap_or_default()
    };
    let (shallow, deep) = (nested(6), nested(60));
    let growth = deep.as_secs_f64() / shallow.as_secs_f64();
    let (shallow, deep) = (shown(shallow), shown(deep));
    println!(
        "{:24} {shallow:>9} {deep:>9}   {growth:.1} ×",
        "depth 6 and 60"
    );
    growth <= MOST
}
