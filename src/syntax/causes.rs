//! Mistakes that have a better message than "expected …": each function knows one.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::grammar::Rule;
use crate::syntax::lexical;
use crate::syntax::messages::{Context, Found};
use crate::syntax::statements::{is_unit, stray_doc, units_apart};

/// Tells whether a fault is of one kind, and what to say then.
pub(super) type Cause = fn(&Context<'_>) -> Option<Diagnostic>;

/// The causes, the surest first.
pub(super) const CAUSES: &[Cause] = &[
    too_deep,
    documentation,
    open_interpolation,
    open_string,
    quote_missing,
    comment_of_another_language,
    unknown_character,
    not_a_name,
    unit_apart,
    open_bracket,
    comma_in_object,
    trigger_without_source,
    bare_expression,
    when_after_setting,
    no_new_line,
    two_equal_signs,
    one_equal_sign,
    choice_as_operand,
];

fn too_deep(it: &Context<'_>) -> Option<Diagnostic> {
    let start = it.mark(it.fault.start, it.fault.start + 1);
    let fault = Diagnostic::new(Code::FN0109, "this is nested too deep").label(start, "");
    it.fault
        .limit
        .then(|| fault.help("give an inner part a name with `let`"))
}

fn documentation(it: &Context<'_>) -> Option<Diagnostic> {
    matches!(it.found, Found::Doc(_)).then(|| stray_doc(it.place))
}

fn open_interpolation(it: &Context<'_>) -> Option<Diagnostic> {
    let open = it.before().rfind("${")?;
    if !it.expects(Rule::close_interpolation) || it.found == Found::Symbol("}") {
        return None;
    }
    let message = "expected `}` after the value in `${…}`";
    let fault = it.report(Code::FN0103, message, "");
    let fault = fault.label(it.mark(open, open + 2), "opened here");
    Some(fault.help("add the `}`, or write `\\$` for a dollar sign"))
}

fn open_string(it: &Context<'_>) -> Option<Diagnostic> {
    if !it.expects(Rule::close_quote) {
        return None;
    }
    let mut at = it.fault.start;
    let (start, end) = loop {
        let rest = it.text.get(at..it.fault.end)?;
        let next = rest.find(['"', '/'])?;
        at += next;
        if rest.get(next..)?.starts_with("//") {
            at = lexical::line_end(it.text, at);
        } else if rest.get(next..)?.starts_with('/') {
            at += 1;
        } else {
            let text = lexical::text(it.text, at);
            if !text.closed {
                break (at, text.end);
            }
            at = text.end;
        }
    };
    let message = "this string is never closed";
    let fault = Diagnostic::new(Code::FN0102, message).label(it.mark(start, end), "");
    Some(fault.help("add a `\"`; a string ends on the line it begins on"))
}

/// Sees a string that swallowed the opening quote of the next one.
fn quote_missing(it: &Context<'_>) -> Option<Diagnostic> {
    let before = it.text.get(it.fault.start..it.fault.at)?;
    let joined = before.ends_with('"') && it.place.start as usize == it.fault.at;
    if !joined || it.found == Found::End {
        return None;
    }
    let line = it
        .text
        .get(it.fault.at..lexical::line_end(it.text, it.fault.at))?;
    let odd = line.matches('"').count() % 2 == 1;
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    let open = before.get(start..before.len() - 1)?.rfind('"')? + start;
    odd.then(|| {
        let place = it.mark(it.fault.start + open, it.fault.at);
        let message = "a quote is missing on this line";
        let fault = Diagnostic::new(Code::FN0102, message).label(place, "this is one string");
        fault.help("write `\"` where the string should end")
    })
}

fn comment_of_another_language(it: &Context<'_>) -> Option<Diagnostic> {
    let rest = it.text.get(it.place.start as usize..)?;
    let block = rest.starts_with("/*");
    let message = "a comment begins with `//`";
    (block || it.found == Found::Other('#')).then(|| {
        let fault = it.report(Code::FN0111, message, "");
        if block {
            fault.help("write `//` before each line; there are no block comments")
        } else {
            fault.help("write `//`")
        }
    })
}

fn unknown_character(it: &Context<'_>) -> Option<Diagnostic> {
    let character = match it.found {
        Found::Other(it) => it,
        Found::Symbol("${") => '$',
        Found::End
        | Found::Word(_)
        | Found::Number(_)
        | Found::Text(_)
        | Found::Symbol(_)
        | Found::Doc(_) => return None,
    };
    let fault = |message: String| it.report(Code::FN0111, message, "");
    let named = || fault(format!("`{character}` means nothing here"));
    Some(match character {
        ':' => named().help("a setting and its value stand side by side (`memory 256MB`); a key and its value are joined by `=`"),
        '\'' | '`' | '“' | '”' | '‘' | '’' | '„' | '«' | '»' => named().help("strings stand in straight double quotes: `\"…\"`"),
        '&' => named().help("write `and`"),
        '|' => named().help("write `or`"),
        '!' => named().help("write `not`"),
        '?' => named().help("write `if … then … else …`"),
        '$' => named().help("`${…}` stands in a string; elsewhere write the bare name"),
        '\\' => named().help("a statement goes on in the next line after `,`, `=`, an operator or an open bracket"),
        _ if character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{feff}') => {
            let code = u32::from(character);
            fault(format!("a blank that is not a space: U+{code:04X}")).help("replace it by a space")
        }
        _ if character.is_control() => {
            let code = u32::from(character);
            fault(format!("a control character: U+{code:04X}")).help("remove it")
        }
        _ if character.is_alphabetic() => named().help("names are written with the letters a to z, digits and `_`"),
        _ => named().help("remove it, or put it in a string"),
    })
}

