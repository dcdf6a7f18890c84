//! Programs made at random, in any layout, and all that are kept in files: the canonical form keeps their meaning and
//! their comments.

use std::path::Path;

use fnc::source::{Source, SourceId};
use fnc::syntax::parse;
use proptest::prelude::*;
use proptest::sample::select;

use crate::harness::{ROOT, walk};
use crate::syntax::formats;

/// Blanks between two words.
fn blank() -> impl Strategy<Value = &'static str> {
    select(vec![" ", "  ", "\t", "    "])
}

/// Blanks where none are needed.
fn gap() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", " ", "  "])
}

/// What may stand where a line goes on.
fn go_on() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        " ",
        " ",
        " ",
        "\n",
        "\r\n  ",
        " // amid\n",
        "\n// amid\n\n  // twice\n",
    ])
}

/// What ends a statement.
fn end() -> impl Strategy<Value = &'static str> {
    select(vec![
        "\n",
        "\n",
        "\n",
        ";",
        " ; ",
        "\n\n",
        "\n\n\n\n",
        " // beside\n",
        "; // beside\n",
        "\n// above\n",
        "\n\n  // apart\n\n",
        "\r\n",
        "\n//// four\n//\n",
        ";\n;\n",
    ])
}

fn name() -> impl Strategy<Value = String> {
    let word = "[a-z][a-z0-9_]{0,8}";
    word.prop_filter("reserved", |it| {
        let reserved = [
            "when", "where", "if", "then", "else", "and", "or", "not", "in", "true", "false",
            "null", "s", "m", "h", "d", "ms", "kb", "mb", "gb",
        ];
        !reserved.contains(&it.as_str())
    })
}

fn number() -> impl Strategy<Value = String> {
    let numbers = [
        "0", "7", "1.5", "10s", "256MB", "200/s", "70%", "3h", "00", "9m",
    ];
    select(numbers.to_vec()).prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z]{1,6}".prop_map(|it| format!(".{it}")),
        1 => "[a-z -]{1,6}".prop_map(|it| format!("[\"{it}\"]")),
    ];
    (name(), prop::collection::vec(part, 0..3)).prop_map(|(name, parts)| name + &parts.concat())
}

/// A string, with expressions that need no new line in them.
fn string() -> BoxedStrategy<String> {
    let value = prop_oneof![
        path(),
        number(),
        Just("\"inner\"".to_owned()),
        (path(), path()).prop_map(|(a, b)| format!("if {a}  then  {b} else not {b}")),
    ];
    let part = prop_oneof![
        "[a-zA-Z0-9 /.:{}$ü—-]{0,12}"
            .prop_map(|it| it.replace("${", "$ {").trim_end_matches('$').to_owned()),
        select(vec![
            "\\n",
            "\\\"",
            "\\\\",
            "\\$",
            "\\u{1F600}",
            "\\t",
            "// no comment"
        ])
        .prop_map(str::to_owned),
        (gap(), value, gap()).prop_map(|(a, value, b)| format!("${{{a}{value}{b}}}")),
    ];
    let parts = prop::collection::vec(part, 0..4);
    parts.prop_map(|it| format!("\"{}\"", it.concat())).boxed()
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        number(),
        string(),
        path(),
        select(vec!["true", "false", "null"]).prop_map(str::to_owned),
    ]
}

