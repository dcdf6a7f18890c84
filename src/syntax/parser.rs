//! `parse`: a file, piece by piece; each piece that can't be read is reported and passed over.

use std::ops::Range;

use crate::diagnostic::{self, Code, Diagnostic, Diagnostics};
use crate::source::{Source, Span};
use crate::syntax::ast;
use crate::syntax::outline::{Piece, outline};
use crate::syntax::recover;
use crate::syntax::statements::stray_doc;

/// After so many syntax errors the rest is only counted.
const SHOWN: usize = 20;

/// What could be read of a file, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The declarations that could be read.
    pub file: ast::File,
    /// The syntax errors, in source order.
    pub diagnostics: Diagnostics,
}

/// Reads a file; what can't be read is reported and left out.
pub fn parse(source: &Source) -> Parsed {
    let outline = outline(&source.text);
    let mut declarations = Vec::new();
    let mut diagnostics = Vec::new();
    let mut last_end: Option<usize> = None;
    for piece in &outline.pieces {
        match piece {
            Piece::Declaration {
                bytes,
                too_deep: Some(at),
            } => {
                diagnostics.push(too_deep(source, *at));
                last_end = Some(bytes.end);
            }
            Piece::Declaration { bytes, .. } => {
                recover::piece(source, &outline.comments, bytes.clone(), |read| {
                    declarations.extend(read.declaration);
                    diagnostics.extend(read.diagnostics);
                });
                last_end = Some(bytes.end);
            }
            Piece::StrayDoc(bytes) => {
                diagnostics.push(stray_doc(Span::new(source.id, bytes.start, bytes.end)));
            }
            Piece::StrayClose(at) => diagnostics.push(stray_close(source, *at, last_end)),
        }
    }
    let broken = diagnostics.iter().filter_map(Diagnostic::span).collect();
    let comment = |it: &Range<usize>| Span::new(source.id, it.start, it.end);
    Parsed {
        file: ast::File {
            source: source.id,
            folder: String::new(),
            declarations,
            comments: outline.comments.iter().map(comment).collect(),
            broken,
        },
        diagnostics: shown(diagnostics),
    }
}

/// Sorts the findings, and cuts them short where there are too many.
fn shown(mut diagnostics: Diagnostics) -> Diagnostics {
    diagnostic::sort(&mut diagnostics);
    let more = diagnostics.len().saturating_sub(SHOWN);
    let first_hidden = diagnostics.get(SHOWN).and_then(Diagnostic::span);
    if let Some(span) = first_hidden {
        diagnostics.truncate(SHOWN);
        let s = if more == 1 { "" } else { "s" };
        let note = Diagnostic::new(Code::FN0108, format!("…and {more} more syntax error{s}"));
        let note = note.label(span, "the first of them");
        diagnostics
            .push(note.help("correct the ones above first: many of the others may go with them"));
    }
    diagnostics
}

fn too_deep(source: &Source, at: usize) -> Diagnostic {
    let message = "brackets are nested more than 64 deep";
    let fault = Diagnostic::new(Code::FN0109, message);
    let fault = fault.label(Span::new(source.id, at, at + 1), "one too many");
    fault.help("give an inner part a name with `let`")
}

fn stray_close(source: &Source, at: usize, last_end: Option<usize>) -> Diagnostic {
    let span = Span::new(source.id, at, at + 1);
    let fault = Diagnostic::new(Code::FN0103, "this `}` closes nothing").label(span, "");
    let closed = last_end.filter(|end| source.text.get(..*end).is_some_and(|it| it.ends_with('}')));
    let fault = match closed {
        Some(end) => fault.label(
            Span::new(source.id, end - 1, end),
            "the declaration before it ends here",
        ),
        None => fault,
    };
    fault.help("remove it, or remove a `}` before it")
}
