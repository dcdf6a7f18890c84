//! Strings: text, escapes, and the expressions in `${ }`.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar says which rules can come, and its tests run each of them"
)]

use pest::iterators::Pair;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, TextPart};
use crate::syntax::grammar::Rule;
use crate::syntax::reader::{Fallible, Parts, Reader, mistake};

impl Reader<'_> {
    pub(super) fn string(&mut self, pair: Pair<'_, Rule>) -> Fallible<ast::Text> {
        let span = self.span(&pair);
        if let Some(at) = pair.as_str().find(['\n', '\r']) {
            let quote = self.at(span.start as usize, span.start as usize + at);
            let found = mistake(Code::FN0102, "a string goes on over a line end", quote);
            return Err(found.help("write the `${ }` on one line, or name its value with `let`"));
        }
        let mut parts = Parts::of(pair);
        parts.need(Rule::quote);
        let mut text = ast::Text {
            span,
            parts: Vec::with_capacity(1),
        };
        while let Some(part) = parts.more() {
            match part.as_rule() {
                Rule::text => push(&mut text, part.as_str()),
                Rule::escape => {
                    let character = self.escape(&part)?;
                    push(&mut text, character.encode_utf8(&mut [0; 4]));
                }
                Rule::bad_escape => return Err(bad_escape(part.as_str(), self.span(&part))),
                Rule::interpolation => {
                    let mut inner = Parts::of(part);
                    inner.need(Rule::open_interpolation);
                    let value = self.expr(inner.need(Rule::expr))?;
                    text.parts.push(TextPart::Value(value));
                }
                _ => debug_assert_eq!(part.as_rule(), Rule::close_quote),
            }
        }
        Ok(text)
    }

    /// Reads a string that can't hold `${ }`: a key.
    pub(super) fn plain_string(&mut self, pair: Pair<'_, Rule>, what: &str) -> Fallible<ast::Name> {
        let text = self.string(pair)?;
        let Some(value) = text.plain() else {
            let message = format!("{what} can't hold `${{…}}`");
            let found = mistake(Code::FN0101, message, text.span);
            return Err(found.help(r"write the text itself; for the characters `${` write `\${`"));
        };
        Ok(ast::Name::new(value.into(), text.span))
    }

    fn escape(&self, pair: &Pair<'_, Rule>) -> Fallible<char> {
        let written = pair.as_str();
        let digits = written
            .strip_prefix("\\u{")
            .and_then(|it| it.strip_suffix('}'));
        if let Some(digits) = digits {
            let number = u32::from_str_radix(digits, 16).ok();
            return number.and_then(char::from_u32).ok_or_else(|| {
                let message = format!("`{written}` is not a character");
                let found = mistake(Code::FN0105, message, self.span(pair));
                found.help("Unicode ends at `\\u{10FFFF}`, and D800 to DFFF are no characters")
            });
        }
        Ok(match written {
            "\\n" => '\n',
            "\\t" => '\t',
            _ => written.chars().last().unwrap_or('\\'),
        })
    }
}

/// Adds text, joined to text before it.
fn push(text: &mut ast::Text, more: &str) {
    if let Some(TextPart::Plain(last)) = text.parts.last_mut() {
        last.push_str(more);
    } else {
        text.parts.push(TextPart::Plain(more.into()));
    }
}

fn bad_escape(written: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` means nothing in a string");
    let found = mistake(Code::FN0105, message, span);
    found.help(
        "write `\\\\` for a backslash; the others are `\\\"`, `\\$`, `\\n`, `\\t` and `\\u{…}`",
    )
}
