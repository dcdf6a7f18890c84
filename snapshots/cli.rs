//! The command line: what each command prints, where, and with which exit code.

use crate::harness::{Fnc, Ran, snapshot};

/// A program with nothing to find for its targets.
pub(crate) const TIDY: &str = r#"/// Answers.
app tidy { targets aws, knative }

function answer {
  handler "src/answer.py:handle"
  on http GET "/" { auth none }
  scale 0..20
}
"#;

pub(crate) const ANSWER: &str = "def handle(event, context):\n    return 'yes'\n";

pub(crate) fn tidy() -> Fnc {
    Fnc::new()
        .file("app.fn", TIDY)
        .file("src/answer.py", ANSWER)
}

pub(crate) fn shows(name: &str, ran: &Ran) {
    snapshot("cli", name, &ran.to_string());
}

#[test]
fn no_command() {
    let ran = Fnc::new().run("").exits(2);
    assert!(ran.stderr.starts_with("Compile a small description"));
}

#[test]
fn wrong_usage() {
    let fnc = tidy();
    let mut all = String::new();
    for arguments in [
        "bild",
        "build --target aw",
        "build --set workers",
        "build --set workers=3",
        "build --stage prod",
        "explain FN9999",
    ] {
        all.push_str(&fnc.run(arguments).exits(2).to_string());
    }
    snapshot("cli", "wrong_usage", &all);
}

#[test]
fn misspelt_stage_and_param() {
    let program = TIDY.replace(
        "app tidy { targets aws, knative }\n",
        "app tidy\nstage dev, prod\nparam workers int = 2\nparam size int = 2\n",
    );
    let fnc = tidy().file("app.fn", program);
    let mut all = String::new();
    for arguments in [
        "build --stage prd",
        "build --stage x",
        "build --set worker=3",
        "build --set a=3",
    ] {
        all.push_str(&fnc.run(arguments).exits(2).to_string());
    }
    snapshot("cli", "misspelt_stage_and_param", &all);
}

#[test]
fn nothing_to_read() {
    let fnc = Fnc::new();
    let mut all = fnc.run("build").exits(3).to_string();
    all.push_str(&fnc.run("check missing.fn").exits(3).to_string());
    snapshot("cli", "nothing_to_read", &all);
}

#[test]
fn not_utf8() {
    let fnc = tidy().file("app.fn", b"app tidy // caf\xe9\n");
    shows("not_utf8", &fnc.run("check").exits(1));
}

#[test]
fn colour_only_where_asked_for() {
    let fnc = tidy().file("app.fn", TIDY.replace("auth none", "auht none"));
    let plain = fnc.run("check").exits(1);
    let colored = fnc.run("check --color always").exits(1);
    assert!(!plain.stderr.contains('\u{1b}'));
    assert!(colored.stderr.contains('\u{1b}'));
}

#[test]
fn explain_prints_pages() {
    let fnc = Fnc::new();
    let page = fnc.run("explain fn0101").exits(0);
    assert!(page.stdout.starts_with("# FN0101: "), "\n{page}");
    let list = fnc.run("explain").exits(0);
    assert_eq!(
        list.stdout.lines().count(),
        fnc::diagnostic::Code::ALL.len()
    );
}

#[test]
fn completions_are_scripts() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Fnc::new().run(&format!("completions {shell}")).exits(0);
        assert!(ran.stdout.contains("fnc"));
    }
}

#[test]
fn check_finds_nothing() {
    shows("check_finds_nothing", &tidy().run("check").exits(0));
}

#[test]
fn findings_as_json() {
    let fnc = tidy().file("app.fn", TIDY.replace("auth none", "auht none"));
    let ran = fnc.run("check --format json").exits(1);
    assert!(ran.stdout.is_empty(), "\n{ran}");
    shows("findings_as_json", &ran);
    let none = tidy().run("check --format json").exits(0);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "[]\n"));
}

#[test]
fn init_makes_an_app_that_builds() {
    for (lang, name) in [("python", "init_python"), ("node", "init_node")] {
        let fnc = Fnc::new();
        let made = fnc.run(&format!("init my-app --lang {lang}")).exits(0);
        shows(name, &made);
        fnc.run("fmt --check my-app").exits(0);
        let checked = fnc.run("check my-app").exits(0);
        assert!(!checked.stderr.contains("warning"), "\n{checked}");
        fnc.run("build my-app").exits(0);
        fnc.run(&format!("init my-app --lang {lang}")).exits(2);
    }
}

#[test]
fn five_mistakes_get_five_messages() {
    let program = r#"app shop

queue orders { retry 5 then failed }
queue failed_orders { kep 14d }

function bill {
  handler "src/answer.py:handle
  on queue orders
}

function answer {
  handler "src/answer.py:handle"
  on http GET "/" { auth none }
  memory 30s
  timeout 5 m
}
"#;
    let ran = tidy()
        .file("app.fn", program)
        .run("check --format json")
        .exits(1);
    let found: Vec<serde_json::Value> = serde_json::from_str(&ran.stderr).unwrap();
    let errors = found.iter().filter(|it| it["severity"] == "error");
    let places: Vec<_> = errors
        .map(|it| (it["line"].as_u64().unwrap(), it["column"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        places,
        [(3, 29), (4, 23), (7, 11), (14, 10), (15, 11)],
        "\n{ran}"
    );
}
