//! The server: connections, limits, and where each request goes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body as _, Incoming as Body};
use hyper::header::{ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::control;
use super::reply::{Reply, error, served};
use super::routes::{Found, Routes};
use super::seats::{Seat, Seats};
use super::{Front, Guard, KEY_HEADER, Served, is_key, verdict};
use crate::event::{Event, Incoming, Json};
use crate::runtime::id::request_id;

/// The biggest body of a request, as on Lambda.
const MAX_BODY: usize = 6 << 20;
/// The longest request line and headers, together.
const MAX_HEAD: usize = 64 << 10;
/// So many connections at a time; for one more, one that waits for its client is given up.
const MAX_CONNECTIONS: usize = 1024;
/// How long a client may take to send its headers.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// So many connections may wait to be taken, where the system lets them; a client that comes when they do tries again
/// after a second.
const QUEUED: u32 = 4096;

/// Listens at an address; with port 0 at a free one. Needs a tokio runtime with I/O.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // On Windows it would let two programs have one port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUED)
}

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
        let seats = Arc::new(Seats::default());
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if free.available_permits() == 0 {
                        seats.give_up();
                    }
                    let permit = Arc::clone(&free).acquire_owned().await;
                    let (gateway, seat) = (Arc::clone(&self), Seat::new(&seats));
                    connections.spawn(async move {
                        gateway.connection(stream, peer, seat).await;
                        drop(permit);
                    });
                }
                // Out of file descriptors, most likely: connections that end give some back.
                Err(_) => {
                    seats.give_up();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, seat: Seat) {
        // Without it small answers would wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let seat = &seat;
        let service = service_fn(|request| {
            let gateway = Arc::clone(&self);
            async move {
                let reply = gateway.answer(request, peer, seat).await;
                // An answer without an end, as a stream of events is, keeps its connection.
                if reply.body().size_hint().exact().is_some() {
                    seat.waits();
                }
                Ok::<Reply, Infallible>(reply)
            }
        });
        let mut server = http1::Builder::new();
        server
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(MAX_HEAD);
        // A client that breaks off has no need of an answer.
        let talk = server.serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            _ = talk => {}
            () = seat.given_up() => {}
        }
    }

    async fn answer(&self, request: Request<Body>, peer: SocketAddr, seat: &Seat) -> Reply {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        if path == "/_fnc" || path.starts_with("/_fnc/") {
            if let Some(refusal) = control::refusal(&parts, peer.ip()) {
                return refusal;
            }
            return match whole(body, seat).await {
                Ok(body) => control::answer(&*self.front, &parts, body).await,
                Err(reply) => reply,
            };
        }
        let routes = self.routes();
        if let Some(reply) = asks_first(&routes, &parts) {
            return reply;
        }
        match routes.find(parts.method.as_str(), path) {
            Found::Function {
                function,
                pattern,
                params,
                access,
            } => {
                let body = match whole(body, seat).await {
                    Ok(body) => body,
                    Err(reply) => return reply,
                };
                let headers = parts.headers.iter().map(|(name, value)| {
                    (
                        name.as_str().into(),
                        String::from_utf8_lossy(value.as_bytes()),
                    )
                });
                let mut incoming = Incoming {
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
                let mut reply = match self.lets_in(&access.guard, &incoming).await {
                    Ok(auth) => {
                        incoming.auth = auth;
                        self.call(function, &incoming).await
                    }
                    Err(refusal) => refusal,
                };
                if let Some(sites) = &access.sites {
                    sites.tell(parts.headers.get(ORIGIN), reply.headers_mut());
                }
                reply
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

    /// Returns what is known of a caller who may call a route, or the answer to one who may not.
    async fn lets_in(&self, guard: &Guard, incoming: &Incoming<'_>) -> Result<Option<Json>, Reply> {
        match guard {
            Guard::Open => Ok(None),
            Guard::Key(secret) => {
                let mut headers = incoming.headers.iter();
                let given = headers.find(|(name, _)| name.eq_ignore_ascii_case(KEY_HEADER));
                let wanted = self.front.key(secret).unwrap_or_default();
                if is_key(given.map(|(_, value)| &**value), &wanted) {
                    return Ok(None);
                }
                let mut reply = error(StatusCode::UNAUTHORIZED, "unauthorized");
                let how = HeaderValue::from_static("ApiKey header=\"x-api-key\"");
                reply.headers_mut().insert(WWW_AUTHENTICATE, how);
                Err(reply)
            }
            Guard::Custom(function) => {
                let asked = Incoming {
                    body: Cow::Borrowed(&[]),
                    ..incoming.clone()
                };
                let event = Event::http(function, &asked).to_json();
                let id = request_id();
                let waiting = self.front.invoke(function, id.clone(), event.into());
                let answer = match waiting {
                    Ok(waiting) => waiting.await.unwrap_or(Served::Unavailable),
                    Err(_) => Served::Unavailable,
                };
                match answer {
                    Served::Returned(answer) => verdict(&answer)
                        .map(Some)
                        .ok_or_else(|| error(StatusCode::FORBIDDEN, "forbidden")),
                    Served::Failed | Served::TimedOut | Served::Throttled | Served::Unavailable => {
                        Err(served(Served::Failed, &id))
                    }
                }
            }
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

/// Answers a browser that asks whether a page of another site may send a request, where a route has a word on it.
fn asks_first(routes: &Routes, parts: &Parts) -> Option<Reply> {
    let origin = parts.headers.get(ORIGIN)?;
    let method = parts.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    if parts.method != Method::OPTIONS {
        return None;
    }
    match routes.find(method.to_str().ok()?, parts.uri.path()) {
        Found::Function { access, .. } => {
            let sites = access.sites.as_ref()?;
            let mut reply = error(StatusCode::NO_CONTENT, "");
            *reply.body_mut() = Empty::new().boxed_unsync();
            reply.headers_mut().clear();
            sites.answer(origin, reply.headers_mut());
            Some(reply)
        }
        Found::OtherMethods(_) | Found::Nothing => None,
    }
}

/// Returns the whole body. What is too much is read and dropped, else a client that is still sending
/// would find the connection broken and not see the answer.
async fn whole(mut body: Body, seat: &Seat) -> Result<Bytes, Reply> {
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
    seat.works();
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
