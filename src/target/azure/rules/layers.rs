//! FN0924: files of layers, which become files of function apps.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;

/// Says once for the program where the files of layers are.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut functions = app.functions.values();
    if let Some(layer) = functions.find_map(|it| it.layers.first()) {
        found.push(
            Diagnostic::new(Code::FN0924, "Azure gets the files of layers with each function app")
                .label(layer.span, "copied beside the handlers")
                .help(
                    "name packages in `requirements.txt` or `package.json`: the build on Azure keeps no others in `node_modules`",
                ),
        );
    }
}
