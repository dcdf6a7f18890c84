//! Planted mistakes: each is one change of a good program, and each must be found at the right word, with a help.
//!
//! A file of `snapshots/errors/planted/` names its program in the first line (`in snapshots/good/x.fn`). Below, each
//! mistake is a `# title` and a change: lines kept begin with a blank, removed ones with `-`, added ones with `+`, and
//! `...` leaves lines out. A line that begins with `!` marks the word in the line above, and names the code.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use fnc::diagnostic::{Code, Diagnostic, Severity, has_errors};
use fnc::source::{Source, SourceId};
use fnc::target;

use crate::causes::{Handlers, shown, stages};
use crate::harness::{ROOT, snapshot, walk};

/// A mistake, planted into its program.
struct Planted {
    title: String,
    text: String,
    /// Line, column, width and code.
    expected: BTreeSet<(usize, usize, usize, String)>,
}

/// Reads a file of mistakes.
fn read(path: &Path) -> (String, Vec<Planted>) {
    let text = fs::read_to_string(path).unwrap();
    let (head, rest) = text.split_once("\n\n# ").unwrap();
    let program = head.lines().next().unwrap().strip_prefix("in ").unwrap();
    let program = fs::read_to_string(Path::new(ROOT).join(program)).unwrap();
    let mistakes = rest.split("\n\n# ").map(|it| {
        let (title, change) = it.split_once('\n').unwrap();
        plant(title, change, &program)
    });
    let mistakes = mistakes.collect();
    (program, mistakes)
}

/// Changes the program.
fn plant(title: &str, change: &str, program: &str) -> Planted {
    let mut lines: Vec<&str> = program.lines().collect();
    let mut expected = BTreeSet::new();
    let mut from = 0;
    for part in change.trim_end().split("\n...\n") {
        let of = |marks: &[char]| -> Vec<&str> {
            let lines = part.lines().filter(|it| it.starts_with(marks));
            lines.map(|it| &it[1..]).collect()
        };
        let (old, new) = (of(&[' ', '-']), of(&[' ', '+']));
        let rest = lines[from..].windows(old.len());
        let mut places = rest.enumerate().filter(|(_, it)| *it == old.as_slice());
        let (at, _) = places
            .next()
            .unwrap_or_else(|| panic!("{title}: the program holds no {old:?}"));
        assert!(
            places.next().is_none(),
            "{title}: {old:?} stands there twice"
        );
        let at = from + at;
        lines.splice(at..at + old.len(), new.iter().copied());
        from = at + new.len();

        let mut line = at;
        for it in part.lines() {
            if let Some(mark) = it.strip_prefix('!') {
                let start = mark.find('^').unwrap();
                let width = mark.matches('^').count();
                let code = mark[start + width..].trim().to_owned();
                assert!(Code::parse(&code).is_some(), "{title}: {code}");
                expected.insert((line, start + 1, width, code));
            } else if !it.starts_with('-') {
                line += 1;
            }
        }
    }
    Planted {
        title: title.to_owned(),
        text: lines.join("\n") + "\n",
        expected,
    }
}

/// Finds what `fnc check` finds, in every stage and for every target of the program, each once.
fn findings(text: &str) -> Vec<Diagnostic> {
    let (syntax, stages) = stages(text, &Handlers);
    let mut found = Vec::new();
    for mut stage in stages {
        stage.diagnostics.splice(..0, syntax.iter().cloned());
        let said = stage.app.iter().flat_map(|app| {
            let targets = app.targets.iter();
            targets.flat_map(|it| target::check(app, *it))
        });
        let said: Vec<_> = said.collect();
        let errors = stage.diagnostics.iter();
        let errors = errors.filter(|it| it.severity() == Severity::Error);
        let errors: Vec<_> = errors.filter_map(Diagnostic::span).collect();
        let least = if errors.is_empty() {
            Severity::Note
        } else {
            Severity::Error
        };
        found.extend(stage.diagnostics);
        let news = |it: &Diagnostic| {
            let told = it.span().is_some_and(|it| errors.contains(&it));
            it.severity() >= least && !told
        };
        found.extend(said.into_iter().filter(news));
    }
    let mut once: Vec<Diagnostic> = Vec::new();
    for it in found {
        if !once
            .iter()
            .any(|known| known.code == it.code && known.span() == it.span())
        {
            once.push(it);
        }
    }
    once
}