fn not_a_name(it: &Context<'_>) -> Option<Diagnostic> {
    let before = it.text.get(..it.fault.at)?;
    let joined = before.ends_with(lexical::is_letter) && !it.expects(Rule::infix);
    if joined && it.found == Found::Symbol("-") {
        let (rest, _) = lexical::word(it.text.get(it.fault.at + 1..)?);
        let first = lexical::last_word(before);
        let whole = it.mark(it.fault.at - first.len(), it.fault.at + 1 + rest.len());
        let message = format!("`{first}-{rest}` is not a name");
        let fault = Diagnostic::new(Code::FN0113, message).label(whole, "a name holds no `-`");
        return Some(if it.expects(Rule::assign) {
            fault.help(format!(
                "write `{first}_{rest}`, or the key in quotes: `\"{first}-{rest}\"`"
            ))
        } else {
            fault.help(format!("write `{first}_{rest}`"))
        });
    }
    if !it.expects(Rule::name) || it.expects(Rule::number) {
        return None;
    }
    match it.found {
        Found::Word(word) => {
            let message = format!("`{word}` can't be a name");
            let fault = it.report(Code::FN0113, message, "the language uses this word");
            Some(fault.help("choose another name"))
        }
        Found::Number(number) => {
            let message = format!("`{number}` can't be a name");
            let fault = it.report(Code::FN0113, message, "");
            Some(fault.help("a name begins with a letter a to z, then letters, digits and `_`"))
        }
        Found::Text(text) => {
            let name = text.trim_matches('"');
            let fault = it.report(Code::FN0113, "a name stands without quotes", "");
            Some(fault.help(format!("write `{name}`")))
        }
        Found::End | Found::Symbol(_) | Found::Doc(_) | Found::Other(_) => None,
    }
}

fn unit_apart(it: &Context<'_>) -> Option<Diagnostic> {
    let Found::Word(unit) = it.found else {
        return None;
    };
    let before = it.before();
    let digits = |it: char| it.is_ascii_digit() || it == '.';
    let number = before.get(before.trim_end_matches(digits).len()..)?;
    let after = it.text.get(it.place.end as usize..)?;
    let key = after.trim_start().starts_with('=');
    (!number.is_empty() && is_unit(unit) && !key).then(|| {
        let start = before.len() - number.len();
        units_apart(number, unit, it.mark(start, it.place.end as usize))
    })
}

fn open_bracket(it: &Context<'_>) -> Option<Diagnostic> {
    let ended = matches!(it.found, Found::End | Found::Symbol("}" | "]" | ")" | "{"));
    let close = if it.expects(Rule::close_paren) {
        ')'
    } else if it.expects(Rule::close_bracket) {
        ']'
    } else {
        return None;
    };
    let (at, open) = last_open(it.text, it.fault.start, it.fault.at)?;
    let message = format!("this `{open}` is never closed");
    ended.then(|| {
        let fault = Diagnostic::new(Code::FN0103, message).label(it.mark(at, at + 1), "");
        let fault = fault.label(it.place, format!("`{close}` is missing here"));
        fault.help(format!("add the missing `{close}`"))
    })
}

