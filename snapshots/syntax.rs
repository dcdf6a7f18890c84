//! The syntax phase: trees, messages, the canonical format.

use fnc::diagnostic::{Style, render};
use fnc::source::{Source, SourceId, Sources, Span};
use fnc::syntax::{ast, parse, print};

/// Shows what is wrong with a text, the text above it.
fn messages(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("shop.fn", text);
    let parsed = parse(sources.get(id).expect("just added"));
    let mut shown = format!("{text}\n{}\n", "─".repeat(60));
    for diagnostic in &parsed.diagnostics {
        shown.push_str(&render(diagnostic, &sources, Style::default()));
        shown.push('\n');
    }
    shown
}

macro_rules! messages {
    ($($name:ident: $text:literal,)*) => {
        $(
            #[test]
            fn $name() {
                let mut settings = insta::Settings::clone_current();
                settings.set_snapshot_path("syntax");
                settings.set_prepend_module_to_snapshot(false);
                settings.set_omit_expression(true);
                settings.bind(|| insta::assert_snapshot!(stringify!($name), messages($text)));
            }
        )*
    };
}

#[test]
fn everything_the_language_has() {
    let mut sources = Sources::default();
    let id = sources.add("everything.fn", include_str!("syntax/everything.fn"));
    let parsed = parse(sources.get(id).expect("just added"));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.declarations.len(), 45);
}

/// Formats a text and checks that this changes neither its meaning nor, a second time, anything at all.
pub(crate) fn formats(text: &str) -> String {
    let source = Source::new(SourceId(0), "shop.fn", text);
    let parsed = parse(&source);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let printed = print(&parsed.file, &source);
    let again = Source::new(SourceId(0), "shop.fn", printed.as_str());
    let reparsed = parse(&again);
    assert_eq!(reparsed.diagnostics, [], "of {text}\nbecame {printed}");
    assert_eq!(
        tree(&reparsed.file),
        tree(&parsed.file),
        "{text}\nbecame {printed}"
    );
    assert_eq!(
        comments(&reparsed.file, &again),
        comments(&parsed.file, &source),
        "{text}\nbecame {printed}"
    );
    assert_eq!(print(&reparsed.file, &again), printed, "of {text}");
    printed
}

/// Shows a tree without the places of its parts.
fn tree(file: &ast::File) -> String {
    let shown = format!("{:?}", file.declarations);
    let mut parts = shown.split("Span { source");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |tree, part| {
        tree + part.split_once('}').map_or("", |it| it.1)
    })
}

/// Returns the comments, sorted: one amid a statement moves up.
fn comments(file: &ast::File, source: &Source) -> Vec<String> {
    let text = |it: &Span| source.slice(*it).trim_end().to_owned();
    let mut comments: Vec<_> = file.comments.iter().map(text).collect();
    comments.sort();
    comments
}

#[test]
fn the_canonical_form_of_everything() {
    insta::with_settings!({ snapshot_path => "syntax", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("canonical", formats(include_str!("syntax/everything.fn")));
    });
}

