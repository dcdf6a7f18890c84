//! The files of a program: the one that the command names, and what is imported from there on.

#![expect(clippy::disallowed_methods, reason = "programs are read from disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::program::{decode, not_utf8};
use super::{Failure, shown};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Sources, Span};
use crate::syntax::{ast, parse};

/// The files of a program, each once, in the order they are reached.
#[derive(Debug, Default)]
pub(super) struct Imported {
    pub(super) files: Vec<ast::File>,
    pub(super) found: Diagnostics,
    /// Where each file is imported, by its path in the program's folder; the first one isn't.
    reached: BTreeMap<String, Option<Span>>,
}

impl Imported {
    /// Reads the program that begins in `name`, a file of `folder`.
    pub(super) fn read(
        folder: &Path,
        name: &str,
        sources: &mut Sources,
    ) -> Result<Imported, Failure> {
        let mut program = Imported::default();
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(Failure::file("read", &path))?;
        program.reached.insert(name.to_owned(), None);
        program.file(&path, "", bytes, sources);
        // Files are added while they are passed.
        let mut at = 0;
        while let Some(file) = program.files.get(at) {
            let base = file.folder.clone();
            let imports: Vec<ast::Text> = file.declarations.iter().filter_map(import).collect();
            for import in imports {
                program.import(folder, &base, &import, sources);
            }
            at += 1;
        }
        Ok(program)
    }

    fn file(&mut self, path: &Path, folder: &str, bytes: Vec<u8>, sources: &mut Sources) {
        let (text, broken) = decode(bytes);
        let id = sources.add(shown(path), text);
        let source = sources.get(id).expect("the source was just added");
        let mut parsed = parse(source);
        folder.clone_into(&mut parsed.file.folder);
        match broken {
            Some(at) => self.found.push(not_utf8(id, at)),
            None => self.found.extend(parsed.diagnostics),
        }
        self.files.push(parsed.file);
    }

    fn import(&mut self, folder: &Path, base: &str, import: &ast::Text, sources: &mut Sources) {
        let Some(written) = import.plain() else {
            self.report(
                Code::FN0311,
                "the path of an import is known before anything is evaluated".to_owned(),
                import.span,
                "a plain string is needed",
                "write the path out: `import \"orders/orders.fn\"`",
            );
            return;
        };
        let path = match within(base, &written) {
            Ok(path) => path,
            Err(problem) => {
                self.report(
                    Code::FN0311,
                    format!("`{written}` can't be imported"),
                    import.span,
                    problem,
                    "name a `.fn` file in the program's folder, relative to this file: \"orders/orders.fn\"",
                );
                return;
            }
        };
        if let Some(first) = self.reached.get(&path) {
            let message = format!("`{path}` is part of the program already");
            let mut finding = Diagnostic::new(Code::FN0312, message);
            finding = finding.label(import.span, "imported again here");
            if let Some(first) = first {
                finding = finding.label(*first, "first imported here");
            }
            self.found
                .push(finding.help("remove this line: all files of a program know each other"));
            return;
        }
        let file = folder.join(&path);
        match fs::read(&file) {
            Ok(bytes) => {
                let base = path.rsplit_once('/').map_or("", |(base, _)| base);
                self.file(&file, base, bytes, sources);
                self.reached.insert(path, Some(import.span));
            }
            Err(error) => self.report(
                Code::FN0310,
                format!("`{}` can't be read", shown(&file)),
                import.span,
                &error.kind().to_string(),
                "paths are relative to the file that imports",
            ),
        }
    }

    fn report(&mut self, code: Code, message: String, span: Span, label: &str, help: &str) {
        let finding = Diagnostic::new(code, message);
        self.found.push(finding.label(span, label).help(help));
    }
}

fn import(declaration: &ast::Declaration) -> Option<ast::Text> {
    if let ast::DeclarationKind::Import(it) = &declaration.kind {
        Some(it.path.clone())
    } else {
        None
    }
}

/// Returns the path in the program's folder that `written` means in a file of its folder `base`.
fn within(base: &str, written: &str) -> Result<String, &'static str> {
    if written.contains('\\') || written.chars().any(char::is_control) {
        return Err("folders are parted by `/`");
    }
    if written.starts_with('/') || written.contains(':') {
        return Err("the path is not relative to this file");
    }
    let stem = written.strip_suffix(".fn");
    if stem.is_none_or(|it| it.strip_suffix(".test").is_some()) {
        return Err("not a `.fn` file of a program");
    }
    let mut parts: Vec<&str> = base.split('/').filter(|it| !it.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" => return Err("a part of the path is empty"),
            ".." if parts.is_empty() => return Err("this leaves the program's folder"),
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn paths_stay_in_the_program() {
        assert_eq!(within("", "orders.fn"), Ok("orders.fn".to_owned()));
        assert_eq!(within("a/b", "../c/./d.fn"), Ok("a/c/d.fn".to_owned()));
        assert!(within("a", "../../c.fn").is_err());
        assert!(within("", "/etc/app.fn").is_err());
        assert!(within("", "a\\b.fn").is_err());
        assert!(within("", "a//b.fn").is_err());
        assert!(within("", "handler.py").is_err());
        assert!(within("", "app.test.fn").is_err());
    }
}
