//! Programs that are right: no error and no warning, in any stage. Each false alarm costs a reader's trust.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use fnc::diagnostic::{Code, Severity};
use fnc::target;

use crate::causes::{Handlers, findings, shown, stages};
use crate::harness::{ROOT, walk};

#[test]
fn good_programs_give_nothing() {
    let programs = walk(&Path::new(ROOT).join("snapshots/good"));
    assert!(programs.len() >= 60);
    let mut wrong = String::new();
    for path in programs {
        let text = fs::read_to_string(&path).unwrap();
        for text in [text.replace('\n', "\r\n"), text] {
            let found = findings(&text, &Handlers);
            let bad = found
                .into_iter()
                .filter(|it| it.severity() != Severity::Note);
            let bad: Vec<_> = bad.collect();
            if !bad.is_empty() {
                writeln!(wrong, "{}: {}", path.display(), shown(&bad)).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Those in `words` use words that not every target builds yet: FN0803 is all that may stand in the way.
#[test]
fn good_programs_can_be_built_for_their_targets() {
    let mut wrong = String::new();
    for path in walk(&Path::new(ROOT).join("snapshots/good")) {
        let words = path.parent().is_some_and(|it| it.ends_with("words"));
        let text = fs::read_to_string(&path).unwrap();
        let (_, stages) = stages(&text, &Handlers);
        for app in stages.iter().filter_map(|it| it.app.as_ref()) {
            for target in &app.targets {
                let found = target::check(app, *target).into_iter();
                let errors = found.filter(|it| it.severity() == Severity::Error);
                let errors = errors.filter(|it| !(words && it.code == Code::FN0803));
                let errors: Vec<_> = errors.collect();
                if !errors.is_empty() {
                    let (path, errors) = (path.display(), shown(&errors));
                    writeln!(wrong, "{path} on {target}: {errors}").unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Programs that use words which a target doesn't build yet, after real apps: the language finds nothing in them, and
/// the target only that.
#[test]
fn programs_ahead_of_their_targets_give_nothing_else() {
    let mut wrong = String::new();
    let programs = walk(&Path::new(ROOT).join("snapshots/ahead"));
    assert!(!programs.is_empty());
    for path in programs {
        let text = fs::read_to_string(&path).unwrap();
        let (mut found, stages) = stages(&text, &Handlers);
        for stage in stages {
            found.extend(stage.diagnostics);
            let app = stage.app.unwrap();
            let said = app.targets.iter().flat_map(|it| target::check(&app, *it));
            let said = said.filter(|it| it.severity() == Severity::Error);
            found.extend(said.filter(|it| it.code != Code::FN0803));
        }
        // True of the apps as they are: open to all sites, a public bucket, a bus that other apps listen to.
        let meant = [Code::FN0532, Code::FN0720, Code::FN0741];
        found.retain(|it| it.severity() != Severity::Note && !meant.contains(&it.code));
        if !found.is_empty() {
            writeln!(wrong, "{}: {}", path.display(), shown(&found)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_large_good_program_gives_nothing() {
    let mut text =
        String::from("app large\nqueue parked { keep 14d }\ndefaults { retry 2 then parked }\n");
    for n in 0..1000 {
        writeln!(text, "queue q_{n} {{ retry 5 then parked }}\ntopic t_{n}").unwrap();
        writeln!(
            text,
            "function take_{n} {{ handler \"src/a.py:handle\"; on http POST \"/take/{n}\" {{ auth none }}; can send q_{n} }}"
        )
        .unwrap();
        writeln!(
            text,
            "function work_{n} {{ handler \"src/b.py:handle\"; on queue q_{n}; can publish t_{n} }}\n\
             function tell_{n} {{ handler \"src/c.mjs:handler\"; on topic t_{n} }}"
        )
        .unwrap();
    }
    assert_eq!(findings(&text, &Handlers), []);
}
