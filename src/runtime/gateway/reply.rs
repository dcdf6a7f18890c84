//! Answers as HTTP responses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::Served;
use crate::event::{HttpAnswer, http_answer, http_error};

/// A response of the gateway; only the stream of invocations has a body that isn't known at once.
pub(super) type Reply = Response<UnsyncBoxBody<Bytes, std::convert::Infallible>>;

/// Returns a response with this body.
pub(super) fn with_body(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()).boxed_unsync());
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

/// Returns a JSON response.
pub(super) fn json_reply(status: StatusCode, body: &Value) -> Reply {
    with_body(status, "application/json", body.to_string())
}

/// Returns a response that says what is wrong.
pub(super) fn error(status: StatusCode, what: &str) -> Reply {
    json_reply(status, &json!({ "error": what }))
}

/// Returns the response of a route.
pub(super) fn served(served: Served, request_id: &str) -> Reply {
    let failed = |status, what: &str| {
        json_reply(status, &json!({ "error": what, "request_id": request_id }))
    };
    match served {
        Served::Returned(text) => std::str::from_utf8(&text)
            .map_err(|it| it.to_string())
            .and_then(http_answer)
            .and_then(response)
            .unwrap_or_else(|_| plain_error(request_id)),
        Served::Failed => plain_error(request_id),
        Served::TimedOut => failed(StatusCode::GATEWAY_TIMEOUT, "the function timed out"),
        Served::Throttled => failed(StatusCode::TOO_MANY_REQUESTS, "too many requests"),
        Served::Unavailable => failed(
            StatusCode::SERVICE_UNAVAILABLE,
            "the function is unavailable",
        ),
    }
}

fn plain_error(request_id: &str) -> Reply {
    let body = http_error(request_id).body.unwrap_or_default();
    with_body(StatusCode::INTERNAL_SERVER_ERROR, "application/json", body)
}

/// Headers that say how a message travels; only the server knows that.
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "content-length",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn response(answer: HttpAnswer) -> Result<Reply, String> {
    let body = match answer.body {
        Some(text) if answer.base64 => STANDARD.decode(text).map_err(|it| it.to_string())?.into(),
        Some(text) => Bytes::from(text),
        None => Bytes::new(),
    };
    // These have no body, whatever the handler says.
    let bare = answer.status_code == 204 || answer.status_code == 304;
    let body = if bare { Bytes::new() } else { body };
    let mut reply = Response::new(Full::new(body).boxed_unsync());
    *reply.status_mut() = StatusCode::from_u16(answer.status_code).map_err(|it| it.to_string())?;
    for (name, value) in &answer.headers {
        if HOP_BY_HOP.contains(&name.as_str()) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|it| it.to_string())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|it| it.to_string())?;
        reply.headers_mut().insert(name, value);
    }
    for cookie in &answer.cookies {
        let value = HeaderValue::from_bytes(cookie.as_bytes()).map_err(|it| it.to_string())?;
        reply.headers_mut().append(SET_COOKIE, value);
    }
    Ok(reply)
}
