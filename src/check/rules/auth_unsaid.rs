//! FN0701: a route that doesn't say who may call it.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::HttpTrigger;

/// Reports a route without `auth`.
pub(super) fn check(http: &HttpTrigger, found: &mut Diagnostics) {
    if http.auth.is_written() {
        return;
    }
    let (method, route) = (http.method.value, &http.route.value);
    found.push(
        Diagnostic::new(
            Code::FN0701,
            format!("`{method} {route}` doesn't say who may call it"),
        )
        .label(
            http.method.span.to(http.route.span),
            "anybody may, for it has no `auth`",
        )
        .help(format!(
            "if that is meant, say so: `on http {method} \"{route}\" {{ auth none }}`"
        )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn a_route_says_who_may_call_it() {
        let silent = r#"function a { handler "src/a.py:handle"; on http GET "/a" }"#;
        finds(silent, "FN0701 at `GET \"/a\"`");
        let said = r#"function a { handler "src/a.py:handle"; on http GET "/a" { auth none } }"#;
        finds(said, "");
    }
}
