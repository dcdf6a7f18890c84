//! Tests in the language: a program in, findings out. `finds` is the only caller of `check` in unit tests.

use super::{Choices, HandlerFiles, check};
use crate::source::{Source, SourceId};
use crate::syntax::parse;

/// Every handler file that a program may name, each with `handle` and `handler`.
pub(super) struct AnyHandlers;

impl HandlerFiles for AnyHandlers {
    fn read(&self, path: &str) -> Option<String> {
        Some(
            if path
                .rsplit_once('.')
                .is_some_and(|(_, ending)| ending == "py")
            {
                // What is done with the context isn't in plain sight.
                "def handle(event, context): work(context)\ndef handler(event, context): work(context)\n".to_owned()
            } else {
                "export function handle(event, context) { work(context); }\nexport function handler(event, context) { work(context); }\n".to_owned()
            },
        )
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        vec!["Dockerfile".to_owned()]
    }
}

/// Returns every finding as "FN0205 at `30s`", syntax errors included.
pub(super) fn findings(text: &str, choices: &Choices) -> Vec<String> {
    let source = Source::new(SourceId(0), "app.fn", text);
    let parsed = parse(&source);
    let mut found = parsed.diagnostics;
    found.extend(check(&[parsed.file], choices, &AnyHandlers).diagnostics);
    let shown = |it: &crate::diagnostic::Diagnostic| match it.span() {
        Some(span) => format!("{} at `{}`", it.code.name(), source.slice(span)),
        None => it.code.name().to_owned(),
    };
    found.iter().map(shown).collect()
}

/// Asserts what checking a program finds; `app x` is put before it when it has no `app`.
#[track_caller]
pub(super) fn finds(text: &str, expected: &[&str]) {
    let text = if text.contains("app ") {
        text.to_owned()
    } else {
        format!("app x\n{text}")
    };
    assert_eq!(
        findings(&text, &Choices::default()),
        expected,
        "in:\n{text}"
    );
}

const F: &str = "handler \"src/a.py:handle\"";

#[test]
fn settings_are_typed() {
    finds(
        &format!("function a {{ {F}; memory 30s }}"),
        &["FN0205 at `30s`"],
    );
    finds(
        &format!("function a {{ {F}; timeout 5 }}"),
        &["FN0205 at `5`"],
    );
    finds(
        &format!("function a {{ {F}; memory 1.5GB }}"),
        &["FN0216 at `1.5GB`"],
    );
    finds(
        &format!("function a {{ {F}; timeout 5x }}"),
        &["FN0216 at `5x`"],
    );
    finds(
        &format!("function a {{ {F}; timeout 0s }}"),
        &["FN0221 at `0s`"],
    );
    finds(
        &format!("function a {{ {F}; timeout 5s 6s }}"),
        &["FN0217 at `5s 6s`"],
    );
    finds(
        &format!("function a {{ {F}; memmory 1GB }}"),
        &["FN0203 at `memmory`"],
    );
    finds(
        &format!("function a {{ {F}; memory 1GB; memory 2GB }}"),
        &["FN0207 at `memory`"],
    );
    finds(
        &format!("function a {{ {F}; memory = 1GB }}"),
        &["FN0220 at `memory`"],
    );
    finds(
        &format!("function a {{ {F}; runtime python3.9 }}"),
        &["FN0222 at `python3.9`"],
    );
    finds(
        "function a { handler \"src/a.py\" }",
        &["FN0303 at `\"src/a.py\"`"],
    );
    finds(
        "function a { handler \"../a.py:handle\" }",
        &["FN0303 at `\"../a.py:handle\"`"],
    );
    finds(
        "function a { handler \"bin/a:handle\" }",
        &["FN0305 at `\"bin/a:handle\"`"],
    );
    finds("function a { timeout 5s }", &["FN0208 at `a`"]);
}

#[test]
fn names_are_resolved() {
    finds(
        &format!("function a {{ {F}; on queue jobs }}"),
        &["FN0202 at `jobs`"],
    );
    finds(
        &format!("topic t\nfunction a {{ {F}; can send t }}"),
        &["FN0204 at `t`"],
    );
    finds(
        &format!("function a {{ {F}; memory small }}"),
        &["FN0202 at `small`"],
    );
    finds(
        &format!("function a {{ {F} }}\nfunction a {{ {F} }}"),
        &["FN0201 at `a`"],
    );
    finds("let a = b\nlet b = a", &["FN0210 at `a`"]);
    finds("let unused = 1", &["FN0215 at `unused`"]);
    finds(
        &format!("param n int\nfunction a {{ {F}; scale 0..n }}"),
        &["FN0211 at `n`"],
    );
    finds(
        &format!("function a {{ {F}; env {{ S = stage }} }}"),
        &["FN0218 at `stage`"],
    );
    finds(
        &format!("secret k\nfunction a {{ {F}; env {{ S = \"x${{secret.k}}\" }} }}"),
        &["FN0219 at `secret.k`"],
    );
    finds(
        &format!(
            "stage dev, prod\nfunction b when stage == \"prod\" {{ {F} }}\nfunction a {{ {F}; env {{ U = function.b.url }} }}"
        ),
        &["FN0209 at `b`"],
    );
}

#[test]
fn expressions_are_typed() {
    finds(
        &format!("function a {{ {F}; timeout (1s + 1) }}"),
        &["FN0212 at `1`"],
    );
    finds(
        &format!("function a {{ {F}; scale 0..(1 / 0) }}"),
        &["FN0214 at `0`"],
    );
    finds(
        &format!("let n = 0\nfunction a {{ {F}; scale 0..(if n == 0 then 3 else 10 / n) }}"),
        &[],
    );
    finds(
        &format!("function a {{ {F}; timeout (if 1 then 1s else 2s) }}"),
        &["FN0205 at `1`"],
    );
    finds(
        &format!("function a {{ {F}; timeout (if true then 1s else 2) }}"),
        &["FN0212 at `2`"],
    );
}

#[test]
fn triggers_are_read() {
    finds(
        &format!("function a {{ {F}; on http GTE \"/x\" {{ auth none }} }}"),
        &["FN0403 at `GTE`"],
    );
    finds(
        &format!("function a {{ {F}; on http GET \"x\" {{ auth none }} }}"),
        &["FN0402 at `\"x\"`"],
    );
    finds(
        &format!("function a {{ {F}; on schedule \"0 3 * *\" }}"),
        &["FN0404 at `\"0 3 * *\"`"],
    );
    finds(
        &format!("function a {{ {F}; on schedule \"0 3 31 2 *\" }}"),
        &["FN0405 at `\"0 3 31 2 *\"`"],
    );
    finds(
        &format!("function a {{ {F}; on schedule \"0 3 * * *\" in \"Europe/Berln\" }}"),
        &["FN0406 at `\"Europe/Berln\"`"],
    );
    finds(
        &format!("function a {{ {F}; on every 7m }}"),
        &["FN0407 at `7m`"],
    );
    finds(
        &format!("function a {{ {F}; on every 5m where data.x }}"),
        &["FN0251 at `data.x`"],
    );
    finds(
        &format!("function a {{ {F}; on strem x }}"),
        &["FN0203 at `strem`"],
    );
}
