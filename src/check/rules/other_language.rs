//! FN0301 and FN0321: executables that aren't there, and containers that nothing says how to build.

use super::handler_file;
use crate::check::HandlerFiles;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Runtime};

/// Looks for the executable, or for the Dockerfile.
pub(super) fn check(function: &Function, handlers: &dyn HandlerFiles, found: &mut Diagnostics) {
    let handler = &function.handler;
    if function.runtime.value != Runtime::Container {
        if handlers.read(&handler.file).is_none() {
            handler_file::missing(handler, handlers, found);
        }
        return;
    }
    if handlers
        .list(handler.folder())
        .iter()
        .all(|it| it != "Dockerfile")
    {
        let message = format!("there is no `{}Dockerfile`", handler.file);
        found.push(
            Diagnostic::new(Code::FN0321, message)
                .label(handler.span, "nothing says how to build this container")
                .help("put a Dockerfile into the folder, or correct the path: it is relative to the folder of the `.fn` file"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, finds_with};

    #[test]
    fn executables_and_containers_exist() {
        let files = Files::new([
            ("bin/api", "#!/bin/sh"),
            ("service/Dockerfile", "FROM scratch"),
        ]);
        let program = |settings: &str| format!("function f {{ {settings} }}");
        let custom = |file: &str| program(&format!("handler \"{file}\"; runtime custom"));
        let container = |file: &str| program(&format!("handler \"{file}\"; runtime container"));
        finds_with(&custom("bin/api"), &files, "");
        finds_with(&custom("bin/app"), &files, "FN0301 at `\"bin/app\"`");
        finds_with(&container("service/"), &files, "");
        finds_with(&container("bin/"), &files, "FN0321 at `\"bin/\"`");
    }
}
