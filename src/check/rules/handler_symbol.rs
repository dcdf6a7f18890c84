//! FN0302 and FN0304: a handler symbol that its file doesn't define, or only passes on.

use indexmap::IndexMap;

use super::symbols::{Module, scan};
use crate::check::HandlerFiles;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::model::Handler;

/// The handler files that were looked at, each read once.
pub(super) struct Modules<'a> {
    handlers: &'a dyn HandlerFiles,
    read: IndexMap<String, Option<Read>>,
}

/// A handler file that is there.
struct Read {
    text: String,
    module: Module,
}

impl<'a> Modules<'a> {
    /// Returns an empty collection that reads from `handlers`.
    pub(super) fn new(handlers: &'a dyn HandlerFiles) -> Self {
        let read = IndexMap::new();
        Modules { handlers, read }
    }

    /// Returns what a file defines; `None` when there is no such file.
    pub(super) fn get(&mut self, file: &str) -> Option<&Module> {
        self.read(file).map(|it| &it.module)
    }

    /// Returns what a file says; `None` when there is no such file.
    pub(super) fn text(&mut self, file: &str) -> Option<&str> {
        self.read(file).map(|it| it.text.as_str())
    }

    fn read(&mut self, file: &str) -> Option<&Read> {
        if !self.read.contains_key(file) {
            let read = self.handlers.read(file).map(|text| Read {
                module: scan(file, &text),
                text,
            });
            self.read.insert(file.to_owned(), read);
        }
        self.read.get(file)?.as_ref()
    }
}

/// Looks for the symbol in what the file defines and passes on.
pub(super) fn check(handler: &Handler, module: &Module, found: &mut Diagnostics) {
    let (file, symbol) = (&handler.file, handler.symbol.as_str());
    if module.defined.contains(symbol) {
        return;
    }
    if let Some(from) = module.passed_on.get(symbol) {
        found.push(
            Diagnostic::new(
                Code::FN0304,
                format!("`{file}` passes `{symbol}` on from `{from}`"),
            )
            .label(
                handler.symbol_span(),
                "whether it is there shows when the first event comes",
            )
            .help("name the file that defines it"),
        );
        return;
    }
    if let Some(why) = &module.unsure {
        found.push(
            Diagnostic::new(
                Code::FN0304,
                format!("`{file}` doesn't name `{symbol}`, but may have it"),
            )
            .label(handler.symbol_span(), why.clone())
            .help("name the file that defines it"),
        );
        return;
    }
    let names = || module.defined.iter().map(String::as_str);
    let help = if module.local.contains(symbol) {
        format!("`{file}` defines `{symbol}`, but doesn't export it: write `export` before it")
    } else if let Some(near) = closest(symbol, names()) {
        format!("did you mean \"{file}:{near}\"?")
    } else if module.defined.is_empty() {
        format!("`{file}` defines nothing that could be called")
    } else {
        let some: Vec<&str> = names().take(5).collect();
        format!("`{file}` defines {}", some.join(", "))
    };
    found.push(
        Diagnostic::new(Code::FN0302, format!("`{file}` has no `{symbol}`"))
            .label(
                handler.symbol_span(),
                format!("`{symbol}` is missing in this file"),
            )
            .help(help),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, finds_with, help_with};

    const PYTHON: &str = "import json\n\ndef handle(event, context):\n    return None\n";

    fn function(handler: &str) -> String {
        format!(r#"function a {{ handler "{handler}" }}"#)
    }

    #[test]
    fn the_symbol_is_there() {
        let files = Files::new([("src/a.py", PYTHON)]);
        finds_with(&function("src/a.py:handle"), &files, "");
        let wrong = function("src/a.py:handel");
        finds_with(&wrong, &files, "FN0302 at `handel`");
        assert_eq!(
            help_with(&wrong, &files),
            "did you mean \"src/a.py:handle\"?"
        );
        let imported = function("src/a.py:json");
        finds_with(&imported, &files, "FN0304 at `json`");
    }

    #[test]
    fn what_is_not_exported_is_not_there() {
        let files = Files::new([(
            "src/a.mjs",
            "async function handler(event) {}\nexport const version = 1;",
        )]);
        let source = function("src/a.mjs:handler");
        finds_with(&source, &files, "FN0302 at `handler`");
        assert_eq!(
            help_with(&source, &files),
            "`src/a.mjs` defines `handler`, but doesn't export it: write `export` before it"
        );
    }

    #[test]
    fn what_is_passed_on_is_only_probably_there() {
        let files = Files::new([
            ("src/a.mjs", "export { handler } from './b.mjs';"),
            ("src/b.mjs", "export * from './c.mjs';"),
        ]);
        let named = function("src/a.mjs:handler");
        finds_with(&named, &files, "FN0304 at `handler`");
        let all = function("src/b.mjs:handler");
        finds_with(&all, &files, "FN0304 at `handler`");
    }

    #[test]
    fn each_function_is_told() {
        let files = Files::new([("src/a.py", PYTHON)]);
        let source = r#"
function a { handler "src/a.py:one" }
function b { handler "src/a.py:two" }"#;
        finds_with(source, &files, "FN0302 at `one`\nFN0302 at `two`");
    }
}
