//! Filters and records made at random: the shims, in Python and in Node, take the records that the compiler's own
//! evaluator takes.

use std::path::Path;
use std::process::Command;

use fnc::check::{Choices, check};
use fnc::event::filter::{form, matches};
use fnc::model::Predicate;
use fnc::source::{Source, SourceId};
use fnc::syntax::parse;
use serde_json::{Value, json};

use crate::causes::Handlers;
use crate::generate::Dice;
use crate::harness::ROOT;

const FILTERS: usize = 300;
const RECORDS: usize = 12;

const MEMBERS: [&str; 5] = [
    "data.a",
    "data.b.c",
    "data[\"d e\"]",
    "data",
    "attributes.kind",
];
const LITERALS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "1.5",
    "100",
    "9007199254740992",
    "0.1",
    "\"\"",
    "\"a\"",
    "\"ab\"",
    "\"é\"",
    "\"\\u{1F600}\"",
    "\"\\u{FF5E}\"",
    "\"1\"",
];

fn pick<'a>(from: &[&'a str], dice: &mut Dice) -> &'a str {
    from[dice.below(from.len())]
}

/// Returns a predicate as it is written.
fn filter(depth: usize, dice: &mut Dice) -> String {
    let member = pick(&MEMBERS, dice);
    match dice.below(if depth == 0 { 5 } else { 9 }) {
        0 => format!("exists({member})"),
        1 => format!("starts_with({member}, {})", pick(&LITERALS[7..], dice)),
        2 => format!(
            "{member} in [{}, {}]",
            pick(&LITERALS, dice),
            pick(&LITERALS, dice)
        ),
        3 => format!(
            "{member} {} {}",
            pick(&["==", "!="], dice),
            pick(&["true", "false"], dice)
        ),
        4 => {
            let operators = ["==", "!=", "<", "<=", ">", ">="];
            format!(
                "{member} {} {}",
                pick(&operators, dice),
                pick(&LITERALS, dice)
            )
        }
        5 | 6 => format!("not ({})", filter(depth - 1, dice)),
        _ => {
            let operator = pick(&["and", "or"], dice);
            format!(
                "({}) {operator} ({})",
                filter(depth - 1, dice),
                filter(depth - 1, dice)
            )
        }
    }
}

/// Returns what a filter comes to, where the checker finds nothing wrong with it.
fn predicate(text: &str) -> Option<Predicate> {
    let program = format!(
        "app a\ntopic t\nfunction f {{ handler \"src/f.py:handle\"; on topic t where {text}; retry 0 }}"
    );
    let parsed = parse(&Source::new(SourceId(0), "app.fn", program));
    assert_eq!(parsed.diagnostics, [], "{text}");
    let checked = check(&[parsed.file], &Choices::default(), &Handlers);
    let app = checked.app?;
    let (_, function) = app.functions.iter().next()?;
    let filter = function.triggers.first()?.filter.as_ref()?;
    Some(filter.predicate.clone())
}

fn value(depth: usize, dice: &mut Dice) -> Value {
    let text = pick(
        &[
            "",
            "a",
            "ab",
            "abc",
            "é",
            "\u{1F600}",
            "\u{FF5E}",
            "1",
            "true",
        ],
        dice,
    );
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!([0, 1, 100][dice.below(3)]),
        3 => json!([-1, 2, 9_007_199_254_740_993_i64][dice.below(3)]),
        4 => json!([0.1, 1.0, 1.5, -0.0, 1e300][dice.below(5)]),
        5 => json!(text),
        6 => json!([value(depth - 1, dice)]),
        _ => {
            let mut object = json!({});
            for key in ["a", "b", "c", "d e"] {
                if dice.below(3) > 0 {
                    object[key] = value(depth - 1, dice);
                }
            }
            object
        }
    }
}

fn record(dice: &mut Dice) -> Value {
    let data = value(3, dice);
    let mut attributes = json!({});
    if dice.below(2) == 0 {
        attributes["kind"] = json!(pick(&["", "a", "ab", "1"], dice));
    }
    json!({
        "id": "1", "source": "t", "type": "fnc.topic.message", "time": "2026-01-31T08:00:00.000Z",
        "attempt": 1, "body": data.to_string(), "data": data, "attributes": attributes,
    })
}

#[test]
fn shims_take_what_the_evaluator_takes() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(3);
    let (mut filters, mut taken) = (0, 0);
    for number in 0..FILTERS {
        let written = filter(3, &mut dice);
        let Some(predicate) = predicate(&written) else {
            continue;
        };
        filters += 1;
        let records: Vec<Value> = (0..RECORDS)
            .map(|_| {
                let record = record(&mut dice);
                let fits = matches(&predicate, &record);
                taken += usize::from(fits);
                json!({ "record": record, "taken": fits })
            })
            .collect();
        let case = json!({ "where": written, "form": form(&predicate), "records": records });
        let path = folder.path().join(format!("{number}.json"));
        std::fs::write(path, case.to_string()).unwrap();
    }
    // Neither all nor none: a shim that always says the same is found.
    assert!(filters > FILTERS / 2, "{filters}");
    assert!(
        taken * 5 > filters * RECORDS && taken * 5 < filters * RECORDS * 4,
        "{taken}"
    );
    for (interpreter, runner) in [("python3", "run.py"), ("node", "run.mjs")] {
        let run = Command::new(interpreter)
            .arg(Path::new(ROOT).join("targets/vectors").join(runner))
            .arg(format!("filter:{}", folder.path().display()))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stdout);
        let error = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{told}\n{error}");
        assert!(told.contains(&(filters * RECORDS).to_string()), "{told}");
    }
}
