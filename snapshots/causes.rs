//! One message per cause: the bad example of each page of `docs/errors/` has one mistake, and gets one code.

use fnc::check::{Checked, Choices, HandlerFiles, check};
use fnc::diagnostic::{Code, Diagnostic, Severity, sort};
use fnc::source::{Source, SourceId};
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
        // Every other file holds whatever symbol a program asks for.
        let names = [
            "handle",
            "handler",
            "list_all",
            "create",
            "one",
            "latest",
            "not_found",
            "minutely",
            "hourly",
            "daily",
            "quarter",
            "monthly",
            "leap",
            "either_day",
            "report",
            "receive",
            "forward",
            "predict",
            "train",
            "start",
            "first",
            "second",
            "third",
            "tell",
            "redrive",
        ];
        let first = match path.rsplit_once('.') {
            Some((_, "py")) => "import elsewhere\n",
            _ => "import './elsewhere.mjs';\n",
        };
        let line = |name: &str| match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("py") => format!("def {name}(event, context): ...\n"),
            _ => format!("export function {name}(event, context) {{}}\n"),
        };
        (path != "src/chekout.py").then(|| first.to_owned() + &names.map(line).concat())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let paths = FILES.iter().filter_map(|(it, _)| it.rsplit_once('/'));
        let inside = paths.filter(|(of, _)| *of == folder);
        inside.map(|(_, name)| name.to_owned()).collect()
    }
}

/// Finds what there is to find in each stage of a program.
pub(crate) fn findings(text: &str, handlers: &dyn HandlerFiles) -> Vec<Diagnostic> {
    let (mut found, stages) = stages(text, handlers);
    found.extend(stages.into_iter().flat_map(|it| it.diagnostics));
    found
}

/// Reads a program and checks each of its stages.
pub(crate) fn stages(text: &str, handlers: &dyn HandlerFiles) -> (Vec<Diagnostic>, Vec<Checked>) {
    let source = Source::new(SourceId(0), "app.fn", text);
    let parsed = parse(&source);
    let files = [parsed.file];
    let first = check(&files, &Choices::default(), handlers);
    let others = first.stages.iter().skip(1).map(|stage| Choices {
        stage: Some(stage.clone()),
        ..Choices::default()
    });
    let mut all: Vec<_> = others.map(|it| check(&files, &it, handlers)).collect();
    all.insert(0, first);
    (parsed.diagnostics, all)
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

/// Returns the codes of the language itself; those of the targets are tested where these are, and those of imports
/// where files are read.
fn checked() -> impl Iterator<Item = Code> {
    let imports = [Code::FN0310, Code::FN0311, Code::FN0312];
    let of_targets = [Code::FN0541, Code::FN0542];
    let codes = Code::ALL.iter().copied();
    codes
        .filter(move |it| it.name() < "FN0800" && !imports.contains(it) && !of_targets.contains(it))
}

fn is_bad(it: &Diagnostic) -> bool {
    it.severity() != Severity::Note
}

pub(crate) fn shown(found: &[Diagnostic]) -> String {
    let line = |it: &Diagnostic| format!("{} {}", it.code.name(), it.message);
    found.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// Asserts what is found and where, as `line:column CODE message`.
#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let source = Source::new(SourceId(0), "app.fn", text);
    let line = |it: &Diagnostic| {
        let at = source.position(it.span().unwrap().start);
        format!(
            "{}:{} {} {}",
            at.line,
            at.column,
            it.code.name(),
            it.message
        )
    };
    let mut found = findings(text, &Handlers);
    sort(&mut found);
    let found: Vec<_> = found.iter().map(line).collect();
    assert_eq!(found, expected);
}

#[test]
fn five_mistakes_get_five_messages() {
    finds(
        r#"/// Orders for an online shop.
app shop

queue orders { retry 5 then orders }
queue failed_orders { keep 14d }

function checkout {
  handler "src/checkout.py:handel"
  on http POST "/checkout" { auth none }
  can send ordres
  memory 256
}

function bill {
  handler "src/bill.py:handle"
  timout 30s
  on queue orders
}
"#,
        &[
            "4:29 FN0501 `orders` parks its failed messages in itself",
            "8:28 FN0302 `src/checkout.py` has no `handel`",
            "10:12 FN0202 there is no queue `ordres`",
            "11:10 FN0205 `memory` takes a size, not an int",
            "16:3 FN0203 a function has no setting `timout`",
        ],
    );
}

#[test]
fn syntax_errors_hide_no_other_mistake() {
    finds(
        r#"app shop

queue orders { retry 5 then failed }
queue failed { keep 14d

topic placed

function checkout {
  handler "src/checkout.py:handle"
  on http POST "/checkout { auth none }
  timeout 5x
}

function bill {
  handler "src/bill.py:handle"
  on queue orders
  can publish placed
  scale 10..5
}

function mail {
  handler "src/mail.py:handle"
  memory = 256MB
  on topic placed
  retry 2 then failed
  env { PORT = 80 }
}
"#,
        &[
            "4:14 FN0103 this block is never closed",
            "10:16 FN0102 this string is never closed",
            "11:11 FN0216 `5x` is not a number of the language",
            "18:13 FN0601 `scale 10..5` allows fewer instances than it keeps ready",
            "23:3 FN0220 `memory = …` can't stand in a function",
            "26:9 FN0703 `PORT` can't be set",
        ],
    );
}
