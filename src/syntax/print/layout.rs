//! Layout: a document says where lines may break; `render` breaks them where a line would get too long.

use std::borrow::Cow;

/// Columns of a line.
const WIDTH: usize = 100;

/// Blanks of one level.
const INDENT: usize = 2;

/// A text with the places where its lines may break.
#[derive(Debug, Clone)]
pub(super) enum Doc<'a> {
    /// Text of one line.
    Text(Cow<'a, str>),
    /// A comment that ends its line; it doesn't count against the width.
    Remark(&'a str),
    /// A blank, or a new line where the group is broken.
    Line,
    /// Nothing, or a new line where the group is broken.
    Soft,
    /// A new line.
    Hard,
    /// Text that stands only where the group is not broken.
    Flat(&'static str),
    /// Text that stands only where the group is broken.
    Broken(&'static str),
    /// Several, one after the other.
    Concat(Vec<Doc<'a>>),
    /// Indented by one level.
    Nest(Vec<Doc<'a>>),
    /// Broken at all its lines, or at none: never where it fits and holds no new line.
    Group(Vec<Doc<'a>>, bool),
}

impl<'a> Doc<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Doc::Text(text.into())
    }

    /// Makes a group that is broken if it holds a new line.
    pub(super) fn group(docs: Vec<Doc<'a>>) -> Self {
        let broken = docs.iter().any(Doc::breaks);
        Doc::Group(docs, broken)
    }

    fn breaks(&self) -> bool {
        match self {
            Doc::Hard | Doc::Remark(_) | Doc::Group(_, true) => true,
            Doc::Concat(docs) | Doc::Nest(docs) => docs.iter().any(Doc::breaks),
            Doc::Text(_)
            | Doc::Line
            | Doc::Soft
            | Doc::Flat(_)
            | Doc::Broken(_)
            | Doc::Group(_, false) => false,
        }
    }
}

/// A document that waits to be written: at which level, and whether its group is broken.
type Waiting<'d, 'a> = (usize, bool, &'d Doc<'a>);

/// Writes a document.
pub(super) fn render(doc: &Doc<'_>) -> String {
    let mut out = String::new();
    let mut column = 0;
    let mut waiting: Vec<Waiting<'_, '_>> = vec![(0, true, doc)];
    while let Some((level, broken, doc)) = waiting.pop() {
        match doc {
            Doc::Text(text) => write(&mut out, &mut column, level, text),
            Doc::Remark(text) => write(&mut out, &mut column, level, text),
            Doc::Flat(text) if !broken => write(&mut out, &mut column, level, text),
            Doc::Broken(text) if broken => write(&mut out, &mut column, level, text),
            Doc::Flat(_) | Doc::Broken(_) => {}
            Doc::Line if !broken => write(&mut out, &mut column, level, " "),
            Doc::Soft if !broken => {}
            Doc::Line | Doc::Soft | Doc::Hard => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                column = 0;
            }
            Doc::Concat(docs) => waiting.extend(docs.iter().rev().map(|it| (level, broken, it))),
            Doc::Nest(docs) => waiting.extend(docs.iter().rev().map(|it| (level + 1, broken, it))),
            Doc::Group(docs, forced) => {
                let start = if column == 0 { level * INDENT } else { column };
                let broken = *forced || !fits(docs, &waiting, WIDTH.saturating_sub(start));
                waiting.extend(docs.iter().rev().map(|it| (level, broken, it)));
            }
        }
    }
    out
}

fn write(out: &mut String, column: &mut usize, level: usize, text: &str) {
    if *column == 0 && !text.is_empty() {
        out.extend(std::iter::repeat_n(' ', level * INDENT));
        *column = level * INDENT;
    }
    out.push_str(text);
    *column += text.chars().count();
}

/// Tells whether documents on one line, and what follows up to the next possible new line, fit.
fn fits<'d, 'a>(docs: &'d [Doc<'a>], waiting: &[Waiting<'d, 'a>], mut room: usize) -> bool {
    let mut next: Vec<(bool, &Doc<'a>)> = docs.iter().rev().map(|it| (false, it)).collect();
    let mut after = waiting.iter().rev();
    loop {
        let Some((broken, doc)) = next.pop() else {
            let Some((_, broken, doc)) = after.next() else {
                return true;
            };
            next.push((*broken, *doc));
            continue;
        };
        let width = match doc {
            Doc::Text(text) => text.chars().count(),
            Doc::Flat(text) if !broken => text.len(),
            Doc::Broken(text) if broken => text.len(),
            Doc::Line if !broken => 1,
            Doc::Line | Doc::Soft if broken => return true,
            Doc::Hard | Doc::Remark(_) => return true,
            Doc::Line | Doc::Soft | Doc::Flat(_) | Doc::Broken(_) => 0,
            Doc::Concat(docs) | Doc::Nest(docs) => {
                next.extend(docs.iter().rev().map(|it| (broken, it)));
                0
            }
            Doc::Group(docs, forced) => {
                let broken = broken || *forced;
                next.extend(docs.iter().rev().map(|it| (broken, it)));
                0
            }
        };
        if width > room {
            return false;
        }
        room -= width;
    }
}

/// Writes a document on one line.
pub(super) fn flat(doc: &Doc<'_>) -> String {
    let mut out = String::new();
    let mut waiting = vec![doc];
    while let Some(doc) = waiting.pop() {
        match doc {
            Doc::Text(text) => out.push_str(text),
            Doc::Flat(text) => out.push_str(text),
            Doc::Line | Doc::Hard => out.push(' '),
            Doc::Soft | Doc::Broken(_) | Doc::Remark(_) => {}
            Doc::Concat(docs) | Doc::Nest(docs) | Doc::Group(docs, _) => {
                waiting.extend(docs.iter().rev());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Doc, render};

    fn list(items: &[&'static str]) -> Doc<'static> {
        let mut inner = vec![Doc::Soft];
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                inner.extend([Doc::text(","), Doc::Line]);
            }
            inner.push(Doc::text(*item));
        }
        let docs = vec![Doc::text("["), Doc::Nest(inner), Doc::Soft, Doc::text("]")];
        Doc::group(docs)
    }

    #[test]
    fn a_group_breaks_at_all_its_lines_or_at_none() {
        assert_eq!(render(&list(&["a", "b"])), "[a, b]");
        let long: &'static str = Box::leak("x".repeat(95).into_boxed_str());
        assert_eq!(render(&list(&[long, "y"])), format!("[{long}, y]"));
        assert_eq!(
            render(&list(&[long, "yy"])),
            format!("[\n  {long},\n  yy\n]")
        );
    }

    #[test]
    fn what_follows_on_the_line_counts() {
        let long: &'static str = Box::leak("x".repeat(96).into_boxed_str());
        let docs = vec![list(&[long]), Doc::text(" { }"), Doc::Hard, Doc::text("b")];
        assert_eq!(
            render(&Doc::Concat(docs)),
            format!("[\n  {long}\n] {{ }}\nb")
        );
    }
}
