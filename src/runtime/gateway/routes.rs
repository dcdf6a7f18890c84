//! Which function a request goes to.

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;

use super::Access;
use crate::model::{App, Method, Route, RouteSegment, TriggerKind};

/// The routes of a program, the more precise ones first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Routes {
    list: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    route: Route,
    method: Method,
    /// The route as the program writes it.
    pattern: String,
    function: String,
    access: Access,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<'a> {
    /// To this function.
    Function {
        /// Its name.
        function: &'a str,
        /// The route as the program writes it.
        pattern: &'a str,
        /// The route's parameters, percent-decoded.
        params: IndexMap<String, String>,
        /// What it asks of those who call it.
        access: &'a Access,
    },
    /// There are routes for the path, with these methods only.
    OtherMethods(Vec<&'static str>),
    /// Nowhere.
    Nothing,
}

impl Routes {
    /// Returns these routes, each with the function that it leads to; anybody may call them.
    pub fn new<'a>(routes: impl IntoIterator<Item = (Method, Route, &'a str)>) -> Self {
        let routes = routes.into_iter();
        Routes::guarded(routes.map(|(method, route, it)| (method, route, it, Access::default())))
    }

    fn guarded<'a>(routes: impl IntoIterator<Item = (Method, Route, &'a str, Access)>) -> Self {
        let entry = |(method, route, function, access): (Method, Route, &str, Access)| Entry {
            pattern: route.to_string(),
            function: function.to_owned(),
            method,
            route,
            access,
        };
        let mut list: Vec<Entry> = routes.into_iter().map(entry).collect();
        // A literal comes before `{id}`, that before `{rest+}`; `ANY` after the methods.
        list.sort_by(|a, b| (&a.route.segments, a.method).cmp(&(&b.route.segments, b.method)));
        Routes { list }
    }

    /// Returns the routes of a program.
    pub fn of(app: &App) -> Self {
        let mut routes = Vec::new();
        for function in app.functions.values() {
            for trigger in &function.triggers {
                match &trigger.kind {
                    TriggerKind::Http(http) => {
                        let (method, route) = (http.method.value, http.route.value.clone());
                        let access = Access::of(app, http);
                        routes.push((method, route, function.name.value.as_str(), access));
                    }
                    TriggerKind::Schedule(_)
                    | TriggerKind::Every(_)
                    | TriggerKind::Queue(_)
                    | TriggerKind::Topic(_)
                    | TriggerKind::Stream(_)
                    | TriggerKind::Table(_)
                    | TriggerKind::Bucket(_)
                    | TriggerKind::Event(_)
                    | TriggerKind::Websocket(_)
                    | TriggerKind::Raw(_) => {}
                }
            }
        }
        Routes::guarded(routes)
    }

    /// Returns each route as `(method, path, function)`, the more precise ones first.
    pub fn iter(&self) -> impl Iterator<Item = (Method, &str, &str)> {
        let lines = self.list.iter();
        lines.map(|it| (it.method, it.pattern.as_str(), it.function.as_str()))
    }

    /// Returns where a request goes.
    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let mut others = Vec::new();
        for entry in &self.list {
            let Some(params) = params_of(&entry.route, path) else {
                continue;
            };
            if entry.method == Method::Any || entry.method.word() == method {
                return Found::Function {
                    function: &entry.function,
                    pattern: &entry.pattern,
                    params,
                    access: &entry.access,
                };
            }
            others.push(entry.method.word());
        }
        if others.is_empty() {
            Found::Nothing
        } else {
            Found::OtherMethods(others)
        }
    }
}

fn params_of(route: &Route, path: &str) -> Option<IndexMap<String, String>> {
    let mut params = IndexMap::new();
    let mut rest = path.strip_prefix('/')?;
    if route.segments.is_empty() {
        return rest.is_empty().then_some(params);
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut segments = route.segments.iter().peekable();
    while let Some(segment) = segments.next() {
        let (value, after) = match rest.split_once('/') {
            Some((value, after)) => (value, Some(after)),
            None => (rest, None),
        };
        match segment {
            RouteSegment::Literal(text) if *text == decoded(value) => {}
            RouteSegment::Param(name) if !value.is_empty() => {
                params.insert(name.clone(), decoded(value));
            }
            RouteSegment::Rest(name) if !rest.is_empty() => {
                params.insert(name.clone(), decoded(rest));
                return Some(params);
            }
            RouteSegment::Literal(_) | RouteSegment::Param(_) | RouteSegment::Rest(_) => {
                return None;
            }
        }
        match (after, segments.peek()) {
            (Some(after), Some(_)) => rest = after,
            (None, None) => return Some(params),
            (Some(_), None) | (None, Some(_)) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(list: &[(Method, &str)]) -> Routes {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|it| it.strip_suffix('}'))
        {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => RouteSegment::Rest(name.to_owned()),
                None => RouteSegment::Param(name.to_owned()),
            },
            None => RouteSegment::Literal(text.to_owned()),
        };
        let named: Vec<(Method, Route, String)> = list
            .iter()
            .map(|(method, path)| {
                let parts = path.split('/').filter(|it| !it.is_empty());
                let segments = parts.map(segment).collect();
                (*method, Route { segments }, format!("{method} {path}"))
            })
            .collect();
        Routes::new(
            named
                .iter()
                .map(|(method, route, name)| (*method, route.clone(), name.as_str())),
        )
    }

    #[test]
    fn the_most_precise_route_wins() {
        let routes = routes(&[
            (Method::Any, "/{rest+}"),
            (Method::Get, "/a/{id}"),
            (Method::Any, "/a/{id}"),
            (Method::Get, "/a/new"),
            (Method::Post, "/only"),
            (Method::Get, "/a b"),
        ]);
        let found = |method, path| match routes.find(method, path) {
            Found::Function {
                function, params, ..
            } => format!("{function} {params:?}"),
            Found::OtherMethods(methods) => methods.join(" "),
            Found::Nothing => "nothing".to_owned(),
        };
        assert_eq!(found("GET", "/a/new"), "GET /a/new {}");
        assert_eq!(found("GET", "/a/7%2f8"), r#"GET /a/{id} {"id": "7/8"}"#);
        assert_eq!(found("PUT", "/a/new"), r#"ANY /a/{id} {"id": "new"}"#);
        assert_eq!(found("GET", "/a/b/c"), r#"ANY /{rest+} {"rest": "a/b/c"}"#);
        assert_eq!(found("GET", "/a%20b"), "GET /a b {}");
        assert_eq!(found("GET", "/"), "nothing");
        let patterns: Vec<&str> = routes.iter().map(|it| it.1).collect();
        let first_to_last = ["/a/new", "/a/{id}", "/a/{id}", "/a b", "/only", "/{rest+}"];
        assert_eq!(patterns, first_to_last);
    }

    #[test]
    fn a_path_without_the_method_names_those_it_has() {
        let routes = routes(&[
            (Method::Post, "/only"),
            (Method::Put, "/only"),
            (Method::Get, "/"),
        ]);
        assert_eq!(
            routes.find("GET", "/only"),
            Found::OtherMethods(vec!["POST", "PUT"])
        );
        assert_eq!(routes.find("GET", "/only/"), Found::Nothing);
        assert!(matches!(routes.find("GET", "/"), Found::Function { .. }));
    }
}
