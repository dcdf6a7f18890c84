//! Http methods and paths.

use std::fmt;

/// An http method, or any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the methods")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Any,
}

impl Method {
    /// Every method, `ANY` last.
    pub const ALL: [Method; 8] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Options,
        Method::Any,
    ];

    /// Returns the method as programs write it.
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
            Method::Any => "ANY",
        }
    }

    /// Returns the method that `word` names.
    pub fn parse(word: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|it| it.word() == word)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A path with its parameters: `/orders/{id}/{rest+}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// Its segments; none for `/`.
    pub segments: Vec<RouteSegment>,
}

/// One segment of a path. The order is the order of precedence: a literal wins over `{id}`, that over `{rest+}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteSegment {
    /// These characters.
    Literal(String),
    /// `{id}`: one segment.
    Param(String),
    /// `{rest+}`: all that follows, one segment or more; only at the end.
    Rest(String),
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str("/");
        }
        for segment in &self.segments {
            match segment {
                RouteSegment::Literal(it) => write!(f, "/{it}")?,
                RouteSegment::Param(it) => write!(f, "/{{{it}}}")?,
                RouteSegment::Rest(it) => write!(f, "/{{{it}+}}")?,
            }
        }
        Ok(())
    }
}
