//! Tests in the language, beside a small program.

use super::*;
use crate::source::{Source, SourceId};
use crate::syntax::parse;

const PROGRAM: &str = r#"app shop
queue orders { retry 5 then dead }
queue dead
queue lanes { fifo }
topic placed
function bill { handler "src/a.py:handle"; on queue orders }
function mail { handler "src/a.py:handle"; on topic placed; can send lanes }
function ask { handler "src/a.py:handle"; on http GET "/" }
function nightly { handler "src/a.py:handle"; on every 1h }
"#;

/// Returns how many steps are read of the steps of a test, and every finding as "FN0202 at `x`".
fn read(steps: &str) -> (usize, Vec<String>) {
    let program = Source::new(SourceId(0), "app.fn", PROGRAM);
    let text = format!("test \"t\" {{\n{steps}\n}}\n");
    let tests = Source::new(SourceId(1), "app.test.fn", text);
    let (parsed, tests_parsed) = (parse(&program), parse(&tests));
    assert!(
        tests_parsed.diagnostics.is_empty(),
        "{:?}",
        tests_parsed.diagnostics
    );
    let (read, found) = scenarios(&[parsed.file], &[tests_parsed.file], &Choices::default());
    let shown = |it: &Diagnostic| match it.span() {
        Some(span) => format!("{} at `{}`", it.code.name(), tests.slice(span)),
        None => it.code.name().to_owned(),
    };
    (read[0].steps.len(), found.iter().map(shown).collect())
}

#[track_caller]
fn finds(steps: &str, expected: &[&str]) {
    assert_eq!(read(steps).1, expected, "in:\n{steps}");
}

#[test]
fn every_step_can_be_read() {
    let steps = r#"
stub bill fails
stub bill fails 2
stub bill answers { failures = [] }
stub ask answers "text"
stub bill takes 3s
http GET "/?a=b"
http GET "/" { body = { id = 1 }; headers { "x-a" = "1" }; query { q = "x y" } }
send orders { body = { id = 1 }; attributes { kind = "vip" }; delay = 5s }
send lanes { body = "text"; group = "a" }
publish placed { body = [1, 2] }
fire nightly
invoke bill { body = 7 }
invoke bill
after 20m
at "2026-03-29T00:30:00Z"
expect status 202
expect body { id = 1 }
expect body "text"
expect invoked bill 6
expect not invoked bill
expect queue dead has 1
expect not queue dead has 0
expect instances bill at_most 3
"#;
    assert_eq!(read(steps), (23, Vec::new()));
}

#[test]
fn names_and_kinds() {
    finds("expect invoked bil", &["FN0202 at `bil`"]);
    finds("expect invoked orders", &["FN0204 at `orders`"]);
    finds(
        "send placed { body = 1 }\nexpect queue dead has 0",
        &["FN0204 at `placed`"],
    );
    finds(
        "stub nobody fails\nexpect invoked bill",
        &["FN0202 at `nobody`"],
    );
}

#[test]
fn words_and_forms() {
    finds("sned orders\nexpect invoked bill", &["FN0203 at `sned`"]);
    finds(
        "send orders { id = 1 }\nexpect invoked bill",
        &["FN0203 at `id`"],
    );
    finds("expect statu 3", &["FN0222 at `statu`"]);
    finds("expect queue dead 3", &["FN0217 at `queue dead 3`"]);
    finds(
        "expect not instances bill at_most 1",
        &["FN0217 at `not instances bill at_most 1`"],
    );
    finds("stub bill fails 0\nexpect invoked bill", &["FN0221 at `0`"]);
    finds(
        "stub bill sometimes\nexpect invoked bill",
        &["FN0217 at `bill sometimes`"],
    );
    finds(
        "http ANY \"/\"\nexpect status 200",
        &["FN0222 at `ANY`", "FN1201 at `status`"],
    );
    finds("after 3\nexpect invoked bill", &["FN0205 at `3`"]);
    finds(
        "at \"noon\"\nexpect invoked bill",
        &["FN0217 at `\"noon\"`"],
    );
    finds("a = 1\nexpect invoked bill", &["FN0220 at `a`"]);
}

#[test]
fn what_can_not_be() {
    finds("expect status 200", &["FN1201 at `status`"]);
    finds("fire bill\nexpect invoked bill", &["FN1202 at `bill`"]);
    let back = "after 1d\nat \"2026-01-01T12:00:00Z\"\nexpect invoked bill";
    finds(back, &["FN1203 at `\"2026-01-01T12:00:00Z\"`"]);
    finds("after 1s", &["FN1204 at `\"t\"`"]);
    finds(
        "send lanes { body = 1 }\nexpect invoked bill",
        &["FN1205 at `lanes`"],
    );
    let group = "send orders { body = 1; group = \"g\" }\nexpect invoked bill";
    finds(group, &["FN1205 at `orders`"]);
}
