//! FN0741: a route that asks who calls, and lets pages of any site call.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Auth, TriggerKind};

/// Reports wildcard origins on routes that aren't for anybody; what the app says for every route is reported once.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut said = BTreeSet::new();
    let triggers = app.functions.values().flat_map(|it| &it.triggers);
    for trigger in triggers {
        let TriggerKind::Http(http) = &trigger.kind else {
            continue;
        };
        let any = http.cors.as_ref().and_then(|it| it.value.any_origin());
        let Some(any) = any.filter(|_| http.auth.value != Auth::None) else {
            continue;
        };
        if !said.insert(any) {
            continue;
        }
        let route = format!("{} {}", http.method.value, http.route.value);
        let mut diagnostic = Diagnostic::new(
            Code::FN0741,
            format!("pages of any site may call `{route}`, which is not for anybody"),
        )
        .label(any, "any site");
        if let Some(auth) = http.auth.span() {
            diagnostic = diagnostic.label(auth, "who may call is asked here");
        }
        found.push(diagnostic.help("name the sites: `origins \"https://www.example.com\"`"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn who_is_asked_comes_from_a_site_that_is_named() {
        let route = |auth: &str, origin: &str| {
            format!(
                r#"
secret token
function a {{
  handler "src/a.py:handle"
  env {{ TOKEN = secret.token }}
  on http GET "/a" {{ auth {auth}; cors {{ origins "{origin}" }} }}
}}"#
            )
        };
        finds(&route("key token", "*"), "FN0741 at `\"*\"`");
        finds(&route("key token", "https://a.example"), "");
        finds(&route("none", "*"), "");
    }
}
