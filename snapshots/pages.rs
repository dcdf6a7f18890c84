//! Every page of `docs/errors`, checked for its targets: the bad example gives the code, the good one neither the code
//! nor an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fnc::diagnostic::Code;

use crate::harness::Fnc;

/// Returns the block of Fn below a heading of a page.
fn block<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n## {heading}\n```fn\n"))
        .unwrap_or_else(|| panic!("no block below `{heading}` in\n{page}"));
    rest.split_once("\n```").unwrap().0
}

/// Returns the handler files that the good examples of all pages speak of, each with its symbols.
fn handlers() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = BTreeMap::<_, BTreeSet<_>>::new();
    for code in Code::ALL.iter().filter(|it| it.is_finding()) {
        for part in block(code.page(), "Good").split("handler \"").skip(1) {
            let (handler, _) = part.split_once('"').unwrap();
            // An executable, or the folder of an image.
            let Some((file, symbol)) = handler.split_once(':') else {
                let inside = if handler.ends_with('/') {
                    "Dockerfile"
                } else {
                    ""
                };
                files.entry(handler.to_owned() + inside).or_default();
                continue;
            };
            let symbols = files.entry(file.to_owned()).or_default();
            symbols.insert(symbol.to_owned());
        }
    }
    files
}

/// Returns a folder with every handler file.
fn folder() -> Fnc {
    let mut fnc = Fnc::new();
    for (file, symbols) in handlers() {
        let line = |symbol: &String| {
            if Path::new(&file).extension().is_some_and(|it| it == "py") {
                format!("def {symbol}(event, context):\n    return None\n\n\n")
            } else {
                format!("export function {symbol}(event, context) {{}}\n")
            }
        };
        let text: String = symbols.iter().map(line).collect();
        fnc = fnc.file(&file, text);
    }
    // What the pages of imports speak of.
    let fnc = fnc.file("lib/shared.fn", "// Nothing is shared yet.\n");
    // What FN0543 is about: a handler that uses its right.
    let sends = "def handle(event, context):\n    context.send(\"orders\", event)\n";
    let fnc = fnc.file("src/sends.py", sends);
    // What FN0878 is about: an executable that is there, under a name that AWS can't take.
    let fnc = fnc.file("bin/list orders", "");
    // What FN0304 is about: a file that may hold the symbol, or not.
    fnc.file("src/index.mjs", "export * from './checkout.mjs';\n")
}

/// Returns the codes and severities that `fnc check` finds in a program.
fn found(fnc: &Fnc, program: &str) -> Vec<(String, String)> {
    // What follows the name of a file of tests belongs into that file.
    let (program, tests) = program
        .split_once("// app.test.fn\n")
        .unwrap_or((program, ""));
    std::fs::write(fnc.path("app.fn"), format!("{program}\n")).unwrap();
    std::fs::write(fnc.path("app.test.fn"), format!("{tests}\n")).unwrap();
    let ran = fnc.run("check --format json");
    let findings: Vec<serde_json::Value> =
        serde_json::from_str(&ran.stderr).unwrap_or_else(|error| panic!("{error}\n{ran}"));
    let member = |it: &serde_json::Value, name: &str| it[name].as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|it| (member(it, "code"), member(it, "severity")))
        .collect()
}

#[test]
fn bad_examples_give_their_code() {
    let fnc = folder();
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().filter(|it| it.is_finding()) {
        let found = found(&fnc, block(code.page(), "Bad"));
        if !found.iter().any(|(it, _)| it == code.name()) {
            wrong.push(format!("{}: {found:?}", code.name()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn good_examples_are_good() {
    let fnc = folder();
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().filter(|it| it.is_finding()) {
        let mut found = found(&fnc, block(code.page(), "Good"));
        // Which words a target takes is its own business: FN0803 is about the target, not about the program.
        found.retain(|(it, severity)| {
            it == code.name() || severity == "error" && it != Code::FN0803.name()
        });
        if !found.is_empty() {
            wrong.push(format!("{}: {found:?}", code.name()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
