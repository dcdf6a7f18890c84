//! Every example: it checks, builds for every target, and comes out the same everywhere.

use std::fs;
use std::path::Path;

use fnc::model::Target;

use crate::harness::{Fnc, ROOT, snapshot};

/// Returns the examples, those transcribed from real apps included.
pub(crate) fn examples() -> Vec<String> {
    let mut names = folders("examples", "");
    names.retain(|it| it != "real");
    names.extend(folders("examples/real", "real/"));
    names
}

fn folders(path: &str, prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(ROOT).join(path)).unwrap();
    let folders = entries
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir());
    let name = |it: &Path| format!("{prefix}{}", it.file_name().unwrap().to_str().unwrap());
    let mut names: Vec<String> = folders.map(|it| name(&it)).collect();
    names.sort();
    names
}

/// Returns the targets that an example is built for.
pub(crate) fn targets(name: &str) -> Vec<Target> {
    let program = fs::read_to_string(format!("{ROOT}/examples/{name}/app.fn")).unwrap();
    let said = program.split_once("targets ").map(|(_, rest)| rest);
    let line = said.and_then(|it| it.split(['\n', ';', '}']).next());
    let named = |it: &Target| line.is_none_or(|line| line.contains(it.word()));
    Target::ALL.into_iter().filter(named).collect()
}

#[test]
fn there_are_some_of_each_kind() {
    let names = examples();
    let own = ["hello", "relay", "shop", "trio"];
    assert!(own.iter().all(|own| names.iter().any(|it| it == own)));
    let real = names.iter().filter(|it| it.starts_with("real/"));
    assert!(real.count() >= 10);
}

#[test]
fn real_apps_are_said_in_the_language() {
    for name in examples().iter().filter(|it| it.starts_with("real/")) {
        let ran = Fnc::new()
            .example(name)
            .run(&format!("check --stats {name}"));
        let share = ran
            .stdout
            .lines()
            .find_map(|it| it.strip_prefix("first class"));
        let share = share.unwrap_or_default().trim().trim_end_matches('%');
        assert!(share.parse::<u32>().unwrap() >= 85, "{name}: {share} %");
    }
}

#[test]
fn what_is_found_in_them() {
    for name in examples() {
        let ran = Fnc::new()
            .example(&name)
            .run(&format!("check {name}"))
            .exits(0);
        snapshot("examples", &name.replace("real/", ""), &ran.to_string());
    }
}

#[test]
fn they_are_formatted() {
    for name in examples() {
        let path = format!("{ROOT}/examples/{name}");
        Fnc::new().run(&format!("fmt --check {path}")).exits(0);
    }
}

#[test]
fn they_build_to_the_same_bytes_everywhere() {
    for name in examples() {
        let build = format!("build {name} --target all");
        let here = Fnc::new().example(&name);
        here.run(&build).exits(0);
        let first = here.tree(&format!("{name}/build"));
        assert!(first.len() > 5, "{name}: {} files", first.len());

        let again = here.run(&build).exits(0);
        assert_eq!(
            again.stdout.matches("all up to date").count(),
            targets(&name).len(),
            "\n{again}"
        );
        here.run(&format!("{build} --check")).exits(0);

        let there = Fnc::new()
            .env("TZ", "Pacific/Kiritimati")
            .env("LANG", "tr_TR.UTF-8")
            .env("LC_ALL", "tr_TR.UTF-8")
            .file("deep/er/.keep", "");
        let copy = there.path("deep/er").join(&name);
        for (path, contents) in here.tree(&name) {
            if !path.starts_with("build/") {
                let path = copy.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, contents).unwrap();
            }
        }
        there
            .run(&format!("build deep/er/{name} --target all"))
            .exits(0);
        assert!(
            first == there.tree(&format!("deep/er/{name}/build")),
            "{name}"
        );
    }
}

#[test]
fn trio_is_at_most_twenty_lines() {
    let lines = fs::read_to_string(format!("{ROOT}/examples/trio/app.fn")).unwrap();
    assert!(lines.lines().count() <= 20);
}
