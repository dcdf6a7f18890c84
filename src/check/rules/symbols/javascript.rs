//! The exports of a JavaScript module, standard (`export`) or older (`exports`).

use std::collections::BTreeMap;

use super::Module;
use super::javascript_tokens::{Placed, Token, tokens};

/// Finds what the text of a module exports.
pub(super) fn scan(text: &str) -> Module {
    let (tokens, whole) = tokens(text);
    let mut scan = Scan {
        tokens: &tokens,
        module: Module::default(),
        imported: BTreeMap::new(),
    };
    if !whole {
        scan.module.doubt("its brackets or quotes don't match");
    }
    for at in 0..tokens.len() {
        match scan.word(at) {
            Some("import") if scan.depth(at) == 0 => scan.import(at + 1),
            Some("function" | "class" | "const" | "let" | "var") if scan.depth(at) == 0 => {
                scan.local(at);
            }
            _ => {}
        }
    }
    for at in 0..tokens.len() {
        match scan.word(at) {
            Some("export") if scan.depth(at) == 0 => scan.export(at + 1),
            Some("exports") => scan.common_exports(at),
            Some("defineProperty") => scan.define_property(at),
            Some("__exportStar") => scan.module.doubt("it exports everything of another module"),
            _ => {}
        }
    }
    scan.module
}

struct Scan<'a> {
    tokens: &'a [Placed],
    module: Module,
    /// Where imported names come from.
    imported: BTreeMap<&'a str, &'a str>,
}

impl<'a> Scan<'a> {
    fn token(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(at).map(|it| &it.token)
    }

    fn depth(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(0, |it| it.depth)
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        match self.token(at)? {
            Token::Word(it) => Some(it),
            Token::Text(_) | Token::Mark(_) => None,
        }
    }

