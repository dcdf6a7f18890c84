//! Rules about the repository itself, as tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fnc::diagnostic::Code;
use fnc::model::{Target, number};
use fnc::target::{Limits, Status};

use crate::examples::{examples, targets};
use crate::harness::{ROOT, walk};

/// Files as long as a screenful are read; longer ones are searched.
const MOST_LINES: usize = 600;
const P90_LINES: usize = 350;
const MEDIAN_LINES: usize = 120;

fn rust_files() -> Vec<PathBuf> {
    let folders = ["src", "snapshots", "benches"].map(|it| Path::new(ROOT).join(it));
    let there = folders.iter().filter(|it| it.is_dir());
    let files = there.flat_map(|it| walk(it));
    files
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .collect()
}

fn script_files() -> Vec<PathBuf> {
    let files = walk(&Path::new(ROOT).join("targets"));
    let is_script = |it: &PathBuf| it.extension().is_some_and(|it| it == "py" || it == "mjs");
    files.into_iter().filter(is_script).collect()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, PathBuf)> = rust_files()
        .into_iter()
        .map(|it| (text(&it).lines().count(), it))
        .collect();
    lengths.sort();
    let at = |percent: usize| &lengths[(lengths.len() - 1) * percent / 100];
    for (percent, most) in [(50, MEDIAN_LINES), (90, P90_LINES), (100, MOST_LINES)] {
        let (lines, path) = at(percent);
        assert!(
            *lines <= most,
            "{percent} % of the files: {lines} lines, {path:?}"
        );
    }
}

#[test]
fn scripts_are_short() {
    for path in script_files() {
        let lines = text(&path).lines().count();
        assert!(lines <= MOST_LINES, "{lines} lines, {path:?}");
    }
}

#[test]
fn files_say_what_they_are_for() {
    for path in rust_files() {
        assert!(
            text(&path).starts_with("//! "),
            "{path:?} begins without a summary"
        );
    }
}

#[test]
fn nothing_is_left_undone() {
    // Written in two parts, or this file would find itself.
    let marks = [
        ("tod", "o!"),
        ("dbg", "!("),
        ("FIX", "ME"),
        ("unimplemen", "ted!"),
    ];
    for path in rust_files() {
        let text = text(&path);
        for (head, tail) in marks {
            let mark = format!("{head}{tail}");
            assert!(!text.contains(&mark), "{path:?} holds {mark}");
        }
    }
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let names: BTreeSet<String> = Code::ALL.iter().map(|it| it.name().to_owned()).collect();
    let pages = walk(&Path::new(ROOT).join("docs/errors"));
    let pages: BTreeSet<String> = pages
        .iter()
        .map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, pages);
    for code in Code::ALL {
        let title = format!("# {}: ", code.name());
        assert!(code.page().starts_with(&title), "page of {}", code.name());
    }
}

#[test]
fn every_target_has_its_files() {
    for target in Target::ALL {
        let folder = Path::new(ROOT).join("targets").join(target.word());
        for file in [
            "limits.json",
            "shim.py",
            "shim.mjs",
            "README.md.hbs",
            "conformance",
        ] {
            assert!(folder.join(file).exists(), "{target}: no {file}");
        }
        let snapshots = walk(&Path::new(ROOT).join("snapshots").join(target.word()));
        for example in examples() {
            if !targets(&example).contains(&target) {
                continue;
            }
            let name = example.replace("real/", "");
            let shown = snapshots.iter().any(|it| {
                let stem = it.file_stem().unwrap().to_str().unwrap();
                stem == name || stem.starts_with(&format!("{name}-"))
            });
            assert!(shown, "{target}: no snapshot of {name}");
        }
    }
}

#[test]
fn limits_name_their_sources_and_real_codes() {
    for target in Target::ALL {
        let path = Path::new(ROOT)
            .join("targets")
            .join(target.word())
            .join("limits.json");
        let limits = Limits::read(&text(&path));
        assert!(
            !limits.runtimes.is_empty() && !limits.words.is_empty(),
            "{target}"
        );
        for (key, range) in &limits.ranges {
            assert!(!range.source.is_empty(), "{target}: {key}");
            let bounds = [&range.min, &range.max].into_iter().flatten();
            assert!(bounds.clone().count() > 0, "{target}: {key}");
            for bound in bounds {
                assert!(number(bound).is_ok(), "{target}: {key}: {bound}");
            }
        }
        for (word, how) in &limits.words {
            let coded = Code::parse(&how.code).is_some();
            let exact = how.status == Status::Exact && how.code.is_empty();
            assert!(!how.how.is_empty() && (exact || coded), "{target}: {word}");
        }
    }
}

#[test]
fn no_snapshot_waits_to_be_accepted() {
    for path in walk(&Path::new(ROOT).join("snapshots")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let pending = name.ends_with(".snap.new") || name.ends_with(".pending-snap");
        assert!(!pending, "{path:?}");
    }
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let sources: String = rust_files().iter().map(|it| text(it)).collect();
    for path in walk(&Path::new(ROOT).join("snapshots")) {
        if path.extension().is_some_and(|it| it == "snap") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                is_used(&path, name, &sources),
                "{path:?} belongs to no test"
            );
        }
    }
}

/// Tells whether a snapshot is made from an input of the same name, from an example, from the page of a code, or by
/// a test that names it.
fn is_used(path: &Path, name: &str, sources: &str) -> bool {
    let input = path.with_extension("fn").is_file();
    let example = Path::new(ROOT).join("examples").join(name).is_dir()
        || Path::new(ROOT).join("examples/real").join(name).is_dir();
    let named = [
        format!("\"{name}\""),
        format!("fn {name}("),
        format!("{name}: "),
    ];
    let page = Code::parse(name).is_some();
    input || example || page || named.iter().any(|it| sources.contains(it))
}
