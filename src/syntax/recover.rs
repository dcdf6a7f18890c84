//! What can't be read: finds the precise fault, keeps what it can of the declaration, and goes on after it.

use std::ops::Range;

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::diagnostic::{Code, Diagnostics, closest};
use crate::source::{Source, Span};
use crate::syntax::ast::{self, DeclarationKind, StatementKind};
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::lexical;
use crate::syntax::messages::{self, Fault};
use crate::syntax::outline::KEYWORDS;
use crate::syntax::reader::{Parts, Reader, mistake};

/// What was read of one declaration.
#[derive(Default)]
pub(super) struct Read {
    pub(super) declaration: Option<ast::Declaration>,
    pub(super) diagnostics: Diagnostics,
}

/// Reads the declarations of a piece: one, and where something follows it on its line, that too.
pub(super) fn piece(
    source: &Source,
    comments: &[Range<usize>],
    bytes: Range<usize>,
    mut take: impl FnMut(Read),
) {
    let mut start = bytes.start;
    while start < bytes.end {
        let text = source.text.get(start..bytes.end).unwrap_or("");
        let mut reader = Reader::new(source.id, &source.text, comments, start);
        let mut next = bytes.end;
        let declaration = match Grammar::parse(Rule::one_declaration, text) {
            Ok(pairs) => reader.read(pairs, start..bytes.end),
            Err(error) => match Grammar::parse(Rule::first_declaration, text) {
                Ok(pairs) => {
                    let stop = fault(&error, start, text);
                    let mut declaration = reader.read(pairs, start..bytes.end);
                    let end = declaration
                        .as_ref()
                        .map_or(start, |it| it.span.end as usize);
                    let rest = source.text.get(end..bytes.end).unwrap_or("");
                    let after = bytes.end - rest.trim_start_matches([' ', '\t']).len();
                    let (word, _) = lexical::word(source.text.get(after..).unwrap_or(""));
                    if declaration.is_some() && KEYWORDS.contains(&word) {
                        next = after;
                    }
                    let found = messages::diagnose(&stop, source.id, &source.text, comments);
                    if found.code == Code::FN0113 {
                        // It stopped within the name: the rest of it belongs to the name, too.
                        declaration = reader.skeleton(start, bytes.end).or(declaration);
                    }
                    reader.diagnostics.push(found);
                    declaration
                }
                Err(_) => reader.unreadable(&fault(&error, start, text), bytes.end),
            },
        };
        start = next;
        take(Read {
            declaration,
            diagnostics: reader.finish(),
        });
    }
}