/// An operand and the value grammar around it.
fn expr() -> BoxedStrategy<String> {
    let leaf = literal();
    leaf.prop_recursive(4, 24, 4, |inner| {
        let operators = ["or", "and", "==", "<", "in", "+", "-", "*", "/", ">="];
        let group = (go_on(), inner.clone(), go_on());
        let group = group.prop_map(|(a, it, b)| format!("({a}{it}{b})"));
        let group = group.boxed();
        let operand = prop_oneof![literal(), group.clone()].boxed();
        prop_oneof![
            (
                operand.clone(),
                select(operators.to_vec()),
                go_on(),
                operand.clone()
            )
                .prop_map(|(a, operator, go, b)| format!("{a} {operator} {go}{b}")),
            (
                operand.clone(),
                operand.clone(),
                operand.clone(),
                select(vec!["+", "*"]),
                go_on()
            )
                .prop_map(|(a, b, c, op, go)| format!("not {a} * {go}-{b} {op} {c}")),
            (
                inner.clone(),
                inner.clone(),
                inner.clone(),
                go_on(),
                go_on()
            )
                .prop_map(|(a, b, c, one, two)| format!("if {a}{one} then{two} {b} {one}else {c}")),
            (
                prop::collection::vec((go_on(), inner.clone()), 0..4),
                go_on(),
                any::<bool>()
            )
                .prop_map(|(items, last, comma)| list(&items, last, comma)),
            (
                prop::collection::vec((gap(), key(), gap(), inner.clone(), end()), 0..3),
                any::<bool>()
            )
                .prop_map(|(entries, wide)| format!("[{}]", object(&entries, wide))),
            (
                prop::collection::vec((gap(), key(), gap(), inner.clone(), end()), 0..3),
                any::<bool>()
            )
                .prop_map(|(entries, wide)| format!("by  stage{}", object(&entries, wide))),
            (name(), inner.clone(), go_on())
                .prop_map(|(name, it, go)| format!("{name} ({go}{it})")),
            group,
        ]
    })
    .boxed()
}

fn list(items: &[(&str, String)], last: &str, comma: bool) -> String {
    let items: Vec<_> = items.iter().map(|(go, it)| format!("{go}{it}")).collect();
    let comma = if comma && !items.is_empty() { "," } else { "" };
    format!("[{}{comma}{last}]", items.join(","))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        name(),
        "[A-Z_]{1,5}",
        Just("\"Fn::Sub\"".to_owned()),
        Just("on".to_owned())
    ]
}

fn object(entries: &[(&str, String, &str, String, &str)], wide: bool) -> String {
    let entries = entries
        .iter()
        .map(|(a, key, b, value, end)| format!("{a}{key}{b}={a} {value}{end}"));
    let start = if wide { "\n" } else { "" };
    format!("{{{start}{}}}", entries.collect::<String>())
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => number(),
        4 => name(),
        2 => string(),
        1 => (go_on(), expr(), go_on()).prop_map(|(a, it, b)| format!("({a}{it}{b})")),
        1 => prop::collection::vec((go_on(), literal()), 0..3).prop_map(|items| list(&items, "", false)),
        1 => (number(), gap(), number()).prop_map(|(a, _, b)| format!("({a})..{b}")),
        1 => name().prop_map(|it| format!("0..{it}")),
    ]
}

fn arguments() -> impl Strategy<Value = String> {
    let more = prop_oneof![
        3 => (blank(), operand()).prop_map(|(a, it)| format!("{a}{it}")),
        1 => (gap(), go_on(), operand()).prop_map(|(a, b, it)| format!("{a},{b}{it}")),
    ];
    (operand(), prop::collection::vec(more, 0..3)).prop_map(|(first, more)| first + &more.concat())
}

fn when() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => expr().prop_map(|it| format!(" when {it}"))]
}

fn statement(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let block = prop_oneof![2 => Just(String::new()), 1 => (gap(), inner).prop_map(|(a, it)| a.to_owned() + &it)];
    let filter =
        prop_oneof![3 => Just(String::new()), 1 => expr().prop_map(|it| format!(" where {it}"))];
    // A number and a word that is a unit can't stand side by side.
    let source = (blank(), operand()).prop_map(|(a, it)| format!("{a}{it}"));
    let source = prop::collection::vec(source, 1..3).prop_map(|it| it.concat());
    let setting = (name(), blank(), arguments(), block.clone());
    let plain = prop_oneof![
        (key(), gap(), go_on(), expr()).prop_map(|(key, a, go, it)| format!("{key}{a}={go}{it}")),
        setting.prop_map(|(word, a, it, block)| format!("z{word}{a}{it}{block}")),
        (name(), block.clone()).prop_map(|(word, block)| format!("z{word}{block}")),
        (source, filter, when(), block)
            .prop_map(|(it, filter, when, block)| format!("on{it}{filter}{when}{block}")),
    ];
    (docs(), plain).prop_map(|(docs, it)| docs + &it).boxed()
}

fn docs() -> impl Strategy<Value = String> {
    let line = "[a-z /ü]{0,10}".prop_map(|it| format!("/// {it}\n  "));
    prop_oneof![4 => Just(String::new()), 1 => prop::collection::vec(line, 1..3).prop_map(|it| format!("\n{}", it.concat()))]
}

