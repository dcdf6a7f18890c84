//! Which sites' pages may call the HTTP API.

use serde::Serialize;

use super::api::routes;
use crate::model::{App, Cors};
use crate::source::Spanned;

/// What API Gateway answers browsers that ask first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CorsConfiguration {
    allow_origins: Vec<String>,
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    allow_credentials: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
}

/// Returns what the program says, with what holds where it says nothing.
pub(super) fn cors(app: &App, it: &Cors) -> CorsConfiguration {
    let texts = |list: &[Spanned<String>]| -> Vec<String> {
        list.iter().map(|it| it.value.clone()).collect()
    };
    CorsConfiguration {
        allow_origins: texts(&it.origins),
        allow_methods: match texts(&it.methods) {
            methods if methods.is_empty() => methods_of(app),
            methods => methods,
        },
        allow_headers: match texts(&it.headers) {
            headers if headers.is_empty() => vec!["content-type".to_owned()],
            headers => headers,
        },
        allow_credentials: it.credentials,
        max_age: it.max_age.map(super::whole_seconds),
    }
}

/// Returns the methods of the routes, in the order they first stand.
fn methods_of(app: &App) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    for route in routes(app) {
        match route.method.value.word() {
            "ANY" => return vec!["*".to_owned()],
            word if made.iter().any(|it| it == word) => {}
            word => made.push(word.to_owned()),
        }
    }
    made
}
