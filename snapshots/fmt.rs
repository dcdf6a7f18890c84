//! `fnc fmt`: which files it writes, what it prints, and with which exit code.

use crate::harness::{Fnc, snapshot};

const UGLY: &str = "app   shop;queue a{keep 1d}\n\n\n\n// end";
const NICE: &str = "app shop\nqueue a { keep 1d }\n\n// end\n";

fn folder() -> Fnc {
    Fnc::new()
        .file("app.fn", UGLY)
        .file("parts/nice.fn", NICE)
        .file("parts/broken.fn", "queue {\n  let a=1\n}\n")
        .file("build/app.fn", UGLY)
        .file("node_modules/x/app.fn", UGLY)
        .file(".hidden/app.fn", UGLY)
        .file("notes.txt", UGLY)
}

#[test]
fn a_folder() {
    let fnc = folder();
    snapshot("fmt", "a_folder", &fnc.run("fmt").exits(1).to_string());
    assert_eq!(fnc.read("app.fn"), NICE);
    assert_eq!(fnc.read("parts/nice.fn"), NICE);
    assert_eq!(fnc.read("parts/broken.fn"), "queue {\n  let a=1\n}\n");
    for left in [
        "build/app.fn",
        "node_modules/x/app.fn",
        ".hidden/app.fn",
        "notes.txt",
    ] {
        assert_eq!(fnc.read(left), UGLY, "{left}");
    }
    let again = fnc.run("fmt app.fn parts/nice.fn").exits(0);
    assert_eq!(again.stdout, "0 formatted, 2 unchanged\n");
}

#[test]
fn check_writes_nothing() {
    let fnc = folder();
    let ran = fnc.run("fmt --check app.fn parts/nice.fn").exits(1);
    snapshot("fmt", "check_writes_nothing", &ran.to_string());
    assert_eq!(fnc.read("app.fn"), UGLY);
    let _ = fnc.run("fmt --check parts/nice.fn").exits(0);
}

#[test]
fn standard_input() {
    let fnc = folder();
    assert_eq!(fnc.run_with("fmt -", UGLY).exits(0).stdout, NICE);
    assert_eq!(fnc.run_with("fmt -", NICE).exits(0).stdout, NICE);
    assert_eq!(fnc.run_with("fmt - --check", NICE).exits(0).stdout, "");
    let differs = fnc.run_with("fmt - --check", UGLY).exits(1);
    let broken = fnc.run_with("fmt -", "queue {").exits(1);
    assert_eq!(broken.stdout, "");
    let both = fnc.run_with("fmt - app.fn", UGLY).exits(2);
    snapshot("fmt", "standard_input", &format!("{differs}{broken}{both}"));
}

#[test]
fn what_is_not_text_or_not_there() {
    let fnc = Fnc::new().file("latin.fn", b"app shop // caf\xe9\n");
    let latin = fnc.run("fmt latin.fn").exits(1);
    let missing = fnc.run("fmt missing.fn").exits(3);
    snapshot(
        "fmt",
        "what_is_not_text_or_not_there",
        &format!("{latin}{missing}"),
    );
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let fnc = Fnc::new().file("real.fn", UGLY);
    std::os::unix::fs::symlink("real.fn", fnc.path("link.fn")).unwrap();
    let _ = fnc.run("fmt link.fn").exits(0);
    assert_eq!(fnc.read("real.fn"), NICE);
    assert!(fnc.path("link.fn").is_symlink());
}
