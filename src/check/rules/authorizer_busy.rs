//! FN0743: a function that decides who may call, and is started by something else too.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;

/// Reports authorizers with triggers: they would be called with two kinds of event, and might let the wrong one in.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut said = BTreeSet::new();
    for (_, auth) in app.auths() {
        let Some(name) = auth.value.authorizer() else {
            continue;
        };
        let authorizer = app.functions.get(name.as_str());
        let Some(trigger) = authorizer.and_then(|it| it.triggers.first()) else {
            continue;
        };
        if !said.insert(name.as_str()) {
            continue;
        }
        found.push(
            Diagnostic::new(
                Code::FN0743,
                format!(
                    "`{}` lets callers in, and is started by something else too",
                    name.value
                ),
            )
            .label(name.span, "asked who may call")
            .label(trigger.span, "started by this too")
            .help(
                "a function that lets callers in has no trigger of its own: make it two functions",
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn an_authorizer_does_nothing_else() {
        let program = |trigger: &str| {
            format!(
                r#"
function gate {{ handler "src/a.py:handle"; retry 2; {trigger} }}
function a {{ handler "src/a.py:handle"; on http GET "/a" {{ auth custom gate }} }}"#
            )
        };
        finds(&program("on every 5m"), "FN0743 at `gate`");
        let own = r#"function a { handler "src/a.py:handle"; on http GET "/a" { auth custom a } }"#;
        finds(own, "FN0743 at `a`");
        let good = r#"
function gate { handler "src/a.py:handle" }
function a { handler "src/a.py:handle"; on http GET "/a" { auth custom gate } }"#;
        finds(good, "");
    }
}
