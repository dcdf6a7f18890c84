//! Things in a row (declarations, statements, entries, items), each on a line, with their comments.
//!
//! A comment after a thing stays at the end of its line; one on a line of its own keeps it; one amid a thing, where a
//! line goes on, moves to the line above.

use std::ops::Range;

use super::Printer;
use super::layout::Doc;

/// Between which brackets the things stand.
#[derive(Clone, Copy)]
pub(super) enum Between {
    /// Between none: the whole file, of so many bytes.
    File(usize),
    /// After an opening bracket that ends here, before a closing one that begins there; this follows each thing.
    Brackets(usize, usize, &'static str),
}

/// The lines so far.
struct Row<'a> {
    lines: Vec<Doc<'a>>,
    /// Where what was printed last ends in the text; nothing before the first line of a file.
    last: Option<usize>,
    /// Whether a thing or a comment has a line of its own yet.
    begun: bool,
}

impl<'a> Printer<'a> {
    /// Prints things in a row, each on a line of its own; the last line has no end.
    pub(super) fn lines<T>(
        &mut self,
        between: Between,
        things: &[T],
        place: impl Fn(&T) -> Range<usize>,
        print: impl Fn(&mut Self, &T) -> Doc<'a>,
    ) -> Vec<Doc<'a>> {
        let mut all = Vec::new();
        self.row(between, things, place, print, &mut |lines| {
            all.append(lines);
        });
        all
    }

    /// Prints things in a row; hands over the lines of each thing as soon as they are there.
    pub(super) fn row<T>(
        &mut self,
        between: Between,
        things: &[T],
        place: impl Fn(&T) -> Range<usize>,
        print: impl Fn(&mut Self, &T) -> Doc<'a>,
        done: &mut dyn FnMut(&mut Vec<Doc<'a>>),
    ) {
        let (open, close, comma) = match between {
            Between::File(end) => (None, end, ""),
            Between::Brackets(open, close, comma) => (Some(open), close, comma),
        };
        let mut row = Row {
            lines: Vec::new(),
            last: open,
            begun: false,
        };
        for thing in things {
            let place = place(thing);
            self.remarks(place.start, &mut row);
            let doc = print(self, thing);
            self.begin_line(place.start, &mut row);
            for comment in self.unclaimed(place.clone()) {
                row.lines.extend([Doc::Remark(comment), Doc::Hard]);
            }
            row.lines.extend([doc, Doc::text(comma)]);
            row.last = Some(place.end);
            done(&mut row.lines);
        }
        self.remarks(close, &mut row);
        done(&mut row.lines);
    }

    /// Prints the comments between what was printed last and `end`.
    fn remarks(&mut self, end: usize, row: &mut Row<'a>) {
        for index in self.within(row.last.unwrap_or(0)..end) {
            let Some(span) = self.comments.get(index).copied() else {
                continue;
            };
            let start = span.start as usize;
            let beside = row.last.and_then(|it| self.text.get(it..start));
            if beside.is_some_and(|it| !it.contains(['\n', '\r'])) {
                row.lines.push(Doc::text(" "));
            } else {
                self.begin_line(start, row);
            }
            row.lines.push(Doc::Remark(self.written(span).trim_end()));
            row.last = Some(span.end as usize);
            if let Some(claimed) = self.claimed.get_mut(index) {
                *claimed = true;
            }
        }
    }

    /// Begins the line of what stands at `at`, after an empty one where one was written.
    fn begin_line(&self, at: usize, row: &mut Row<'a>) {
        if let Some(last) = row.last {
            row.lines.push(Doc::Hard);
            let gap = self.text.get(last..at).unwrap_or("");
            if row.begun && gap.matches('\n').count() > 1 {
                row.lines.push(Doc::Hard);
            }
        }
        row.begun = true;
    }

    /// Returns the numbers of the comments that begin in a range.
    fn within(&self, range: Range<usize>) -> Range<usize> {
        let first = |at: usize| {
            let before = |it: &crate::source::Span| (it.start as usize) < at;
            self.comments.partition_point(before)
        };
        first(range.start)..first(range.end)
    }

    /// Tells whether a comment lies in a range.
    pub(super) fn has_comment(&self, range: Range<usize>) -> bool {
        !self.within(range).is_empty()
    }

    /// Takes the comments of a range that have no place yet.
    fn unclaimed(&mut self, range: Range<usize>) -> Vec<&'a str> {
        let mut found = Vec::new();
        for index in self.within(range) {
            if let Some(claimed) = self.claimed.get_mut(index)
                && !std::mem::replace(claimed, true)
                && let Some(span) = self.comments.get(index)
            {
                found.push(self.written(*span).trim_end());
            }
        }
        found
    }
}
