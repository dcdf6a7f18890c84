//! FN0409: a path that is taken.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{HttpTrigger, RouteSegment};

/// The first segment under which fnc's own control interface answers.
const RESERVED: &str = "_fnc";

/// Reports a route below `/_fnc`.
pub(super) fn check(http: &HttpTrigger, found: &mut Diagnostics) {
    let reserved = matches!(
        http.route.value.segments.first(),
        Some(RouteSegment::Literal(first)) if first == RESERVED
    );
    if !reserved {
        return;
    }
    found.push(
        Diagnostic::new(Code::FN0409, format!("`/{RESERVED}` is taken"))
            .label(http.route.span, "fnc itself answers here")
            .help("choose another first segment"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn route(path: &str) -> String {
        format!(
            r#"function a {{ handler "src/a.py:handle"; on http GET "{path}" {{ auth none }} }}"#
        )
    }

    #[test]
    fn the_control_interface_keeps_its_path() {
        finds(&route("/_fnc"), "FN0409 at `\"/_fnc\"`");
        finds(&route("/_fnc/state"), "FN0409 at `\"/_fnc/state\"`");
        finds(&route("/_fncs"), "");
        finds(&route("/{rest+}"), "");
    }
}
