//! From pages of which other sites a route may be called.

use hyper::HeaderMap;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, HeaderName, HeaderValue, VARY,
};

use crate::model::{App, Cors};

/// What pages of other sites may do (Fetch Standard, "CORS protocol").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sites {
    origins: Vec<String>,
    methods: String,
    headers: String,
    credentials: bool,
    max_age: Option<u64>,
}

impl Sites {
    pub(super) fn of(app: &App, cors: &Cors) -> Sites {
        Sites {
            origins: cors.origins.iter().map(|it| it.value.clone()).collect(),
            methods: cors.methods_in(app).join(", "),
            headers: cors.headers_sent().join(", "),
            credentials: cors.credentials,
            max_age: cors.max_age.map(|it| it.as_secs()),
        }
    }

    /// Tells a browser what a page of this site may do: nothing is said to other sites.
    pub(super) fn tell(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        // What a handler says of it itself doesn't count, as in the cloud.
        let own: Vec<HeaderName> = headers.keys().cloned().collect();
        for name in own
            .iter()
            .filter(|it| it.as_str().starts_with("access-control-"))
        {
            headers.remove(name);
        }
        let any = self.origins.iter().any(|it| it == "*");
        if !any {
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        let Some(origin) = origin else { return };
        if any {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        } else if self
            .origins
            .iter()
            .any(|it| it.as_bytes() == origin.as_bytes())
        {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        } else {
            return;
        }
        if self.credentials {
            let allowed = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, allowed);
        }
    }

    /// Answers a browser that asks before it sends a request.
    pub(super) fn answer(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        self.tell(Some(origin), headers);
        if !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        let age = self.max_age.map(|it| it.to_string());
        let all = [
            (ACCESS_CONTROL_ALLOW_METHODS, Some(&self.methods)),
            (ACCESS_CONTROL_ALLOW_HEADERS, Some(&self.headers)),
            (ACCESS_CONTROL_MAX_AGE, age.as_ref()),
        ];
        for (name, value) in all {
            if let Some(Ok(value)) = value.map(|it| HeaderValue::from_str(it)) {
                headers.insert(name, value);
            }
        }
    }
}
