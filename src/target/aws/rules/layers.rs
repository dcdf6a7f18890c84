//! FN0971: files of layers, which Lambda lays into a folder of their own.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;

/// Says once for the program where the files of layers are.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut functions = app.functions.values();
    if let Some(layer) = functions.find_map(|it| it.layers.first()) {
        found.push(
            Diagnostic::new(Code::FN0971, "AWS lays the files of layers into `/opt`")
                .label(layer.span, "imports find them as everywhere, paths don't")
                .help("open a file of a layer by `/opt/PATH`, or keep it beside the handler"),
        );
    }
}
