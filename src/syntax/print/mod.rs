//! `print`: the canonical form of a file, as `fnc fmt` writes it. It has no options.
//!
//! Two blanks a level, one statement a line, at most one empty line between two things. A block, a list or an object
//! stays on one line where it was written on one and fits; an expression that doesn't fit breaks after its operators.

mod comments;

mod declarations;

mod expressions;

mod layout;

mod statements;

use std::ops::Range;

use crate::source::{Source, Span};
use crate::syntax::ast;

/// Returns the text of a file in canonical form. The file must have been read from this source, without errors.
pub fn print(file: &ast::File, source: &Source) -> String {
    let mut printer = Printer {
        text: &source.text,
        comments: &file.comments,
        claimed: vec![false; file.comments.len()],
    };
    let mut text = String::new();
    printer.row(
        comments::Between::File(source.text.len()),
        &file.declarations,
        |it| range(&it.docs, it.span),
        Printer::declaration,
        // Declaration by declaration: a whole file of documents would be many times its text.
        &mut |lines| text.push_str(&layout::render(&layout::Doc::Concat(std::mem::take(lines)))),
    );
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Makes documents of trees, and finds each comment its place.
struct Printer<'a> {
    text: &'a str,
    comments: &'a [Span],
    /// Which comments have their place.
    claimed: Vec<bool>,
}

impl<'a> Printer<'a> {
    /// Returns what was written.
    fn written(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// Returns the bytes from the first documentation line to the end.
fn range(docs: &[crate::source::Spanned<String>], span: Span) -> Range<usize> {
    let start = docs.first().map_or(span.start, |it| it.span.start);
    start as usize..span.end as usize
}
