//! The little that can be said of a text without a grammar: words, lines, strings, and when a line goes on.

/// A string from its first quote on.
#[derive(Debug, PartialEq)]
pub(super) struct Text {
    /// One past the closing quote, or the end of the line.
    pub(super) end: usize,
    /// Whether it has a closing quote.
    pub(super) closed: bool,
    /// How deep `${ }`, brackets and strings nest in it.
    pub(super) depth: usize,
}

/// Reads the string that begins at `start`.
pub(super) fn text(text: &str, start: usize) -> Text {
    let bytes = text.as_bytes();
    // What is open: `"` is a string, `$` an interpolation, `{` a bracket in an interpolation.
    let mut open: Vec<u8> = vec![b'"'];
    let (mut at, mut depth) = (start + 1, 0);
    while let Some(byte) = bytes
        .get(at)
        .copied()
        .filter(|it| !matches!(it, b'\n' | b'\r'))
    {
        let next = bytes.get(at + 1).copied();
        let in_text = open.last() == Some(&b'"');
        at += 1;
        match byte {
            b'\\' if in_text && !matches!(next, Some(b'\n' | b'\r') | None) => at += 1,
            b'"' if in_text => {
                open.pop();
                if open.is_empty() {
                    return Text {
                        end: at,
                        closed: true,
                        depth,
                    };
                }
            }
            b'$' if in_text && next == Some(b'{') => {
                at += 1;
                open.push(b'$');
            }
            b'"' | b'{' if !in_text => open.push(byte),
            b'}' if !in_text => {
                open.pop();
            }
            _ => {}
        }
        depth = depth.max(open.len());
    }
    Text {
        end: line_end(text, start),
        closed: false,
        depth,
    }
}

/// Returns where the line of `at` ends.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    at + rest.find(['\n', '\r']).unwrap_or(rest.len())
}

/// Returns the first byte of the line after the one that ends at `end` that isn't blank; `end` when there is no line.
pub(super) fn next_line(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or("");
    let after = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix(['\n', '\r']));
    after.map_or(end, |it| {
        text.len() - it.trim_start_matches([' ', '\t']).len()
    })
}

/// Tells whether a documentation comment begins at `at`: three slashes, not four.
pub(super) fn is_doc(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or("");
    rest.starts_with("///") && !rest.starts_with("////")
}

/// Splits a text after the word it begins with.
pub(super) fn word(text: &str) -> (&str, &str) {
    let end = text.find(|it: char| !is_letter(it)).unwrap_or(text.len());
    text.split_at(end)
}

/// Returns the word that a text ends with.
pub(super) fn last_word(text: &str) -> &str {
    let start = text.trim_end_matches(is_letter).len();
    text.get(start..).unwrap_or("")
}

/// Tells whether a character may stand in a word.
pub(super) fn is_letter(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_'
}

/// Tells whether code that ends like this goes on in the next line.
pub(super) fn goes_on(code: &str) -> bool {
    let word = last_word(code);
    if word.is_empty() {
        code.ends_with(['=', ',', '+', '-', '*', '/', '<', '>'])
    } else {
        matches!(word, "and" | "or" | "in" | "then" | "else")
            && !code.trim_end_matches(is_letter).ends_with('.')
    }
}

/// Tells whether the next code from the line at `at` on continues the line before: `then` or `else`.
pub(super) fn continues(text: &str, at: usize) -> bool {
    let mut rest = text.get(at..).unwrap_or("");
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        if rest.starts_with("//") && !is_doc(rest, 0) {
            rest = rest.get(line_end(rest, 0)..).unwrap_or("");
        } else {
            return matches!(word(rest).0, "then" | "else");
        }
    }
}
