//! The Lambda Runtime API of one instance.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::super::aws::{self, Asking};
use super::super::host::{Answer, Call, Host, Refused, Signal, Spec};
use super::lambda::Lambda;
use super::wire;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const RUNTIME: &str = "/2018-06-01/runtime/";

/// What passes between one process and the runtime.
pub(super) struct Api {
    instance: u64,
    function: String,
    /// What clients of AWS know the function by.
    arn: Option<HeaderValue>,
    /// The first segment of every path; no other function knows it.
    pub(super) token: String,
    /// Translates for a function with `contract lambda`.
    lambda: Option<Lambda>,
    host: Arc<dyn Host>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pid: u32,
    ready: bool,
    queued: VecDeque<Call>,
    asking: VecDeque<oneshot::Sender<Call>>,
    /// Invocations by request id.
    open: HashMap<String, u64>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Api of {} {}", self.function, self.instance)
    }
}

type Reply = Response<Full<Bytes>>;

impl Api {
    pub(super) fn new(spec: &Spec, host: Arc<dyn Host>) -> Self {
        Api {
            instance: spec.instance,
            function: spec.function.clone(),
            arn: HeaderValue::try_from(format!(
                "arn:aws:lambda:local:000000000000:function:{}",
                spec.function
            ))
            .ok(),
            token: token(),
            lambda: Lambda::of(&spec.config),
            host,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a call to a connection that asks, else keeps it until one does.
    pub(super) fn call(&self, call: Call) {
        let call = match &self.lambda {
            Some(lambda) => lambda.call(call),
            None => call,
        };
        let mut state = self.state();
        let State {
            open,
            asking,
            queued,
            ..
        } = &mut *state;
        open.insert(call.request_id.clone(), call.invocation);
        let mut call = call;
        while let Some(asker) = asking.pop_front() {
            // An asker whose connection has gone gives the call back.
            match asker.send(call) {
                Ok(()) => return,
                Err(back) => call = back,
            }
        }
        queued.push_back(call);
    }

    /// Serves connections until it is dropped; those that are open stay in `connections`.
    pub(super) async fn serve(
        self: Arc<Self>,
        listener: &TcpListener,
        pid: u32,
        connections: &mut JoinSet<()>,
    ) -> Infallible {
        self.state().pid = pid;
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(Arc::clone(&self).connection(stream));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // Without it small replies would wait for the other side's acknowledgement.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| {
            let api = Arc::clone(&self);
            async move { Ok::<Reply, Infallible>(api.answer(request).await) }
        });
        let mut server = http1::Builder::new();
        server.pipeline_flush(true);
        // A connection that breaks is the process's end, which is told by itself.
        let _ = server.serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let own = path
            .strip_prefix('/')
            .and_then(|it| it.strip_prefix(&*self.token));
        let Some(own) = own.filter(|it| it.starts_with('/')) else {
            return reply(
                StatusCode::FORBIDDEN,
                &json!({ "error": "not this instance's token" }),
            );
        };
        let is_aws = own == "/aws" || own.starts_with("/aws/");
        if parts.method == Method::GET && !is_aws {
            return match own.strip_prefix(RUNTIME) {
                Some("invocation/next") => self.next().await,
                Some(_) | None => nothing_here(),
            };
        }
        // Some bytes more than an answer may have, so that a long one can be told from an endless one.
        let Ok(body) = Limited::new(body, 4 * wire::MAX_ANSWER).collect().await else {
            return reply(
                StatusCode::PAYLOAD_TOO_LARGE,
                &json!({ "error": "too large" }),
            );
        };
        let body = body.to_bytes();
        if let Some(call) = own.strip_prefix("/aws").filter(|_| is_aws) {
            let asking = Asking {
                method: &parts.method,
                path: call,
                query: parts.uri.query().unwrap_or_default(),
                headers: &parts.headers,
                body,
            };
            return aws::answer(&*self.host, &self.function, &asking).await;
        }
        if let Some(verb) = own.strip_prefix("/fnc/") {
            return match verb.split_once('/') {
                Some((verb, resource)) => self.carry_out(verb, resource, &body).await,
                None => nothing_here(),
            };
        }
        match own.strip_prefix(RUNTIME) {
            Some("init/error") => {
                let wire::Failure {
                    error_message,
                    error_type,
                    stack_trace,
                } = wire::failure(&body);
                self.signal(Signal::InitFailed {
                    message: format!("{error_type}: {error_message}"),
                    trace: stack_trace,
                });
                accepted()
            }
            Some(rest) => match rest
                .strip_prefix("invocation/")
                .and_then(|it| it.split_once('/'))
            {
                Some((id, "response")) => self.ended(id, wire::answer(body)),
                Some((id, "error")) => {
                    let failure = wire::failure(&body);
                    let answer = Answer::Raised {
                        kind: failure.error_type,
                        message: failure.error_message,
                        trace: failure.stack_trace,
                    };
                    self.ended(id, answer)
                }
                Some(_) | None => nothing_here(),
            },
            None => nothing_here(),
        }
    }

