//! The control API under `/_fnc/`, which `fnc send`, `fnc invoke` and `fnc parked` use.
//!
//! | request | does |
//! |---|---|
//! | `POST /_fnc/send/NAME` | sends the body to a queue or a stream, publishes it to a topic or a bus, or puts it into a table; `?attr.kind=vip&delay_ms=500&group=g&key=k&type=t&subject=s` |
//! | `POST /_fnc/invoke/FUNCTION` | calls the function with the body; the answer is what it returned |
//! | `POST /_fnc/fire/FUNCTION` | fires its schedules now |
//! | `GET /_fnc/parked`, `GET /_fnc/parked/QUEUE` | lists what is parked |
//! | `POST /_fnc/redrive/QUEUE` | sends parked messages back; body `{"ids": […]}` or empty for all |
//! | `GET /_fnc/state`, `GET /_fnc/metrics`, `GET /_fnc/events` | state as JSON, metrics for Prometheus, invocations as server-sent events |

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{broadcast, mpsc};

use super::reply::{Reply, error, json_reply, with_body};
use super::{Front, Served};
use crate::event::{Body as Payload, Event, Time};
use crate::runtime::host::{Message, Refused};
use crate::runtime::id::request_id;
use crate::runtime::store::StoreError;

/// Returns why a request may not use the control API: it comes from a web page, or by a name that
/// somebody else's server gave for this machine, or from another machine.
pub(super) fn refusal(parts: &Parts, peer: IpAddr) -> Option<Reply> {
    if !peer.to_canonical().is_loopback() {
        return Some(error(
            StatusCode::FORBIDDEN,
            "the control API answers this machine only",
        ));
    }
    let host = parts
        .headers
        .get(HOST)
        .and_then(|it| it.to_str().ok())
        .unwrap_or("");
    let name = host.rsplit_once(':').map_or(
        host,
        |(name, port)| {
            if port.ends_with(']') { host } else { name }
        },
    );
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let is_own = name == "localhost" || address.parse::<IpAddr>().is_ok();
    if parts.headers.contains_key(ORIGIN) || !is_own {
        return Some(error(
            StatusCode::FORBIDDEN,
            "web pages may not use the control API",
        ));
    }
    None
}

/// Says whose control API it is: another server may well listen on the same port.
pub const MARK: HeaderName = HeaderName::from_static("x-fnc");

/// Carries out a request of the control API.
pub(super) async fn answer(front: &dyn Front, parts: &Parts, body: Bytes) -> Reply {
    let mut reply = carry_out(front, parts, body).await;
    let version = HeaderValue::from_static(env!("CARGO_PKG_VERSION"));
    reply.headers_mut().insert(MARK, version);
    reply
}

async fn carry_out(front: &dyn Front, parts: &Parts, body: Bytes) -> Reply {
    let path = parts
        .uri
        .path()
        .trim_start_matches("/_fnc")
        .trim_start_matches('/');
    let (verb, name) = path.split_once('/').unwrap_or((path, ""));
    let done = match (&parts.method, verb, name) {
        (&Method::GET, "state", "") => Ok(json_reply(StatusCode::OK, &front.state())),
        (&Method::GET, "metrics", "") => {
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            Ok(with_body(StatusCode::OK, kind, front.metrics()))
        }
        (&Method::GET, "events", "") => Ok(stream(front.watch())),
        (&Method::GET, "parked", name) => {
            let queue = Some(name).filter(|it| !it.is_empty());
            front
                .parked(queue)
                .map(|it| json_reply(StatusCode::OK, &json!(it)))
        }
        (&Method::POST, "send", name) => {
            let message = message(parts.uri.query().unwrap_or(""), body);
            match message.and_then(|it| front.send(name, it)) {
                Ok(receipt) => Ok(kept(receipt.accepted().await, |id| json!({ "id": id }))),
                Err(why) => Err(why),
            }
        }
        (&Method::POST, "fire", name) => match front.fire(name) {
            Ok(saved) => Ok(kept(saved.wait().await, |()| json!({ "fired": name }))),
            Err(why) => Err(why),
        },
        (&Method::POST, "redrive", name) => {
            match ids(&body).and_then(|ids| front.redrive(name, ids.as_deref())) {
                Ok((count, saved)) => {
                    Ok(kept(saved.wait().await, |()| json!({ "redriven": count })))
                }
                Err(why) => Err(why),
            }
        }
        (&Method::POST, "invoke", name) => return invoke(front, name, &body).await,
        _ => Err(Refused::Invalid(
            "no such request in the control API".to_owned(),
        )),
    };
    done.unwrap_or_else(|why| match why {
        Refused::NotAllowed(what) => error(StatusCode::FORBIDDEN, &what),
        Refused::Invalid(what) => error(StatusCode::BAD_REQUEST, &what),
        Refused::CallFailed(what) => error(StatusCode::BAD_GATEWAY, &what),
    })
}

