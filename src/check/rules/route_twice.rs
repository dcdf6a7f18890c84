//! FN0401: two routes that answer the same requests.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, HttpTrigger, Method, Route, RouteSegment, TriggerKind};

/// The routes seen so far, by method and shape.
#[derive(Default)]
pub(super) struct Routes<'a> {
    seen: IndexMap<(Method, Route), (&'a Function, &'a HttpTrigger)>,
}

impl<'a> Routes<'a> {
    /// Adds the routes of a function, and reports those that another function has; its own twice are FN0411.
    pub(super) fn add(&mut self, function: &'a Function, found: &mut Diagnostics) {
        for trigger in &function.triggers {
            let TriggerKind::Http(http) = &trigger.kind else {
                continue;
            };
            let key = (http.method.value, shape(&http.route.value));
            match self.seen.get(&key) {
                Some((first, earlier)) if first.name != function.name => {
                    report(function, http, first, earlier, found);
                }
                Some(_) => {}
                None => {
                    self.seen.insert(key, (function, http));
                }
            }
        }
    }
}

/// Returns the route without the names of its parameters, which make no difference to what it answers.
pub(super) fn shape(route: &Route) -> Route {
    let nameless = |segment: &RouteSegment| match segment {
        RouteSegment::Literal(it) => RouteSegment::Literal(it.clone()),
        RouteSegment::Param(_) => RouteSegment::Param(String::new()),
        RouteSegment::Rest(_) => RouteSegment::Rest(String::new()),
    };
    Route {
        segments: route.segments.iter().map(nameless).collect(),
    }
}

fn report(
    function: &Function,
    http: &HttpTrigger,
    first: &Function,
    earlier: &HttpTrigger,
    found: &mut Diagnostics,
) {
    let same = http.route.value == earlier.route.value;
    let label = if same {
        "declared again here"
    } else {
        "the same requests: only the names of the parameters differ"
    };
    found.push(
        Diagnostic::new(
            Code::FN0401,
            format!(
                "`{} {}` of `{}` is already answered by `{}`",
                http.method.value, http.route.value, function.name.value, first.name.value
            ),
        )
        .label(http.method.span.to(http.route.span), label)
        .label(
            earlier.method.span.to(earlier.route.span),
            format!("first declared here, for `{}`", first.name.value),
        )
        .help("change the path or the method of one of them"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn two(first: &str, second: &str) -> String {
        format!(
            r#"
function a {{ handler "src/a.py:handle"; on http {first} {{ auth none }} }}
function b {{ handler "src/b.py:handle"; on http {second} {{ auth none }} }}"#
        )
    }

    #[test]
    fn a_route_has_one_function() {
        let twice = two(r#"GET "/a""#, r#"GET "/a""#);
        finds(&twice, "FN0401 at `GET \"/a\"`");
        let renamed = two(r#"GET "/a/{x}/b""#, r#"GET "/a/{y}/b""#);
        finds(&renamed, "FN0401 at `GET \"/a/{y}/b\"`");
    }

    #[test]
    fn more_special_routes_win() {
        finds(&two(r#"GET "/a/{x}""#, r#"GET "/a/b""#), "");
        finds(&two(r#"GET "/a/{x}""#, r#"GET "/a/{x+}""#), "");
        finds(&two(r#"GET "/a""#, r#"ANY "/a""#), "");
        finds(&two(r#"GET "/a""#, r#"POST "/a""#), "");
    }
}