/// Returns the innermost bracket that is open at `end`.
fn last_open(text: &str, start: usize, end: usize) -> Option<(usize, char)> {
    let mut open = Vec::new();
    let mut at = start;
    while at < end {
        let rest = text.get(at..end)?;
        let first = rest.chars().next()?;
        match first {
            '"' => {
                at = lexical::text(text, at).end;
                continue;
            }
            '/' if rest.starts_with("//") => {
                at = lexical::line_end(text, at);
                continue;
            }
            '(' | '[' | '{' => open.push((at, first)),
            ')' | ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
        at += first.len_utf8();
    }
    open.pop()
}

fn comma_in_object(it: &Context<'_>) -> Option<Diagnostic> {
    let entry = it.expects(Rule::terminator) && it.expects(Rule::close_brace);
    let comma = it.found == Found::Symbol(",") && !it.expects(Rule::comma);
    (entry && comma).then(|| {
        let message = "entries are not joined by `,`";
        let fault = it.report(Code::FN0101, message, "");
        fault.help("write `;`, or each entry on a line of its own")
    })
}

fn trigger_without_source(it: &Context<'_>) -> Option<Diagnostic> {
    let alone = lexical::last_word(it.before()) == "on" && it.expects(Rule::assign);
    alone.then(|| {
        let fault = it.report(Code::FN0101, "`on` names no source of events", "");
        fault.help("write `on http POST \"/path\"`, `on queue NAME`, `on schedule \"0 3 * * *\"`, `on every 5m`")
    })
}

fn bare_expression(it: &Context<'_>) -> Option<Diagnostic> {
    let operator = matches!(
        it.found,
        Found::Word("if" | "by" | "not" | "and" | "or")
            | Found::Symbol("+" | "-" | "*" | "/" | "==" | "!=" | "<" | "<=" | ">" | ">=")
    );
    let operand = it.expects(Rule::argument) || it.expects(Rule::number);
    let setting = operand && !it.expects(Rule::infix) && !it.expects(Rule::prefix);
    let setting = setting && !it.expects(Rule::expr) && !it.expects(Rule::choice);
    (operator && setting).then(|| {
        let message = "an expression in a setting stands in parentheses";
        let fault = it.report(Code::FN0114, message, "");
        fault.help(
            "write `memory (if stage == \"prod\" then 1GB else 256MB)`, `scale 0..(workers * 2)`",
        )
    })
}

fn when_after_setting(it: &Context<'_>) -> Option<Diagnostic> {
    let Found::Word(word @ ("when" | "where")) = it.found else {
        return None;
    };
    let rule = if word == "when" {
        Rule::kw_when
    } else {
        Rule::kw_where
    };
    let wanted = it.expects(rule) || it.expects(Rule::when) || it.expects(Rule::filter);
    (!wanted).then(|| {
        let message = format!("`{word}` can't stand here");
        let fault = it.report(Code::FN0101, message, "");
        fault.help(if word == "when" {
            "`when` follows the name of a declaration or the source of a trigger; a setting takes `(if … then … else …)`"
        } else {
            "`where` follows the source of a trigger, before `when`"
        })
    })
}

fn no_new_line(it: &Context<'_>) -> Option<Diagnostic> {
    let ends = it.expects(Rule::terminator) || it.expects(Rule::EOI);
    let word = matches!(it.found, Found::Word(_));
    let after = it.before().ends_with('}');
    let declaration = match it.found {
        Found::Word(word) => crate::syntax::outline::KEYWORDS.contains(&word),
        Found::End
        | Found::Number(_)
        | Found::Text(_)
        | Found::Symbol(_)
        | Found::Doc(_)
        | Found::Other(_) => false,
    };
    (ends && word && (after || declaration)).then(|| {
        let what = if it.expects(Rule::EOI) && declaration {
            "a declaration"
        } else {
            "a statement"
        };
        let fault = it.report(Code::FN0110, format!("{what} begins on a new line"), "");
        fault.help("break the line here, or write `;`")
    })
}

fn two_equal_signs(it: &Context<'_>) -> Option<Diagnostic> {
    let wanted = it.expects(Rule::assign) && it.found == Found::Symbol("==");
    wanted.then(|| {
        let fault = it.report(Code::FN0101, "expected `=`", "`==` compares");
        fault.help("`=` gives a value to a name")
    })
}

fn one_equal_sign(it: &Context<'_>) -> Option<Diagnostic> {
    let compares = it.expects(Rule::infix) && it.found == Found::Symbol("=");
    compares.then(|| {
        let fault = it.report(Code::FN0101, "`=` can't stand in an expression", "");
        fault.help("write `==` to compare")
    })
}

fn choice_as_operand(it: &Context<'_>) -> Option<Diagnostic> {
    let (message, help) = match it.found {
        Found::Word("if") => (
            "`if` can't stand here",
            "put `if … then … else …` in parentheses",
        ),
        Found::Word("by") => (
            "`by stage` can't stand here",
            "put `by stage { … }` in parentheses",
        ),
        Found::End
        | Found::Word(_)
        | Found::Number(_)
        | Found::Text(_)
        | Found::Symbol(_)
        | Found::Doc(_)
        | Found::Other(_) => return None,
    };
    Some(it.report(Code::FN0101, message, "").help(help))
}
