//! What a request or a direct call was answered, and what an answer means to the engine.

use serde_json::{Value as Json, json};

use crate::engine::{Fate, Outcome, Why};
use crate::event::{Trigger, failed_records, http_answer};
use crate::runtime::host::Answer;

/// The answer that a caller got.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    /// Its status.
    pub(super) status: u16,
    /// Its body: JSON where it is that, else text; null when there is none.
    pub(super) body: Json,
}

impl Answered {
    /// Returns the answer of a route, of what its handler returned.
    pub(super) fn of_route(returned: &str) -> Self {
        match http_answer(returned) {
            Ok(answer) => Answered {
                status: answer.status_code,
                body: answer.body.map_or(Json::Null, |it| {
                    serde_json::from_str(&it).unwrap_or(Json::String(it))
                }),
            },
            Err(why) => Answered::error(500, &format!("what it returned is no answer: {why}")),
        }
    }

    /// Returns the answer of a direct call, of what the handler returned.
    pub(super) fn of_call(returned: &str) -> Self {
        Answered {
            status: 200,
            body: serde_json::from_str(returned).unwrap_or(Json::Null),
        }
    }

    /// Returns an answer that the gateway gives.
    pub(super) fn error(status: u16, what: &str) -> Self {
        Answered {
            status,
            body: json!({ "error": what }),
        }
    }

    /// Returns the answer to whoever waited for an event that was given up; none while it isn't.
    pub(super) fn of_fate(fate: Fate) -> Option<Self> {
        let (Fate::Failed(why) | Fate::Dropped(why)) = fate else {
            return None;
        };
        Some(match why {
            Why::TimedOut => Answered::error(504, "the function timed out"),
            Why::Raised | Why::Crashed | Why::Hidden => Answered::error(500, "internal error"),
            Why::Throttled => Answered::error(429, "too many requests"),
            Why::InitFailed | Why::Expired | Why::Withdrawn | Why::Removed => {
                Answered::error(503, "the function is unavailable")
            }
        })
    }
}

/// Returns what an answer means for the events of a call, given their numbers and ids.
pub(super) fn outcome(trigger: Trigger, events: &[(u64, String)], answer: &Answer) -> Outcome {
    let returned = match answer {
        Answer::Raised { .. } => return Outcome::Failed,
        Answer::Returned(text) => std::str::from_utf8(text).unwrap_or(""),
    };
    match trigger {
        Trigger::Http if returned.contains("\"statusCode\"") => match http_answer(returned) {
            Ok(_) => Outcome::Done,
            Err(_) => Outcome::Failed,
        },
        Trigger::Http | Trigger::Invoke => Outcome::Done,
        Trigger::Queue
        | Trigger::Topic
        | Trigger::Stream
        | Trigger::Bucket
        | Trigger::Table
        | Trigger::Event
        | Trigger::Schedule => {
            let ids: Vec<&str> = events.iter().map(|(_, id)| id.as_str()).collect();
            let failed = failed_records(returned, &ids).into_iter();
            let failed = failed.filter_map(|at| events.get(at).map(|(event, _)| *event));
            Outcome::Partial(failed.collect())
        }
    }
}
