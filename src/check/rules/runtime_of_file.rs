//! FN0305: a runtime of another language than the handler's file.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Language};

/// Compares the runtime with the file's ending, where that tells the language.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let file = &function.handler.file;
    let (language, fitting) = match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("py") => (Language::Python, "python3.13"),
        Some("js" | "mjs" | "cjs") => (Language::Node, "node22"),
        _ => return,
    };
    let runtime = function.runtime.value;
    // An executable may be a script of any language.
    if runtime.language() == language || runtime.language() == Language::Other {
        return;
    }
    let title = match language {
        Language::Python => "a Python file",
        Language::Node => "a JavaScript file",
        Language::Other => "another language's file",
    };
    found.push(
        Diagnostic::new(
            Code::FN0305,
            format!(
                "`{runtime}` of `{}` can't run `{file}`",
                function.name.value
            ),
        )
        .label(function.handler.span, title)
        .label(
            function.runtime.span().unwrap_or(function.name.span),
            "another language",
        )
        .help(format!("write `runtime {fitting}` in this function")),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn file_and_runtime_are_of_one_language() {
        let source =
            |runtime: &str| format!(r#"function a {{ handler "src/a.py:handle"; {runtime} }}"#);
        let other = "FN0305 at `\"src/a.py:handle\"`";
        finds(&source("runtime node22"), other);
        finds(&source("runtime python3.12"), "");
        finds(&source(""), "");
    }

    #[test]
    fn defaults_may_be_of_another_language() {
        let source = r#"
defaults { runtime python3.13 }
function a { handler "src/a.mjs:handler" }
function b { handler "src/b.py:handle" }"#;
        finds(source, "FN0305 at `\"src/a.mjs:handler\"`");
    }
}
