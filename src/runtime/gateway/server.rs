//! The server: connections, limits, and where each request goes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming as Body;
use hyper::header::{ALLOW, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::control;
use super::reply::{Reply, error, served};
use super::routes::{Found, Routes};
use super::{Front, Served};
use crate::event::{Event, Incoming};
use crate::runtime::id::request_id;

/// The biggest body of a request, as on Lambda.
const MAX_BODY: usize = 6 << 20;
/// The longest request line and headers, together.
const MAX_HEAD: usize = 64 << 10;
/// So many connections at a time; others wait.
const MAX_CONNECTIONS: usize = 1024;
/// How long a client may take to send its headers.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// The gateway of one run.
pub struct Gateway {
    front: Arc<dyn Front>,
    routes: RwLock<Arc<Routes>>,
}

impl Gateway {
    /// Returns a gateway with these routes.
    pub fn new(front: Arc<dyn Front>, routes: Routes) -> Arc<Self> {
        Arc::new(Gateway {
            front,
            routes: RwLock::new(Arc::new(routes)),
        })
    }

    /// Replaces the routes; requests that go on keep theirs.
    pub fn set_routes(&self, routes: Routes) {
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
    }

    fn routes(&self) -> Arc<Routes> {
        Arc::clone(&self.routes.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Serves until it is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> Infallible {
        let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let permit = Arc::clone(&free).acquire_owned().await;
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let gateway = Arc::clone(&self);
                    connections.spawn(async move {
                        gateway.connection(stream, peer).await;
                        drop(permit);
                    });
                }
                // Out of file descriptors, most likely: connections that end give some back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Without it small answers would wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| {
            let gateway = Arc::clone(&self);
            async move { Ok::<Reply, Infallible>(gateway.answer(request, peer).await) }
        });
        let mut server = http1::Builder::new();
        server
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(MAX_HEAD);
        // A client that breaks off has no need of an answer.
        let _ = server.serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Body>, peer: SocketAddr) -> Reply {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        if path == "/_fnc" || path.starts_with("/_fnc/") {
            if let Some(refusal) = control::refusal(&parts, peer.ip()) {
                return refusal;
            }
            return match whole(body).await {
                Ok(body) => control::answer(&*self.front, &parts, body).await,
                Err(reply) => reply,
            };
        }
        let routes = self.routes();
        match routes.find(parts.method.as_str(), path) {
            Found::Function {
                function,
                pattern,
                params,
            } => {
                let body = match whole(body).await {
                    Ok(body) => body,
                    Err(reply) => return reply,
                };
                let headers = parts.headers.iter().map(|(name, value)| {
                    (
                        name.as_str().into(),
                        String::from_utf8_lossy(value.as_bytes()),
                    )
                });
                let incoming = Incoming {
                    method: parts.method.as_str(),
                    path,
                    route: pattern,
                    params: Some(params),
                    query: parts.uri.query().unwrap_or(""),
                    headers: headers.collect(),
                    cookies: Vec::new(),
                    body: Cow::Borrowed(&body),
                    client_ip: &peer.ip().to_canonical().to_string(),
                    auth: None,
                };
                self.call(function, &incoming).await
            }
            Found::OtherMethods(methods) => {
                let mut reply = error(StatusCode::METHOD_NOT_ALLOWED, "no route with this method");
                if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
                    reply.headers_mut().insert(ALLOW, methods);
                }
                reply
            }
            Found::Nothing => error(StatusCode::NOT_FOUND, "no route with this path"),
        }
    }

    async fn call(&self, function: &str, incoming: &Incoming<'_>) -> Reply {
        let event = Event::http(function, incoming).to_json();
        let request_id = request_id();
        let waiting = self
            .front
            .request(function, request_id.clone(), event.into());
        // The runtime drops the sender when it ends.
        served(waiting.await.unwrap_or(Served::Unavailable), &request_id)
    }
}

/// Returns the whole body. What is too much is read and dropped, else a client that is still sending
/// would find the connection broken and not see the answer.
async fn whole(mut body: Body) -> Result<Bytes, Reply> {
    let mut pieces = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(error(StatusCode::BAD_REQUEST, "the body is broken off"));
        };
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        length += piece.len();
        if length <= MAX_BODY {
            pieces.push(piece);
        } else if length > 10 * MAX_BODY {
            break;
        }
    }
    if length > MAX_BODY {
        return Err(error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "a body has at most 6 MiB",
        ));
    }
    Ok(match pieces.len() {
        1 => pieces.remove(0),
        _ => pieces.concat().into(),
    })
}
