//! What happened in a test, told so that a person sees why an expectation fails.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::since::Since;
use crate::engine::{Nanos, Time};

/// Lines about what happened, each with the names it is about.
#[derive(Debug)]
pub(super) struct History {
    start: Time,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    at: Nanos,
    about: Vec<String>,
    text: String,
}

/// So many lines are shown of what happened.
const SHOWN: usize = 16;

impl History {
    /// Returns an empty history whose times count from `start`.
    pub(super) fn new(start: Time) -> Self {
        History {
            start,
            entries: Vec::new(),
        }
    }

    /// Adds a line.
    pub(super) fn add(&mut self, now: Time, about: &[&str], text: String) {
        self.entries.push(Entry {
            at: now.since(self.start),
            about: about.iter().map(|it| (*it).to_owned()).collect(),
            text,
        });
    }

    /// Returns the last lines about these names; when there is none, about anything.
    pub(super) fn about(&self, names: &[&str]) -> Vec<String> {
        let mine = |it: &&Entry| it.about.iter().any(|name| names.contains(&name.as_str()));
        let mut chosen: Vec<&Entry> = self.entries.iter().filter(mine).collect();
        if chosen.is_empty() {
            chosen = self.entries.iter().collect();
        }
        let mut folded: Vec<(&Entry, usize)> = Vec::new();
        for entry in chosen {
            match folded.last_mut() {
                Some((last, count)) if last.at == entry.at && last.text == entry.text => {
                    *count += 1;
                }
                Some(_) | None => folded.push((entry, 1)),
            }
        }
        let mut lines = Vec::new();
        let hidden = folded.len().saturating_sub(SHOWN);
        if hidden > 0 {
            lines.push(format!("({hidden} earlier lines)"));
        }
        for (entry, count) in folded.into_iter().skip(hidden) {
            let mut line = format!("{:>9}  {}", Since(entry.at).to_string(), entry.text);
            if count > 1 {
                let _ = write!(line, "  ({count} times)");
            }
            lines.push(line);
        }
        lines
    }
}

/// Returns a line that a handler wrote; one of `context.log` without what is the same for every line of a call.
pub(super) fn readable(line: &str) -> String {
    let Ok(Json::Object(members)) = serde_json::from_str(line) else {
        return line.to_owned();
    };
    let Some(Json::String(message)) = members.get("message") else {
        return line.to_owned();
    };
    let mut text = message.clone();
    for (name, value) in &members {
        if !["time", "level", "message", "function", "request_id"].contains(&name.as_str()) {
            let _ = write!(text, "  {name}={value}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_matter_are_shown() {
        let mut history = History::new(Time(0));
        for n in 0..20 {
            let about = if n % 2 == 0 { ["a"] } else { ["b"] };
            history.add(Time(n * 1_000_000_000), &about, format!("line {n}"));
        }
        assert_eq!(history.about(&["a"]).len(), 10);
        assert_eq!(history.about(&["a"])[1], "       2s  line 2");
        assert_eq!(history.about(&["c"])[0], "(4 earlier lines)");
    }
}
