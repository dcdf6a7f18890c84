//! What a handler's text says of its second argument, the context, as far as that is in plain sight.

use crate::model::Language;

/// Returns what the handler calls its second argument, where that is sure.
pub(super) fn context<'t>(text: &'t str, symbol: &str, language: Language) -> Option<&'t str> {
    let places = words(text, symbol);
    let mut signatures = places.filter_map(|at| {
        let before = text.get(..at)?.trim_end();
        let after = text.get(at + symbol.len()..)?.trim_start();
        let function = match language {
            Language::Python => before.ends_with("def"),
            Language::Node => before.ends_with("function"),
            Language::Other => false,
        };
        if function {
            return after.strip_prefix('(');
        }
        let value = after
            .strip_prefix('=')
            .filter(|_| language == Language::Node)?;
        let value = value.trim_start();
        let value = value.strip_prefix("async").unwrap_or(value).trim_start();
        value.strip_prefix('(')
    });
    let signature = signatures.next()?;
    let (arguments, _) = signature.split_once(')')?;
    let second = arguments.split(',').nth(1)?;
    let name = second.split([':', '=']).next()?.trim();
    let plain = name.chars().all(letter) && !name.is_empty();
    (plain && signatures.next().is_none()).then_some(name)
}

/// Tells whether the context is only ever asked for its members: it isn't handed on, kept or indexed.
pub(super) fn stays(text: &str, context: &str) -> bool {
    words(text, context).all(|at| {
        let member = text.get(at + context.len()..);
        member.is_some_and(|it| it.starts_with('.')) || is_argument(text, at)
    })
}

/// Tells whether a word is the name of an argument, in the head of a function.
fn is_argument(text: &str, at: usize) -> bool {
    let start = text
        .get(..at)
        .and_then(|it| it.rfind('\n'))
        .map_or(0, |it| it + 1);
    let line = text.get(start..).and_then(|it| it.lines().next());
    let Some((head, rest)) = line.and_then(|it| it.split_once('(')) else {
        return false;
    };
    let Some((arguments, rest)) = rest.split_once(')') else {
        return false;
    };
    let first = start + head.len();
    let inside = first < at && at < first + 1 + arguments.len();
    let is_head = head.contains("def ") || head.contains("function");
    inside && (is_head || rest.trim_start().starts_with("=>"))
}

/// Tells whether a method of the context is used with anything but a plain string first.
pub(super) fn computed(text: &str, context: &str, method: &str) -> bool {
    words(text, context).any(|at| {
        let member = text.get(at + context.len() + 1..).unwrap_or("");
        let Some(rest) = member
            .strip_prefix(method)
            .filter(|it| !it.starts_with(letter))
        else {
            return false;
        };
        let argument = rest.trim_start().strip_prefix('(').map(str::trim_start);
        let Some(quote) = argument.and_then(|it| it.chars().next()) else {
            return true;
        };
        let inner = argument.and_then(|it| it.get(1..)).unwrap_or("");
        let end = inner.split_once(quote).map(|(_, after)| after.trim_start());
        !(matches!(quote, '"' | '\'') && end.is_some_and(|it| it.starts_with([',', ')'])))
    })
}

fn letter(it: char) -> bool {
    it.is_alphanumeric() || it == '_' || it == '$'
}

/// Returns where a word stands by itself.
pub(super) fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = text.get(..*at).and_then(|it| it.chars().next_back());
            let after = text
                .get(*at + word.len()..)
                .and_then(|it| it.chars().next());
            !before.is_some_and(letter) && !after.is_some_and(letter)
        })
}
