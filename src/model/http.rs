//! Who may call an http route, and from where.

use std::fmt;
use std::time::Duration;

use super::{App, Name, TriggerKind};
use crate::source::{Span, Spanned};

/// Who may call a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// Anybody.
    None,
    /// Who holds a token of an issuer (RFC 7519).
    Jwt(Jwt),
    /// Who sends this secret in the header `x-api-key`.
    Key(Name),
    /// Whom this function lets in.
    Custom(Name),
}

impl Auth {
    /// Returns the function that decides.
    pub fn authorizer(&self) -> Option<&Name> {
        match self {
            Auth::Custom(function) => Some(function),
            Auth::None | Auth::Jwt(_) | Auth::Key(_) => None,
        }
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Auth::None => f.write_str("auth none"),
            Auth::Jwt(it) => write!(f, "auth jwt {{ issuer \"{}\" }}", it.issuer.value),
            Auth::Key(secret) => write!(f, "auth key {}", secret.value),
            Auth::Custom(function) => write!(f, "auth custom {}", function.value),
        }
    }
}

/// `auth jwt { issuer "…"; audience "…" }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    /// The issuer's address, as the token's `iss` says it.
    pub issuer: Spanned<String>,
    /// The audiences, one of which the token's `aud` must hold.
    pub audience: Vec<Spanned<String>>,
}

/// `cors { origins "…"; methods …; headers …; credentials; max_age D }` (Fetch Standard, "CORS protocol")
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// The sites whose pages may call; `*`: any.
    pub origins: Vec<Spanned<String>>,
    /// The methods they may use; empty: those of the routes.
    pub methods: Vec<Spanned<String>>,
    /// The headers they may send; empty: `content-type`.
    pub headers: Vec<Spanned<String>>,
    /// Whether cookies and credentials are sent along.
    pub credentials: bool,
    /// How long a browser may remember the answer; `None`: its own default.
    pub max_age: Option<Duration>,
}

impl Cors {
    /// Returns the methods that pages may use: those that are listed, else those of the program's routes.
    pub fn methods_in(&self, app: &App) -> Vec<String> {
        if !self.methods.is_empty() {
            return self.methods.iter().map(|it| it.value.clone()).collect();
        }
        let triggers = app.functions.values().flat_map(|it| &it.triggers);
        let mut methods: Vec<String> = Vec::new();
        for trigger in triggers {
            if let TriggerKind::Http(it) = &trigger.kind {
                match it.method.value.word() {
                    "ANY" => return vec!["*".to_owned()],
                    word if methods.iter().any(|it| it == word) => {}
                    word => methods.push(word.to_owned()),
                }
            }
        }
        methods
    }

    /// Returns the headers that pages may send: those that are listed, else `content-type`.
    pub fn headers_sent(&self) -> Vec<String> {
        if self.headers.is_empty() {
            return vec!["content-type".to_owned()];
        }
        self.headers.iter().map(|it| it.value.clone()).collect()
    }

    /// Returns where pages of any site are let in.
    pub fn any_origin(&self) -> Option<Span> {
        let any = self.origins.iter().find(|it| it.value == "*");
        any.map(|it| it.span)
    }
}

impl fmt::Display for Cors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<_> = self
            .origins
            .iter()
            .map(|it| format!("\"{}\"", it.value))
            .collect();
        write!(f, "cors {{ origins {} }}", origins.join(", "))
    }
}
