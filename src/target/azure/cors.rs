//! Which sites' pages may call a route. Azure's own setting is the app's and has origins alone, so the shim answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::entry::Start;
use super::plan::FunctionApp;
use crate::model::{Cors, HttpTrigger, Method, Route, RouteSegment};

/// What the entries of an app answer browsers that ask before they call.
///
/// A browser asks with the method OPTIONS, and of all entries under one path just one may take that.
#[derive(Debug, Default)]
pub(super) struct Preflights {
    /// By function and the place of its entry: what is allowed, by method.
    owners: BTreeMap<(String, usize), Map<String, Value>>,
}

impl Preflights {
    /// Returns what an entry answers, by method; `None`: another one answers, or nobody.
    pub(super) fn of(&self, function: &str, at: usize) -> Option<&Map<String, Value>> {
        self.owners.get(&(function.to_owned(), at))
    }
}

/// Returns who answers for which paths of an app.
pub(super) fn preflights(function_app: &FunctionApp<'_>) -> Preflights {
    let mut paths: BTreeMap<String, Vec<(String, usize, &HttpTrigger)>> = BTreeMap::new();
    for (function, entry) in function_app.entries() {
        if let Start::Http(it) = entry.start {
            let all = paths.entry(shape(&it.route.value)).or_default();
            all.push((function.name.value.clone(), entry.at, it));
        }
    }
    let mut owners = BTreeMap::new();
    for all in paths.into_values() {
        let mut allowed = Map::new();
        for (_, _, it) in &all {
            if let Some(cors) = &it.cors {
                let methods = all.iter().filter(|(_, _, it)| it.cors.is_some());
                let methods = methods.map(|(_, _, it)| it.method.value);
                let cors = config(&cors.value, methods);
                allowed.insert(it.method.value.word().to_owned(), cors);
            }
        }
        let takes = |wanted: Method| all.iter().find(|it| it.2.method.value == wanted);
        let first = all.iter().find(|it| it.2.cors.is_some());
        let owner = takes(Method::Options).or(takes(Method::Any)).or(first);
        if let Some((function, at, _)) = owner.filter(|_| !allowed.is_empty()) {
            owners.insert((function.clone(), *at), allowed);
        }
    }
    Preflights { owners }
}

/// Returns what the shim must know; where the program names no methods they are those of the path.
pub(super) fn config(cors: &Cors, methods: impl Iterator<Item = Method>) -> Value {
    let texts = |list: &[crate::source::Spanned<String>]| -> Vec<String> {
        list.iter().map(|it| it.value.clone()).collect()
    };
    let mut given = texts(&cors.methods);
    if given.is_empty() {
        let each = methods.flat_map(|it| match it {
            Method::Any => Method::ALL.to_vec(),
            Method::Get
            | Method::Head
            | Method::Post
            | Method::Put
            | Method::Patch
            | Method::Delete
            | Method::Options => vec![it],
        });
        for method in each.filter(|it| *it != Method::Any) {
            let word = method.word().to_owned();
            if !given.contains(&word) {
                given.push(word);
            }
        }
    }
    let mut headers = texts(&cors.headers);
    if headers.is_empty() {
        headers.push("content-type".to_owned());
    }
    let mut made = Map::new();
    made.insert("origins".to_owned(), json!(texts(&cors.origins)));
    made.insert("methods".to_owned(), json!(given));
    made.insert("headers".to_owned(), json!(headers));
    made.insert("credentials".to_owned(), json!(cors.credentials));
    if let Some(age) = cors.max_age {
        let seconds = age.as_millis().div_ceil(1000);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        made.insert("max_age".to_owned(), json!(seconds));
    }
    Value::Object(made)
}

/// Returns a path without the names of its parameters, which tell no two routes apart.
fn shape(route: &Route) -> String {
    let segment = |it: &RouteSegment| match it {
        RouteSegment::Literal(it) => format!("/{it}"),
        RouteSegment::Param(_) => "/{}".to_owned(),
        RouteSegment::Rest(_) => "/{+}".to_owned(),
    };
    route.segments.iter().map(segment).collect()
}
