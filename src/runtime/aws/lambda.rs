//! Calls of AWS Lambda ("AWS Lambda API Reference").

use hyper::{Method, StatusCode};

use super::fault::Fault;
use super::reply::{self, Reply};
use super::{Asking, Caller};
use crate::runtime::asked::Asked;

const FUNCTIONS: &str = "/2015-03-31/functions/";

pub(super) async fn call(caller: Caller<'_>, asking: &Asking<'_>) -> Reply {
    match invoke(caller, asking).await {
        Ok(text) => reply::of(StatusCode::OK, "application/json", text),
        Err(it) => reply::json("1.1", Err(it)),
    }
}

async fn invoke(caller: Caller<'_>, asking: &Asking<'_>) -> Result<bytes::Bytes, Fault> {
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
    caller.ask(function, Asked::Invoke(text)).await
}