fn block() -> BoxedStrategy<String> {
    let empty = select(vec![
        "{}",
        "{ }",
        "{\n}",
        "{ // only\n}",
        "{\n\n// only\n\n}",
    ]);
    empty
        .prop_map(str::to_owned)
        .prop_recursive(3, 12, 3, |inner| {
            let statements = prop::collection::vec((statement(inner), end()), 1..4);
            (
                statements,
                select(vec!["", " ", "\n", " // open\n", "\n\n// open\n"]),
            )
                .prop_map(|(statements, start)| {
                    let text = joined(&statements);
                    format!("{{{start}{text}}}")
                })
        })
        .boxed()
}

fn declaration() -> BoxedStrategy<String> {
    let optional =
        || prop_oneof![1 => Just(String::new()), 2 => block().prop_map(|it| format!(" {it}"))];
    let kinds = vec![
        "queue",
        "topic",
        "stream",
        "bucket",
        "table",
        "bus",
        "external queue",
    ];
    let plain = prop_oneof![
        (name(), optional()).prop_map(|(name, block)| format!("app {name}{block}")),
        string().prop_map(|it| format!("import {it}")),
        (name(), go_on(), name()).prop_map(|(a, go, b)| format!("stage {a},{go}{b}")),
        (name(), go_on(), expr()).prop_map(|(name, go, it)| format!("param {name} int ={go}{it}")),
        (name(), go_on(), string(), string())
            .prop_map(|(name, go, a, b)| format!("param {name} one of {a},{go}{b}")),
        (name(), when(), optional())
            .prop_map(|(name, when, block)| format!("secret {name}{when}{block}")),
        (name(), go_on(), expr()).prop_map(|(name, go, it)| format!("let {name} ={go}{it}")),
        block().prop_map(|block| format!("defaults{block}")),
        (select(kinds), blank(), name(), when(), optional())
            .prop_map(|(kind, a, name, when, block)| format!("{kind}{a}{name}{when}{block}")),
        (name(), when(), block())
            .prop_map(|(name, when, block)| format!("function {name}{when} {block}")),
        (name(), expr(), when()).prop_map(|(name, it, when)| format!("output {name} = {it}{when}")),
        (select(vec!["aws", "azure", "knative"]), when(), block())
            .prop_map(|(target, when, block)| format!("{target}{when}{block}")),
        (string(), block()).prop_map(|(title, block)| format!("test {title}{block}")),
    ];
    (docs(), plain).prop_map(|(docs, it)| docs + &it).boxed()
}

/// Puts things in a row, each with what ends it.
fn joined(things: &[(String, &str)]) -> String {
    let parts = things.iter().flat_map(|(it, end)| [it.as_str(), end]);
    parts.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_program_keeps_its_meaning(declarations in prop::collection::vec((declaration(), end()), 0..5)) {
        let text = joined(&declarations);
        formats(&text);
    }
}

/// The examples, the inputs of all other tests and the programs in the documentation; what can't be parsed has no form.
#[test]
fn every_program_in_a_file_keeps_its_meaning() {
    let (mut formatted, mut broken) = (0, 0);
    let folders = ["examples", "snapshots", "docs"].map(|it| walk(&Path::new(ROOT).join(it)));
    for path in folders.into_iter().flatten() {
        let programs = match path.extension().and_then(|it| it.to_str()) {
            Some("fn") => vec![std::fs::read_to_string(&path).unwrap()],
            Some("md") => blocks(&std::fs::read_to_string(&path).unwrap()),
            _ => Vec::new(),
        };
        for text in programs {
            let source = Source::new(SourceId(0), "app.fn", text.as_str());
            if parse(&source).diagnostics.is_empty() {
                formats(&text);
                formats(&text.replace('\n', "\r\n"));
                formatted += 1;
            } else {
                broken += 1;
            }
        }
    }
    assert!(formatted > 500, "only {formatted}");
    assert!(broken * 5 < formatted, "{broken} broken, {formatted} whole");
}

/// Returns the programs in a page.
fn blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```fn\n").skip(1);
    let blocks = blocks.filter_map(|it| Some(it.split_once("```")?.0.to_owned()));
    blocks.collect()
}
