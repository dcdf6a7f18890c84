//! Calls of AWS Lambda ("AWS Lambda API Reference").

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::json;

use super::fault::Fault;
use super::reply::{self, Reply};
use super::{Asking, Caller};
use crate::runtime::asked::Asked;
use crate::runtime::host::Refused;

const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const FUNCTIONS: &str = "/2015-03-31/functions/";

pub(super) async fn call(caller: Caller<'_>, asking: &Asking<'_>) -> Reply {
    match invoke(caller, asking).await {
        Ok(Ok(text)) => reply::of(StatusCode::OK, "application/json", text),
        // A call that has failed is an answer: whoever asks again would call the function once more.
        Ok(Err(why)) => {
            let told = json!({ "errorMessage": why, "errorType": "Unhandled" });
            let mut reply = reply::of(StatusCode::OK, "application/json", told.to_string());
            let how = HeaderValue::from_static("Unhandled");
            reply.headers_mut().insert(FUNCTION_ERROR, how);
            reply
        }
        Err(it) => reply::json("1.1", Err(it)),
    }
}

async fn invoke(caller: Caller<'_>, asking: &Asking<'_>) -> Result<Result<Bytes, String>, Fault> {
    let named = asking.path.strip_prefix(FUNCTIONS);
    let named = named.and_then(|it| it.strip_suffix("/invocations"));
    let (Some(named), &Method::POST) = (named, asking.method) else {
        let call = format!("{} {}", asking.method, asking.path);
        return Err(Fault::unknown("Lambda", &call));
    };
    let how = asking.header("x-amz-invocation-type");
    if let Some(other) = how.filter(|it| *it != "RequestResponse") {
        return Err(Fault::not_here(&format!("invocations of the type {other}")));
    }
    for header in ["x-amz-log-type", "x-amz-client-context"] {
        if asking.header(header).is_some_and(|it| it != "None") {
            return Err(Fault::not_here(&format!("the header `{header}` of Invoke")));
        }
    }
    let named = percent_encoding::percent_decode_str(named).decode_utf8_lossy();
    // An ARN names the function after `function:`; an alias or a version may follow either.
    let own = named.rsplit_once("function:").map_or(&*named, |it| it.1);
    let function = own.split(':').next().unwrap_or(own);
    let text = if asking.body.is_empty() {
        "null".to_owned()
    } else {
        String::from_utf8(asking.body.to_vec())
            .map_err(|_| Fault::invalid("the payload must be JSON"))?
    };
    let doing = caller
        .host
        .ask(caller.function, function, Asked::Invoke(text));
    match doing.await {
        Ok(answer) => Ok(Ok(answer)),
        Err(Refused::CallFailed(why)) => Ok(Err(why)),
        Err(why @ (Refused::NotAllowed(_) | Refused::Invalid(_))) => Err(why.into()),
    }
}
