//! Requests over real sockets, to a runtime that only takes notes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, oneshot};

use super::{Front, Gateway, Parked, Routes, Served};
use crate::event::Time;
use crate::model::{Method, Route, RouteSegment};
use crate::runtime::host::{Message, Receipt, Refused};
use crate::runtime::store::Saved;

struct Notes {
    calls: Mutex<Vec<(String, Value)>>,
    sent: Mutex<Vec<(String, Message)>>,
    served: Served,
    ended: broadcast::Sender<Arc<str>>,
}

impl Front for Notes {
    fn request(&self, function: &str, id: String, event: Bytes) -> oneshot::Receiver<Served> {
        assert_eq!(id.len(), 36);
        let event = serde_json::from_slice(&event).unwrap();
        self.calls
            .lock()
            .unwrap()
            .push((function.to_owned(), event));
        let (sender, receiver) = oneshot::channel();
        sender.send(self.served.clone()).unwrap();
        receiver
    }

    fn invoke(
        &self,
        function: &str,
        id: String,
        event: Bytes,
    ) -> Result<oneshot::Receiver<Served>, Refused> {
        match function {
            "echo" => Ok(self.request(function, id, event)),
            other => Err(Refused::Invalid(format!("no function `{other}`"))),
        }
    }

    fn send(&self, resource: &str, message: Message) -> Result<Receipt, Refused> {
        self.sent
            .lock()
            .unwrap()
            .push((resource.to_owned(), message));
        Ok(Receipt::new("m-1".to_owned(), Saved::at_once()))
    }

    fn fire(&self, function: &str) -> Result<Saved, Refused> {
        Err(Refused::Invalid(format!("`{function}` has no schedule")))
    }

    fn parked(&self, queue: Option<&str>) -> Result<Vec<Parked>, Refused> {
        Ok(vec![Parked {
            queue: queue.unwrap_or("any").to_owned(),
            origin: "orders".to_owned(),
            id: "m-1".to_owned(),
            since: Time(0),
            body: "x".to_owned(),
            base64: false,
            attributes: IndexMap::new(),
        }])
    }

    fn redrive(&self, _: &str, ids: Option<&[String]>) -> Result<(usize, Saved), Refused> {
        Ok((ids.map_or(7, <[String]>::len), Saved::at_once()))
    }

    fn state(&self) -> Value {
        json!({ "functions": {} })
    }

    fn metrics(&self) -> String {
        "fnc_up 1\n".to_owned()
    }

    fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.ended.subscribe()
    }
}

struct Running {
    notes: Arc<Notes>,
    port: u16,
}

async fn start(served: Served) -> Running {
    let notes = Arc::new(Notes {
        calls: Mutex::default(),
        sent: Mutex::default(),
        served,
        ended: broadcast::channel(8).0,
    });
    let id = || {
        vec![
            RouteSegment::Literal("things".to_owned()),
            RouteSegment::Param("id".to_owned()),
        ]
    };
    let routes = Routes::new([
        (Method::Post, Route { segments: id() }, "echo"),
        (
            Method::Get,
            Route {
                segments: Vec::new(),
            },
            "home",
        ),
    ]);
    let gateway = Gateway::new(notes.clone(), routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(gateway.serve(listener));
    Running { notes, port }
}

impl Running {
    /// Sends a request as it is written and returns the whole response, or what came within 5 s.
    async fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut response = Vec::new();
        let all = stream.read_to_end(&mut response);
        let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
        String::from_utf8_lossy(&response).into_owned()
    }

    async fn ask(&self, line: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: localhost:3000\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        let response = self.raw(request.as_bytes()).await;
        let status = response.split(' ').nth(1).and_then(|it| it.parse().ok());
        (status.unwrap_or_else(|| panic!("{response}")), response)
    }

    fn last_call(&self) -> (String, Value) {
        self.notes.calls.lock().unwrap().pop().unwrap()
    }
}

fn returned(text: &'static str) -> Served {
    Served::Returned(Bytes::from_static(text.as_bytes()))
}