/// Returns the answer to what was to be kept: nothing is accepted before it is on disk.
fn kept<T>(saved: Result<T, StoreError>, answer: impl FnOnce(T) -> serde_json::Value) -> Reply {
    match saved {
        Ok(it) => json_reply(StatusCode::OK, &answer(it)),
        Err(why) => error(StatusCode::SERVICE_UNAVAILABLE, &why.to_string()),
    }
}

/// Reads a message: its data is the body of the request, all else stands in the query.
fn message(query: &str, body: Bytes) -> Result<Message, Refused> {
    let mut message = Message {
        binary: std::str::from_utf8(&body).is_err(),
        body,
        ..Message::default()
    };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.into_owned();
        match (&*name, name.strip_prefix("attr.")) {
            (_, Some(attribute)) => message.attributes.push((attribute.to_owned(), value)),
            ("group", _) => message.group = Some(value),
            ("type", _) => message.kind = Some(value),
            ("key", _) => message.key = Some(value),
            ("subject", _) => message.subject = Some(value),
            ("delay_ms", _) => match value.parse() {
                Ok(delay) => message.delay_ms = Some(delay),
                Err(_) => return Err(Refused::Invalid(format!("`{value}` is no delay"))),
            },
            (other, None) => {
                return Err(Refused::Invalid(format!(
                    "`{other}` is no option: use attr.NAME, delay_ms, group, key, type or subject"
                )));
            }
        }
    }
    Ok(message)
}

fn ids(body: &[u8]) -> Result<Option<Vec<String>>, Refused> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ids {
        ids: Vec<String>,
    }
    if body.is_empty() {
        return Ok(None);
    }
    let read: Result<Ids, _> = serde_json::from_slice(body);
    read.map(|it| Some(it.ids))
        .map_err(|it| Refused::Invalid(it.to_string()))
}

/// Calls a function with a portable event, or with the data of a direct call.
async fn invoke(front: &dyn Front, function: &str, body: &Bytes) -> Reply {
    let request_id = request_id();
    let event = match serde_json::from_slice::<Event>(body) {
        Ok(_) => body.clone(),
        Err(_) => {
            let body = if body.is_empty() { b"null" } else { &**body };
            let event = Event::invoke(function, &request_id, now(), Payload::of(body));
            event.to_json().into()
        }
    };
    let waiting = match front.invoke(function, request_id.clone(), event) {
        Ok(waiting) => waiting,
        Err(why) => return error(StatusCode::NOT_FOUND, &why.words()),
    };
    let failed = |status, what: &str| {
        json_reply(status, &json!({ "error": what, "request_id": request_id }))
    };
    match waiting.await.unwrap_or(Served::Unavailable) {
        Served::Returned(text) => with_body(StatusCode::OK, "application/json", text),
        Served::Failed => failed(StatusCode::INTERNAL_SERVER_ERROR, "the function failed"),
        Served::TimedOut => failed(StatusCode::GATEWAY_TIMEOUT, "the function timed out"),
        Served::Throttled => failed(StatusCode::TOO_MANY_REQUESTS, "too many requests"),
        Served::Unavailable => failed(
            StatusCode::SERVICE_UNAVAILABLE,
            "the function is unavailable",
        ),
    }
}

#[expect(clippy::disallowed_methods, reason = "the runtime has a clock")]
fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |it| it.as_millis());
    Time(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Returns the stream of invocations; a reader that is too slow misses some and is told so.
fn stream(mut invocations: broadcast::Receiver<Arc<str>>) -> Reply {
    let (sender, receiver) = mpsc::channel::<Bytes>(16);
    tokio::spawn(async move {
        loop {
            let text = match invocations.recv().await {
                Ok(text) => format!("data: {text}\n\n"),
                Err(broadcast::error::RecvError::Lagged(count)) => format!(": {count} missed\n\n"),
                Err(broadcast::error::RecvError::Closed) => return,
            };
            if sender.send(text.into()).await.is_err() {
                return;
            }
        }
    });
    let mut reply = Response::new(Lines(receiver).boxed_unsync());
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// A body of pieces that come one by one.
struct Lines(mpsc::Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|it| it.map(|piece| Ok(Frame::data(piece))))
    }
}
