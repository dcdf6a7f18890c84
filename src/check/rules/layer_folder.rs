//! FN0320: a layer whose folder isn't there.

use crate::check::HandlerFiles;
use crate::check::handler::path_problem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;

/// Looks for the folder of each layer.
pub(super) fn check(app: &App, handlers: &dyn HandlerFiles, found: &mut Diagnostics) {
    for folder in app.layers.values().filter_map(|it| it.folder.as_ref()) {
        let problem = match path_problem(&folder.value) {
            Some(problem) => problem,
            None if handlers.has_folder(&folder.value) => continue,
            None => "this folder is missing",
        };
        let message = format!("there is no folder `{}` in this program", folder.value);
        found.push(
            Diagnostic::new(Code::FN0320, message)
                .label(folder.span, problem)
                .help("create it, or correct the path: it is relative to the folder of the `.fn` file"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, finds_with};

    #[test]
    fn the_folder_exists() {
        let files = Files::new([
            ("src/a.py", "def handle(event, context): ..."),
            ("layers/deps/a.py", ""),
        ]);
        let program = |folder: &str| {
            format!(
                "layer deps {{ folder \"{folder}\" }}\nfunction f {{ handler \"src/a.py:handle\"; layers deps }}"
            )
        };
        finds_with(&program("layers/deps/"), &files, "");
        finds_with(&program("layers/dep"), &files, "FN0320 at `\"layers/dep\"`");
    }
}
