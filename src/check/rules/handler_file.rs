//! FN0301: a handler file that doesn't exist.

use crate::check::HandlerFiles;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::model::Handler;

/// Reports a missing file, with the most similar name in its folder.
pub(super) fn missing(handler: &Handler, handlers: &dyn HandlerFiles, found: &mut Diagnostics) {
    let (folder, name) = match handler.file.rsplit_once('/') {
        Some((folder, name)) => (folder, name),
        None => ("", handler.file.as_str()),
    };
    let names = handlers.list(folder);
    let near = closest(name, names.iter().map(String::as_str)).map(|it| {
        let file = match folder {
            "" => it.to_owned(),
            _ => format!("{folder}/{it}"),
        };
        match handler.symbol.as_str() {
            "" => file,
            symbol => format!("{file}:{symbol}"),
        }
    });
    let help = match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "create it, or correct the path: it is relative to the folder of the `.fn` file"
            .to_owned(),
    };
    found.push(
        Diagnostic::new(Code::FN0301, format!("there is no file `{}`", handler.file))
            .label(handler.file_span(), "this file is missing")
            .help(help),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, finds_with, help_with};

    #[test]
    fn the_file_exists() {
        let files = Files::new([("src/checkout.py", "def handle(event, context): ...")]);
        let missing = r#"function a { handler "src/chekout.py:handle" }"#;
        finds_with(missing, &files, "FN0301 at `src/chekout.py`");
        assert_eq!(
            help_with(missing, &files),
            "did you mean \"src/checkout.py:handle\"?"
        );
        let there = r#"function a { handler "src/checkout.py:handle" }"#;
        finds_with(there, &files, "");
    }
}
