//! AWS: what every example is built into.

use std::fmt::Write;
use std::path::Path;

use fnc::diagnostic::Code;

use crate::harness::{Fnc, ROOT, Ran, copy, snapshot};

/// Tells whether a file is the same in every build folder; `vectors.rs` runs them.
fn is_shared(file: &str) -> bool {
    let folders = ["common", "aws"].map(|it| Path::new(ROOT).join("targets").join(it));
    let entry = file.starts_with("entry.");
    !entry && folders.iter().any(|it| it.join(file).is_file())
}

/// Compares all that is built of a program for AWS, and all that is said about it, with its snapshot.
fn built(name: &str, folder: &Path) {
    let fnc = Fnc::new();
    copy(folder, &fnc.path("app"));
    let ran = fnc.run("build app --target aws --out out");
    let mut shown = ran.to_string();
    for (path, contents) in fnc.tree("out") {
        let file = path.rsplit('/').next().unwrap_or_default();
        let whole = !is_shared(file) && (path.contains("_fnc/") || !path.contains('/'));
        let _infallible = writeln!(shown, "=== {path}");
        if whole && !file.starts_with('.') {
            shown.push_str(&String::from_utf8(contents).unwrap());
        }
    }
    snapshot("aws", name, &shown);
}

fn example(path: &str) {
    let name = path.rsplit('/').next().unwrap_or(path);
    built(name, &Path::new(ROOT).join("examples").join(path));
}

#[test]
fn hello() {
    example("hello");
}

#[test]
fn shop() {
    example("shop");
}

#[test]
fn relay() {
    example("relay");
}

#[test]
fn trio() {
    example("trio");
}

#[test]
fn batch_sqs() {
    example("real/batch-sqs");
}

#[test]
fn sqs_standard() {
    example("real/sqs-standard");
}

#[test]
fn user_management() {
    example("real/user-management");
}

#[test]
fn auction_service() {
    example("real/auction-service");
}

#[test]
fn auth0_api() {
    example("real/auth0-api");
}

#[test]
fn chat() {
    example("real/chat");
}

#[test]
fn ddb_importer() {
    example("real/ddb-importer");
}

#[test]
fn event_filters() {
    example("real/event-filters");
}

#[test]
fn kinesis_errors() {
    example("real/kinesis-errors");
}

#[test]
fn mine() {
    example("real/mine");
}

#[test]
fn payment_manager() {
    example("real/payment-manager");
}

#[test]
fn sns_filter() {
    example("real/sns-filter");
}

#[test]
fn sns_sqs_lambda_xray() {
    example("real/sns-sqs-lambda-xray");
}

#[test]
fn words() {
    built("words", &Path::new(ROOT).join("snapshots/aws/words"));
}

#[test]
fn hatches() {
    built("hatches", &Path::new(ROOT).join("snapshots/aws/hatches"));
}

/// Returns the program under a heading of a code's page.
fn page_example(code: Code, heading: &str) -> &'static str {
    let (_, after) = code
        .page()
        .split_once(&format!("\n## {heading}\n```fn\n"))
        .unwrap();
    after.split_once("```").unwrap().0
}

/// Checks a program for AWS, its handler files being there.
fn checked(program: &str) -> Ran {
    let mut fnc = Fnc::new().file("app.fn", program);
    for line in program.lines().map(str::trim) {
        if let Some(handler) = line.strip_prefix("handler \"") {
            let file = handler.split([':', '"']).next().unwrap();
            let inside = if file.ends_with('/') {
                "Dockerfile"
            } else {
                ""
            };
            fnc = fnc.file(
                &format!("{file}{inside}"),
                "def handle(event, context): ...\n",
            );
        }
    }
    fnc.run("check app.fn --target aws")
}

#[test]
fn findings() {
    let own = |it: &&Code| {
        let number: u32 = it.name()[2..].parse().unwrap();
        [
            542..543,
            810..830,
            870..880,
            910..919,
            922..923,
            970..975,
            980..985,
            1005..1015,
        ]
        .iter()
        .any(|it| it.contains(&number))
    };
    let codes: Vec<Code> = Code::ALL.iter().filter(own).copied().collect();
    assert!(codes.len() > 10);
    for code in codes {
        let name = code.name();
        let bad = checked(page_example(code, "Bad"));
        assert!(bad.stderr.contains(name), "{name} isn't found: {bad}");
        let good = checked(page_example(code, "Good"));
        assert!(!good.stderr.contains(name), "{name} is found: {good}");
        let notes = ["FN0543", "FN0910", "FN0917", "FN0971"];
        let codes = bad.stderr.lines().filter(|it| it.starts_with("FN"));
        let mut others = codes.filter(|it| *it != name && !notes.contains(it));
        assert!(
            others.next().is_none(),
            "{name} has others beside it: {bad}"
        );
        let source = page_example(code, "Bad");
        let source = if source.len() < 1000 { source } else { "" };
        snapshot("aws", name, &format!("{source}\n{bad}"));
    }
}
