//! Answers in the protocols of AWS: JSON, and XML.

use bytes::Bytes;
use handlebars::html_escape;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::fault::Fault;
use crate::runtime::id::request_id;

pub(super) type Reply = Response<Full<Bytes>>;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Returns an answer of a service that speaks JSON ("Smithy", AWS JSON protocols).
pub(super) fn json(version: &str, made: Result<Value, Fault>) -> Reply {
    let (status, body, code) = match made {
        Ok(value) => (StatusCode::OK, value, None),
        Err(it) => {
            let body = json!({ "__type": it.code, "message": it.message });
            (it.status, body, Some(it.code))
        }
    };
    let mut reply = of(
        status,
        &format!("application/x-amz-json-{version}"),
        body.to_string(),
    );
    if let Some(code) = code {
        let headers = reply.headers_mut();
        headers.insert(ERROR_TYPE, HeaderValue::from_static(code));
    }
    reply
}

/// Returns the answer of an action of a service that speaks the query protocol.
pub(super) fn query(namespace: &str, action: &str, made: Result<String, Fault>) -> Reply {
    let id = request_id();
    match made {
        Ok(result) => {
            let text = format!(
                "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
            );
            of(StatusCode::OK, "text/xml", text)
        }
        Err(it) => {
            let text = format!(
                "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Sender</Type>{}{}</Error><RequestId>{id}</RequestId></ErrorResponse>",
                element("Code", it.code),
                element("Message", &it.message),
            );
            of(it.status, "text/xml", text)
        }
    }
}

/// Returns an error of S3.
pub(super) fn s3_fault(fault: &Fault) -> Reply {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error>{}{}</Error>",
        element("Code", fault.code),
        element("Message", &fault.message),
    );
    of(fault.status, "application/xml", text)
}

/// Returns an element of XML that holds text.
pub(super) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", html_escape(text))
}

/// Returns an element of XML that holds others.
pub(super) fn nested(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// Returns an answer with this body.
pub(super) fn of(status: StatusCode, kind: &str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    if let Ok(kind) = HeaderValue::from_str(kind) {
        reply.headers_mut().insert(CONTENT_TYPE, kind);
    }
    reply
}
