//! Nothing is dropped silently: whatever one word or value of a program is changed, a file that is built differs, or a
//! message does, or one of the messages is about that line.

use std::collections::BTreeSet;
use std::fmt::Write;

use fnc::check::{Choices, HandlerFiles, check};
use fnc::diagnostic::{Diagnostic, Severity};
use fnc::model::App;
use fnc::source::{Source, SourceId};
use fnc::syntax::parse;
use fnc::target::parity::{KEYS, rows};
use fnc::target::{self, LayerFile, Package, Target, build};

use crate::generate::{Dice, Parts, Program, Texts};
use crate::syntax::formats;

/// How many programs are made for each target.
const PROGRAMS: usize = 100;
/// How many things are changed in each of them.
const CHANGES: usize = 10;

/// Every handler is there.
struct Anything;

impl HandlerFiles for Anything {
    fn read(&self, _path: &str) -> Option<String> {
        let python = "def handle(event, context): pass\ndef main(event, context): pass\n";
        Some(python.to_owned() + "export function handle() {}\nexport function main() {}\n")
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        ["shared.py", "Dockerfile"].map(str::to_owned).to_vec()
    }
}

/// The files of layers, which are packed.
fn package() -> Package {
    let folders = ["a", "b", "c"].into_iter();
    let files = folders.map(|it| (format!("layers/{it}/{it}.py"), LayerFile::default()));
    Package {
        layers: files.collect(),
        ..Package::default()
    }
}

/// What came of a program.
struct Outcome {
    files: Vec<(String, Vec<u8>)>,
    found: Vec<Diagnostic>,
}

fn checked(texts: &Texts) -> (Option<App>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut parsed = Vec::new();
    for (number, text) in texts.files.iter().enumerate() {
        let name = ["app.fn", "more.fn"][number];
        let source = Source::new(
            SourceId(u32::try_from(number).unwrap()),
            name,
            text.as_str(),
        );
        let file = parse(&source);
        found.extend(file.diagnostics);
        parsed.push(file.file);
    }
    let checked = check(&parsed, &Choices::default(), &Anything);
    found.extend(checked.diagnostics);
    (checked.app, found)
}

fn outcome(texts: &Texts, target: Target) -> Outcome {
    let (app, mut found) = checked(texts);
    let mut files = Vec::new();
    if let Some(app) = app.filter(|_| !errors(&found)) {
        let built = build(&app, target, &package());
        found.extend(built.diagnostics);
        let artifacts = built.build.map(|it| it.artifacts).unwrap_or_default();
        files = artifacts
            .into_iter()
            .map(|it| (it.path, it.contents.into_owned()))
            .collect();
        files.sort();
    }
    Outcome { files, found }
}

fn errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|it| it.severity() == Severity::Error)
}

/// Returns what is said, without the places.
fn said(found: &[Diagnostic]) -> BTreeSet<String> {
    let said = found.iter().map(|it| {
        let labels = it.labels.iter().map(|it| it.text.as_str());
        let labels: Vec<_> = labels.collect();
        format!("{} {}: {}", it.code.name(), it.message, labels.join("; "))
    });
    said.collect()
}

/// Tells whether a message is about lines of a program.
fn names(found: &[Diagnostic], texts: &Texts) -> bool {
    let labels = found.iter().flat_map(|it| &it.labels);
    let mut spans = labels.map(|it| it.span);
    spans.any(|span| {
        let range = span.range();
        texts.lines.iter().any(|(file, line)| {
            usize::try_from(span.source.0).unwrap() == *file
                && range.start < line.end
                && line.start < range.end
        })
    })
}

/// Returns what is wrong with a program: a change that nothing shows.
fn dropped(program: &Program, target: Target, dice: &mut Dice, wrong: &mut BTreeSet<String>) {
    let texts = program.texts(None, 0);
    let whole = outcome(&texts, target);
    if errors(&whole.found) {
        for it in whole
            .found
            .iter()
            .filter(|it| it.severity() == Severity::Error)
        {
            let span = it.span().unwrap();
            let text = &texts.files[usize::try_from(span.source.0).unwrap()];
            let start = text[..span.range().start]
                .rfind('\n')
                .map_or(0, |it| it + 1);
            let line = text[start..].lines().next().unwrap();
            wrong.insert(format!(
                "{target}: {}: {}: {line}",
                it.code.name(),
                it.message
            ));
        }
        return;
    }
    for _ in 0..CHANGES {
        let change = dice.below(program.changes);
        let before = program.texts(None, change);
        let after = program.texts(Some(change), change);
        let changed = outcome(&after, target);
        let shown = changed.files != whole.files
            || said(&changed.found) != said(&whole.found)
            || names(&whole.found, &before)
            || names(&changed.found, &after);
        if !shown {
            let mut line = format!("{target}:");
            for (texts, arrow) in [(&before, ""), (&after, " -> ")] {
                for (file, lines) in &texts.lines {
                    write!(line, "{arrow} {}", texts.files[*file][lines.clone()].trim()).unwrap();
                }
            }
            wrong.insert(line);
        }
    }
}

#[track_caller]
fn drops_nothing(target: Target) {
    let parts = Parts::read();
    let mut dice = Dice::new(7);
    let mut wrong = BTreeSet::new();
    for number in 0..PROGRAMS {
        let program = parts.program(target, Some(number), &mut dice);
        dropped(&program, target, &mut dice, &mut wrong);
    }
    let wrong: Vec<_> = wrong.into_iter().collect();
    assert!(
        wrong.is_empty(),
        "{} in all\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn aws_drops_nothing() {
    drops_nothing(Target::Aws);
}

#[test]
fn azure_drops_nothing() {
    drops_nothing(Target::Azure);
}

#[test]
fn knative_drops_nothing() {
    drops_nothing(Target::Knative);
}

#[test]
fn programs_that_mean_something_keep_their_meaning() {
    let parts = Parts::read();
    let mut dice = Dice::new(8);
    for target in [Target::Aws, Target::Azure, Target::Knative] {
        for number in 0..200 {
            for text in parts
                .program(target, Some(number), &mut dice)
                .texts(None, 0)
                .files
            {
                formats(&text);
            }
        }
    }
}

/// The parts reach every word that a target builds, so that none is left untried.
#[test]
fn every_word_is_used() {
    let parts = Parts::read();
    let mut missing = Vec::new();
    for target in Target::ALL {
        let mut dice = Dice::new(9);
        let mut used = BTreeSet::new();
        let mut texts = String::new();
        for number in (0..parts.units.len()).cycle().take(10 * parts.units.len()) {
            let made = parts
                .program(target, Some(number), &mut dice)
                .texts(None, 0);
            let (app, _) = checked(&made);
            used.extend(target::words(&app.unwrap(), target));
            texts.extend(made.files);
        }
        let words: BTreeSet<&str> = texts
            .split(|it: char| !it.is_alphanumeric() && it != '_')
            .collect();
        for row in rows() {
            let cell = match target {
                Target::Aws => row.aws,
                Target::Azure => row.azure,
                Target::Knative => row.knative,
            };
            let word = row.word.as_str();
            let there = if KEYS.contains(&word) {
                used.contains(word)
            } else {
                // What every target offers is reported by none.
                let mut parts = word.split('.');
                parts.all(|it| words.contains(it) || it == "max" || it == "min")
            };
            if ["exact", "approximate"].contains(&cell.status) && !there {
                missing.push(format!("{target}: {word}"));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}