#[tokio::test]
async fn a_request_becomes_an_event_and_its_answer_a_response() {
    let running = start(returned(
        r#"{"statusCode":201,"headers":{"X-A":"1","Content-Length":"99"},"cookies":["a=1","b=2"],"body":{"ok":true}}"#,
    ))
    .await;
    let headers = "Content-Type: application/json\r\nCookie: s=1\r\nX-B: 1\r\nX-B: 2\r\n";
    let (status, response) = running
        .ask("POST /things/7%208?a=1&a=2", headers, "{\"n\":1}")
        .await;
    assert_eq!(status, 201);
    for part in [
        "x-a: 1",
        "set-cookie: a=1",
        "set-cookie: b=2",
        "content-type: application/json",
        "content-length: 11",
    ] {
        assert!(response.contains(part), "{part} in {response}");
    }
    assert!(response.ends_with("\r\n\r\n{\"ok\":true}"), "{response}");
    let (function, event) = running.last_call();
    assert_eq!(function, "echo");
    let request = &event["request"];
    assert_eq!(request["route"], "/things/{id}");
    assert_eq!(request["params"], json!({ "id": "7 8" }));
    assert_eq!(request["query_all"], json!({ "a": ["1", "2"] }));
    assert_eq!(request["headers"]["x-b"], "1, 2");
    assert_eq!(request["cookies"], json!({ "s": "1" }));
    assert_eq!(request["data"], json!({ "n": 1 }));
    assert_eq!(request["client_ip"], "127.0.0.1");
}

