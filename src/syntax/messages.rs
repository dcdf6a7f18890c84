//! From a fault of the grammar to a message: what stands there, what should, and what to type.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::causes::CAUSES;
use crate::syntax::grammar::Rule;
use crate::syntax::lexical;

/// Where the grammar stopped, and what it would have taken there.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where the declaration or statement begins.
    pub(super) start: usize,
    /// Where nothing fitted.
    pub(super) at: usize,
    /// Where the declaration or statement ends.
    pub(super) end: usize,
    /// What would have fitted.
    pub(super) expected: Vec<Rule>,
    /// Whether it was given up because it nests too deep.
    pub(super) limit: bool,
}

/// What stands where the grammar stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A line end, a `;` or the end of the file.
    End,
    /// A word.
    Word(&'a str),
    /// A number, or something that begins with a digit.
    Number(&'a str),
    /// A string, up to its end or the end of its line.
    Text(&'a str),
    /// Brackets, operators and the like.
    Symbol(&'a str),
    /// A documentation comment.
    Doc(&'a str),
    /// A character that means nothing outside strings and comments.
    Other(char),
}

/// A fault and what is around it.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) fault: &'a Fault,
    pub(super) text: &'a str,
    pub(super) comments: &'a [Range<usize>],
    pub(super) found: Found<'a>,
    /// What the mark is drawn under.
    pub(super) place: Span,
}

impl<'a> Context<'a> {
    /// Returns the text before the fault, without blanks and comments at its end.
    pub(super) fn before(&self) -> &'a str {
        code_before(self.text, self.fault.at, self.comments)
    }

    pub(super) fn expects(&self, rule: Rule) -> bool {
        self.fault.expected.contains(&rule)
    }

    /// Begins a message with its mark.
    pub(super) fn report(&self, code: Code, message: impl Into<String>, label: &str) -> Diagnostic {
        Diagnostic::new(code, message).label(self.place, label)
    }

    /// Returns a mark elsewhere in the file.
    pub(super) fn mark(&self, start: usize, end: usize) -> Span {
        Span::new(self.place.source, start, end)
    }
}

/// Says what is wrong at a fault.
pub(super) fn diagnose(
    fault: &Fault,
    source: SourceId,
    text: &str,
    comments: &[Range<usize>],
) -> Diagnostic {
    let (start, found) = found(text, fault.at);
    let place = if found == Found::End {
        let end = code_before(text, fault.at, comments).len();
        Span::new(source, end, end)
    } else {
        Span::new(source, start, start + found.text().map_or(1, str::len))
    };
    let place = match found {
        Found::Other(it) => Span::new(source, start, start + it.len_utf8()),
        Found::End
        | Found::Word(_)
        | Found::Number(_)
        | Found::Text(_)
        | Found::Symbol(_)
        | Found::Doc(_) => place,
    };
    let context = Context {
        fault,
        text,
        comments,
        found,
        place,
    };
    let known = CAUSES.iter().find_map(|cause| cause(&context));
    known.unwrap_or_else(|| {
        let label = match found.text() {
            Some(it) => format!("found `{it}`"),
            None => "the line ends here".to_owned(),
        };
        let wanted = expectation(&fault.expected);
        let message = match &wanted {
            Some(it) => format!("expected {it}"),
            None => "this can't stand here".to_owned(),
        };
        let help = match (wanted, found.text()) {
            (Some(it), Some(found)) => format!("put {it} here, or remove `{found}`"),
            (Some(it), None) => format!("add {it}"),
            (None, _) => "remove it".to_owned(),
        };
        context.report(Code::FN0101, message, &label).help(help)
    })
}

impl<'a> Found<'a> {
    /// Returns it as written; nothing at an end.
    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Found::End | Found::Other(_) => None,
            Found::Word(it)
            | Found::Number(it)
            | Found::Text(it)
            | Found::Symbol(it)
            | Found::Doc(it) => Some(it),
        }
    }
}

/// Returns what stands at `at` or after the blanks there, and where.
fn found(text: &str, at: usize) -> (usize, Found<'_>) {
    let rest = text.get(at..).unwrap_or("");
    let start = at + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    let rest = text.get(start..).unwrap_or("");
    let Some(first) = rest.chars().next() else {
        return (start, Found::End);
    };
    let upto = |end: usize| rest.get(..end).unwrap_or(rest);
    let two = matches!(rest.get(..2), Some("==" | "!=" | "<=" | ">=" | ".." | "${"));
    let found = match first {
        '\n' | '\r' | ';' => Found::End,
        '/' if lexical::is_doc(rest, 0) => Found::Doc(upto(lexical::line_end(rest, 0))),
        '/' if rest.starts_with("//") => Found::End,
        '"' => Found::Text(upto(lexical::text(rest, 0).end)),
        _ if first.is_ascii_digit() => {
            let letter = |it: char| lexical::is_letter(it) || it == '%';
            Found::Number(upto(rest.find(|it| !letter(it)).unwrap_or(rest.len())))
        }
        _ if lexical::is_letter(first) => Found::Word(lexical::word(rest).0),
        _ if two => Found::Symbol(upto(2)),
        '{' | '}' | '[' | ']' | '(' | ')' | ',' | '.' | '=' | '<' | '>' | '+' | '-' | '*' | '/'
        | '%' => Found::Symbol(upto(1)),
        _ => Found::Other(first),
    };
    (start, found)
}

