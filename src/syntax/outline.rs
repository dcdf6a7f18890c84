//! The outline of a file: where each declaration begins and ends, and where the comments are.
//!
//! It knows strings, comments, brackets and the rule by which a line goes on, no more. So a mistake in one
//! declaration can't reach another one, and each is parsed by itself.

use std::ops::Range;

use crate::syntax::lexical::{self, Text};

/// Brackets nest at most this deep.
pub(super) const DEPTH: usize = 64;

/// Words that begin a declaration.
pub(super) const KEYWORDS: &[&str] = &[
    "app", "import", "stage", "param", "secret", "let", "defaults", "queue", "topic", "stream",
    "bucket", "table", "bus", "layer", "vpc", "external", "function", "output", "aws", "azure",
    "knative", "test",
];

/// The parts of a file, in order.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Everything that isn't blank or a comment.
    pub(super) pieces: Vec<Piece>,
    /// Every `//` comment.
    pub(super) comments: Vec<Range<usize>>,
}

/// A part of a file.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// What should be a declaration, from its documentation comment to its end.
    Declaration {
        /// Its bytes.
        bytes: Range<usize>,
        /// The bracket that nests too deep.
        too_deep: Option<usize>,
    },
    /// A documentation comment with nothing below it.
    StrayDoc(Range<usize>),
    /// A `}` that closes nothing.
    StrayClose(usize),
}

/// Finds the parts of a text.
pub(super) fn outline(text: &str) -> Outline {
    let scan = |cut: bool| {
        let mut scan = Scan::new(text, cut);
        scan.run();
        scan
    };
    let trusting = scan(false);
    if trusting.open.is_empty() {
        return trusting.outline;
    }
    // Some bracket is never closed: now a line that begins with a declaration's words ends what is open.
    scan(true).outline
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    cut: bool,
    open: Vec<u8>,
    start: Option<usize>,
    /// One past the last byte of code of the piece.
    end: usize,
    too_deep: Option<usize>,
    outline: Outline,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, cut: bool) -> Self {
        let mark = '\u{feff}';
        Scan {
            text,
            bytes: text.as_bytes(),
            at: if text.starts_with(mark) {
                mark.len_utf8()
            } else {
                0
            },
            cut,
            open: Vec::new(),
            start: None,
            end: 0,
            too_deep: None,
            outline: Outline::default(),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn run(&mut self) {
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\n' | b'\r' => self.newline(),
                b';' if self.open.is_empty() => {
                    self.finish();
                    self.at += 1;
                }
                b'/' if self.byte(self.at + 1) == Some(b'/') => self.comment(),
                b'"' => {
                    let Text { end, depth, .. } = lexical::text(self.text, self.at);
                    if self.open.len() + depth > DEPTH {
                        self.too_deep.get_or_insert(self.at);
                    }
                    self.code(end);
                }
                b'{' | b'(' | b'[' => {
                    self.open.push(byte);
                    if self.open.len() > DEPTH {
                        self.too_deep.get_or_insert(self.at);
                    }
                    self.code(self.at + 1);
                }
                b'}' | b')' | b']' => self.close(byte),
                _ => {
                    let rest = self.text.get(self.at..).and_then(|it| it.chars().next());
                    self.code(self.at + rest.map_or(1, char::len_utf8));
                }
            }
        }
        self.finish();
    }

    /// Takes the bytes up to `end` as code.
    fn code(&mut self, end: usize) {
        self.start.get_or_insert(self.at);
        self.at = end;
        self.end = end;
    }

    /// Ends the piece that is open.
    fn finish(&mut self) {
        if let Some(start) = self.start.take() {
            let too_deep = self.too_deep.take();
            let bytes = start..self.end;
            self.outline
                .pieces
                .push(Piece::Declaration { bytes, too_deep });
        }
    }

    fn close(&mut self, byte: u8) {
        let pair = match byte {
            b'}' => b'{',
            b')' => b'(',
            _ => b'[',
        };
        if self.open.last() == Some(&pair) {
            self.open.pop();
        } else if byte == b'}' {
            let Some(index) = self.open.iter().rposition(|it| *it == b'{') else {
                self.open.clear();
                self.finish();
                self.outline.pieces.push(Piece::StrayClose(self.at));
                self.at += 1;
                return;
            };
            self.open.truncate(index);
        }
        self.code(self.at + 1);
    }

    /// Passes the newline and ends the piece, unless it goes on in the next line.
    fn newline(&mut self) {
        let line = self.at + 1;
        self.at = line;
        let ends = if self.open.is_empty() {
            !lexical::goes_on(self.text.get(..self.end).unwrap_or(""))
                && !lexical::continues(self.text, line)
        } else {
            false
        };
        if ends {
            self.finish();
        } else if (self.cut || self.open.is_empty())
            && (begins_declaration(self.text, line) || self.begins_docs(line))
        {
            self.open.clear();
            self.finish();
        }
    }

    /// Tells whether a documentation comment begins here, in column 1, and a declaration right below it.
    fn begins_docs(&self, line: usize) -> bool {
        let mut at = line;
        while lexical::is_doc(self.text, at) {
            at = lexical::next_line(self.text, lexical::line_end(self.text, at));
        }
        at > line && begins_declaration(self.text, at)
    }

    fn comment(&mut self) {
        let (start, end) = (self.at, lexical::line_end(self.text, self.at));
        self.at = end;
        if !lexical::is_doc(self.text, start) {
            self.outline.comments.push(start..end);
        } else if self.open.is_empty() {
            self.docs(start);
        }
    }

    /// Takes the lines of a documentation comment; a declaration must follow in the next line.
    fn docs(&mut self, start: usize) {
        let trailing = self.start.is_some();
        self.finish();
        let mut end = self.at;
        let mut at = lexical::next_line(self.text, end);
        while !trailing && at > end && lexical::is_doc(self.text, at) {
            end = lexical::line_end(self.text, at);
            at = lexical::next_line(self.text, end);
        }
        let below = self
            .byte(at)
            .filter(|it| !matches!(it, b'\n' | b'\r' | b'}' | b';'));
        let remark = self.text.get(at..).is_some_and(|it| it.starts_with("//"));
        self.at = end;
        if trailing || at == end || below.is_none() || remark {
            self.outline.pieces.push(Piece::StrayDoc(start..end));
        } else {
            self.start = Some(start);
            self.end = end;
            self.at = at;
        }
    }
}