impl Reader<'_> {
    /// Builds the declaration of a parsed piece.
    fn read(
        &mut self,
        pairs: pest::iterators::Pairs<'_, Rule>,
        bytes: Range<usize>,
    ) -> Option<ast::Declaration> {
        let mut parts = Parts::over(pairs);
        let docs = self.docs(&mut parts);
        match self.declaration(docs, parts.any()) {
            Ok(declaration) => Some(declaration),
            Err(fault) => {
                self.diagnostics.push(fault);
                self.skeleton(bytes.start, bytes.end)
            }
        }
    }

    /// Returns the findings; an unclosed block is one of them, unless a string swallowed its `}`.
    fn finish(mut self) -> Diagnostics {
        // A string that goes on to the end of its line may hold the `}`.
        let swallowed = self.diagnostics.iter().any(|it| {
            let text = |span: Span| {
                let start = span.start as usize;
                self.text.get(start..lexical::line_end(self.text, start))
            };
            let string = matches!(it.code, Code::FN0102 | Code::FN0103);
            string && it.span().and_then(text).is_some_and(|it| it.contains('}'))
        });
        if let Some(open) = self.unclosed.filter(|_| !swallowed) {
            let fault = match self.suspect {
                Some(suspect) => mistake(Code::FN0103, "a block is never closed", suspect)
                    .label(open, "or this one"),
                None => mistake(Code::FN0103, "this block is never closed", open),
            };
            self.diagnostics.push(fault.help("add the missing `}`"));
        }
        self.diagnostics
    }

    /// Reports a statement that can't be read, and what is wrong in its blocks.
    pub(super) fn broken(&mut self, pair: Pair<'_, Rule>) -> ast::Statement {
        let span = self.trimmed(self.span(&pair));
        let mut parts = Parts::of(pair);
        let docs = self.docs(&mut parts);
        let before = self.diagnostics.len();
        let mut blocks: Option<Span> = None;
        let mut start = span.end;
        while let Some(part) = parts.more() {
            let place = self.span(&part);
            start = start.min(place.start);
            if part.as_rule() == Rule::block {
                blocks = Some(blocks.map_or(place, |it| it.to(place)));
                self.block(part);
            }
        }
        let inner = self.diagnostics.len() > before || self.unclosed.is_some();
        let span = self.at(start as usize, span.end as usize);
        let text = self.text.get(span.range()).unwrap_or("");
        let found = match Grammar::parse(Rule::one_statement, text) {
            Err(error) => {
                let stop = fault(&error, start as usize, text);
                // What is wrong in a block is told once, by the statement in it.
                let in_block = blocks
                    .is_some_and(|it| stop.at > it.start as usize && stop.at < it.end as usize);
                (!(inner && in_block))
                    .then(|| messages::diagnose(&stop, self.source, self.text, self.comments))
            }
            Ok(_) if inner => None,
            Ok(_) => Some(mistake(Code::FN0101, "this statement can't be read", span)),
        };
        self.diagnostics.extend(found);
        ast::Statement {
            docs,
            span,
            kind: StatementKind::Broken,
        }
    }

    /// Returns where a declaration begins whose documentation begins at `at`.
    fn after_docs(&self, mut at: usize) -> usize {
        while lexical::is_doc(self.text, at) {
            at = lexical::next_line(self.text, lexical::line_end(self.text, at));
        }
        at
    }

    /// Returns the declaration between two places, with its name and a body that says nothing.
    fn skeleton(&self, start: usize, end: usize) -> Option<ast::Declaration> {
        let at = self.after_docs(start);
        let (word, after) = lexical::word(self.text.get(at..end)?);
        skeleton(word, self.at(at, at + word.len()), after, self.at(at, end))
    }

    /// Reports a declaration that can't be read; keeps its name, so that its uses are not reported too.
    fn unreadable(&mut self, fault: &Fault, end: usize) -> Option<ast::Declaration> {
        let at = self.after_docs(self.base);
        let rest = self.text.get(at..end).unwrap_or("");
        let (word, after) = lexical::word(rest);
        let span = self.at(at, at + word.len());
        let first = word.starts_with(|it: char| it.is_ascii_alphabetic());
        if !first || KEYWORDS.contains(&word) {
            let found = messages::diagnose(fault, self.source, self.text, self.comments);
            self.diagnostics.push(found);
            return skeleton(word, span, after, self.at(at, end));
        }
        let message = format!("unknown declaration `{word}`");
        let unknown = mistake(Code::FN0104, message, span);
        let meant = closest(word, KEYWORDS.iter().copied());
        self.diagnostics.push(match meant {
            Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
            None => unknown.help(format!("a file declares: {}", KEYWORDS.join(", "))),
        });
        meant.and_then(|it| skeleton(it, span, after, self.at(at, end)))
    }
}

/// Returns a declaration that has a name and a body that says nothing.
fn skeleton(keyword: &str, word: Span, after: &str, span: Span) -> Option<ast::Declaration> {
    let blank = after.len() - after.trim_start_matches([' ', '\t', '"']).len();
    let rest = after.get(blank..).unwrap_or("");
    // Where a name can't hold `-`, its uses hold `_`.
    let in_name = |it: char| lexical::is_letter(it) || it == '-';
    let name = rest.get(..rest.find(|it| !in_name(it)).unwrap_or(rest.len()))?;
    let start = word.end as usize + blank;
    if !name.starts_with(|it: char| it.is_ascii_alphabetic()) {
        return None;
    }
    let name = ast::Name::new(
        name.replace('-', "_").into(),
        Span::new(span.source, start, start + name.len()),
    );
    let broken = ast::Statement {
        docs: Vec::new(),
        span,
        kind: StatementKind::Broken,
    };
    let block = ast::Block {
        span,
        statements: vec![broken],
    };
    let kind = match keyword {
        "function" => DeclarationKind::Function(ast::Function {
            name,
            when: None,
            block,
        }),
        "secret" => DeclarationKind::Secret(ast::Secret {
            name,
            when: None,
            block: Some(block),
        }),
        "app" => DeclarationKind::App(ast::App {
            name,
            block: Some(block),
        }),
        // A path without segments has no value, and nothing is said of it.
        "let" | "param" => DeclarationKind::Constant(ast::Constant {
            name,
            value: ast::Expr {
                span,
                kind: ast::ExprKind::Path(ast::Path {
                    segments: Vec::new(),
                }),
            },
        }),
        "queue" | "topic" | "stream" | "bucket" | "table" | "bus" | "layer" | "vpc" => {
            DeclarationKind::Resource(ast::Resource {
                external: None,
                kind: ast::Name::new(keyword.into(), word),
                name,
                when: None,
                block: Some(block),
            })
        }
        _ => return None,
    };
    Some(ast::Declaration {
        docs: Vec::new(),
        span,
        kind,
    })
}

/// Takes the place and the expectations of a grammar error.
fn fault(error: &Error<Rule>, base: usize, text: &str) -> Fault {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let (expected, limit) = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => (positives.clone(), false),
        ErrorVariant::CustomError { .. } => (Vec::new(), true),
    };
    Fault {
        start: base,
        at: base + at.min(text.len()),
        end: base + text.len(),
        expected,
        limit,
    }
}
