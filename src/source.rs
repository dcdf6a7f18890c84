//! Source texts and positions in them: bytes everywhere, lines and columns only where a message is shown.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// Names one source text of a program; an index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

/// A range of bytes in one source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The text it lies in.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span of `start..end`, clamped to what 32 bits hold.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            source,
            start: byte(start),
            end: byte(end),
        }
    }

    /// Returns the smallest span that holds both; `other` must lie in the same source.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Returns the span as a range of indices into its text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns where a message draws its mark: never empty, never past the end of `text`.
    ///
    /// A renderer shows nothing for an empty span at the end of a file, so that one moves to
    /// the last character that isn't blank.
    #[must_use]
    pub fn shown(self, text: &str) -> Span {
        let (start, end) = (self.start as usize, (self.end as usize).min(text.len()));
        if start < end && text.get(start..end).is_some_and(|it| !it.trim().is_empty()) {
            return Span::new(self.source, start, end);
        }
        let before = text.get(..start.min(text.len())).unwrap_or(text);
        match before.trim_end().char_indices().next_back() {
            Some((at, last)) if start >= text.trim_end().len() => {
                Span::new(self.source, at, at + last.len_utf8())
            }
            _ => {
                let width = text
                    .get(start..)
                    .and_then(|it| it.chars().next())
                    .map_or(0, char::len_utf8);
                Span::new(self.source, start, start + width)
            }
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// Text of a name, in whatever type it is held.
pub trait Text: AsRef<str> + fmt::Display {}

impl<S: AsRef<str> + fmt::Display> Text for S {}

impl<S: AsRef<str>> Spanned<S> {
    /// Returns the text of the name.
    pub fn as_str(&self) -> &str {
        self.value.as_ref()
    }

    /// Returns the same text in a string of its own.
    pub fn to_name(&self) -> Spanned<String> {
        Spanned::new(self.as_str().to_owned(), self.span)
    }
}

/// One source text: a file of the program, or standard input.
#[derive(Debug)]
pub struct Source {
    /// Its number in [`Sources`].
    pub id: SourceId,
    /// The path as messages show it: as the user gave it, with `/` between folders.
    pub path: String,
    /// The text, UTF-8.
    pub text: String,
    lines: OnceLock<Vec<u32>>,
}

/// A place as people count: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalar values.
    pub column: u32,
}

impl Source {
    /// Returns a source with the given number, path and text.
    pub fn new(id: SourceId, path: impl Into<String>, text: impl Into<String>) -> Self {
        Source {
            id,
            path: path.into(),
            text: text.into(),
            lines: OnceLock::new(),
        }
    }

    /// Returns the byte offsets at which lines begin; built once.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let ends = |(at, byte): &(usize, &u8)| match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            let starts = bytes.iter().enumerate().filter(ends).map(|(at, _)| at + 1);
            std::iter::once(0)
                .chain(starts.map(|at| u32::try_from(at).unwrap_or(u32::MAX)))
                .collect()
        })
    }

    /// Returns how many lines stand before the one that holds a byte offset.
    fn lines_before(&self, offset: u32) -> usize {
        let lines = self.lines();
        lines.partition_point(|start| *start <= offset).max(1) - 1
    }

    /// Returns where a line begins, counted from 0; where the text ends when there is no such line.
    fn line_start(&self, index: usize) -> usize {
        let start = self.lines().get(index);
        start.map_or(self.text.len(), |it| *it as usize)
    }

    /// Returns the lines around a span, some before it and some after: their bytes, and how many lines there are before.
    pub(crate) fn around(&self, span: Span, before: usize, after: usize) -> (Range<usize>, usize) {
        let first = self.lines_before(span.start).saturating_sub(before);
        let last = self.lines_before(span.end) + after;
        (self.line_start(first)..self.line_start(last + 1), first)
    }

    /// Returns the line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let index = self.lines_before(offset);
        let start = self.line_start(index);
        let before = self.text.get(start..offset as usize).unwrap_or("");
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: number(index + 1),
            column: number(before.chars().count() + 1),
        }
    }

    /// Returns the text under a span; empty when it lies outside.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// All source texts of one run.
#[derive(Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns its number.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Source::new(id, path, text));
        id
    }

    /// Returns the source with this number.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.get(id.0 as usize)
    }

    /// Returns all of them, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.list.iter()
    }
}
