//! What a handler file defines, found by reading its text without running it.

mod javascript;
mod javascript_tokens;
mod python;
mod python_lines;

use std::collections::{BTreeMap, BTreeSet};

/// What a file defines for others.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The names it defines and, where the language asks for it, exports.
    pub(super) defined: BTreeSet<String>,
    /// The names it gets from another module, with the module.
    pub(super) passed_on: BTreeMap<String, String>,
    /// The names it defines but doesn't export.
    pub(super) local: BTreeSet<String>,
    /// Why it may define more than was found; `None`: it doesn't.
    pub(super) unsure: Option<String>,
}

impl Module {
    fn define(&mut self, name: &str) {
        self.passed_on.remove(name);
        self.defined.insert(name.to_owned());
    }

    fn pass_on(&mut self, name: &str, from: &str) {
        if !self.defined.contains(name) {
            self.passed_on.insert(name.to_owned(), from.to_owned());
        }
    }

    fn doubt(&mut self, why: &str) {
        self.unsure.get_or_insert_with(|| why.to_owned());
    }
}

/// Reads a file in the language that its ending says.
pub(super) fn scan(file: &str, text: &str) -> Module {
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("py") => python::scan(text),
        Some("js" | "mjs" | "cjs") => javascript::scan(text),
        _ => Module {
            unsure: Some("files with this ending aren't looked into".to_owned()),
            ..Module::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::scan;

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "([a-z ]|[=:;,.*(){}\\[\\]`'\"/\\\\$#\n]|def |class |else:|import |from |export |exports|module|default|\\PC){0,60}") {
            scan("a.py", &text);
            scan("a.mjs", &text);
        }
    }

    #[test]
    fn deep_nesting_needs_no_deep_stack() {
        for part in ["if:", "else: ", "(", "`${", "{", "def a():\n ", "x = "] {
            let text = part.repeat(100_000);
            scan("a.py", &text);
            scan("a.mjs", &text);
        }
    }
}