messages! {
    value_missing: "function a {\n  env { STAGE = }\n  let\n  A = \n}",
    string_never_closed: "function a {\n  handler \"src/a.py:handle\n  memory 256MB\n  env { A = \"x; B = \"y\" }\n}",
    string_swallows_the_brace: "function a { handler \"src/a.py:handle; memory 256MB }\nfunction b { handler \"b.py:handle\" }",
    block_never_closed: "function a {\n  handler \"a.py:handle\"\n  scale 0..5 {\n    concurrency 10\n\n/// the other\nfunction b {\n  handler \"b.py:handle\"\n}",
    inner_block_never_closed: "function a {\n  handler \"a.py:handle\"\n  scale 0..5 {\n    concurrency 10\n}\n\nqueue b",
    closes_nothing: "function a {\n  handler \"a.py:handle\"\n}\n}\nqueue b",
    parenthesis_never_closed: "let a = (1 + 2\nlet b = [1, 2\nlet c = exists(a\nfunction f {\n  memory (if true then 1GB else 2GB\n  scale 0..(2 * 3\n}",
    interpolation_never_closed: "function f {\n  env { A = \"x-${stage\"; B = \"y-${stage y\" }\n}",
    unknown_declaration: "functoin bill {\n  handler \"b.py:handle\"\n}\n\nmemory 256MB\n\nQueue orders\n",
    escapes: "let a = \"\\d+ \\u{110000}\"\nlet b = \"\\u{d800}\"\nlet c = \"C:\\new\\${x}\"",
    numbers: "function f {\n  timeout 5 m\n  memory 5_000MB\n  disk 0x10\n  idle 10s5\n}\nlet a = 5 s\nlet b = 1.5 GB",
    stray_documentation: "/// About this file.\n\napp shop // x\n\n/// one\n/// two\n// remark\nqueue a /// trailing\nfunction f {\n  memory 1GB /// much\n  /// nothing below\n  /// at all\n\n  timeout 5s\n  /// end\n}\n/// end",
    new_line_missing: "queue a queue b\nfunction f { handler \"x\" } function g { handler \"y\" }\nfunction h {\n  scale 0..5 { idle 5m } timeout 5s\n}",
    characters: "function f {\n  memory: 256MB\n  handler 'a.py:handle'\n  # remark\n  /* remark */\n  env { A = a && b; B = !a; C = a ? b : c; D = $x; E = ä; F = a | b }\n  timeout\u{a0}5s\n  runtime “python3.13”\n  on @x\n}",
    chains: "let a = 1 < b < 3\nlet b = 1 == not a\nlet c = a in b == c\nlet d = - not a",
    names: "function bill-order { handler \"x\" }\nqueue in\ntopic 2nd\nsecret \"key\"\nlet if = 5\nstage dev, true\napp",
    bare_expressions: "function f {\n  scale 0..workers * 2\n  memory if a then b else c\n  timeout not a\n  disk -5\n  on queue a + 1\n  batch 5 when x\n  on queue b when x where y\n}",
    params: "param a\nparam b = 5\nparam c one \"a\"\nparam d one of a\nparam e string == \"x\"\nparam f int = if a then b\nparam g int 5",
    choices: "let a = if b then c\nlet d = 1 + if b then c else d\nlet e = if b c else d\nlet f = if",
    triggers: "function f {\n  on\n  on { batch 5 }\n  on queue a where\n  on queue a where x when\n  on queue a batch 5 within }\n",
    lists: "let a = [1 2]\nlet b = [1, 2\n]\nlet c = [,]\nlet d = { a = 1, b = 2 }\nlet e = { a }\nlet f = [{ a = 1 b = 2 }]",
    several_mistakes: "app shop\n\nfunction a {\n  handler \"a.py:handle\n  memory 5 m\n  scale 0..\n  env { A = ; B = 1 +; C = 2 }\n}\n\nfunctoin b {\n  x = (\n}\n\nqueue c {\n  retry 5 then\n  }\n}\n\ntopic d",
    keys: "function f {\n  env { \"${a}\" = 1; data[\"x\"] = 2; a-b = 3 }\n  on queue q where data[\"${x}\"] == 1\n}",
    heads: "app\napp 5\napp shop shop\nimport shop\nstage\nstage a b\nsecret\nlet\nlet x\nlet x =\ndefaults\nqueue\nfunction\nfunction f\nexternal x\noutput x\naws\ntest x {}\n",
}

#[test]
fn nested_too_deep() {
    let brackets = format!("let a = {}1{}", "(".repeat(65), ")".repeat(65));
    let choices = format!("let b = {}1", "if x then 1 else ".repeat(200));
    let sum = format!("let c = 1{}", " + 1".repeat(200));
    let endless = format!("let d = {}", "if ".repeat(100_000));
    let blocks = format!("function f {{{}", "\na = {".repeat(100_000));
    let shown = [brackets, choices, sum, endless, blocks].map(|text| {
        let mut sources = Sources::default();
        let id = sources.add("shop.fn", text + "\nqueue q");
        let parsed = parse(sources.get(id).expect("just added"));
        let found = parsed.diagnostics.iter();
        let found: Vec<_> = found
            .map(|it| format!("{} {}", it.code.name(), it.message))
            .collect();
        format!(
            "{}; then {} more\n",
            found.join(", "),
            parsed.file.declarations.len()
        )
    });
    insta::assert_snapshot!(shown.concat(), @r"
    FN0109 brackets are nested more than 64 deep; then 1 more
    FN0109 this expression is nested too deep, or too long; then 2 more
    FN0109 this expression is nested too deep, or too long; then 2 more
    FN0109 this is nested too deep; then 2 more
    FN0109 brackets are nested more than 64 deep; then 1 more
    ");
}
