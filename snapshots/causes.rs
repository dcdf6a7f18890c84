//! One message per cause: the bad example of each page of `docs/errors/` has one mistake, and gets one code.

use fnc::check::{Choices, HandlerFiles, check};
use fnc::diagnostic::{Code, Diagnostic, Severity};
use fnc::source::Sources;
use fnc::syntax::parse;

/// The handler files that the pages' programs name.
pub(crate) struct Handlers;

const FILES: [(&str, &str); 3] = [
    ("src/checkout.py", "def handle(event, context): ...\n"),
    (
        "src/checkout.mjs",
        "export async function handler(event, context) {}\n",
    ),
    ("src/index.mjs", "export * from \"./checkout.mjs\";\n"),
];

impl HandlerFiles for Handlers {
    fn read(&self, path: &str) -> Option<String> {
        if let Some((_, text)) = FILES.iter().find(|(it, _)| *it == path) {
            return Some((*text).to_owned());
        }
        let missing = path == "src/chekout.py";
        let text = match path.rsplit_once('.')?.1 {
            _ if missing => return None,
            "py" => "def handle(event, context): ...\n",
            "mjs" => "export async function handler(event, context) {}\n",
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let paths = FILES.iter().filter_map(|(it, _)| it.rsplit_once('/'));
        let inside = paths.filter(|(of, _)| *of == folder);
        inside.map(|(_, name)| name.to_owned()).collect()
    }
}

/// Finds what there is to find in each stage of a program.
pub(crate) fn findings(text: &str, handlers: &dyn HandlerFiles) -> Vec<Diagnostic> {
    let mut sources = Sources::default();
    let id = sources.add("app.fn", text);
    let parsed = parse(sources.get(id).unwrap());
    let mut found = parsed.diagnostics;
    let files = [parsed.file];
    let first = check(&files, &Choices::default(), handlers);
    let stages = first.stages.iter().skip(1).map(|stage| Choices {
        stage: Some(stage.clone()),
        ..Choices::default()
    });
    let others: Vec<_> = stages.map(|it| check(&files, &it, handlers)).collect();
    for checked in std::iter::once(first).chain(others) {
        found.extend(checked.diagnostics);
    }
    found
}

/// Returns the program under a heading of a page.
fn example(code: Code, heading: &str) -> &'static str {
    let (_, after) = code
        .page()
        .split_once(&format!("\n## {heading}\n"))
        .unwrap();
    let (before, _) = after.split_once("\n## ").unwrap_or((after, ""));
    let (_, program) = before.split_once("```fn\n").unwrap();
    program.split_once("```").unwrap().0
}

#[test]
fn bad_examples_give_their_code_and_no_other() {
    for code in checked() {
        let found = findings(example(code, "Bad"), &Handlers);
        assert!(
            found.iter().any(|it| it.code == code),
            "{} isn't found, but {}",
            code.name(),
            shown(&found)
        );
        // A file with too many syntax errors has syntax errors.
        let others = found.iter().filter(|it| it.code != code && is_bad(it));
        let others: Vec<_> = others.filter(|_| code != Code::FN0108).cloned().collect();
        assert!(
            others.is_empty(),
            "{}: also {}",
            code.name(),
            shown(&others)
        );
    }
}

fn checked() -> impl Iterator<Item = Code> {
    let codes = Code::ALL.iter().copied();
    codes.filter(|it| !it.name().starts_with("FN08"))
}

fn is_bad(it: &Diagnostic) -> bool {
    it.severity() != Severity::Note
}

fn shown(found: &[Diagnostic]) -> String {
    let line = |it: &Diagnostic| format!("{} {}", it.code.name(), it.message);
    found.iter().map(line).collect::<Vec<_>>().join("; ")
}