/// Returns where a finding's first mark stands: line, column and width, within one line.
fn place(it: &Diagnostic, text: &str) -> (usize, usize, usize) {
    let span = it.span().unwrap();
    let at = Source::new(SourceId(0), "app.fn", text).position(span.start);
    let marked = &text[span.start as usize..span.end as usize];
    let width = marked.lines().next().unwrap_or_default().chars().count();
    (at.line as usize, at.column as usize, width.max(1))
}

/// Leaves out the end of a list of all the words there are, which grows with the language.
fn short(help: &str) -> String {
    let parts: Vec<&str> = help.split(", ").collect();
    match parts.as_slice() {
        [first, _, _, _, ..] => format!("{first}, …"),
        _ => help.to_owned(),
    }
}

#[test]
fn each_is_found_at_its_word() {
    let mut count = 0;
    let mut wrong = String::new();
    let mut all = String::new();
    for path in walk(&Path::new(ROOT).join("snapshots/errors/planted")) {
        let (program, mistakes) = read(&path);
        let mut before = findings(&program);
        let known: BTreeSet<_> = before
            .iter()
            .map(|it| (it.code, it.message.clone()))
            .collect();
        // Words that a target doesn't build yet are no mistake of the program.
        before.retain(|it| it.code != Code::FN0803);
        assert!(!has_errors(&before), "{path:?}: {}", shown(&before));
        for it in mistakes {
            count += 1;
            let mut found = findings(&it.text);
            found.retain(|found| !known.contains(&(found.code, found.message.clone())));
            let is_expected = |found: &Diagnostic| {
                let marks = it.expected.iter();
                found.severity() > Severity::Note
                    || marks
                        .into_iter()
                        .any(|(.., code)| code == found.code.name())
            };
            found.retain(is_expected);
            let places: BTreeSet<_> = found
                .iter()
                .map(|found| {
                    let (line, column, width) = place(found, &it.text);
                    (line, column, width, found.code.name().to_owned())
                })
                .collect();
            if it.expected.is_empty() || places != it.expected {
                let (title, expected) = (&it.title, &it.expected);
                let shown = shown(&found);
                writeln!(
                    wrong,
                    "{title}\n  planted {expected:?}\n  found   {places:?} {shown}"
                )
                .unwrap();
            }
            writeln!(all, "# {}", it.title).unwrap();
            for found in &found {
                if found.help.is_empty() {
                    writeln!(wrong, "{}: {} has no help", it.title, found.code.name()).unwrap();
                }
                let (line, column, _) = place(found, &it.text);
                let code = found.code.name();
                writeln!(all, "{line}:{column} {code} {}", found.message).unwrap();
                for label in found.labels.iter().filter(|it| !it.text.is_empty()) {
                    writeln!(all, "  mark: {}", label.text).unwrap();
                }
                writeln!(all, "  help: {}", short(&found.help)).unwrap();
            }
            all.push('\n');
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= 120, "{count} mistakes are planted");
    snapshot("errors", "planted", &all);
}

#[test]
fn the_guides_name_mistakes_that_are_planted() {
    guide("docs/aws.md", "AWS", "market");
    guide("docs/azure.md", "Azure", "bazaar");
}

fn guide(page: &str, cloud: &str, file: &str) {
    let planted = format!("snapshots/errors/planted/{file}.txt");
    let (_, planted) = read(&Path::new(ROOT).join(planted));
    let page = fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
    let title = format!("\n## What {cloud}'s tools let through\n");
    let (_, section) = page.split_once(&title).unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|it| it.starts_with("| "));
    let rows: Vec<_> = rows.skip(1).collect();
    assert!(rows.len() > 15, "{section}");
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, title, code, _] = cells.as_slice() else {
            panic!("a row of two cells: {row}");
        };
        let same = planted.iter().find(|it| it.title == *title);
        let same = same.unwrap_or_else(|| panic!("not planted: {title}"));
        assert!(same.expected.iter().any(|it| it.3 == *code), "{row}");
    }
}