    fn text(&self, at: usize) -> Option<&'a str> {
        match self.token(at)? {
            Token::Text(it) => Some(it),
            Token::Word(_) | Token::Mark(_) => None,
        }
    }

    /// Returns a name written as a word or as a string.
    fn name(&self, at: usize) -> Option<&'a str> {
        self.word(at).or_else(|| self.text(at))
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.token(at) == Some(&Token::Mark(mark))
    }

    /// Returns where the bracket that opens at `at` closes.
    fn close(&self, at: usize) -> usize {
        let depth = self.depth(at);
        let inside = self.tokens.iter().enumerate().skip(at + 1);
        let mut after = inside.skip_while(|(_, it)| it.depth > depth);
        after.next().map_or(self.tokens.len(), |(at, _)| at)
    }

    /// Returns the items of a `{ a, b as c }` list: name inside, name outside.
    fn items(&self, open: usize) -> Vec<(&'a str, &'a str)> {
        let mut items = Vec::new();
        let (mut at, end) = (open + 1, self.close(open));
        while at < end {
            let Some(inner) = self.name(at) else {
                at += 1;
                continue;
            };
            match self
                .name(at + 2)
                .filter(|_| self.word(at + 1) == Some("as"))
            {
                Some(outer) => {
                    items.push((inner, outer));
                    at += 3;
                }
                None => {
                    items.push((inner, inner));
                    at += 1;
                }
            }
        }
        items
    }

    /// `import a, { b as c } from "m"`
    fn import(&mut self, at: usize) {
        let statement = self.tokens.iter().enumerate().skip(at);
        let mut ends = statement.filter(|(_, it)| it.depth == 0);
        let from = ends.find_map(|(at, it)| match &it.token {
            Token::Word(word) if word == "from" => Some(Some(at)),
            Token::Mark(';' | '(' | '.') => Some(None),
            Token::Word(_) | Token::Text(_) | Token::Mark(_) => None,
        });
        let Some((from, module)) = from.flatten().and_then(|at| Some((at, self.text(at + 1)?)))
        else {
            return;
        };
        for at in at..from {
            if self.is_mark(at, '{') {
                for (_, local) in self.items(at) {
                    self.imported.insert(local, module);
                }
            } else if let Some(name) = self.word(at).filter(|_| self.depth(at) == 0) {
                self.imported.insert(name, module);
            }
        }
    }

    /// `function f`, `const a = …`: defined, whether exported or not.
    fn local(&mut self, at: usize) {
        for name in self.declared(at) {
            self.module.local.insert(name.to_owned());
        }
    }

    /// Returns the names that the declaration at `at` declares.
    fn declared(&self, at: usize) -> Vec<&'a str> {
        match self.word(at) {
            Some("async") => self.declared(at + 1),
            Some("function") if self.is_mark(at + 1, '*') => {
                self.word(at + 2).into_iter().collect()
            }
            Some("function" | "class") => self.word(at + 1).into_iter().collect(),
            Some("const" | "let" | "var") => self.variables(at + 1),
            _ => Vec::new(),
        }
    }

    /// Returns the names of `a = 1, b = 2` and of `{ a, b: c } = d`.
    fn variables(&self, start: usize) -> Vec<&'a str> {
        let mut names = Vec::new();
        if self.is_mark(start, '{') || self.is_mark(start, '[') {
            for at in start + 1..self.close(start) {
                let ends = [',', '}', ']', '=']
                    .iter()
                    .any(|it| self.is_mark(at + 1, *it));
                names.extend(self.word(at).filter(|_| ends));
            }
            return names;
        }
        let depth = self.depth(start);
        names.extend(self.word(start));
        for at in start..self.tokens.len() {
            if self.depth(at) < depth || (self.depth(at) == depth && self.ends_statement(at)) {
                break;
            }
            if self.depth(at) == depth && self.is_mark(at, ',') && self.is_mark(at + 2, '=') {
                names.extend(self.word(at + 1));
            }
        }
        names
    }

    fn ends_statement(&self, at: usize) -> bool {
        let keyword = |it: &str| matches!(it, "export" | "import" | "const" | "let" | "var");
        self.is_mark(at, ';') || self.word(at).is_some_and(keyword)
    }

    /// What stands after `export`.
    fn export(&mut self, at: usize) {
        if self.word(at) == Some("default") {
            self.module.define("default");
        } else if self.is_mark(at, '*') {
            match self
                .name(at + 2)
                .filter(|_| self.word(at + 1) == Some("as"))
            {
                Some(name) => self
                    .module
                    .pass_on(name, self.text(at + 4).unwrap_or("another module")),
                None => {
                    let from = self.text(at + 2).unwrap_or("another module");
                    self.module
                        .doubt(&format!("it exports everything of `{from}`"));
                }
            }
        } else if self.is_mark(at, '{') {
            let end = self.close(at);
            let from = self
                .text(end + 2)
                .filter(|_| self.word(end + 1) == Some("from"));
            for (inner, outer) in self.items(at) {
                match from.or_else(|| self.imported.get(inner).copied()) {
                    Some(from) => self.module.pass_on(outer, from),
                    None => self.module.define(outer),
                }
            }
        } else {
            for name in self.declared(at) {
                self.module.define(name);
            }
        }
    }

    /// `exports.a = …`, `module.exports = { … }`
    fn common_exports(&mut self, at: usize) {
        let of_module = at >= 2 && self.is_mark(at - 1, '.') && self.word(at - 2) == Some("module");
        if at >= 1 && self.is_mark(at - 1, '.') && !of_module {
            return;
        }
        let (name, after) = if self.is_mark(at + 1, '.') {
            (self.word(at + 2), at + 3)
        } else if self.is_mark(at + 1, '[') {
            (self.text(at + 2), at + 4)
        } else {
            (None, at + 1)
        };
        let assigned = self.is_mark(after, '=')
            && !self.is_mark(after + 1, '=')
            && !self.is_mark(after + 1, '>');
        match name {
            Some(name) if assigned => self.module.define(name),
            None if assigned && of_module => self.whole_exports(after + 1),
            _ => {}
        }
    }

    /// What stands after `module.exports =`.
    fn whole_exports(&mut self, at: usize) {
        if !self.is_mark(at, '{') {
            if !matches!(self.word(at), Some("function" | "class" | "async")) {
                self.module.doubt("what it exports is computed");
            }
            return;
        }
        let inside = self.depth(at) + 1;
        for key in at + 1..self.close(at) {
            let begins = self.is_mark(key - 1, '{') || self.is_mark(key - 1, ',');
            if self.depth(key) != inside || !begins {
                continue;
            }
            if self.is_mark(key, '.') {
                self.module.doubt("it exports what another object holds");
                continue;
            }
            let skip = usize::from(
                matches!(self.word(key), Some("async" | "get")) && self.name(key + 1).is_some(),
            );
            let skip = skip + usize::from(self.is_mark(key + skip, '*'));
            if let Some(name) = self.name(key + skip) {
                self.module.define(name);
            }
        }
    }

    /// `Object.defineProperty(exports, "a", …)`
    fn define_property(&mut self, at: usize) {
        if self.word(at + 2) == Some("exports")
            && let Some(name) = self.text(at + 4)
        {
            self.module.define(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::scan;

    fn defined(text: &str) -> Vec<String> {
        let module = scan(text);
        assert_eq!(module.unsure, None, "{text}");
        module.defined.into_iter().collect()
    }

    #[test]
    fn exports_are_found() {
        assert_eq!(
            defined("export async function handler(event) {}"),
            ["handler"]
        );
        assert_eq!(
            defined("export function* items() {}\nexport class A {}"),
            ["A", "items"]
        );
        assert_eq!(
            defined("export const a = f(1, 2), handler = async (e) => {};"),
            ["a", "handler"]
        );
        assert_eq!(defined("export const { a, b: c } = make()"), ["a", "c"]);
        assert_eq!(
            defined("const h = 1;\nexport { h as handler, h as 'x' };"),
            ["handler", "x"]
        );
        assert_eq!(defined("export default async (e) => {}"), ["default"]);
        assert_eq!(defined("export const a = 1\nconst x = 2, b = 3\n"), ["a"]);
    }

    #[test]
    fn common_exports_are_found() {
        assert_eq!(defined("exports.handler = async (e) => {}"), ["handler"]);
        assert_eq!(defined("module.exports.handler = h;"), ["handler"]);
        assert_eq!(defined("exports['handler'] = h;"), ["handler"]);
        assert_eq!(
            defined("module.exports = { a, handler: (e) => ({ no: 1 }), async c() {}, 'd': 1 }"),
            ["a", "c", "d", "handler"]
        );
        assert_eq!(
            defined(
                "Object.defineProperty(exports, \"__esModule\", { value: true });\nexports.handler = void 0;"
            ),
            ["__esModule", "handler"]
        );
    }

    #[test]
    fn what_only_looks_like_an_export() {
        assert!(
            defined("// export function handler() {}\nconst s = 'exports.handler = 1';").is_empty()
        );
        assert!(defined("exports.handler == 1; my.exports.handler = 2;").is_empty());
        let module = scan("function handler() {}");
        assert!(module.defined.is_empty() && module.local.contains("handler"));
    }

    #[test]
    fn names_of_others_are_passed_on() {
        let module = scan(
            "import def, { inner as handler } from './a.mjs';\nimport './b.mjs';\nexport { handler };\n\
             export { other } from './c.mjs';\nexport * as all from './d.mjs';",
        );
        let names: Vec<_> = module
            .passed_on
            .iter()
            .map(|(a, b)| format!("{a} {b}"))
            .collect();
        assert_eq!(names, ["all ./d.mjs", "handler ./a.mjs", "other ./c.mjs"]);
    }

    #[test]
    fn what_cannot_be_known_is_told() {
        for text in [
            "export * from './a.mjs'",
            "module.exports = require('./a')",
            "module.exports = { ...other }",
            "const s = 'broken",
            "__exportStar(require('./a'), exports);",
        ] {
            assert!(scan(text).unsure.is_some(), "{text}");
        }
    }
}
