//! Broken programs: every example cut, bent and doubled at every place. Nothing panics, every message has its place,
//! what is right is kept, and what is still clean keeps its meaning when formatted.

use std::collections::BTreeMap;
use std::path::Path;

use fnc::check::{Choices, HandlerFiles, check};
use fnc::diagnostic::{Diagnostic, Style, has_errors, render};
use fnc::source::{Source, Sources, Span};
use fnc::syntax::ast::DeclarationKind;
use fnc::syntax::{Parsed, ast, parse};

use crate::harness::{ROOT, walk};
use crate::syntax::formats;

/// A program to break.
struct Sample {
    name: String,
    text: String,
    handlers: Handlers,
    /// Of so many cuts one is tried.
    step: usize,
}

/// The files beside a program.
#[derive(Default)]
struct Handlers(BTreeMap<String, String>);

impl HandlerFiles for Handlers {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let names = self.0.keys().filter_map(|it| it.strip_prefix(folder));
        names
            .map(|it| it.trim_start_matches('/').to_owned())
            .collect()
    }
}

fn samples() -> Vec<Sample> {
    let examples = Path::new(ROOT).join("examples");
    let files = walk(&examples);
    let programs = files
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "fn"));
    let mut samples: Vec<Sample> = programs.map(|path| example(path)).collect();
    assert!(samples.len() >= 7, "the examples are there");
    samples.push(Sample {
        name: "everything".to_owned(),
        text: include_str!("syntax/everything.fn").to_owned(),
        handlers: Handlers::default(),
        step: 5,
    });
    samples
}

fn example(path: &Path) -> Sample {
    let folder = path.parent().unwrap();
    let handlers = walk(folder).into_iter().filter_map(|file| {
        let name = file.strip_prefix(folder).unwrap().to_str().unwrap();
        Some((
            name.replace('\\', "/"),
            std::fs::read_to_string(&file).ok()?,
        ))
    });
    Sample {
        name: path.display().to_string(),
        text: std::fs::read_to_string(path).unwrap(),
        handlers: Handlers(handlers.collect()),
        step: 1,
    }
}

/// Parses and checks a text, and checks what can be said of any text.
fn survives(sample: &Sample, text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("mutant.fn", text);
    let source = sources.get(id).unwrap();
    let parsed = parse(source);
    if text.len().is_multiple_of(8) {
        assert_eq!(parse(source), parsed, "not the same twice: {text}");
    }
    let choices = Choices::default();
    let checked = check(
        std::slice::from_ref(&parsed.file),
        &choices,
        &sample.handlers,
    );
    let found: Vec<&Diagnostic> = parsed
        .diagnostics
        .iter()
        .chain(&checked.diagnostics)
        .collect();
    for diagnostic in &found {
        assert!(!diagnostic.message.is_empty(), "{text}");
        for label in &diagnostic.labels {
            lies_in(label.span, source, &diagnostic.message);
        }
    }
    if let Some(first) = found.first() {
        let shown = render(first, &sources, Style::default());
        assert!(
            shown.contains(&first.message[..1]) && !shown.contains("OutOfBounds"),
            "{shown}"
        );
    }
    if parsed.diagnostics.is_empty() {
        formats(text);
    }
    assert!(
        checked.app.is_some() || found.iter().any(|it| has_errors(&[(*it).clone()])),
        "no program, and no error says why: {text}"
    );
    parsed
}

fn lies_in(span: Span, source: &Source, message: &str) {
    let range = span.range();
    assert!(
        range.start <= range.end && source.text.get(range).is_some(),
        "{message} at {span:?} in {:?}",
        source.text
    );
}

/// Checks every place in a tree.
fn all_lie_in(file: &ast::File, source: &Source) {
    let shown = format!("{file:?}");
    let mut places = shown.split("Span { source: SourceId(").skip(1);
    places.all(|it| {
        let numbers = it.split_once('}').unwrap().0;
        let mut numbers = numbers
            .split([',', ':', ')'])
            .filter_map(|it| it.trim().parse().ok());
        let (Some(_), Some(start), Some(end)) = (numbers.next(), numbers.next(), numbers.next())
        else {
            panic!("a place has three numbers: {it}");
        };
        let _: usize = start;
        lies_in(Span::new(source.id, start, end), source, "the tree");
        true
    });
}

