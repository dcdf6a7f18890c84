//! Python text as logical lines: comments gone, strings emptied, brackets and backslashes joined, as in "The Python
//! Language Reference", "Lexical analysis".

use std::iter::Peekable;
use std::str::Chars;

/// A statement, or the head of a compound one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Blanks before it; a tab goes to the next multiple of eight.
    pub(super) indent: usize,
    /// Its text; every string in it is `""`.
    pub(super) code: String,
}

/// Splits a text into logical lines; `false` when a string doesn't end.
pub(super) fn lines(text: &str) -> (Vec<Line>, bool) {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        lines: Vec::new(),
        line: Line::default(),
        depth: 0,
        whole: true,
    };
    reader.indent();
    while let Some(letter) = reader.rest.next() {
        reader.letter(letter);
    }
    reader.end();
    (reader.lines, reader.whole)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    lines: Vec<Line>,
    line: Line,
    /// Open brackets.
    depth: usize,
    whole: bool,
}

impl Reader<'_> {
    fn letter(&mut self, letter: char) {
        match letter {
            '#' => while self.rest.next_if(|it| *it != '\n').is_some() {},
            '"' | '\'' => {
                self.string(letter);
                self.line.code.push_str("\"\"");
            }
            '\\' => {
                self.rest.next_if_eq(&'\r');
                self.rest.next_if_eq(&'\n');
                self.line.code.push(' ');
            }
            '\n' if self.depth == 0 => {
                self.end();
                self.indent();
            }
            ';' if self.depth == 0 => {
                let indent = self.line.indent;
                self.end();
                self.line.indent = indent;
            }
            '(' | '[' | '{' => {
                self.depth += 1;
                self.line.code.push(letter);
            }
            ')' | ']' | '}' => {
                self.depth = self.depth.saturating_sub(1);
                self.line.code.push(letter);
            }
            _ if letter.is_whitespace() => self.line.code.push(' '),
            _ => self.line.code.push(letter),
        }
    }

    fn indent(&mut self) {
        while let Some(blank) = self
            .rest
            .next_if(|it| matches!(it, ' ' | '\t' | '\u{feff}'))
        {
            self.line.indent = match blank {
                ' ' => self.line.indent + 1,
                '\t' => (self.line.indent / 8 + 1) * 8,
                _ => self.line.indent,
            };
        }
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let code = line.code.trim();
        if !code.is_empty() {
            self.lines.push(Line {
                indent: line.indent,
                code: code.to_owned(),
            });
        }
    }

    /// Skips a string whose opening quote was read.
    fn string(&mut self, quote: char) {
        let mut triple = false;
        if self.rest.next_if_eq(&quote).is_some() {
            if self.rest.next_if_eq(&quote).is_none() {
                return;
            }
            triple = true;
        }
        let mut quotes = 0;
        while let Some(letter) = self.rest.next() {
            quotes = if letter == quote { quotes + 1 } else { 0 };
            match letter {
                '\\' => {
                    self.rest.next();
                }
                '\n' if !triple => break,
                _ if quotes == if triple { 3 } else { 1 } => return,
                _ => {}
            }
        }
        self.whole = false;
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    fn codes(text: &str) -> Vec<String> {
        let (lines, whole) = lines(text);
        assert!(whole);
        lines
            .into_iter()
            .map(|it| format!("{}:{}", it.indent, it.code))
            .collect()
    }

    #[test]
    fn strings_and_comments_are_gone() {
        assert_eq!(codes("a = 'x # y' # z"), ["0:a = \"\""]);
        assert_eq!(
            codes("\"\"\"def no():\n'''\n\"\"\"\nb = ''''q'\n'''"),
            ["0:\"\"", "0:b = \"\""]
        );
        assert_eq!(codes(r"c = r'\'' + '\\'"), ["0:c = r\"\" + \"\""]);
    }

    #[test]
    fn lines_are_joined() {
        assert_eq!(
            codes("f(a,\n  b)\nx = 1 + \\\n  2"),
            ["0:f(a,   b)", "0:x = 1 +    2"]
        );
        assert_eq!(
            codes("if a:\n\tb = 1; c = 2\n"),
            ["0:if a:", "8:b = 1", "8:c = 2"]
        );
    }

    #[test]
    fn a_string_without_end_is_told() {
        assert!(!lines("a = 'x\nb = 1").1);
        assert!(!lines("a = '''x\nb = 1").1);
    }
}
