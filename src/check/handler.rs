//! `handler "…"`: a file and its symbol, an executable, or the folder of a container, as the runtime asks.

use super::Checker;
use super::settings::Settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Handler, Runtime};
use crate::source::Span;
use crate::syntax::ast;

/// Says what is wrong with a path inside of the program's folder.
pub(super) fn path_problem(path: &str) -> Option<&'static str> {
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        Some("this is not a path relative to this file's folder")
    } else if path.split('/').any(|it| matches!(it, "" | "." | "..")) {
        Some("the path has `.`, `..` or an empty part")
    } else if path.chars().any(char::is_control) {
        Some("the path holds a control character")
    } else {
        None
    }
}

impl Checker<'_> {
    /// Returns a path of the file that it is written in as one of the program's folder.
    pub(super) fn in_program(&self, written: Span, path: &str) -> String {
        match self.scope.folders.get(&written.source) {
            Some(folder) if !folder.is_empty() => format!("{folder}/{path}"),
            Some(_) | None => path.to_owned(),
        }
    }

    pub(super) fn handler(
        &mut self,
        function: &ast::Function,
        settings: &Settings<'_>,
        runtime: Option<Runtime>,
    ) -> Option<Handler> {
        let Some(setting) = settings.get("handler") else {
            let broken = |it: &ast::Statement| matches!(it.kind, ast::StatementKind::Broken);
            if !function.block.statements.iter().any(broken) {
                self.report(
                    Diagnostic::new(
                        Code::FN0208,
                        format!("the function `{}` has no handler", function.name.value),
                    )
                    .label(function.name.span, "nothing to call")
                    .help("name the file and the symbol in it: `handler \"src/file.py:handle\"`"),
                );
            }
            return None;
        };
        let text = self.text_setting(setting)?;
        let parts = match runtime {
            Some(Runtime::Custom) => executable(&text.value),
            Some(Runtime::Container) => folder(&text.value),
            Some(_) | None => symbol(&text.value),
        };
        match parts {
            Ok((file, symbol)) => Some(Handler {
                file: self.in_program(text.span, file),
                symbol: symbol.to_owned(),
                span: text.span,
            }),
            Err((problem, help)) => {
                self.report(
                    Diagnostic::new(Code::FN0303, format!("`{}` is not a handler", text.value))
                        .label(text.span, problem)
                        .help(help),
                );
                None
            }
        }
    }
}

/// A file and the symbol in it, or what is wrong and what to do.
type Parts<'a> = Result<(&'a str, &'a str), (&'static str, &'static str)>;

fn symbol(text: &str) -> Parts<'_> {
    let help =
        "write the file, relative to this `.fn` file, and the symbol: \"src/file.py:handle\"";
    let other = "write the file and the symbol: \"src/file.py:handle\"; an executable needs `runtime custom`, a folder with a Dockerfile `runtime container`";
    match text.rsplit_once(':') {
        None => Err(("the symbol is missing", other)),
        Some(("", _)) => Err(("the file is missing", help)),
        Some((_, symbol)) if !is_symbol(symbol) => Err(("the symbol is not a name", help)),
        Some((file, symbol)) => match path_problem(file) {
            Some(problem) => Err((problem, help)),
            None => Ok((file, symbol)),
        },
    }
}

fn executable(text: &str) -> Parts<'_> {
    let help = "with `runtime custom` write the executable alone, relative to this `.fn` file: \"bin/api\"";
    if text.contains(':') {
        return Err(("an executable has no symbol", help));
    }
    match path_problem(text) {
        Some(_) if text.ends_with('/') => Err(("this is a folder", help)),
        Some(problem) => Err((problem, help)),
        None => Ok((text, "")),
    }
}

fn folder(text: &str) -> Parts<'_> {
    let help =
        "with `runtime container` write the folder of the Dockerfile, with its `/`: \"service/\"";
    match text.strip_suffix('/') {
        None => Err(("a folder ends with `/`", help)),
        Some(path) => match path_problem(path) {
            Some(problem) => Err((problem, help)),
            None => Ok((text, "")),
        },
    }
}

fn is_symbol(symbol: &str) -> bool {
    let mut letters = symbol.chars();
    let starts = letters
        .next()
        .is_some_and(|it| it.is_ascii_alphabetic() || it == '_');
    starts && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    #[track_caller]
    fn function(settings: &str, expected: &[&str]) {
        finds(
            &format!("function f {{ on http GET \"/\" {{ auth none }}; {settings} }}"),
            expected,
        );
    }

    #[test]
    fn the_runtime_says_what_a_handler_is() {
        function("handler \"bin/api\"; runtime custom", &[]);
        function("handler \"service/\"; runtime container", &[]);
        function(
            "handler \"service\"; runtime container",
            &["FN0303 at `\"service\"`"],
        );
        function(
            "handler \"service/\"; runtime custom",
            &["FN0303 at `\"service/\"`"],
        );
        function(
            "handler \"bin/api:run\"; runtime custom",
            &["FN0303 at `\"bin/api:run\"`"],
        );
        function("handler \"bin/api\"", &["FN0303 at `\"bin/api\"`"]);
        function(
            "handler \"../x/\"; runtime container",
            &["FN0303 at `\"../x/\"`"],
        );
    }
}