    /// Waits for a call; the first time says that the handler is loaded.
    async fn next(&self) -> Reply {
        let first_pid = {
            let mut state = self.state();
            let first = !std::mem::replace(&mut state.ready, true);
            first.then_some(state.pid)
        };
        if let Some(pid) = first_pid {
            self.signal(Signal::Ready { pid });
        }
        let asked = {
            let mut state = self.state();
            if let Some(call) = state.queued.pop_front() {
                Ok(call)
            } else {
                let (asker, waiting) = oneshot::channel();
                state.asking.push_back(asker);
                Err(waiting)
            }
        };
        let call = match asked {
            Ok(call) => call,
            Err(waiting) => match waiting.await {
                Ok(call) => call,
                Err(_) => return reply(StatusCode::GONE, &json!({ "error": "the instance ends" })),
            },
        };
        let Ok(request_id) = HeaderValue::from_maybe_shared(Bytes::from(call.request_id)) else {
            return reply_500("a request id that is no header");
        };
        let mut reply = Response::new(Full::new(call.event));
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(REQUEST_ID, request_id);
        headers.insert(DEADLINE, HeaderValue::from(call.deadline_ms));
        if let Some(arn) = &self.arn {
            headers.insert(ARN, arn.clone());
        }
        reply
    }

    fn ended(&self, request_id: &str, answer: Answer) -> Reply {
        let invocation = self.state().open.remove(request_id);
        let Some(invocation) = invocation else {
            return reply(
                StatusCode::BAD_REQUEST,
                &json!({ "error": "no such invocation" }),
            );
        };
        let answer = match &self.lambda {
            Some(lambda) => lambda.answer(request_id, answer),
            None => answer,
        };
        self.signal(Signal::Answered { invocation, answer });
        accepted()
    }

    async fn carry_out(&self, verb: &str, resource: &str, body: &[u8]) -> Reply {
        if let Some(asked) = wire::asked(verb, body) {
            let done = match asked {
                Ok(asked) => self.host.ask(&self.function, resource, asked).await,
                Err(why) => Err(Refused::Invalid(why)),
            };
            return done.map_or_else(|why| refusal(&why), |it| Response::new(Full::new(it)));
        }
        let sent = wire::message(body).map_err(Refused::Invalid);
        let done = sent.and_then(|message| match verb {
            "send" => self.host.send(&self.function, resource, message).map(Some),
            "publish" => self
                .host
                .publish(&self.function, resource, message)
                .map(Some),
            _ => Ok(None),
        });
        match done {
            Ok(None) => nothing_here(),
            Ok(Some(receipt)) => match receipt.accepted().await {
                Ok(id) => reply(StatusCode::OK, &json!({ "id": id })),
                Err(why) => {
                    let why = json!({ "error": why.to_string() });
                    reply(StatusCode::SERVICE_UNAVAILABLE, &why)
                }
            },
            Err(why) => refusal(&why),
        }
    }

    fn signal(&self, signal: Signal) {
        self.host.signal(self.instance, signal);
    }
}

fn reply(status: StatusCode, body: &serde_json::Value) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body.to_string())));
    *reply.status_mut() = status;
    reply
}

fn refusal(why: &Refused) -> Reply {
    let (status, why) = match why {
        Refused::NotAllowed(why) => (StatusCode::FORBIDDEN, why),
        Refused::Invalid(why) => (StatusCode::BAD_REQUEST, why),
        Refused::CallFailed(why) => (StatusCode::BAD_GATEWAY, why),
    };
    reply(status, &json!({ "error": why }))
}

fn accepted() -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}")));
    *reply.status_mut() = StatusCode::ACCEPTED;
    reply
}

fn nothing_here() -> Reply {
    reply(StatusCode::NOT_FOUND, &json!({ "error": "nothing here" }))
}

fn reply_500(error: &str) -> Reply {
    reply(
        StatusCode::INTERNAL_SERVER_ERROR,
        &json!({ "error": error }),
    )
}

/// Returns 128 random bits in hexadecimal.
fn token() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
