//! FN0871, FN0876, FN0877 and FN0878: executables and images, which no shim stands before.

use super::super::direct::{LONGEST, around};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Contract, Function, Runtime};

/// Reports what executables and images ask for that only a shim could do, layers of images, and paths that Lambda can't take.
pub(super) fn check(app: &App, function: &Function, found: &mut Diagnostics) {
    let what = match function.runtime.value {
        Runtime::Custom => "an executable",
        Runtime::Container => "an image",
        Runtime::Python311
        | Runtime::Python312
        | Runtime::Python313
        | Runtime::Python314
        | Runtime::Node22
        | Runtime::Node24
        | Runtime::Node26 => return,
    };
    let name = &function.name.value;
    if function.contract.value == Contract::Portable {
        let span = function.contract.span().or(function.runtime.span());
        found.push(
            Diagnostic::new(Code::FN0876, format!("`{name}` would get Lambda's own events on AWS"))
                .label(span.unwrap_or(function.name.span), format!("no shim stands before {what}"))
                .help("say `contract lambda`, and speak Lambda's runtime API: AWS has runtime clients for Rust, Go and others"),
        );
    }
    for (span, why) in around(app, function) {
        found.push(
            Diagnostic::new(Code::FN0877, format!("`{name}` has no shim on AWS"))
                .label(span, format!("{why}: it is {what}"))
                .help(
                    "do it in the program itself, or let a Python or Node function stand before it",
                ),
        );
    }
    if function.runtime.value == Runtime::Container {
        if let Some(layer) = function.layers.first() {
            found.push(
                Diagnostic::new(
                    Code::FN0871,
                    format!("`{name}` is an image, which takes no layers on AWS"),
                )
                .label(layer.span, "Lambda lays layers under zip archives only")
                .help("copy the files in the Dockerfile"),
            );
        }
        return;
    }
    let file = &function.handler.file;
    if file.len() > LONGEST || file.contains(char::is_whitespace) {
        found.push(
            Diagnostic::new(Code::FN0878, format!("AWS can't start `{file}`"))
                .label(
                    function.handler.span,
                    format!("a path without blanks, {LONGEST} bytes at most"),
                )
                .help("give the executable another name"),
        );
    }
}
