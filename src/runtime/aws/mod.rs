//! The calls of AWS's SDKs that handlers with `contract lambda` make, carried out on the program's own resources.
//!
//! `answer` finds the service and its protocol; a file for each service reads its calls, asks the host, and writes its
//! answers. What isn't known is refused, a parameter as well as a call: nothing is carried out in part.

mod condition;
mod dynamodb;
mod events;
mod fault;
mod kinesis;
mod lambda;
mod parameters;
mod reply;
mod rows;
mod s3;
mod sns;
mod sqs;
mod streaming;

use bytes::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Method};

use self::fault::Fault;
use self::reply::Reply;
use super::asked::Asked;
use super::host::{Host, Message, Refused};

/// A request of an SDK.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    /// The method.
    pub(super) method: &'a Method,
    /// The path below the endpoint, with its leading `/`, percent-encoded.
    pub(super) path: &'a str,
    /// The query, without `?`.
    pub(super) query: &'a str,
    /// The headers.
    pub(super) headers: &'a HeaderMap,
    /// The body.
    pub(super) body: Bytes,
}

impl Asking<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Who asks, and whom.
#[derive(Clone, Copy)]
struct Caller<'a> {
    host: &'a dyn Host,
    function: &'a str,
}

impl Caller<'_> {
    async fn send(&self, queue: &str, message: Message) -> Result<String, Fault> {
        let taken = self.host.send(self.function, queue, message);
        kept(taken?).await
    }

    async fn publish(&self, topic: &str, message: Message) -> Result<String, Fault> {
        let taken = self.host.publish(self.function, topic, message);
        kept(taken?).await
    }

    /// Returns the answer as JSON text.
    async fn ask(&self, resource: &str, asked: Asked) -> Result<Bytes, Fault> {
        let doing = self.host.ask(self.function, resource, asked);
        doing.await.map_err(Fault::from)
    }
}

async fn kept(receipt: super::host::Receipt) -> Result<String, Fault> {
    let accepted = receipt.accepted().await;
    accepted.map_err(|it| Fault::unavailable(it.to_string()))
}

impl From<Refused> for Fault {
    fn from(why: Refused) -> Fault {
        match why {
            Refused::NotAllowed(why) => Fault::denied(why),
            Refused::Invalid(why) => Fault::invalid(why),
            Refused::CallFailed(why) => Fault::unavailable(why),
        }
    }
}

/// Answers a call that a function makes.
pub(super) async fn answer(host: &dyn Host, function: &str, asking: &Asking<'_>) -> Reply {
    let caller = Caller { host, function };
    let target = asking.header("x-amz-target").unwrap_or_default();
    if let Some((service, action)) = target.split_once('.') {
        let body = &asking.body;
        let (version, made) = match service {
            "AmazonSQS" => ("1.0", sqs::call(caller, asking, action).await),
            "DynamoDB_20120810" => ("1.0", dynamodb::call(caller, action, body).await),
            "Kinesis_20131202" => ("1.1", kinesis::call(caller, action, body).await),
            "AWSEvents" => ("1.1", events::call(caller, action, body).await),
            _ => ("1.1", Err(Fault::unknown(service, action))),
        };
        return reply::json(version, made);
    }
    match signed_for(asking).unwrap_or_default() {
        "sns" => sns::call(caller, &asking.body).await,
        "s3" => s3::call(caller, asking).await,
        "lambda" => lambda::call(caller, asking).await,
        other => unknown(other, asking),
    }
}

/// Answers a call of a service that isn't there, in the protocol that it comes in.
fn unknown(service: &str, asking: &Asking<'_>) -> Reply {
    let kind = asking.header("content-type").unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let mut given = form_urlencoded::parse(&asking.body);
        let action = given.find(|(name, _)| name == "Action");
        let action = action.map_or_else(String::new, |(_, it)| it.into_owned());
        return reply::query("", &action, Err(Fault::unknown(service, &action)));
    }
    let call = format!("{} {}", asking.method, asking.path);
    reply::json("1.1", Err(Fault::unknown(service, &call)))
}

/// Returns the service that a request is signed for ("AWS Signature Version 4 for API requests", credential scope).
fn signed_for<'a>(asking: &'a Asking<'_>) -> Option<&'a str> {
    let signature = asking.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let scope = signature.split_once("Credential=")?.1.split(',').next()?;
    scope.split('/').nth(3)
}