/// Tells whether a line begins with the first two words of a declaration.
fn begins_declaration(text: &str, line: usize) -> bool {
    let rest = text.get(line..).unwrap_or("");
    let (word, rest) = lexical::word(rest);
    if !KEYWORDS.contains(&word) || !rest.starts_with([' ', '\t']) {
        return false;
    }
    let after = rest.trim_start_matches([' ', '\t']);
    after.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '"' || it == '{')
        && !matches!(word, "aws" | "azure" | "knative")
}

#[cfg(test)]
mod tests {
    use super::{Piece, outline};

    /// Checks the pieces of a text, as the text itself, and counts its comments.
    fn finds(text: &str, pieces: &[&str], comments: usize) {
        let outline = outline(text);
        let shown = outline.pieces.iter().map(|it| match it {
            Piece::Declaration { bytes, .. } => text[bytes.clone()].to_owned(),
            Piece::StrayDoc(bytes) => format!("stray {}", &text[bytes.clone()]),
            Piece::StrayClose(at) => format!("closes nothing at {at}"),
        });
        assert_eq!(shown.collect::<Vec<_>>(), pieces, "{text}");
        assert_eq!(outline.comments.len(), comments, "{text}");
    }

    #[test]
    fn a_declaration_ends_at_a_line_end_or_semicolon() {
        finds(
            "queue a; queue b\n\ntopic c",
            &["queue a", "queue b", "topic c"],
            0,
        );
        finds(
            "let a = 1 + // one\n  2 // two\nlet b\n= 3",
            &["let a = 1 + // one\n  2", "let b", "= 3"],
            2,
        );
        finds(
            "let a = if b\n // remark\n then c else\n d",
            &["let a = if b\n // remark\n then c else\n d"],
            1,
        );
        finds(
            "function a {\r\n  b; c\r\n}\r\nqueue d",
            &["function a {\r\n  b; c\r\n}", "queue d"],
            0,
        );
    }

    #[test]
    fn brackets_and_slashes_in_strings_are_text() {
        finds(
            "let a = \"} // ${b[\"}\"]} \\\"{\"\nqueue c",
            &["let a = \"} // ${b[\"}\"]} \\\"{\"", "queue c"],
            0,
        );
        finds("let a = \"{\nqueue c", &["let a = \"{", "queue c"], 0);
    }

    #[test]
    fn what_is_open_ends_at_the_next_declaration() {
        finds(
            "function a {\n  b {\n\n/// doc\nqueue c\n",
            &["function a {\n  b {", "/// doc\nqueue c"],
            0,
        );
        finds("function a {\nqueue b\n}", &["function a {\nqueue b\n}"], 0);
        finds("let a =\nqueue b", &["let a =", "queue b"], 0);
        finds("let a =\nqueue.b.url", &["let a =\nqueue.b.url"], 0);
        finds(
            "a }\n}",
            &["a", "closes nothing at 2", "closes nothing at 4"],
            0,
        );
    }

    #[test]
    fn documentation_belongs_to_the_next_line() {
        finds("/// a\n/// b\nqueue c", &["/// a\n/// b\nqueue c"], 0);
        finds("/// a\n\nqueue c", &["stray /// a", "queue c"], 0);
        finds(
            "/// a\n// b\nqueue c /// d\n/// e",
            &["stray /// a", "queue c", "stray /// d", "stray /// e"],
            1,
        );
        finds("\u{feff}//// a\nqueue b", &["queue b"], 1);
    }
}
