//! The HTTP request of an event.

use std::borrow::Cow;

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::record::{Body, Json, data_of};

/// A request as it arrives.
#[derive(Debug, Clone, Default)]
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, as sent.
    pub path: &'a str,
    /// The route that took it, as the program writes it.
    pub route: &'a str,
    /// The values of the route's parameters, where somebody has decoded them already.
    pub params: Option<IndexMap<String, String>>,
    /// The query string, without its `?`.
    pub query: &'a str,
    /// The headers, in any case, repeated ones one by one.
    pub headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Cookies as `name=value`, where somebody has taken them out of the headers.
    pub cookies: Vec<Cow<'a, str>>,
    /// The body; empty when there is none.
    pub body: Cow<'a, [u8]>,
    /// The caller's address.
    pub client_ip: &'a str,
    /// What is known of the caller: a token's claims, or what the app's own authorizer said.
    pub auth: Option<Json>,
}

/// The request as a handler sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The route, as the program writes it.
    pub route: String,
    /// The route's parameters, percent-decoded.
    pub params: IndexMap<String, String>,
    /// The first value of each query name.
    pub query: IndexMap<String, String>,
    /// All values of each query name.
    pub query_all: IndexMap<String, Vec<String>>,
    /// Headers, names in lower case, repeated ones joined by `, `; without the cookies.
    pub headers: IndexMap<String, String>,
    /// Cookies by name, values as sent; the first of a name wins.
    pub cookies: IndexMap<String, String>,
    /// The body, None when it is empty.
    pub body: Option<String>,
    /// Whether `body` is base64 of bytes that aren't UTF-8.
    pub base64: bool,
    /// The JSON that the body is, unless the content type says otherwise.
    pub data: Option<Json>,
    /// The caller's address.
    pub client_ip: String,
    /// Who the caller is; nobody yet.
    pub auth: Option<Json>,
}

impl Request {
    /// Returns what a handler sees of a request.
    pub fn new(incoming: &Incoming) -> Self {
        let mut headers: IndexMap<String, String> = IndexMap::new();
        for (name, value) in &incoming.headers {
            let name = name.to_ascii_lowercase();
            let separator = if name == "cookie" { ";" } else { ", " };
            let joined = headers.entry(name);
            joined
                .and_modify(|it| {
                    it.push_str(separator);
                    it.push_str(value);
                })
                .or_insert_with(|| value.to_string());
        }
        let mut crumbs = incoming.cookies.join(";");
        if let Some(sent) = headers.shift_remove("cookie") {
            crumbs.push(';');
            crumbs.push_str(&sent);
        }
        let mut query_all: IndexMap<String, Vec<String>> = IndexMap::new();
        for (name, value) in form_urlencoded::parse(incoming.query.as_bytes()) {
            let values = query_all.entry(name.into_owned()).or_default();
            values.push(value.into_owned());
        }
        let first = |(name, values): (&String, &Vec<String>)| {
            (name.clone(), values.first().cloned().unwrap_or_default())
        };
        let body = (!incoming.body.is_empty()).then(|| Body::of(&incoming.body));
        let text = body.as_ref().filter(|it| !it.base64 && says_json(&headers));
        let params = || params_of(incoming.route, incoming.path).unwrap_or_default();
        Request {
            method: incoming.method.to_ascii_uppercase(),
            path: incoming.path.to_owned(),
            route: incoming.route.to_owned(),
            params: incoming.params.clone().unwrap_or_else(params),
            query: query_all.iter().map(first).collect(),
            query_all,
            data: text.and_then(|it| data_of(&it.text)),
            headers,
            cookies: cookies(&crumbs),
            base64: body.as_ref().is_some_and(|it| it.base64),
            body: body.map(|it| it.text),
            client_ip: incoming.client_ip.to_owned(),
            auth: incoming.auth.clone(),
        }
    }
}

/// Returns the decoded parameters of `path` under a route such as `/orders/{id}/{rest+}`, None when
/// it doesn't fit.
pub fn params_of(route: &str, path: &str) -> Option<IndexMap<String, String>> {
    let mut params = IndexMap::new();
    let mut rest = path.strip_prefix('/')?;
    let mut segments = route.strip_prefix('/')?.split('/').peekable();
    while let Some(segment) = segments.next() {
        let name = segment
            .strip_prefix('{')
            .and_then(|it| it.strip_suffix('}'));
        let (value, after) = match rest.split_once('/') {
            Some((value, after)) if name.is_none_or(|it| !it.ends_with('+')) => {
                (value, Some(after))
            }
            Some(_) | None => (rest, None),
        };
        match name {
            Some(_) if value.is_empty() => return None,
            Some(name) => {
                let decoded = percent_decode_str(value).decode_utf8_lossy();
                params.insert(name.trim_end_matches('+').to_owned(), decoded.into_owned());
            }
            None if value == segment => {}
            None => return None,
        }
        match (after, segments.peek()) {
            (Some(after), Some(_)) => rest = after,
            (None, None) => return Some(params),
            (Some(_), None) | (None, Some(_)) => return None,
        }
    }
    None
}

fn cookies(crumbs: &str) -> IndexMap<String, String> {
    let mut made = IndexMap::new();
    for crumb in crumbs.split(';') {
        if let Some((name, value)) = crumb.split_once('=')
            && !name.trim().is_empty()
        {
            let cookie = made.entry(name.trim().to_owned());
            cookie.or_insert_with(|| value.trim().to_owned());
        }
    }
    made
}

/// Tells whether a body that reads as JSON is meant as JSON. A form type says nothing: `curl -d` sends it with anything.
fn says_json(headers: &IndexMap<String, String>) -> bool {
    let Some(kind) = headers.get("content-type") else {
        return true;
    };
    let kind = kind.split(';').next().unwrap_or("").trim();
    let kind = kind.to_ascii_lowercase();
    let json = kind == "application/json" || kind.ends_with("+json");
    json || kind == "application/x-www-form-urlencoded"
}

#[cfg(test)]
mod tests {
    use super::params_of;

    fn params(route: &str, path: &str) -> Option<String> {
        let pairs = params_of(route, path)?;
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, it)| format!("{name}={it}"))
            .collect();
        Some(pairs.join(" "))
    }

    #[test]
    fn a_route_gives_decoded_params_or_does_not_fit() {
        assert_eq!(params("/", "/").as_deref(), Some(""));
        assert_eq!(params("/a/{id}", "/a/x%20y").as_deref(), Some("id=x y"));
        assert_eq!(
            params("/a/{id}", "/a/%ff%").as_deref(),
            Some("id=\u{fffd}%")
        );
        assert_eq!(params("/{r+}", "/a/b").as_deref(), Some("r=a/b"));
        for (route, path) in [
            ("/a", "/b"),
            ("/a/{id}", "/a/"),
            ("/a/{id}", "/a/b/c"),
            ("/a/{r+}", "/a"),
            ("/a", "/a/"),
        ] {
            assert_eq!(params(route, path), None, "{route} {path}");
        }
    }
}
