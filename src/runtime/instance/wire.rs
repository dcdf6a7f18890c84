//! What the bootstraps write, as the runtime reads it.

use bytes::Bytes;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::asked::{Asked, NewObject, Row};
use super::super::host::{Answer, Message};
use super::super::query::{Query, Range};
use crate::event::Body;

/// The longest answer, as on Lambda.
pub(super) const MAX_ANSWER: usize = 6 << 20;

/// An error as the Runtime API has it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Failure {
    pub(super) error_message: String,
    pub(super) error_type: String,
    pub(super) stack_trace: Vec<String>,
}

/// Reads an error; what isn't one is its own message.
pub(super) fn failure(body: &[u8]) -> Failure {
    serde_json::from_slice(body).unwrap_or_else(|_| Failure {
        error_message: String::from_utf8_lossy(body).into_owned(),
        ..Failure::default()
    })
}

/// Reads what a handler returned.
pub(super) fn answer(body: Bytes) -> Answer {
    let raised = |kind: &str, message: String| Answer::Raised {
        kind: kind.to_owned(),
        message,
        trace: Vec::new(),
    };
    if body.len() > MAX_ANSWER {
        return raised(
            "AnswerTooLarge",
            format!(
                "the answer has {} bytes, at most {MAX_ANSWER} can be sent",
                body.len()
            ),
        );
    }
    match serde_json::from_slice::<&RawValue>(&body) {
        Ok(_) => Answer::Returned(body),
        Err(error) => raised("NotJson", format!("the answer is not JSON: {error}")),
    }
}

/// What `context.send` and `context.publish` carry out.
#[derive(Deserialize)]
struct Outgoing {
    body: String,
    base64: bool,
    attributes: IndexMap<String, String>,
    #[serde(default)]
    delay_ms: u64,
    group: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    subject: Option<String>,
    key: Option<String>,
}

/// What the other verbs say; each has some of these members.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    key: Value,
    row: Row,
    prefix: String,
    limit: Option<usize>,
    content_type: Option<String>,
    query: Find,
    data: Option<Box<RawValue>>,
}

/// A query as `row_query` of the shims makes it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Find {
    equal: Row,
    range: Option<(String, String, Vec<Value>)>,
    index: Option<String>,
    limit: Option<usize>,
    descending: bool,
}

/// Reads a message; `Err` says what is wrong with it.
pub(super) fn message(body: &[u8]) -> Result<Message, String> {
    let sent: Outgoing = serde_json::from_slice(body).map_err(|it| it.to_string())?;
    let bytes = if sent.base64 {
        Body::bytes(&sent.body).ok_or("the body is not base64")?
    } else {
        sent.body.into_bytes()
    };
    Ok(Message {
        binary: std::str::from_utf8(&bytes).is_err(),
        body: bytes.into(),
        attributes: sent.attributes.into_iter().collect(),
        group: sent.group,
        delay_ms: Some(sent.delay_ms).filter(|it| *it > 0),
        kind: sent.kind,
        subject: sent.subject,
        key: sent.key,
    })
}

/// Reads what is asked for by a verb; `None`: there is no such verb, `Err` says what is wrong.
pub(super) fn asked(verb: &str, body: &[u8]) -> Option<Result<Asked, String>> {
    match verb {
        "send" | "publish" => return None,
        "write" => return Some(message(body).map(Asked::Write)),
        _ => {}
    }
    let wanted: Result<Wanted, _> = serde_json::from_slice(body);
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(why) => return Some(Err(why.to_string())),
    };
    let object = || {
        let key = wanted.key.as_str().filter(|it| !it.is_empty());
        key.map(str::to_owned)
            .ok_or_else(|| "the key of an object is text".to_owned())
    };
    Some(match verb {
        "put_object" => object().and_then(|key| {
            Ok(Asked::PutObject(NewObject {
                key,
                message: Message {
                    key: None,
                    ..message(body)?
                },
                content_type: wanted.content_type.clone(),
            }))
        }),
        "get_object" => object().map(Asked::GetObject),
        "list_objects" => Ok(Asked::ListObjects(wanted.prefix, wanted.limit)),
        "delete_object" => object().map(Asked::DeleteObject),
        "put_row" => Ok(Asked::PutRow(wanted.row)),
        "get_row" => Ok(Asked::GetRow(wanted.row)),
        "delete_row" => Ok(Asked::DeleteRow(wanted.row)),
        "query_rows" => query(wanted.query).map(Asked::QueryRows),
        "invoke" => {
            let data = wanted
                .data
                .map_or("null".to_owned(), |it| it.get().to_owned());
            Ok(Asked::Invoke(data))
        }
        _ => return None,
    })
}

fn query(find: Find) -> Result<Query, String> {
    let range = find.range.map(|(field, operator, values)| {
        let mut values = values.into_iter();
        let range = match (operator.as_str(), values.next(), values.next()) {
            ("starts_with", Some(start), None) => Range::StartsWith(start),
            (">=", from @ Some(_), None) => Range::Between(from, None),
            ("<=", to @ Some(_), None) => Range::Between(None, to),
            ("between", from @ Some(_), to @ Some(_)) => Range::Between(from, to),
            (_, _, _) => return Err(format!("`{operator}` is no way to look for a sort field")),
        };
        Ok((field, range))
    });
    Ok(Query {
        equal: find.equal,
        range: range.transpose()?,
        index: find.index,
        limit: find.limit,
        descending: find.descending,
    })
}