/// Returns the text before `at` without blanks and comments at its end.
fn code_before<'a>(text: &'a str, at: usize, comments: &[Range<usize>]) -> &'a str {
    let mut code = text.get(..at).unwrap_or(text).trim_end();
    let mut index = comments.partition_point(|it| it.start < at);
    while let Some(last) = index.checked_sub(1).and_then(|it| comments.get(it)) {
        if last.end < code.len() {
            break;
        }
        code = text.get(..last.start).unwrap_or("").trim_end();
        index -= 1;
    }
    code
}

/// Lists what would fit, at most three things: "a value, `{` or a new line".
fn expectation(expected: &[Rule]) -> Option<String> {
    let value = [Rule::number, Rule::expr]
        .iter()
        .any(|it| expected.contains(it));
    let ends = expected.contains(&Rule::terminator);
    // Where any value fits, its kinds are not listed.
    let kinds = [Rule::name, Rule::word, Rule::string, Rule::quote];
    let told =
        |it: &&Rule| !(value && kinds.contains(it) || value && !ends && **it == Rule::open_brace);
    let expected = expected.iter().filter(told);
    let mut words: Vec<(u8, &str)> = expected.filter_map(|it| words(*it)).collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(3);
    let words: Vec<&str> = words.into_iter().map(|(_, word)| word).collect();
    let (last, first) = words.split_last()?;
    if first.is_empty() {
        return Some((*last).to_owned());
    }
    Some(format!("{} or {last}", first.join(", ")))
}

/// Names what a rule stands for, the more telling the smaller the number; rules that only recover have no name.
#[expect(clippy::too_many_lines, reason = "one line for each rule")]
fn words(rule: Rule) -> Option<(u8, &'static str)> {
    Some(match rule {
        Rule::name => (0, "a name"),
        Rule::param | Rule::one_of | Rule::type_word | Rule::kw_one => (
            0,
            "a type (`string`, `int`, `bool`, `duration`, `size` or `one of \"…\"`)",
        ),
        Rule::kind => (0, "`queue`, `topic`, `stream`, `bucket`, `table` or `bus`"),
        Rule::declaration
        | Rule::app
        | Rule::import
        | Rule::stages
        | Rule::secret
        | Rule::constant
        | Rule::defaults
        | Rule::resource
        | Rule::function
        | Rule::output
        | Rule::settings
        | Rule::test
        | Rule::target
        | Rule::kw_app
        | Rule::kw_import
        | Rule::kw_stage
        | Rule::kw_param
        | Rule::kw_secret
        | Rule::kw_let
        | Rule::kw_defaults
        | Rule::kw_external
        | Rule::kw_function
        | Rule::kw_output
        | Rule::kw_test => (0, "a declaration"),
        Rule::string | Rule::quote => (1, "a string"),
        Rule::number
        | Rule::list
        | Rule::group
        | Rule::literal
        | Rule::call
        | Rule::path
        | Rule::expr
        | Rule::object
        | Rule::argument
        | Rule::choice
        | Rule::operand
        | Rule::term
        | Rule::value
        | Rule::prefix
        | Rule::by_stage
        | Rule::kw_by
        | Rule::kw_if => (1, "a value"),
        Rule::entry
        | Rule::key
        | Rule::statement
        | Rule::sentence
        | Rule::setting
        | Rule::trigger
        | Rule::part
        | Rule::word
        | Rule::kw_on => (1, "a setting"),
        Rule::assign => (2, "`=`"),
        Rule::kw_of => (2, "`of`"),
        Rule::kw_then => (2, "`then`"),
        Rule::kw_else => (2, "`else`"),
        Rule::close_paren => (2, "`)`"),
        Rule::close_bracket => (2, "`]`"),
        Rule::close_interpolation => (2, "`}`"),
        Rule::close_quote => (2, "a closing quote"),
        Rule::part_word => (2, "the name of a member"),
        Rule::block | Rule::open_brace => (3, "`{`"),
        Rule::close_brace => (3, "`}`"),
        Rule::infix => (4, "an operator"),
        Rule::terminator | Rule::ends | Rule::end | Rule::EOI => (5, "a new line"),
        Rule::when | Rule::kw_when => (6, "`when`"),
        Rule::filter | Rule::kw_where => (6, "`where`"),
        Rule::comma => (7, "`,`"),
        Rule::dots => (8, "`..`"),
        // What begins a value or goes on with it, parts of strings, blanks, and what only catches mistakes.
        Rule::open_paren
        | Rule::open_bracket
        | Rule::text
        | Rule::escape
        | Rule::interpolation
        | Rule::open_interpolation
        | Rule::bad_escape
        | Rule::bad_number
        | Rule::broken
        | Rule::junk
        | Rule::brackets
        | Rule::inside
        | Rule::closed_text
        | Rule::closed_value
        | Rule::open_text
        | Rule::remark
        | Rule::unclosed
        | Rule::stray_doc
        | Rule::docs
        | Rule::doc
        | Rule::letter
        | Rule::reserved
        | Rule::no_operand
        | Rule::nl
        | Rule::one_declaration
        | Rule::first_declaration
        | Rule::one_statement
        | Rule::stop
        | Rule::gap
        | Rule::remarks
        | Rule::comment => return None,
    })
}
