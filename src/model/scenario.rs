//! `test "…" { … }`: what is done to a program, and what is expected of it.

use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::{Method, Name};
use crate::source::Span;

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its title.
    pub title: Name,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// `stub F …`: what happens instead of calling the handler.
    Stub {
        /// Which function.
        function: Name,
        /// What happens.
        stub: Stub,
    },
    /// `http METHOD "/path" { … }`
    Http(HttpCall),
    /// `send Q { … }`
    Send {
        /// Which queue.
        queue: Name,
        /// What is sent.
        message: Sending,
    },
    /// `publish T { … }`
    Publish {
        /// Which topic or bus.
        topic: Name,
        /// What is published.
        message: Sending,
    },
    /// `write S { … }`
    Write {
        /// Which stream.
        stream: Name,
        /// What is written.
        message: Sending,
    },
    /// `put T { body = { … } }`, `put B { key = "…"; body = … }`
    Put {
        /// Which table or bucket.
        to: Name,
        /// The row or the object.
        message: Sending,
    },
    /// `delete T { key = { … } }`, `delete B { key = "…" }`
    Delete {
        /// From which table or bucket.
        from: Name,
        /// The key: an object of fields, or text.
        key: Json,
    },
    /// `fire F`
    Fire(Name),
    /// `invoke F { … }`
    Invoke {
        /// Which function.
        function: Name,
        /// What it is given.
        data: Json,
    },
    /// `after D`
    After(Duration),
    /// `at "2026-03-29T00:30:00Z"`, in milliseconds since 1970.
    At(i64),
    /// `expect …`
    Expect(Expectation),
}

/// What happens instead of calling a handler.
#[derive(Debug, Clone, PartialEq)]
pub enum Stub {
    /// It fails, so many times or always.
    Fails(Option<u32>),
    /// It answers this.
    Answers(Json),
    /// It lasts so long.
    Takes(Duration),
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpCall {
    /// Its method, never `ANY`.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// What it carries: text as it is, anything else as JSON.
    pub body: Option<Json>,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its query.
    pub query: Vec<(String, String)>,
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sending {
    /// What it carries: text as it is, anything else as JSON.
    pub body: Json,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
    /// Its fifo group.
    pub group: Option<String>,
    /// How long it stays unseen.
    pub delay: Option<Duration>,
    /// The event's type, for a bus.
    pub kind: Option<String>,
    /// What the event is about, for a bus.
    pub subject: Option<String>,
    /// The key: text of a stream's record, an object of fields of a row.
    pub key: Option<Json>,
}

/// What is expected at a moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// `status N`, of the last request.
    Status(u16),
    /// `body …`, of the last request's answer or the last direct call's; members that aren't named don't matter.
    Body(Json),
    /// `[not] invoked F [N]`
    Invoked {
        /// Which function.
        function: Name,
        /// How often; none: at least once.
        times: Option<u32>,
        /// Whether it must not be so.
        not: bool,
    },
    /// `[not] queue Q has N`
    Queue {
        /// Which queue.
        queue: Name,
        /// How many messages wait there.
        has: u32,
        /// Whether it must not be so.
        not: bool,
    },
    /// `[not] table T has { … }`
    Table {
        /// Which table.
        table: Name,
        /// A row of it; members that aren't named don't matter.
        has: Json,
        /// Whether it must not be so.
        not: bool,
    },
    /// `[not] bucket B has "key"`
    Bucket {
        /// Which bucket.
        bucket: Name,
        /// The key of an object.
        has: String,
        /// Whether it must not be so.
        not: bool,
    },
    /// `instances F at_most N`
    Instances {
        /// Which function.
        function: Name,
        /// How many there have been at most at a time.
        at_most: u32,
    },
}

/// Tells whether a value is what is expected: of objects only the members that are named matter.
pub fn matches(expected: &Json, found: &Json) -> bool {
    match (expected, found) {
        (Json::Object(wanted), Json::Object(members)) => covers(wanted, members),
        (Json::Array(wanted), Json::Array(items)) => {
            wanted.len() == items.len() && wanted.iter().zip(items).all(|(a, b)| matches(a, b))
        }
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

fn covers(wanted: &Map<String, Json>, members: &Map<String, Json>) -> bool {
    let mut wanted = wanted.iter();
    wanted.all(|(name, it)| members.get(name).is_some_and(|found| matches(it, found)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_are_not_named_do_not_matter() {
        let found = json!({ "a": 1, "b": { "c": [1, { "d": 2, "e": 3 }] } });
        assert!(matches(&json!({ "a": 1.0 }), &found));
        assert!(matches(&json!({ "b": { "c": [1, { "d": 2 }] } }), &found));
        assert!(!matches(&json!({ "b": { "c": [1] } }), &found));
        assert!(!matches(&json!({ "x": null }), &found));
        assert!(!matches(&json!({ "a": "1" }), &found));
    }
}