#[tokio::test]
async fn what_goes_wrong_has_a_status_of_its_own() {
    for (served, expected) in [
        (Served::Failed, 500),
        (Served::TimedOut, 504),
        (Served::Unavailable, 503),
        (
            returned(r#"{"statusCode":200,"headers":{"x":"a\nb"}}"#),
            500,
        ),
        (
            returned(r#"{"statusCode":200,"body":"*","base64":true}"#),
            500,
        ),
        (returned("null"), 204),
        (returned(r#"{"statusCode":304,"body":"not sent"}"#), 304),
    ] {
        let running = start(served.clone()).await;
        let (status, response) = running.ask("GET /", "", "").await;
        assert_eq!(status, expected, "{served:?}");
        assert!(
            expected < 500 || response.contains("\"request_id\":"),
            "{response}"
        );
        assert!(!response.contains("not sent"), "{response}");
    }
}

#[tokio::test]
async fn requests_without_a_route_or_beyond_a_limit_are_refused() {
    let running = start(returned("1")).await;
    assert_eq!(running.ask("GET /nowhere", "", "").await.0, 404);
    let (status, response) = running.ask("GET /things/7", "", "").await;
    assert!(
        status == 405 && response.contains("allow: POST"),
        "{response}"
    );
    let big = "x".repeat((6 << 20) + 1);
    assert_eq!(running.ask("POST /things/7", "", &big).await.0, 413);
    let chunked = "POST /things/7 HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    assert!(
        running
            .raw(chunked.as_bytes())
            .await
            .starts_with("HTTP/1.1 400")
    );
    let many = "x-many: 1\r\n".repeat(200);
    assert_eq!(running.ask("GET /", &many, "").await.0, 431);
    assert!(running.notes.calls.lock().unwrap().is_empty());
    assert_eq!(running.ask("GET /", "", "").await.0, 200);
}

#[tokio::test]
async fn the_control_api_sends_invokes_and_tells() {
    let running = start(returned("{\"n\":1}")).await;
    let (status, response) = running
        .ask(
            "POST /_fnc/send/orders?attr.kind=v%20ip&delay_ms=5&group=g",
            "",
            "text",
        )
        .await;
    assert!(
        status == 200 && response.ends_with("{\"id\":\"m-1\"}"),
        "{response}"
    );
    let (resource, message) = running.notes.sent.lock().unwrap().pop().unwrap();
    assert_eq!((&*resource, &*message.body), ("orders", b"text".as_slice()));
    assert_eq!(message.attributes, [("kind".to_owned(), "v ip".to_owned())]);
    assert_eq!(
        (message.delay_ms, message.group.as_deref()),
        (Some(5), Some("g"))
    );
    assert_eq!(
        running
            .ask("POST /_fnc/send/orders?color=red", "", "")
            .await
            .0,
        400
    );

    let (status, response) = running
        .ask("POST /_fnc/invoke/echo", "", "{\"day\":1}")
        .await;
    assert!(
        status == 200 && response.ends_with("{\"n\":1}"),
        "{response}"
    );
    let event = running.last_call().1;
    assert_eq!(
        (&event["trigger"], &event["records"][0]["data"]),
        (&json!("invoke"), &json!({ "day": 1 }))
    );
    running
        .ask("POST /_fnc/invoke/echo", "", &event.to_string())
        .await;
    assert_eq!(running.last_call().1, event);
    assert_eq!(running.ask("POST /_fnc/invoke/nobody", "", "").await.0, 404);

    assert_eq!(running.ask("POST /_fnc/fire/echo", "", "").await.0, 400);
    let of = async |path| {
        let (_, response) = running.ask(path, "", "").await;
        assert!(response.contains("x-fnc: 0."), "{response}");
        let body = response.split_once("\r\n\r\n").unwrap().1;
        let parked: Vec<Parked> = serde_json::from_str(body).unwrap();
        parked[0].queue.clone()
    };
    assert_eq!(of("GET /_fnc/parked/late").await, "late");
    assert_eq!(of("GET /_fnc/parked").await, "any");
    let redriven = running
        .ask("POST /_fnc/redrive/late", "", "{\"ids\":[\"a\",\"b\"]}")
        .await
        .1;
    assert!(redriven.ends_with("{\"redriven\":2}"), "{redriven}");
    assert!(
        running
            .ask("POST /_fnc/redrive/late", "", "")
            .await
            .1
            .ends_with("{\"redriven\":7}")
    );
    assert_eq!(
        running.ask("POST /_fnc/redrive/late", "", "[]").await.0,
        400
    );
    assert!(
        running
            .ask("GET /_fnc/metrics", "", "")
            .await
            .1
            .ends_with("fnc_up 1\n")
    );
    assert_eq!(running.ask("GET /_fnc/send/orders", "", "").await.0, 400);
}

#[tokio::test]
async fn web_pages_may_not_use_the_control_api() {
    let running = start(returned("1")).await;
    let (status, _) = running
        .ask(
            "POST /_fnc/send/orders",
            "origin: http://localhost:3000\r\n",
            "x",
        )
        .await;
    assert_eq!(status, 403);
    for (host, expected) in [
        ("evil.example", "403"),
        ("evil.example:3000", "403"),
        ("[::1]:3000", "200"),
        ("127.0.0.1", "200"),
    ] {
        let request =
            format!("GET /_fnc/state HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let response = running.raw(request.as_bytes()).await;
        assert!(
            response.starts_with(&format!("HTTP/1.1 {expected}")),
            "{host}: {response}"
        );
    }
    assert!(running.notes.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn invocations_are_told_as_they_end() {
    let running = start(returned("1")).await;
    let mut stream = TcpStream::connect(("127.0.0.1", running.port))
        .await
        .unwrap();
    stream
        .write_all(b"GET /_fnc/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut heard = String::new();
    while !heard.contains("\r\n\r\n") {
        let mut piece = [0; 1024];
        let count = stream.read(&mut piece).await.unwrap();
        heard.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    running
        .notes
        .ended
        .send(Arc::from("{\"function\":\"bill\"}"))
        .unwrap();
    while !heard.contains("data: {\"function\":\"bill\"}\n\n") {
        let mut piece = [0; 1024];
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut piece));
        let count = read.await.unwrap().unwrap();
        assert!(count > 0, "{heard}");
        heard.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    assert!(heard.contains("content-type: text/event-stream"), "{heard}");
}
