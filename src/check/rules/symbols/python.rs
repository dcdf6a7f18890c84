//! The names at the top level of a Python module.

use super::Module;
use super::python_lines::lines;

const HEADS: [&str; 11] = [
    "if", "elif", "else", "try", "except", "finally", "with", "for", "while", "match", "case",
];

/// Finds what the text of a module defines and imports.
pub(super) fn scan(text: &str) -> Module {
    let mut module = Module::default();
    let (lines, whole) = lines(text);
    if !whole {
        module.doubt("the end of a string in it wasn't found");
    }
    let mut inside: Option<usize> = None;
    for line in &lines {
        // What stands in a function or a class is its own; what stands in an `if` or a `try` is the module's.
        if inside.is_some_and(|indent| line.indent > indent) {
            continue;
        }
        inside = opens_scope(&line.code).then_some(line.indent);
        statement(&line.code, &mut module);
    }
    module
}

fn opens_scope(code: &str) -> bool {
    matches!(first_word(code), "def" | "class" | "async") && !code.starts_with("async with")
}

fn statement(code: &str, module: &mut Module) {
    let (word, rest) = (
        first_word(code),
        code.get(first_word(code).len()..).unwrap_or(""),
    );
    match word {
        "async" => definition(rest.trim_start().strip_prefix("def").unwrap_or(""), module),
        "def" | "class" => definition(rest, module),
        "import" => imports(rest, module),
        "from" => from_imports(rest, module),
        _ if HEADS.contains(&word) => {
            // `else: handle = fast`; Python allows no second head on one line.
            let body = top_level(code, ":").and_then(|at| code.get(at + 1..));
            let body = body.unwrap_or("").trim();
            if !HEADS.contains(&first_word(body)) {
                statement(body, module);
            }
        }
        _ => assignment(code, module),
    }
}

fn definition(rest: &str, module: &mut Module) {
    let name = first_word(rest.trim_start());
    if name == "__getattr__" {
        module.doubt("it makes names up with `__getattr__`");
    }
    if !name.is_empty() {
        module.define(name);
    }
}

/// `import a.b, c as d`
fn imports(rest: &str, module: &mut Module) {
    for item in rest.split(',') {
        let (path, name) = named_as(item);
        let name = if path == name { first_word(name) } else { name };
        module.pass_on(name, path);
    }
}

/// `from a import b, c as d`, `from a import *`
fn from_imports(rest: &str, module: &mut Module) {
    // `from importlib import a`, `from .import a` and `from a import(b)` are all right.
    let ends = |at: &usize| first_word(rest.get(*at..).unwrap_or("")) == "import";
    let begins = |at: &usize| rest.get(..*at).is_some_and(|it| it.ends_with([' ', '.']));
    let places = rest.match_indices("import").map(|(at, _)| at);
    let Some((path, names)) = places.filter(begins).find(ends).map(|at| rest.split_at(at)) else {
        return;
    };
    let names = names.strip_prefix("import").unwrap_or(names);
    let path = path.trim();
    for item in names.trim().trim_matches(['(', ')']).split(',') {
        let (original, name) = named_as(item);
        if original == "*" {
            module.doubt(&format!("it imports everything from `{path}`"));
        } else if !name.is_empty() {
            module.pass_on(name, path);
        }
    }
}

/// Returns what is imported, and under which name.
fn named_as(item: &str) -> (&str, &str) {
    let item = item.trim();
    match item.split_once(" as ") {
        Some((original, name)) => (original.trim(), name.trim()),
        None => (item, item),
    }
}

/// `a = b = …`, `a, b = …`, `a: T = …`
fn assignment(code: &str, module: &mut Module) {
    let mut rest = code;
    while let Some(at) = top_level(rest, "=") {
        let (targets, value) = rest.split_at(at);
        // `==` and the like compare, `+=` and the like need the name to be there already.
        if value.starts_with("==")
            || targets.ends_with([
                '!', '<', '>', '=', ':', '+', '-', '*', '/', '%', '&', '|', '^', '@',
            ])
        {
            return;
        }
        let targets = targets.split(':').next().unwrap_or(targets);
        for target in targets.split(',') {
            let name = target.trim().trim_matches(['(', ')', '[', ']', '*']).trim();
            if !name.is_empty() && first_word(name) == name {
                module.define(name);
            }
        }
        rest = value.get(1..).unwrap_or("");
    }
}

/// Returns where a mark stands outside of brackets.
fn top_level(code: &str, mark: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, letter) in code.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 && mark.starts_with(letter) => return Some(at),
            _ => {}
        }
    }
    None
}

fn first_word(code: &str) -> &str {
    let end = code.find(|it: char| !it.is_alphanumeric() && it != '_');
    code.get(..end.unwrap_or(code.len())).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::scan;

    fn defined(text: &str) -> Vec<String> {
        scan(text).defined.into_iter().collect()
    }

    #[test]
    fn definitions_are_found() {
        assert_eq!(defined("def handle(event, context):\n  pass"), ["handle"]);
        assert_eq!(
            defined("@app.route('/')\nasync  def handle(e): ..."),
            ["handle"]
        );
        assert_eq!(
            defined("class Handler:\n    def handle(self): pass"),
            ["Handler"]
        );
        assert_eq!(defined("handle = wrap(inner, key=1)"), ["handle"]);
        assert_eq!(defined("handle: Callable[[dict], str] = f"), ["handle"]);
        assert_eq!(
            defined("a = handle = f\n(b, c) = g, h"),
            ["a", "b", "c", "handle"]
        );
    }

    #[test]
    fn conditions_are_of_the_module() {
        let text =
            "try:\n    from fast import handle\nexcept ImportError:\n    def handle(e): pass\n";
        assert_eq!(defined(text), ["handle"]);
        assert_eq!(
            defined("if DEBUG: handle = slow\nelse: handle = fast"),
            ["handle"]
        );
    }

    #[test]
    fn what_only_looks_like_a_definition() {
        let text = "\"\"\"\ndef handle(): pass\n\"\"\"\n# def handle(): pass\n";
        assert!(defined(text).is_empty());
        let inner = "def outer():\n    def handle(): pass\n    handle = 1\n";
        assert_eq!(defined(inner), ["outer"]);
    }

    #[test]
    fn comparisons_define_nothing() {
        assert!(
            defined("handle == 1\nhandle += 1\nprint(handle=1)\nx.handle = 1\nx['handle'] = 1")
                .is_empty()
        );
    }

    #[test]
    fn imports_are_passed_on() {
        let module = scan(
            "from .app import (\n    handle,  # the real one\n    other as second,\n)\nimport a.b, c as d",
        );
        let names: Vec<_> = module
            .passed_on
            .iter()
            .map(|(a, b)| format!("{a} {b}"))
            .collect();
        assert_eq!(names, ["a a.b", "d c", "handle .app", "second .app"]);
        let library = scan("from importlib import util\nfrom .import near");
        assert!(library.passed_on.contains_key("util") && library.passed_on.contains_key("near"));
        assert!(scan("from app import *").unsure.is_some());
        assert!(scan("def handle(): pass").unsure.is_none());
    }
}
