//! FN0970: a description that is longer than what a template has room for.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;
use crate::target::aws::resource::APP_DESCRIPTION_LENGTH;

/// Compares the app's description with what AWS takes.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let Some(description) = &app.about.description else {
        return;
    };
    let bytes = description.value.len();
    if bytes > APP_DESCRIPTION_LENGTH {
        found.push(
            Diagnostic::new(Code::FN0970, "AWS shows the first part of this description only")
                .label(
                    description.span,
                    format!("{bytes} bytes, and a template takes {APP_DESCRIPTION_LENGTH}"),
                )
                .help("say it more briefly; a documentation comment above `app` goes into the README whole"),
        );
    }
}