fn name(declaration: &ast::Declaration) -> Option<String> {
    Some(match &declaration.kind {
        DeclarationKind::App(it) => it.name.value.to_string(),
        DeclarationKind::Param(it) => it.name.value.to_string(),
        DeclarationKind::Secret(it) => it.name.value.to_string(),
        DeclarationKind::Constant(it) => it.name.value.to_string(),
        DeclarationKind::Resource(it) => it.name.value.to_string(),
        DeclarationKind::Function(it) => it.name.value.to_string(),
        DeclarationKind::Output(it) => it.name.value.to_string(),
        DeclarationKind::Import(_)
        | DeclarationKind::Stages(_)
        | DeclarationKind::Defaults(_)
        | DeclarationKind::Settings(_)
        | DeclarationKind::Test(_) => return None,
    })
}

#[test]
fn cut_anywhere() {
    for sample in samples() {
        let places = sample.text.char_indices().map(|(at, _)| at);
        for at in places.step_by(sample.step) {
            survives(&sample, &sample.text[..at]);
            survives(&sample, &sample.text[at..]);
        }
    }
}

#[test]
fn each_line_deleted() {
    for sample in samples() {
        let whole = survives(&sample, &sample.text).file;
        let mut at = 0;
        for line in sample.text.split_inclusive('\n') {
            let text = format!("{}{}", &sample.text[..at], &sample.text[at + line.len()..]);
            let deleted = at..at + line.len();
            at = deleted.end;
            let parsed = survives(&sample, &text);
            let source = Source::new(parsed.file.source, "mutant.fn", text.as_str());
            all_lie_in(&parsed.file, &source);
            // Whatever the line was, the declarations it wasn't part of are still there.
            let left: Vec<_> = parsed.file.declarations.iter().filter_map(name).collect();
            for declaration in &whole.declarations {
                let place = declaration.span.range();
                let touched = place.start < deleted.end && deleted.start < place.end;
                if let Some(name) = name(declaration).filter(|_| !touched) {
                    let line = line.trim_end();
                    assert!(
                        left.contains(&name),
                        "{}: `{line}` takes `{name}` along",
                        sample.name
                    );
                }
            }
        }
    }
}

#[test]
fn each_token_doubled_or_left_out() {
    for sample in samples() {
        for (index, (at, token)) in tokens(&sample.text).into_iter().enumerate() {
            let (before, after) = (&sample.text[..at], &sample.text[at + token.len()..]);
            if index % sample.step == 0 {
                let blank = if index % 2 == 0 { " " } else { "" };
                survives(&sample, &format!("{before}{token}{blank}{token}{after}"));
                survives(&sample, &format!("{before}{after}"));
            }
        }
    }
}

/// Splits a text into words and single other characters, with their places.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let word = |it: char| it.is_alphanumeric() || it == '_';
    let mut tokens: Vec<(usize, &str)> = Vec::new();
    for (at, character) in text.char_indices().filter(|(_, it)| !it.is_whitespace()) {
        let end = at + character.len_utf8();
        match tokens.last_mut() {
            Some((start, last))
                if word(character) && *start + last.len() == at && last.ends_with(word) =>
            {
                *last = &text[*start..end];
            }
            _ => tokens.push((at, &text[at..end])),
        }
    }
    tokens
}

#[test]
fn each_bracket_and_quote_replaced() {
    let brackets = [
        "{", "}", "(", ")", "[", "]", "\"", "${", "/", "//", "///", ";", "\n", "é",
    ];
    for sample in samples() {
        let places = sample.text.char_indices();
        let places = places.filter(|(_, it)| brackets.contains(&it.to_string().as_str()));
        for (index, (at, character)) in places.enumerate() {
            let (before, after) = (
                &sample.text[..at],
                &sample.text[at + character.len_utf8()..],
            );
            for (turn, bracket) in brackets.iter().enumerate() {
                // Each place gets some of them, so that each of them comes to many places.
                if (index + turn) % (3 * sample.step) == 0 {
                    survives(&sample, &format!("{before}{bracket}{after}"));
                }
            }
        }
    }
}
